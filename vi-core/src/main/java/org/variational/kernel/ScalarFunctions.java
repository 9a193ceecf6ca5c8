package org.variational.kernel;

/**
 * Elementary functions of one number that {@code Math} lacks or computes slowly, within 2 ulp, without fused
 * operations.
 *
 * <p>Exponentials: with {@code k} the integer nearest to {@code x / log 2} and {@code r = x - k log 2},
 * {@code exp(x) = 2^k (1 + p)} where {@code p = expm1(r) = r + r^2 Q(r)}. {@code Q} is a minimax polynomial with a
 * relative error under 1e-18, as is {@code R} in logarithms, summed as an even and an odd part.
 */
final class ScalarFunctions {

    private static final double LOG2_E = 1.4426950408889634;
    /** The leading 33 bits of log 2, so that products with exponents are exact. */
    private static final double LN2_HIGH = 6.93147180369123816490e-01;

    private static final double LN2_LOW = 1.90821492927058770002e-10;

    /** Added to a number below 2^51, rounds it to an integer. */
    private static final double ROUND = 0x1.8p52;
    /** Added to an integer, leaves in the low bits that integer plus the bias of an exponent. */
    private static final double ROUND_BIASED = 0x1.8p52 + 1023;

    private ScalarFunctions() {}

    /** {@code 2^k (1 + p) - 1 = 2^k p + (2^k - 1)}. */
    static double expm1(double x) {
        if (!(x < 709)) {
            return Math.exp(x);
        }
        if (x < -50) {
            return -1;
        }
        double k = (x * LOG2_E + ROUND) - ROUND;
        if (x == 0) {
            return x;
        }
        double scale = powerOfTwo(k);
        return scale * expm1OfRemainder(x, k) + (scale - 1);
    }

    /**
     * {@code tanh |x| = -t / (2 + t)} with {@code t = expm1(-2 |x|)}. The sums with 1 and 2 keep their rounding errors,
     * which correct the quotient.
     */
    static double tanh(double x) {
        double z = -2 * Math.abs(x);
        if (z < -50) {
            return Math.copySign(1, x);
        }
        double k = (z * LOG2_E + ROUND) - ROUND;
        double scale = powerOfTwo(k);
        double part = scale * expm1OfRemainder(z, k);
        double whole = scale - 1;
        double t = part + whole;
        double tLow = part + (whole - t);
        double d = 2 + t;
        double dLow = (2 - d) + t + tLow;
        double q = t / d;
        return Math.copySign(q + (tLow - q * dLow) / d, x);
    }

    /**
     * {@code log(u)} with {@code u = 1 + x}, plus {@code (x - (u - 1)) / u} for what the rounding of {@code u} lost.
     */
    static double log1p(double x) {
        double u = 1 + x;
        if (u == 1) {
            return x;
        }
        double lost = x - (u - 1);
        // false for an infinite u and for u = 0
        return Math.abs(lost) > 0 ? Math.log(u) + lost / u : Math.log(u);
    }

    /**
     * {@code log(1 + e)} for {@code 0 <= e <= 1}: with {@code s = e / (2 + e)} and {@code z = s^2},
     * {@code 2 atanh(s) = e - e^2/2 + s (e^2/2 + z R(z))}.
     */
    static double log1pOfUnit(double e) {
        double s = e / (2 + e);
        double z = s * s;
        double w = z * z;
        double odd = 0.3999999999999982
                + w
                        * (0.22222222208077452
                                + w * (0.1538456490537032 + w * (0.11740237775752797 + w * (0.07703882147525574))));
        double even = 0.6666666666666666
                + w
                        * (0.28571428571515955
                                + w
                                        * (0.18181819301454383
                                                + w
                                                        * (0.1333472974738054
                                                                + w * (0.107974102164335 + w * (0.1523230845210648)))));
        double halfSquare = 0.5 * e * e;
        return e - (halfSquare - s * (halfSquare + z * (even + z * odd)));
    }

    /** {@code r + r^2 Q(r)} for {@code r = x - k log 2}, with what the rounding of {@code r} lost. */
    private static double expm1OfRemainder(double x, double k) {
        double high = x - k * LN2_HIGH;
        double low = k * LN2_LOW;
        double r = high - low;
        double lost = (high - r) - low;
        double rr = r * r;
        double odd = 0.16666666666666677
                + rr
                        * (0.008333333333321964
                                + rr
                                        * (0.00019841269885601226
                                                + rr * (2.755724446002906e-06 + rr * 2.5109036168771015e-08)));
        double even = 0.5
                + rr
                        * (0.04166666666666656
                                + rr
                                        * (0.0013888888888968576
                                                + rr
                                                        * (2.4801587124849632e-05
                                                                + rr
                                                                        * (2.755746212679969e-07
                                                                                + rr * 2.085324454915275e-09))));
        return r + (lost + lost * r + rr * (even + r * odd));
    }

    /** {@code 2^k} for an integer {@code k} between -1022 and 1023. */
    private static double powerOfTwo(double k) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(k + ROUND_BIASED) << 52);
    }
}

package org.variational.kernel;

/**
 * The elementary functions of one number, within 2 ulp, in plain arithmetic without fused operations.
 *
 * <p>Exponentials: with {@code k} the integer nearest to {@code x / log 2} and {@code r = x - k log 2},
 * {@code exp(x) = 2^k (1 + p)} where {@code p = expm1(r) = r + r^2 Q(r)}. Logarithms: {@code x = 2^k (1 + f)} with
 * {@code 1 + f} between {@code sqrt(1/2)} and {@code sqrt(2)}; with {@code s = f / (2 + f)} and {@code z = s^2},
 * {@code log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + z R(z))}. {@code Q} and {@code R} are minimax polynomials with
 * relative errors under 1e-18, summed as an even and an odd part.
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

    private static final long MANTISSA = 0x000FFFFFFFFFFFFFL;
    private static final long SQRT_HALF_BITS = 0x3FE6A09E667F3BCDL;
    /** Added to the bits of a number, makes its exponent field change at {@code sqrt(1/2)} times powers of two. */
    private static final long TO_SQRT_HALF = 0x3FF0000000000000L - SQRT_HALF_BITS;

    private ScalarFunctions() {}

    static double exp(double x) {
        if (!(Math.abs(x) < 1000)) {
            return x > 0 ? Double.POSITIVE_INFINITY : x < 0 ? 0 : x;
        }
        double k = (x * LOG2_E + ROUND) - ROUND;
        double p = expm1OfRemainder(x, k);
        // 2^k as the product of two normal numbers
        double half = (0.5 * k + ROUND) - ROUND;
        double scale = powerOfTwo(half);
        return (scale + scale * p) * powerOfTwo(k - half);
    }

    /** {@code 2^k (1 + p) - 1 = 2^k p + (2^k - 1)}. */
    static double expm1(double x) {
        if (!(x < 709)) {
            return exp(x);
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

    static double log(double x) {
        if (!(x >= 0x1p-1022 && x < Double.POSITIVE_INFINITY)) {
            return logOfSpecial(x);
        }
        return logOfNormal(x, 0);
    }

    private static double logOfSpecial(double x) {
        if (x > 0 && x < 1) {
            return logOfNormal(x * 0x1p54, -54);
        }
        return x == 0 ? Double.NEGATIVE_INFINITY : x > 0 ? x : Double.NaN;
    }

    /** As {@code log(u)} with {@code u = 1 + x}, plus {@code (x - (u - 1)) / u} for what the rounding of {@code u} lost. */
    static double log1p(double x) {
        double u = 1 + x;
        if (!(u > 0 && u < Double.POSITIVE_INFINITY)) {
            return logOfSpecial(u);
        }
        return u == 1 ? x : logOfNormal(u, 0) + (x - (u - 1)) / u;
    }

    static double logistic(double x) {
        double e = exp(-Math.abs(x));
        double q = e / (1 + e);
        return x < 0 ? e - e * q : 1 - q;
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

    /** {@code log(x) + k log 2} for a normal number. */
    private static double logOfNormal(double x, double shift) {
        long t = Double.doubleToRawLongBits(x) + TO_SQRT_HALF;
        double k = (int) (t >>> 52) - 1023 + shift;
        double f = Double.longBitsToDouble((t & MANTISSA) + SQRT_HALF_BITS) - 1;
        double s = f / (2 + f);
        double z = s * s;
        double w = z * z;
        double odd =
                0.40000000000019487 + w * (0.22222223527281523 + w * (0.15389903497840135 + w * 0.13728459955072483));
        double even =
                0.6666666666666665 + w * (0.2857142856357154 + w * (0.18181706933860892 + w * 0.13192074659996977));
        double halfSquare = 0.5 * f * f;
        return k * LN2_HIGH + (f - (halfSquare - (s * (halfSquare + z * (even + z * odd)) + k * LN2_LOW)));
    }

    /** {@code 2^k} for an integer {@code k} between -1022 and 1023. */
    private static double powerOfTwo(double k) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(k + ROUND_BIASED) << 52);
    }
}

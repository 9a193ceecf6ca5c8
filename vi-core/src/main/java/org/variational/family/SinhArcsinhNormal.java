package org.variational.family;

/**
 * A standard normal number with a skewness and tails of its own: {@code u = sinh(r asinh(eps / c) + a)} with c =
 * {@value #SCALE}, standardised to mean 0 and variance 1.
 *
 * <p>The bend a skews it, to the right if positive; the tail h gives the power {@code r = exp(tanh h)}, heavier tails
 * for positive h. With a = h = 0 it is normal. Moments of u need {@code P(r) = E cosh(r asinh(eps / c))} alone.
 *
 * <p>Jones and Pewsey (2009, doi 10.1093/biomet/asp053) have c = 1. With a larger c, u is nearly quadratic in eps where
 * most draws are, as the shapes of posteriors are to first order; far out both are alike.
 */
final class SinhArcsinhNormal {

    private static final double SCALE = 2.5;

    /** How far a bend and the logarithm of the power may go. */
    private static final double MOST_BENT = 1.5;

    private static final double MOST_OF_POWER = 0.7;
    private static final double MOST_SKEWED = 1;
    private static final double MOST_IN_TAILS = 2;

    /** An excess kurtosis that the bend alone misses by less is left: its square over 24 is the error of a density. */
    private static final double NEGLIGIBLE = 0.05;

    private static final int ROUNDS = 12;
    private static final double DIFFERENCE = 1e-4;
    private static final double LONGEST = 0.3;

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    /** {@code E asinh(eps / c)^(2k) / (2k)!}, by which P is a polynomial in the square of r. */
    private static final double[] COEFFICIENTS = coefficients();

    private static final double MEAN_ROOT = hyperbolic(1);

    private static final SinhArcsinhNormal NORMAL = new SinhArcsinhNormal(0, 0);

    private final boolean normal;
    private final double bend;
    private final double power;
    private final double powerSlope;
    private final double expBend;
    private final double sinh;
    private final double cosh;
    private final double mean;
    private final double deviation;

    static SinhArcsinhNormal of(double bend, double tail) {
        return bend == 0 && tail == 0 ? NORMAL : new SinhArcsinhNormal(bend, tail);
    }

    private SinhArcsinhNormal(double bend, double tail) {
        double tanh = tail == 0 ? 0 : Math.tanh(tail);
        this.normal = bend == 0 && tail == 0;
        this.bend = bend;
        this.power = tail == 0 ? 1 : Math.exp(tanh);
        this.powerSlope = power * (1 - tanh * tanh);
        this.expBend = Math.exp(bend);
        this.sinh = (expBend - 1 / expBend) / 2;
        this.cosh = (expBend + 1 / expBend) / 2;
        if (power == 1) {
            this.mean = MEAN_ROOT * sinh;
            this.deviation = Math.sqrt(
                    cosh * cosh / (SCALE * SCALE) + (1 + 1 / (SCALE * SCALE) - MEAN_ROOT * MEAN_ROOT) * sinh * sinh);
        } else {
            this.mean = hyperbolic(power) * sinh;
            this.deviation = Math.sqrt(((1 + 2 * sinh * sinh) * hyperbolic(2 * power) - 1) / 2 - mean * mean);
        }
    }

    private static double[] coefficients() {
        double[] sums = new double[40];
        double step = 1.0 / 64;
        for (double noise = -14; noise <= 14; noise += step) {
            double w = asinh(noise / SCALE);
            double term = step * Math.exp(-0.5 * (noise * noise + LOG_TWO_PI));
            for (int k = 0; k < sums.length; k++) {
                sums[k] += term;
                term *= w * w / ((2 * k + 1) * (2 * k + 2));
            }
        }
        return sums;
    }

    /** P, {@code E cosh(r asinh(eps / c))}. */
    private static double hyperbolic(double r) {
        double square = r * r;
        double sum = 0;
        for (int k = COEFFICIENTS.length - 1; k >= 0; k--) {
            sum = sum * square + COEFFICIENTS[k];
        }
        return sum;
    }

    private static double hyperbolicSlope(double r) {
        double square = r * r;
        double sum = 0;
        for (int k = COEFFICIENTS.length - 1; k > 0; k--) {
            sum = sum * square + k * COEFFICIENTS[k];
        }
        return 2 * r * sum;
    }

    private static double asinh(double x) {
        double size = Math.abs(x);
        return Math.copySign(Math.log(size + Math.sqrt(1 + size * size)), x);
    }

    double sample(double noise) {
        if (normal) {
            return noise;
        }
        double x = noise / SCALE;
        if (power == 1) {
            return (x * cosh + Math.sqrt(1 + x * x) * sinh - mean) / deviation;
        }
        double high = Math.exp(power * asinh(x)) * expBend;
        return ((high - 1 / high) / 2 - mean) / deviation;
    }

    double logDensity(double y) {
        if (normal) {
            return -0.5 * y * y - 0.5 * LOG_TWO_PI;
        }
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double x;
        double xRoot;
        if (power == 1) {
            x = u * cosh - root * sinh;
            xRoot = Math.sqrt(1 + x * x);
        } else {
            double high = Math.exp((asinh(u) - bend) / power);
            x = (high - 1 / high) / 2;
            xRoot = (high + 1 / high) / 2;
        }
        double noise = SCALE * x;
        return -0.5 * noise * noise - 0.5 * LOG_TWO_PI + Math.log(SCALE * deviation * xRoot / (power * root));
    }

    /** The derivative of the log density by the number, with its sign changed. */
    double score(double y) {
        if (normal) {
            return y;
        }
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        return deviation * (byArgument((asinh(u) - bend) / power) / (power * root) + u / (root * root));
    }

    /** The derivative of minus the log density by {@code asinh(eps / c)}, the root left out. */
    private static double byArgument(double v) {
        double high = Math.exp(v);
        double x = (high - 1 / high) / 2;
        double root = (high + 1 / high) / 2;
        return SCALE * SCALE * x * root - x / root;
    }

    /** The derivative of the log density by the bend. */
    double byBend(double y) {
        double meanSlope = cosh * hyperbolic(power);
        double deviationSlope = (sinh * cosh * 2 * hyperbolic(2 * power) - 2 * mean * meanSlope) / (2 * deviation);
        return byShape(y, meanSlope, deviationSlope, 1, 0);
    }

    /** The derivative of the log density by the tail. */
    double byTail(double y) {
        double meanSlope = sinh * hyperbolicSlope(power);
        double deviationSlope =
                ((1 + 2 * sinh * sinh) * hyperbolicSlope(2 * power) - 2 * mean * meanSlope) / (2 * deviation);
        return powerSlope * byShape(y, meanSlope, deviationSlope, 0, 1);
    }

    private double byShape(double y, double meanSlope, double deviationSlope, double bendSlope, double ofPower) {
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double slope = meanSlope + deviationSlope * y;
        double v = (asinh(u) - bend) / power;
        double ofArgument = ((slope / root - bendSlope) - v * ofPower) / power;
        return -byArgument(v) * ofArgument + deviationSlope / deviation - ofPower / power - u * slope / (root * root);
    }

    /** The third and fourth cumulants. */
    private double[] shape() {
        double p1 = hyperbolic(power);
        double p2 = hyperbolic(2 * power);
        double sinh2 = 2 * sinh * cosh;
        double cosh2 = 1 + 2 * sinh * sinh;
        double second = (cosh2 * p2 - 1) / 2;
        double sinh3 = sinh * (4 * sinh * sinh + 3);
        double third = (sinh3 * hyperbolic(3 * power) - 3 * sinh * p1) / 4;
        double fourth = ((1 + 2 * sinh2 * sinh2) * hyperbolic(4 * power) - 4 * cosh2 * p2 + 3) / 8;
        double variance = deviation * deviation;
        double squared = mean * mean;
        return new double[] {
            (third - 3 * mean * second + 2 * mean * squared) / (variance * deviation),
            (fourth - 4 * mean * third + 6 * squared * second - 3 * squared * squared) / (variance * variance) - 3
        };
    }

    /**
     * The bend and the tail that give a skewness and an excess kurtosis, or come near them; the tail is 0 where the
     * bend gives about the kurtosis.
     */
    static NestedGaussian.Shape matching(double skewness, double kurtosis) {
        double third = clamp(skewness, MOST_SKEWED);
        double fourth = Math.max(-1, Math.min(MOST_IN_TAILS, kurtosis));
        double a = third * SCALE / 3;
        for (int round = 0; round < ROUNDS; round++) {
            double off = of(a, 0).shape()[0] - third;
            double slope =
                    (of(a + DIFFERENCE, 0).shape()[0] - of(a - DIFFERENCE, 0).shape()[0]) / (2 * DIFFERENCE);
            a = clamp(a - clamp(off / slope, LONGEST), MOST_BENT);
            if (Math.abs(off) < DIFFERENCE) {
                break;
            }
        }
        if (Math.abs(of(a, 0).shape()[1] - fourth) < NEGLIGIBLE) {
            return new NestedGaussian.Shape(a, 0);
        }
        double log = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double[] here = ofPower(a, log).shape();
            double[] byBend = difference(ofPower(a + DIFFERENCE, log), here);
            double[] byLog = difference(ofPower(a, log + DIFFERENCE), here);
            double determinant = byBend[0] * byLog[1] - byBend[1] * byLog[0];
            double offThird = here[0] - third;
            double offFourth = here[1] - fourth;
            a = clamp(a - clamp((offThird * byLog[1] - offFourth * byLog[0]) / determinant, LONGEST), MOST_BENT);
            log = clamp(
                    log - clamp((byBend[0] * offFourth - byBend[1] * offThird) / determinant, LONGEST), MOST_OF_POWER);
            if (Math.abs(offThird) + Math.abs(offFourth) < DIFFERENCE) {
                break;
            }
        }
        return new NestedGaussian.Shape(a, artanh(log));
    }

    private static SinhArcsinhNormal ofPower(double bend, double log) {
        return of(bend, artanh(log));
    }

    private static double artanh(double x) {
        return 0.5 * Math.log((1 + x) / (1 - x));
    }

    private static double[] difference(SinhArcsinhNormal moved, double[] here) {
        double[] there = moved.shape();
        return new double[] {(there[0] - here[0]) / DIFFERENCE, (there[1] - here[1]) / DIFFERENCE};
    }

    private static double clamp(double x, double most) {
        return Math.max(-most, Math.min(most, x));
    }
}

package org.variational.family;

/**
 * A standard normal number bent by {@code y = (sinh(asinh(eps) + a) - mu) / sigma}, with mu and sigma such that y has
 * mean 0 and variance 1: skewed to the right for positive a, normal for a = 0 (Jones and Pewsey 2009).
 *
 * <p>With {@code s = sqrt(1 + eps^2)}, y is {@code eps cosh a + s sinh a} before it is standardised.
 */
final class SkewedNormal {

    /** {@code E sqrt(1 + eps^2)}. */
    private static final double MEAN_ROOT = 1.3545308064812374;

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private final double bend;
    private final double mean;
    private final double deviation;
    private final double meanSlope;
    private final double deviationSlope;

    private static final SkewedNormal NORMAL = new SkewedNormal(0);

    static SkewedNormal of(double bend) {
        return bend == 0 ? NORMAL : new SkewedNormal(bend);
    }

    private SkewedNormal(double bend) {
        double sinh = Math.sinh(bend);
        double cosh = Math.cosh(bend);
        this.bend = bend;
        this.mean = MEAN_ROOT * sinh;
        this.deviation = Math.sqrt(cosh * cosh + (2 - MEAN_ROOT * MEAN_ROOT) * sinh * sinh);
        this.meanSlope = MEAN_ROOT * cosh;
        this.deviationSlope = (3 - MEAN_ROOT * MEAN_ROOT) * sinh * cosh / deviation;
    }

    private static double asinh(double x) {
        return Math.signum(x) * Math.log(Math.abs(x) + Math.sqrt(1 + x * x));
    }

    double sample(double noise) {
        if (bend == 0) {
            return noise;
        }
        return (noise * Math.cosh(bend) + Math.sqrt(1 + noise * noise) * Math.sinh(bend) - mean) / deviation;
    }

    double logDensity(double y) {
        if (bend == 0) {
            return -0.5 * y * y - 0.5 * LOG_TWO_PI;
        }
        double u = mean + deviation * y;
        double w = asinh(u) - bend;
        double noise = Math.sinh(w);
        return -0.5 * noise * noise - 0.5 * LOG_TWO_PI + Math.log(deviation * Math.cosh(w)) - 0.5 * Math.log1p(u * u);
    }

    /** The derivative of the log density by the number, with its sign changed. */
    double score(double y) {
        if (bend == 0) {
            return y;
        }
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double w = asinh(u) - bend;
        return deviation * ((Math.sinh(w) * Math.cosh(w) - Math.tanh(w)) / root + u / (root * root));
    }

    /** The derivative of the log density by the bend. */
    double byBend(double y) {
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double w = asinh(u) - bend;
        double slope = meanSlope + deviationSlope * y;
        return (Math.tanh(w) - Math.sinh(w) * Math.cosh(w)) * (slope / root - 1)
                + deviationSlope / deviation
                - u * slope / (root * root);
    }
}

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

    private static final SkewedNormal NORMAL = new SkewedNormal(0);

    private final double sinh;
    private final double cosh;
    private final double mean;
    private final double deviation;
    private final double meanSlope;
    private final double deviationSlope;

    static SkewedNormal of(double bend) {
        return bend == 0 ? NORMAL : new SkewedNormal(bend);
    }

    private SkewedNormal(double bend) {
        this.sinh = Math.sinh(bend);
        this.cosh = Math.sqrt(1 + sinh * sinh);
        this.mean = MEAN_ROOT * sinh;
        this.deviation = Math.sqrt(cosh * cosh + (2 - MEAN_ROOT * MEAN_ROOT) * sinh * sinh);
        this.meanSlope = MEAN_ROOT * cosh;
        this.deviationSlope = (3 - MEAN_ROOT * MEAN_ROOT) * sinh * cosh / deviation;
    }

    double sample(double noise) {
        return (noise * cosh + Math.sqrt(1 + noise * noise) * sinh - mean) / deviation;
    }

    /** The normal number that is bent to y. */
    private double noise(double u, double root) {
        return u * cosh - root * sinh;
    }

    double logDensity(double y) {
        if (sinh == 0) {
            return -0.5 * y * y - 0.5 * LOG_TWO_PI;
        }
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double noise = noise(u, root);
        return -0.5 * noise * noise - 0.5 * LOG_TWO_PI + Math.log(deviation * Math.sqrt(1 + noise * noise) / root);
    }

    /** The derivative of the log density by the number, with its sign changed. */
    double score(double y) {
        if (sinh == 0) {
            return y;
        }
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        return deviation * (byNoise(noise(u, root)) / root + u / (root * root));
    }

    /** The derivative of the log density by the bend. */
    double byBend(double y) {
        double u = mean + deviation * y;
        double root = Math.sqrt(1 + u * u);
        double slope = meanSlope + deviationSlope * y;
        return -byNoise(noise(u, root)) * (slope / root - 1) + deviationSlope / deviation - u * slope / (root * root);
    }

    /** The derivative of minus the log density by {@code asinh} of the normal number, root left out. */
    private static double byNoise(double noise) {
        double root = Math.sqrt(1 + noise * noise);
        return noise * root - noise / root;
    }
}

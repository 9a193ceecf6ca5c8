package org.variational.lab.simulated;

/** Log densities with all constants. */
final class Priors {

    static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

    private Priors() {}

    static double normal(double x, double mean, double sd) {
        double z = (x - mean) / sd;
        return -0.5 * z * z - Math.log(sd) - HALF_LOG_TWO_PI;
    }

    /** A half-normal scale by its logarithm, with the Jacobian. */
    static double halfNormalByLog(double logScale, double sd) {
        return Math.log(2) + normal(Math.exp(logScale), 0, sd) + logScale;
    }
}

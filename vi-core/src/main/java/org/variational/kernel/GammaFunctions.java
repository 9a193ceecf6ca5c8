package org.variational.kernel;

import org.apache.commons.math3.special.Gamma;

/** The gamma function's relatives of one argument, shared by both kernel sets. */
final class GammaFunctions {

    private GammaFunctions() {}

    static double lgamma(double x) {
        return Gamma.logGamma(x);
    }

    /**
     * {@code digamma(x)}: the asymptotic series at {@code x >= 10}, reached from below by
     * {@code digamma(x) = digamma(x + n) - sum 1 / (x + i)} with the sum held as one fraction.
     */
    static double digamma(double x) {
        if (!(x > 0)) {
            return x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
        }
        double numerator = 0;
        double denominator = 1;
        double z = x;
        while (z < 10) {
            numerator = numerator * z + denominator;
            denominator *= z;
            z += 1;
        }
        double u = 1 / z;
        double u2 = u * u;
        double series = 1.0 / 12
                - u2
                        * (1.0 / 120
                                - u2
                                        * (1.0 / 252
                                                - u2
                                                        * (1.0 / 240
                                                                - u2 * (1.0 / 132 - u2 * (691.0 / 32760 - u2 / 12)))));
        return Math.log(z) - 0.5 * u - u2 * series - numerator / denominator;
    }
}

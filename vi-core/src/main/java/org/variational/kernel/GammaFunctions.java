package org.variational.kernel;

/** The logarithm of the gamma function and its derivative, for positive arguments; shared by both sets of kernels. */
final class GammaFunctions {

    private static final double HALF_LOG_TWO_PI = 0.9189385332046727418;

    /**
     * Minimax coefficients of {@code lgamma(x) / ((x - 1) (x - 2))} in powers of {@code x - 1.25}, for x from 1 to 1.5.
     */
    private static final double[] FROM_1 = {
        0.5241164609163369,
        -0.18455838443681596,
        0.09456573803302532,
        -0.056273407273893516,
        0.036158797970642045,
        -0.02430880502167316,
        0.016827679681853374,
        -0.011888239832165269,
        0.008525080303386995,
        -0.006183890547871046,
        0.004528122368211735,
        -0.003340665311371621,
        0.002454866922494749,
        -0.00182011395201452,
        0.0016027537578026279,
        -0.001255083979530947,
    };

    /**
     * Minimax coefficients of {@code lgamma(x) / ((x - 1) (x - 2))} in powers of {@code x - 1.75}, for x from 1.5 to 2.
     */
    private static final double[] FROM_3_HALVES = {
        0.4501393121092563,
        -0.11948158662524275,
        0.04452044719850974,
        -0.019053957830247978,
        0.008776370425231045,
        -0.004226194125836389,
        0.002095533882727714,
        -0.0010605660819442229,
        0.0005448968307103784,
        -0.00028319033501089007,
        0.00014852197279976417,
        -7.846881923573743e-05,
        4.160954574305098e-05,
        -2.2183775260992834e-05,
        1.2870603914699931e-05,
        -7.132313628242202e-06,
    };

    /**
     * Minimax coefficients of {@code lgamma(x) / ((x - 1) (x - 2))} in powers of {@code x - 2.5}, for x from 2 to 3.
     */
    private static final double[] FROM_2 = {
        0.37957716063055885,
        -0.07466357415449942,
        0.01990515430474318,
        -0.006018768527033163,
        0.0019490574889487373,
        -0.0006586397067753839,
        0.00022905363739816626,
        -8.130228878441542e-05,
        2.9299284329962083e-05,
        -1.0682329808431124e-05,
        3.930575754902972e-06,
        -1.4570190754741496e-06,
        5.436571973761201e-07,
        -2.0381578163442853e-07,
        7.573643552894659e-08,
        -2.8582125112178252e-08,
        1.2968761825290823e-08,
        -4.968606335281924e-09,
    };

    private GammaFunctions() {}

    /**
     * {@code log Gamma(x)} within some 4 ulp, also near its zeros at 1 and 2: a polynomial between 1 and 3, reached by
     * {@code Gamma(x + 1) = x Gamma(x)} from the rest below 10; Stirling's series from there on.
     */
    static double lgamma(double x) {
        if (!(x > 0 && x < Double.POSITIVE_INFINITY)) {
            return x >= 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        if (x < 1) {
            return lgammaFrom1To3(1 + x, x) - Math.log(x);
        }
        if (x < 3) {
            return lgammaFrom1To3(x, x - 1);
        }
        if (x < 10) {
            double product = 1;
            double z = x;
            while (z >= 3) {
                z -= 1;
                product *= z;
            }
            return lgammaFrom1To3(z, z - 1) + Math.log(product);
        }
        double u = 1 / x;
        double u2 = u * u;
        double series = 1.0 / 12
                - u2
                        * (1.0 / 360
                                - u2
                                        * (1.0 / 1260
                                                - u2
                                                        * (1.0 / 1680
                                                                - u2
                                                                        * (1.0 / 1188
                                                                                - u2 * (691.0 / 360360 - u2 / 156)))));
        return (x - 0.5) * (Math.log(x) - 1) + ((HALF_LOG_TWO_PI - 0.5) + u * series);
    }

    private static double lgammaFrom1To3(double x, double lessOne) {
        double lessTwo = lessOne - 1;
        if (x < 1.5) {
            return lessOne * lessTwo * polynomial(FROM_1, lessOne - 0.25);
        }
        return lessOne
                * lessTwo
                * (x < 2 ? polynomial(FROM_3_HALVES, lessOne - 0.75) : polynomial(FROM_2, lessOne - 1.5));
    }

    /** The even and the odd powers apart, which halves the chain of dependent operations. */
    private static double polynomial(double[] coefficients, double t) {
        double square = t * t;
        int last = coefficients.length - 1;
        double odd = coefficients[last];
        double even = coefficients[last - 1];
        for (int i = last - 2; i > 0; i -= 2) {
            odd = odd * square + coefficients[i];
            even = even * square + coefficients[i - 1];
        }
        return odd * t + even;
    }

    /**
     * {@code digamma(x)}: the asymptotic series at {@code x >= 10}, reached from below by
     * {@code digamma(x) = digamma(x + n) - sum 1 / (x + i)} with the sum held as one fraction.
     */
    static double digamma(double x) {
        if (!(x > 0 && x < Double.POSITIVE_INFINITY)) {
            return x > 0 ? x : x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
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

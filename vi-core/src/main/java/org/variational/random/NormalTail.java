package org.variational.random;

import org.apache.commons.math3.special.Erf;

/** The standard normal distribution function and its logarithm, accurate in relative terms far into the lower tail. */
public final class NormalTail {

    private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
    private static final double SQRT_2 = Math.sqrt(2);

    /** Below this the continued fraction of the Mills ratio is exact to rounding. */
    private static final double TAIL = -8;

    private NormalTail() {}

    /** The density. */
    public static double density(double x) {
        return Math.exp(-0.5 * x * x - LOG_SQRT_2PI);
    }

    /** The distribution function. */
    public static double cdf(double x) {
        return 0.5 * Erf.erfc(-x / SQRT_2);
    }

    /** The logarithm of the distribution function. */
    public static double logCdf(double x) {
        if (x > 0) {
            return Math.log1p(-0.5 * Erf.erfc(x / SQRT_2));
        }
        return x < TAIL ? -0.5 * x * x - LOG_SQRT_2PI + Math.log(millsRatio(-x)) : Math.log(cdf(x));
    }

    /** {@code density / cdf}: the slope of the log distribution function. */
    public static double inverseMills(double x) {
        return x < TAIL ? 1 / millsRatio(-x) : density(x) / cdf(x);
    }

    /** {@code (1 - cdf(x)) / density(x)} for large x, by Laplace's continued fraction 1/(x + 1/(x + 2/(x + 3/...))). */
    private static double millsRatio(double x) {
        double tail = x;
        for (int k = 40; k >= 1; k--) {
            tail = x + k / tail;
        }
        return 1 / tail;
    }
}

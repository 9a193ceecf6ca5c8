package org.variational.algorithm.nested;

/**
 * The Gaussian approximation of the inner coordinates at one value of the outer ones: their mode, and the factor of the
 * precision there.
 *
 * @param outer the outer coordinates
 * @param inner the mode of the inner coordinates, in their order
 * @param factor the entries of L
 * @param bends for each column of L how skewed its part is; zeros for a Gaussian
 * @param tails for each column of L how heavy the tails of its part are; zeros for a Gaussian
 * @param logDensity the log density at the mode
 * @param logMarginal Laplace's approximation of the log density of the outer coordinates,
 *     {@code log p + (d/2) log 2 pi - sum log L_ii}
 */
record Conditional(
        double[] outer,
        double[] inner,
        double[] factor,
        double[] bends,
        double[] tails,
        double logDensity,
        double logMarginal) {

    Conditional withLogMarginal(double other) {
        return new Conditional(outer, inner, factor, bends, tails, logDensity, other);
    }
}

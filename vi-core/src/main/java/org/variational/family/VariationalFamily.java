package org.variational.family;

import org.variational.density.ParameterLayout;

/**
 * A parameterised set of distributions on R^D, among which a fit looks for the best approximation.
 *
 * <p>A member is named by its parameter vector, which is unconstrained: every finite vector is a valid member, so an
 * optimiser may move freely. Implementations are immutable and thread-safe.
 */
public interface VariationalFamily {

    /** A family still to be told its dimension, such as {@code fullRank()}. */
    @FunctionalInterface
    interface Factory {
        /**
         * The family for the given coordinates.
         *
         * @param layout the inferred coordinates, and no others
         * @return a family of the layout's dimension
         * @throws IllegalArgumentException if the family cannot serve this layout, with the reason and a remedy
         */
        VariationalFamily forLayout(ParameterLayout layout);
    }

    /**
     * The name used in reports and provenance.
     *
     * @return a name such as {@code "full-rank Gaussian"}
     */
    String name();

    /**
     * The dimension of the points.
     *
     * @return D, at least 1
     */
    int dimension();

    /**
     * The length of a parameter vector.
     *
     * @return the number of parameters
     */
    int parameterCount();

    /**
     * The member with the given parameters.
     *
     * @param parameters {@link #parameterCount()} finite numbers; copied
     * @throws IllegalArgumentException if the length is wrong or a number is not finite
     */
    VariationalDistribution member(double[] parameters);

    /**
     * The parameters of a member with (about) the given mean and standard deviations and independent coordinates, from
     * which a fit can start.
     *
     * @param mean D finite numbers
     * @param standardDeviation D positive finite numbers
     * @return a new parameter vector
     */
    double[] initialParameters(double[] mean, double[] standardDeviation);
}

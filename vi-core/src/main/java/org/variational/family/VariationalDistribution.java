package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/**
 * One member q of a {@link VariationalFamily}: a distribution on R^D that can be sampled and whose log density can be
 * evaluated and differentiated, by the point and by the family's parameters.
 *
 * <p>Points are columns (D x S), as in {@link org.variational.density.LogDensity}. What every family can do is here;
 * the sub-interfaces {@link Reparameterised} and {@link ClosedFormEntropy} add what only some can. Implementations are
 * immutable in value; they may hold scratch space, so that one instance must not be used by two threads at once.
 */
public interface VariationalDistribution {

    /** The family this is a member of. */
    VariationalFamily family();

    /**
     * A copy of the parameters.
     *
     * @return {@link VariationalFamily#parameterCount()} numbers, the bits {@link VariationalFamily#member} was given
     */
    double[] parameters();

    /**
     * The number of rows of standard normal noise that one draw consumes.
     *
     * @return at least 1
     */
    int noiseDimension();

    /**
     * Turns independent standard normal noise into draws from q.
     *
     * @param noise {@link #noiseDimension()} x S, read only
     * @param points D x S, overwritten
     */
    void sample(DMatrixRMaj noise, DMatrixRMaj points);

    /**
     * Writes {@code log q(z_s)} for the S columns of {@code points}, normalising constant included.
     *
     * @param points D x S, read only
     * @param logDensity at least S long; the first S entries are overwritten
     */
    void logDensity(DMatrixRMaj points, double[] logDensity);

    /**
     * Writes the gradient of {@code log q} by the point, with q's parameters fixed, at every column.
     *
     * @param points D x S, read only
     * @param score D x S, overwritten
     */
    void pointScore(DMatrixRMaj points, DMatrixRMaj score);

    /**
     * Adds {@code sum over s of weights[s] * d log q(z_s) / d parameters}, with the points fixed, to {@code gradient}.
     *
     * @param points D x S, read only
     * @param weights S numbers, of any sign
     * @param gradient one entry per parameter, added to
     */
    void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient);

    /**
     * The mean of q.
     *
     * @return D numbers, NaN where the mean does not exist
     */
    double[] mean();

    /**
     * The standard deviations of q.
     *
     * @return D numbers, infinite or NaN where the standard deviation does not exist
     */
    double[] standardDeviation();

    /** A member whose draws are a differentiable function of the parameters with the noise held fixed. */
    interface Reparameterised extends VariationalDistribution {
        /**
         * Adds {@code sum over s of J_s' v_s} to {@code gradient}, where J_s is the derivative of draw s by the
         * parameters with its noise held fixed.
         *
         * @param noise the noise the draws were made from
         * @param points the draws, as {@link #sample} made them from {@code noise}
         * @param vectors D x S, column s is v_s
         * @param gradient one entry per parameter, added to
         */
        void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient);
    }

    /** A member whose entropy has a closed form. */
    interface ClosedFormEntropy extends VariationalDistribution {
        /**
         * The entropy {@code -E_q log q}.
         *
         * @return the entropy in nats
         */
        double entropy();

        /**
         * Adds {@code scale} times the gradient of the entropy by the parameters to {@code gradient}.
         *
         * @param scale the factor, of any sign
         * @param gradient one entry per parameter, added to
         */
        void addEntropyGradient(double scale, double[] gradient);
    }
}

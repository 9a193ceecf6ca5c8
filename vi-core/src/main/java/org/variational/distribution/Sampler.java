package org.variational.distribution;

import java.util.random.RandomGenerator;

/** Draws from a distribution whose parameters are numbers. Stateless and thread-safe. */
@FunctionalInterface
public interface Sampler {

    /**
     * Writes one draw. Ends whatever the parameters: those that are no distribution, such as NaN or a matrix that is
     * not positive definite, give NaN, and an infinite rate gives an infinite count.
     *
     * @param random the source of randomness, advanced by an amount that may vary
     * @param parameters the values of {@link Distribution#parameters()}: for a univariate distribution one number each,
     *     for a multivariate one all elements of each, row-major
     * @param draw one number for a univariate distribution, all elements for a multivariate one; overwritten
     */
    void draw(RandomGenerator random, double[][] parameters, double[] draw);
}

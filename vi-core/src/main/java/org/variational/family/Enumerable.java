package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/**
 * A member with finitely many outcomes, over which an expectation is an exact sum: draws with base weights that are
 * their probabilities.
 */
public interface Enumerable extends VariationalDistribution {

    /**
     * The number of outcomes.
     *
     * @return at least 1
     */
    int outcomeCount();

    /**
     * Writes every outcome once, and its log probability.
     *
     * @param points D x {@link #outcomeCount()}, overwritten
     * @param logProbability at least {@link #outcomeCount()} long, overwritten
     */
    void enumerate(DMatrixRMaj points, double[] logProbability);
}

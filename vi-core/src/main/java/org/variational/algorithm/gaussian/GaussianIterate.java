package org.variational.algorithm.gaussian;

import org.variational.estimator.GuardedDensity;

/** The Gaussian that an algorithm moves, with the latest batch of draws from it. Mutable, for one thread. */
abstract sealed class GaussianIterate permits FullRankIterate, SparseIterate {

    /** Makes a batch of draws, evaluates the target at them, and keeps those that can be used. */
    abstract void draw(long index, GuardedDensity target);

    /** Whether enough draws of the batch can be used, and their scores are finite in units of the Gaussian. */
    abstract boolean isUsable();

    /** The number of draws of the latest batch that can be used. */
    abstract int size();

    /** {@code mean |eps + L' g|^2} over the batch, with covariance {@code L L'}. */
    abstract double mismatch();

    /** The draws that must have matching scores before the Gaussian is known to be the target. */
    abstract int fewestMatched();

    /**
     * Makes the update of the batch.
     *
     * @return the step that was made, at most {@code largestStep}; NaN if none leads to a Gaussian
     */
    abstract double move(double largestStep);

    /** Halves all standard deviations. */
    abstract void narrow();

    /** The family's parameters. */
    abstract double[] parameters();

    /** Goes to another member of the family. */
    abstract void adopt(double[] parameters);
}

package org.variational.estimator;

import org.variational.density.LogDensity;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;

/** What an estimator is asked to serve. {@code probe} is a member of the family, to see what its members can do. */
record Problem(
        LogDensity target,
        CoordinateSplit split,
        LocalRows localRows,
        VariationalFamily family,
        VariationalDistribution probe,
        Divergence divergence,
        Sampling sampling) {

    /** How much is drawn in a step, and how. */
    record Sampling(int draws, DrawScheme scheme, int minibatch) {}

    boolean hasGradient() {
        return target.hasGradient();
    }

    boolean isReparameterised() {
        return probe instanceof VariationalDistribution.Reparameterised;
    }

    boolean hasClosedFormEntropy() {
        return probe instanceof VariationalDistribution.ClosedFormEntropy;
    }
}

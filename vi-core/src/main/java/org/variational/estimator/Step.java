package org.variational.estimator;

import org.variational.divergence.Divergence;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;

/** What one evaluation is made with; the memory is changed, the gradient by the optimised coordinates is added to. */
record Step(
        VariationalDistribution member,
        double[] optimised,
        Divergence divergence,
        RandomStreams streams,
        long number,
        double[] memory,
        double[] optimisedGradient) {}

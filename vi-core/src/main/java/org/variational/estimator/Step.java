package org.variational.estimator;

import java.util.random.RandomGenerator;
import org.variational.divergence.Divergence;
import org.variational.family.VariationalDistribution;

/** What one evaluation is made with. */
record Step(
        VariationalDistribution member,
        double[] optimised,
        Divergence divergence,
        RandomGenerator random,
        long number,
        double[] memory) {}

package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.alpha;
import static org.variational.divergence.Divergences.chiSquared;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.estimator.GradientEstimators.markovChains;
import static org.variational.family.Families.fullRank;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.divergence.Divergence;
import org.variational.fit.Fit;

/** Divergences with normalised weights, annealed by default. */
class AnnealedFitTest {

    /** The family contains the target, which is then the optimum of every divergence. */
    @Test
    void theAlphaFamilyAndChiSquaredReachTheTarget() {
        for (Divergence divergence : List.of(alpha(0.5), alpha(2), chiSquared())) {
            Fit fit = VariationalInference.of(Targets.correlated(0.5, 3))
                    .family(fullRank())
                    .minimise(divergence)
                    .seed(20260101)
                    .run();
            assertThat(fit.elbo()).as(divergence.name()).isCloseTo(3, within(0.01));
        }
    }

    /** Chains draw from the posterior: nothing is to be annealed, and the schedule is not refused. */
    @Test
    void forwardKlWithMarkovChainsIsNotAnnealed() {
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .family(fullRank())
                .minimise(forwardKl())
                .estimator(markovChains())
                .draws(100)
                .maxIterations(2000)
                .seed(20260101)
                .run();
        assertThat(fit.elbo()).isCloseTo(0, within(0.05));
    }
}

package org.variational.algorithm.automatic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.LaneMoments;
import org.variational.chain.Metric;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.random.RandomStreams;

/** The Gaussian with the moments of Markov chains. Tolerances are five standard errors or more. */
class MomentProjectionTest {

    private static final int LANES = 256;

    /** Two groups of chains at the same moments project to a Gaussian with them, correlations included. */
    @Test
    void theProjectionHasTheMomentsAndCorrelationsOfThePoints() {
        LogDensity target = Targets.correlated(0.8, 0);
        FullRankGaussian family = FullRankGaussian.of(2);
        double[] start = family.initialParameters(new double[] {0, 0}, new double[] {0.5, 0.5});
        MomentProjection projection = new MomentProjection(family, start, LANES, 64);
        CoordinateSplit split = CoordinateSplit.of(ParameterLayout.unnamed(2));
        HamiltonianChains chains = new HamiltonianChains(
                new GuardedDensity(target, split),
                split,
                new double[0],
                Metric.of(new double[] {1, 1}),
                new DMatrixRMaj(2, LANES),
                RandomStreams.of(9));
        for (int t = 0; t < 30; t++) {
            chains.transition(t < 20);
        }
        boolean done = false;
        while (!done) {
            chains.transition(false);
            done = projection.add(chains.points());
        }
        double[] parameters = projection.project();
        FullRankGaussian.Member projected = family.member(parameters);
        LaneMoments.Moments seen = projection.moments();
        assertThat(projected.mean()[0]).isCloseTo(1, within(5 * seen.meanError()[0]));
        assertThat(projected.standardDeviation()[1]).isCloseTo(1, within(5 * seen.sdError()[1]));
        DMatrixRMaj covariance = projected.covariance();
        double correlation = covariance.get(0, 1) / Math.sqrt(covariance.get(0, 0) * covariance.get(1, 1));
        assertThat(correlation).isCloseTo(0.8, within(0.05));
        assertThat(projection.unmixed()).isEqualTo(-1);
        assertThat(projection.replicates(parameters)).hasSize(8);
    }

    /** Differences within about one standard error are noise, and change nothing. */
    @Test
    void noiseIsNotProjected() {
        MeanFieldGaussian family = MeanFieldGaussian.of(1);
        double[] start = family.initialParameters(new double[] {0}, new double[] {1});
        MomentProjection projection = new MomentProjection(family, start, 4, 1);
        // mean 0.25 with the standard error 0.6, variance about 1.4
        projection.add(new DMatrixRMaj(1, 4, true, -1, 0.5, 1.75, -0.25));
        assertThat(family.member(projection.project()).mean()[0]).isZero();
    }
}

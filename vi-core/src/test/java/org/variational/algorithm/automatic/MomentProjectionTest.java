package org.variational.algorithm.automatic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.Targets;
import org.variational.chain.HamiltonianChains;
import org.variational.chain.LaneMoments;
import org.variational.chain.Metric;
import org.variational.density.Interactions;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;
import org.variational.family.LowRankScaleGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
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

    /**
     * A sparse Gaussian gets the correlations of the points where its factor has entries: those of a walk of three
     * states, of which the first and the last are then correlated through the one between them. The share of the
     * correlations at the start, none here, is 2 of the effective number of points, 64 x 128.
     */
    @Test
    void aSparseProjectionHasTheCorrelationsOfItsPattern() {
        SparseGaussian family = SparseGaussian.of(Interactions.of(3, List.of(new int[] {0, 1}, new int[] {1, 2})));
        double[] start = family.initialParameters(new double[3], new double[] {1, 1, 1});
        MomentProjection projection = new MomentProjection(family, start, LANES, 64);
        RandomGenerator random = RandomStreams.of(3).generator("points", 0);
        boolean done = false;
        while (!done) {
            DMatrixRMaj points = new DMatrixRMaj(3, LANES);
            for (int s = 0; s < LANES; s++) {
                double x = 1 + 2 * random.nextGaussian();
                double y = 0.5 * x + random.nextGaussian();
                points.set(0, s, x);
                points.set(1, s, y);
                points.set(2, s, y - 3 + random.nextGaussian());
            }
            done = projection.add(points);
        }
        double[] parameters = projection.project();
        DMatrixRMaj covariance = family.member(parameters).covariance();
        LaneMoments.Moments seen = projection.moments();
        // five standard errors of 16384 independent points: 3 % of the standard deviations' product
        double[][] exact = {{4, 2, 2}, {2, 2, 2}, {2, 2, 3}};
        for (int i = 0; i < 3; i++) {
            assertThat(family.member(parameters).mean()[i]).isCloseTo(seen.mean()[i], within(seen.meanError()[i]));
            for (int j = 0; j < 3; j++) {
                double scale = Math.sqrt(exact[i][i] * exact[j][j]);
                assertThat(covariance.get(i, j)).isCloseTo(exact[i][j], within(0.06 * scale));
            }
        }
        // replicates have other standard deviations and the same correlations
        double correlation = covariance.get(0, 2) / Math.sqrt(covariance.get(0, 0) * covariance.get(2, 2));
        for (double[] replicate : projection.replicates(parameters)) {
            DMatrixRMaj other = family.member(replicate).covariance();
            assertThat(other.get(0, 0)).isNotEqualTo(covariance.get(0, 0));
            assertThat(other.get(0, 2) / Math.sqrt(other.get(0, 0) * other.get(2, 2)))
                    .isCloseTo(correlation, within(1e-12));
        }
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

    /**
     * Gaussians of low rank keep their correlations and get the moments of the points: 64 points that stand for each
     * other, at the distances 1 and 3 from (3, 5, ...), whose means are exact and whose standard deviations, sqrt(5)
     * each, have no error over lanes.
     */
    @ParameterizedTest
    @ValueSource(strings = {"mean-field", "low-rank", "low-rank scale"})
    void correlationsAreKept(String kind) {
        int d = 5;
        VariationalFamily family =
                switch (kind) {
                    case "mean-field" -> MeanFieldGaussian.of(d);
                    case "low-rank" -> LowRankGaussian.of(d, 2);
                    default -> LowRankScaleGaussian.of(d, 2);
                };
        RandomGenerator random = RandomStreams.of(1).generator("start", 0);
        double[] start = new double[family.parameterCount()];
        Arrays.setAll(start, i -> random.nextGaussian());
        int lanes = 64;
        MomentProjection projection = new MomentProjection(family, start, lanes, 4);
        for (double at : new double[] {-3, -1, 1, 3}) {
            DMatrixRMaj points = new DMatrixRMaj(d, lanes);
            for (int i = 0; i < d; i++) {
                for (int s = 0; s < lanes; s++) {
                    points.set(i, s, 3 + 2 * i + (s % 2 == 0 ? at : -at));
                }
            }
            projection.add(points);
        }
        GaussianDistribution before = (GaussianDistribution) family.member(start);
        GaussianDistribution projected = (GaussianDistribution) family.member(projection.project());
        double[] sd = before.standardDeviation();
        for (int i = 0; i < d; i++) {
            assertThat(projected.mean()[i]).isCloseTo(3 + 2 * i, within(1e-9));
            assertThat(projected.standardDeviation()[i]).isCloseTo(Math.sqrt(5), within(1e-9));
            for (int j = 0; j < d; j++) {
                double correlation = before.covariance().get(i, j) / (sd[i] * sd[j]);
                assertThat(projected.covariance().get(i, j) / 5).isCloseTo(correlation, within(1e-9));
            }
        }
    }
}

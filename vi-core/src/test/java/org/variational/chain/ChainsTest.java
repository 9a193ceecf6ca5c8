package org.variational.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.density.Interactions;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.family.SparseGaussian;
import org.variational.random.RandomStreams;

/**
 * Markov chains, the moments of what they visit, and what these say of an approximation. Tolerances are five standard
 * errors or more, so that a change of stream fails a correct test less than once in a million.
 */
class ChainsTest {

    private static final int LANES = 256;

    private static CoordinateSplit split(int d) {
        return CoordinateSplit.of(ParameterLayout.unnamed(d));
    }

    private static HamiltonianChains chains(LogDensity density, Metric metric, DMatrixRMaj starts, long seed) {
        CoordinateSplit split = split(density.dimension());
        return new HamiltonianChains(
                new GuardedDensity(density, split), split, new double[0], metric, starts, RandomStreams.of(seed));
    }

    private static ChainCheck check(LogDensity density, FullRankGaussian.Member q) {
        CoordinateSplit split = split(density.dimension());
        return new ChainCheck(new GuardedDensity(density, split), split, q, new double[0], LANES, RandomStreams.of(3));
    }

    private static FullRankGaussian.Member gaussian(double[] mean, double[] sd) {
        FullRankGaussian family = FullRankGaussian.of(mean.length);
        return family.member(family.initialParameters(mean, sd));
    }

    /** From a point, in the wrong scale, to the moments of a correlated Gaussian. */
    @Test
    void chainsReachTheTarget() {
        LogDensity target = Targets.correlated(0.8, 0);
        HamiltonianChains chains = chains(target, Metric.of(new double[] {0.5, 3}), new DMatrixRMaj(2, LANES), 1);
        for (int t = 0; t < 40; t++) {
            chains.transition(true);
        }
        LaneMoments moments = new LaneMoments(new double[] {1, -2}, new double[] {1, 1}, LANES);
        for (int t = 0; t < 40; t++) {
            chains.transition(false);
            moments.add(chains.points());
        }
        LaneMoments.Moments seen = moments.moments();
        for (int i = 0; i < 2; i++) {
            assertThat(seen.mean()[i]).isCloseTo(i == 0 ? 1 : -2, within(5 * seen.meanError()[i]));
            assertThat(seen.sd()[i]).isCloseTo(1, within(5 * seen.sdError()[i]));
            assertThat(seen.meanError()[i]).isLessThan(0.05);
        }
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        double[][] ends = new double[2][];
        for (int run = 0; run < 2; run++) {
            HamiltonianChains chains =
                    chains(Targets.correlated(0.3, 0), Metric.of(new double[] {1, 1}), new DMatrixRMaj(2, 7), 5);
            for (int t = 0; t < 10; t++) {
                chains.transition(t < 5);
            }
            ends[run] = chains.points().data.clone();
        }
        assertThat(ends[0]).containsExactly(ends[1]);
    }

    /** Proposals where the density cannot be evaluated are rejected, and counted; no chain leaves the other half. */
    @Test
    void chainsStayWhereTheDensityCanBeEvaluated() {
        LogDensity half = LogDensities.of(1, (x, g) -> {
            g[0] = -x[0];
            return x[0] > 0.5 ? Double.NaN : -0.5 * x[0] * x[0];
        });
        HamiltonianChains chains = chains(half, Metric.of(new double[] {1}), new DMatrixRMaj(1, LANES), 2);
        for (int t = 0; t < 30; t++) {
            chains.transition(t < 10);
            for (double x : chains.points().data) {
                assertThat(x).isLessThanOrEqualTo(0.5);
            }
        }
        assertThat(chains.rejected()).isPositive();
        assertThat(chains.evaluations()).isGreaterThan(30L * LANES);
    }

    @Test
    void momentsAndErrorsAreThoseOfTheLanes() {
        LaneMoments moments = new LaneMoments(new double[] {10}, new double[] {2}, 4);
        moments.add(new DMatrixRMaj(1, 4, true, 8, 10, 12, 14));
        moments.add(new DMatrixRMaj(1, 4, true, 10, 12, 14, 16));
        LaneMoments.Moments seen = moments.moments();
        assertThat(seen.mean()[0]).isEqualTo(12);
        // lanes average 9, 11, 13, 15: their standard deviation over the root of four lanes
        assertThat(seen.meanError()[0]).isCloseTo(Math.sqrt(20.0 / 3) / 2, within(1e-12));
        assertThat(seen.sd()[0]).isCloseTo(Math.sqrt(6), within(1e-12));
        // mean squares by lane: 10, 2, 2, 10, about 6
        assertThat(seen.sdError()[0]).isCloseTo(Math.sqrt(64.0 / 3) / 2 / (2 * Math.sqrt(6)), within(1e-12));
        assertThat(moments.moments(1, 3).mean()[0]).isEqualTo(13);
    }

    @Test
    void memoryIsTheCorrelationOverLanes() {
        DMatrixRMaj first = new DMatrixRMaj(3, 4, true, 1, 2, 3, 4, 1, 2, 3, 4, 5, 5, 5, 5);
        DMatrixRMaj last = new DMatrixRMaj(3, 4, true, 9, 7, 5, 3, 1, -1, -1, 1, 1, 2, 3, 4);
        double[] correlations = LaneMoments.autocorrelation(first, last);
        assertThat(correlations[0]).isCloseTo(1, within(1e-12));
        assertThat(correlations[1]).isCloseTo(0, within(1e-12));
        assertThat(correlations[2]).as("a coordinate that does not vary").isEqualTo(1);
    }

    /**
     *  The rate of false alarms of all coordinates together is 1 %: more than two alarms in 20 independent checks have
     *  the probability 0.001, for these seeds once and for all.
     */
    @Test
    void chainsStayWithARightApproximation() {
        LogDensity target = Targets.independent(new double[] {3, -1, 0}, new double[] {0.1, 1, 20});
        int alarms = 0;
        for (int seed = 0; seed < 20; seed++) {
            CoordinateSplit split = split(3);
            ChainCheck check = new ChainCheck(
                    new GuardedDensity(target, split),
                    split,
                    gaussian(new double[] {3, -1, 0}, new double[] {0.1, 1, 20}),
                    new double[0],
                    64,
                    RandomStreams.of(seed));
            run(check);
            alarms += check.departure().certain() > 0.02 || check.unmixed() >= 0 ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(2);
    }

    private static void run(ChainCheck check) {
        boolean done = false;
        while (!done) {
            done = check.step();
        }
    }

    @Test
    void chainsLeaveAWrongScaleAndAWrongPlace() {
        LogDensity target = Targets.independent(new double[3], new double[] {1, 1, 1});
        ChainCheck narrow = check(target, gaussian(new double[3], new double[] {1, 0.5, 1}));
        run(narrow);
        assertThat(narrow.departure().worst()).isEqualTo(1);
        assertThat(narrow.departure().scales()[1]).isCloseTo(Math.log(2), within(0.25));
        assertThat(narrow.departure().certain()).isGreaterThan(0.3);

        ChainCheck wide = check(target, gaussian(new double[3], new double[] {1, 1, 2}));
        run(wide);
        assertThat(wide.departure().worst()).isEqualTo(2);
        assertThat(wide.departure().scales()[2]).isCloseTo(-Math.log(2), within(0.25));

        ChainCheck away = check(target, gaussian(new double[] {1, 0, 0}, new double[] {1, 1, 1}));
        run(away);
        assertThat(away.departure().worst()).isZero();
        assertThat(away.departure().means()[0]).isCloseTo(-1, within(0.3));
    }

    /** In a funnel of 50 the scale moves by little steps only, and its autocorrelation is high. */
    @Test
    void slowChainsAreSeen() {
        int d = 51;
        LogDensity funnel = LogDensities.of(d, (x, g) -> {
            double v = x[0];
            double value = -v * v / 18;
            g[0] = -v / 9;
            double precision = Math.exp(-v);
            for (int i = 1; i < d; i++) {
                value -= 0.5 * (x[i] * x[i] * precision + v);
                g[i] = -x[i] * precision;
                g[0] += 0.5 * (x[i] * x[i] * precision - 1);
            }
            return value;
        });
        double[] sd = new double[d];
        java.util.Arrays.fill(sd, 1);
        sd[0] = 0.2;
        ChainCheck check = check(funnel, gaussian(new double[d], sd));
        run(check);
        assertThat(check.unmixed()).isZero();
    }

    /** Pushing what was pulled is the covariance, whichever factor the metric has. */
    @Test
    void aSparseMetricIsThatOfTheCovariance() {
        SparseGaussian family = SparseGaussian.of(Interactions.of(4, List.of(new int[] {0, 1}, new int[] {1, 2, 3})));
        double[] parameters = new double[family.parameterCount()];
        Arrays.setAll(parameters, i -> 0.3 * Math.sin(3 * i));
        SparseGaussian.Member q = family.member(parameters);
        DMatrixRMaj g = new DMatrixRMaj(4, 3);
        Arrays.setAll(g.data, i -> Math.cos(i));
        DMatrixRMaj pulled = new DMatrixRMaj(4, 3);
        DMatrixRMaj pushed = new DMatrixRMaj(4, 3);
        Metric.of(q).pull(g, pulled);
        Metric.of(q).push(pulled, pushed);
        DMatrixRMaj expected = new DMatrixRMaj(4, 3);
        CommonOps_DDRM.mult(q.covariance(), g, expected);
        assertThat(pushed.data).containsExactly(expected.data, within(1e-13));
    }
}

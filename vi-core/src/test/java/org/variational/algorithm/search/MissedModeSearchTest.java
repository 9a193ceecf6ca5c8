package org.variational.algorithm.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.chain.Metric;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.FitDiagnostics;
import org.variational.estimator.CoordinateSplit;
import org.variational.random.RandomStreams;

/** Other modes are found, with about their mass, and nothing is found where there is none. */
class MissedModeSearchTest {

    /** A mixture of N(-3, 1) and N(3, 1) in the first of two coordinates, the other standard normal; unnormalised. */
    private static LogDensity twoModes(double logOddsOfSecond) {
        return LogDensities.of(2, (x, g) -> {
            double first = -0.5 * (x[0] + 3) * (x[0] + 3);
            double second = logOddsOfSecond - 0.5 * (x[0] - 3) * (x[0] - 3);
            double largest = Math.max(first, second);
            double sum = Math.exp(first - largest) + Math.exp(second - largest);
            double share = Math.exp(second - largest) / sum;
            g[0] = -(1 - share) * (x[0] + 3) - share * (x[0] - 3);
            g[1] = -x[1];
            return largest + Math.log(sum) - 0.5 * x[1] * x[1];
        });
    }

    private static FitDiagnostics.MissedMode search(LogDensity density, double mean, long seed) {
        double[] sd = {1, 1};
        // at the first mode E_q[log p] is -1
        return new MissedModeSearch(
                        density,
                        CoordinateSplit.of(ParameterLayout.unnamed(2)),
                        Metric.of(sd),
                        new double[] {mean, 0},
                        sd,
                        -1,
                        // a standard normal distribution around the mean, in both coordinates
                        (points, logs) -> {
                            for (int s = 0; s < points.numCols; s++) {
                                double x = points.get(0, s) - mean;
                                double y = points.get(1, s);
                                logs[s] = -0.5 * (x * x + y * y);
                            }
                        },
                        RandomStreams.of(seed),
                        () -> false)
                .search(share -> {});
    }

    /**
     * The errors of the log mass, of the mean log density of 32 chains and of their standard deviations, are about .1
     * each: .15 is more than four standard errors of the share.
     */
    @Test
    void anEqualModeIsFoundWithItsMass() {
        for (int seed = 1; seed <= 5; seed++) {
            FitDiagnostics.MissedMode found = search(twoModes(0), -3, seed);
            assertThat(found.share()).isCloseTo(0.5, within(0.15));
            // half of six standard deviations away, of a distribution with the deviation root 10
            assertThat(found.widening()).isCloseTo(Math.sqrt(10), within(0.2));
            assertThat(found.coordinate()).isEqualTo("x[0]");
        }
    }

    @Test
    void aModeWithoutMassIsNotGrave() {
        assertThat(search(twoModes(-8), -3, 1).gravity()).isLessThan(0.1);
    }

    /** An approximation whose density is about that at the other mode, as a mixture's is, does not miss it. */
    @Test
    void aModeThatIsExpectedIsNotMissed() {
        LogDensity modes = twoModes(0);
        double[] sd = {1, 1};
        FitDiagnostics.MissedMode found = new MissedModeSearch(
                        modes,
                        CoordinateSplit.of(ParameterLayout.unnamed(2)),
                        Metric.of(sd),
                        new double[] {-3, 0},
                        sd,
                        -1,
                        (points, logs) -> modes.evaluate(points, logs, null),
                        RandomStreams.of(1),
                        () -> false)
                .search(share -> {});
        assertThat(found).isEqualTo(FitDiagnostics.MissedMode.NONE);
    }

    @Test
    void nothingIsFoundBesideASingleMode() {
        LogDensity single = Targets.independent(new double[] {-3, 0}, new double[] {1, 1});
        for (int seed = 1; seed <= 5; seed++) {
            assertThat(search(single, -3, seed)).isEqualTo(FitDiagnostics.MissedMode.NONE);
        }
    }
}

package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.VariationalInference;
import org.variational.algorithm.FitException;
import org.variational.diagnostic.Status;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.posterior.Summary;

/**
 * The examples against independent answers.
 *
 * <p>Where the answer is from long Markov chains or exact integration, a mean must be within 0.15 standard deviations
 * and a standard deviation within 20 %: the stopping tolerance of 0.02, twice, the draws' error (0.016 sd, 1.1 %, four
 * times) and the shape of a Gaussian.
 */
class ExamplesTest {

    private static Summary fit(Model model) {
        Fit fit = VariationalInference.of(model).run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        return fit.summary();
    }

    private static void assertNear(Summary summary, String name, double mean, double sd) {
        Summary.Row row = summary.row(name);
        assertThat((row.mean() - mean) / sd).as("mean of " + name).isCloseTo(0, within(0.15));
        assertThat(row.sd() / sd).as("sd of " + name).isCloseTo(1, within(0.2));
    }

    /** Long runs of NUTS on the same model. */
    @Test
    void schoolAbsences() {
        Summary summary = fit(SchoolAbsences.model());
        assertNear(summary, "intercept", 2.9106, 0.2399);
        assertNear(summary, "effect[not_aboriginal]", -0.5686, 0.1654);
        assertNear(summary, "effect[male]", 0.0895, 0.1716);
        assertNear(summary, "effect[form_1]", -0.4479, 0.2461);
        assertNear(summary, "effect[form_2]", 0.0862, 0.2540);
        assertNear(summary, "effect[form_3]", 0.3533, 0.2559);
        assertNear(summary, "effect[slow_learner]", 0.2930, 0.1893);
        assertNear(summary, "dispersion", 1.2111, 0.1564);
    }

    /** Long runs of NUTS on the same model. */
    @Test
    void remission() {
        Summary summary = fit(Remission.model());
        assertNear(summary, "intercept", 2.2560, 0.1789);
        assertNear(summary, "effect", 1.3249, 0.3423);
        assertNear(summary, "shape", 1.2990, 0.1989);
    }

    /** Integration over the two standard deviations of the exact likelihood. */
    @Test
    void nileFlow() {
        Summary summary = fit(NileFlow.model());
        assertNear(summary, "noise", 122.114, 12.6454);
        assertNear(summary, "drift", 43.8323, 15.9387);
    }

    /** Least squares, from which a weak prior moves little: 3.9324 with standard error 0.4155, residual error 15.38. */
    @Test
    void stoppingDistance() {
        Summary summary = fit(StoppingDistance.model());
        assertNear(summary, "slope", 3.9324, 0.4155);
        assertNear(summary, "intercept", -17.5791 + 15 * 3.9324, 15.38 / Math.sqrt(50));
    }

    /** Long runs of NUTS: means alone, since the tail of tau, and with it every spread, is beyond a Gaussian. */
    @Test
    void eightSchools() {
        Summary summary = fit(EightSchools.model());
        assertThat((summary.row("mu").mean() - 4.41) / 3.31).isCloseTo(0, within(0.15));
        assertThat((summary.row("theta[A]").mean() - 6.15) / 5.62).isCloseTo(0, within(0.15));
        assertThat((summary.row("theta[G]").mean() - 6.32) / 5.00).isCloseTo(0, within(0.15));
    }

    /** Each player's average lies between his own and that of all. */
    @Test
    void battingAverages() {
        Summary summary = fit(BattingAverages.model());
        double[] hits = Table.read("batting.csv").numbers("hits");
        String[] players = Table.read("batting.csv").texts("player");
        for (int i = 0; i < hits.length; i++) {
            double own = hits[i] / 45;
            double average = summary.row("average[" + players[i] + "]").mean();
            if (Math.abs(own - 0.265) > 0.05) {
                assertThat(average).isBetween(Math.min(own, 0.265), Math.max(own, 0.265));
            }
        }
        double shrunk = summary.row("average[Roberto Clemente]").mean()
                - summary.row("average[Max Alvis]").mean();
        assertThat(shrunk).isLessThan((hits[0] - hits[17]) / 45 / 3).isPositive();
    }

    /** The answer of Dalal, Fowlkes and Hoadley: near certain at 31 degrees, one flight in four at 70. */
    @Test
    void shuttleFlights() {
        Summary summary = fit(ORings.model());
        assertThat(summary.row("slope_per_10_degrees").q95()).isNegative();
        assertThat(summary.row("incident_at_31_degrees").q50()).isGreaterThan(0.95);
        assertThat(summary.row("incident_at_70_degrees").q50()).isCloseTo(0.23, within(0.05));
    }

    /** The level of the year after is near the last one and less certain than the noise of a reading alone. */
    @Test
    void lakeHuron() {
        Summary summary = fit(LakeHuron.model());
        assertThat(summary.row("level_in_1973").mean()).isCloseTo(579.9, within(0.3));
        assertThat(summary.row("level_in_1973").sd())
                .isGreaterThan(summary.row("noise").mean());
        assertThat(summary.row("mean").mean()).isCloseTo(579.0, within(0.3));
    }

    @Test
    void everyModelHasTheNameOfItsExample() {
        for (Example example : Examples.all()) {
            if (example instanceof ModelExample fitting) {
                assertThat(fitting.model().get().name()).isEqualTo(fitting.name());
            }
        }
    }

    /** Those of one fit end with the best answer so far, which takes a start; the others have no result. */
    @ParameterizedTest
    @MethodSource("org.variational.examples.Examples#all")
    void aCancelledRunHasNoResult(Example example) {
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();

        assertThatThrownBy(() -> example.run(new RunOptions(null, 1, 0, progress -> {}, cancelled)))
                .isInstanceOfAny(FitException.class, CancellationException.class)
                .hasMessageFindingMatch("(?i)cancelled");
    }
}

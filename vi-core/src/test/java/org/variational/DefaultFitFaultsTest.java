package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Targets;
import org.variational.algorithm.Task;
import org.variational.algorithm.automatic.AutomaticInference;
import org.variational.algorithm.search.Pathfinder;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.diagnostic.Verdict.Level;
import org.variational.family.FullRankGaussian;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;

/** Densities that misbehave, under a fit with nothing chosen; numbered as the faults that a library must survive. */
class DefaultFitFaultsTest {

    /** A standard normal whose slope by x[1] is broken where x[0] exceeds a limit. */
    private static LogDensity brokenSlope(double limit, double slope) {
        return LogDensities.of(2, (x, g) -> {
            g[0] = -x[0];
            g[1] = x[0] > limit ? slope : -x[1];
            return -0.5 * (x[0] * x[0] + x[1] * x[1]);
        });
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void faults06And07ASlopeThatIsNotFiniteIsCaughtAndNamed(double slope) {
        FitException everywhere = catchThrowableOfType(
                FitException.class, () -> VariationalInference.of(brokenSlope(Double.NEGATIVE_INFINITY, slope))
                        .run());
        assertThat(everywhere.stop().status()).isEqualTo(Status.INVALID_MODEL);
        assertThat(everywhere).hasMessageContaining("gradient row 1 (\"x[1]\") is " + slope);

        Fit fit = VariationalInference.of(brokenSlope(1, slope)).run();
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
        // the values are right, and the answer rests on these
        for (int i = 0; i < 2; i++) {
            assertThat(fit.distribution().mean()[i]).isCloseTo(0, within(0.1));
            assertThat(fit.distribution().standardDeviation()[i]).isCloseTo(1, within(0.1));
        }

        Fit byGradients = VariationalInference.of(brokenSlope(1, slope))
                .family(layout -> FullRankGaussian.of(layout.dimension()))
                .run();
        assertThat(byGradients.verdict().level()).isNotEqualTo(Level.GOOD);
        for (double parameter : byGradients.distribution().parameters()) {
            assertThat(parameter).isFinite();
        }
    }

    /** Two labels that can be exchanged: the means of two normals, apart by eight standard deviations. */
    private static final LogDensity LABELS = LogDensities.of(2, (x, g) -> {
        double a = -0.5 * ((x[0] + 2) * (x[0] + 2) + (x[1] - 2) * (x[1] - 2)) / 0.25;
        double b = -0.5 * ((x[0] - 2) * (x[0] - 2) + (x[1] + 2) * (x[1] + 2)) / 0.25;
        double largest = Math.max(a, b);
        double first = Math.exp(a - largest);
        double second = Math.exp(b - largest);
        double share = first / (first + second);
        g[0] = -4 * (share * (x[0] + 2) + (1 - share) * (x[0] - 2));
        g[1] = -4 * (share * (x[1] - 2) + (1 - share) * (x[1] + 2));
        return largest + Math.log(first + second);
    });

    /** Both are in the answer. Restarts are the paths of Pathfinder, which reports the spread of their bounds. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void fault15SwitchedLabelsAreFoundOut(long seed) {
        Fit fit = VariationalInference.of(LABELS).seed(seed).run();
        assertThat(fit.verdict().level()).as(fit.verdict().explain()).isNotEqualTo(Level.UNRELIABLE);
        // the deviation is sqrt(4.25); of 1,600 draws of two labels 4 apart its error is below .01
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(Math.sqrt(4.25), within(0.05));

        Fit fullRank = VariationalInference.of(LABELS)
                .family(layout -> FullRankGaussian.of(layout.dimension()))
                .seed(seed)
                .run();
        assertThat(fullRank.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertThat(fullRank.verdict().findings()).anyMatch(reason -> reason.code() == Verdict.Code.MISSED_MODE);

        Fit restarted = VariationalInference.of(LABELS)
                .algorithm(Pathfinder.create().withPaths(8))
                .seed(seed)
                .run();
        assertThat(restarted.stop().reason()).contains("evidence lower bounds of the 8 paths from ");
        assertThat(restarted.verdict().level()).isNotEqualTo(Level.UNRELIABLE);
        assertThat(restarted.distribution().standardDeviation()[0])
                .as("both labels are covered")
                .isBetween(1.0, 2.3);
    }

    /** A Cauchy posterior has neither mean nor variance. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void fault16NoVarianceIsNotGood(long seed) {
        LogDensity cauchy = LogDensities.of(1, (x, g) -> {
            g[0] = -2 * x[0] / (1 + x[0] * x[0]);
            return -Math.log1p(x[0] * x[0]);
        });
        assertThat(VariationalInference.of(cauchy).seed(seed).run().verdict().level())
                .isNotEqualTo(Level.GOOD);
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 99})
    void fault17AFunnelIsNotGood(int d) {
        LogDensity funnel = LogDensities.of(d + 1, (x, g) -> {
            double v = x[0];
            double precision = Math.exp(-v);
            double value = -v * v / 18;
            g[0] = -v / 9;
            for (int i = 1; i <= d; i++) {
                value -= 0.5 * (x[i] * x[i] * precision + v);
                g[i] = -x[i] * precision;
                g[0] += 0.5 * (x[i] * x[i] * precision - 1);
            }
            return value;
        });
        Fit fit = VariationalInference.of(funnel).run();
        assertThat(fit.verdict().level()).as(fit.verdict().explain()).isNotEqualTo(Level.GOOD);
    }

    @Test
    void fault19ACorrelationOf9999IsResolved() {
        Fit fit = VariationalInference.of(Targets.correlated(0.9999, 0)).run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(Arrays.stream(fit.distribution().standardDeviation()).max().orElseThrow())
                .isCloseTo(1, within(0.05));
    }

    /** Goes nowhere: the answer is a Gaussian where the fit starts, as wide as the density there. */
    private record Sent(boolean startsAnew) implements Algorithm<Task> {

        @Override
        public String name() {
            return "sent";
        }

        @Override
        public Task start(Task task, Limits limits) {
            return task;
        }

        @Override
        public Report step(Task task) {
            Stop stop = new Stop(Status.CONVERGED, "it is where it was sent", 1, List.of(), 0, null);
            return new Report(Double.NaN, EvaluationCount.NONE, "sent", stop);
        }

        @Override
        public Outcome result(Task task) {
            double[] mean = Objects.requireNonNull(task.start()).mean();
            double[] sd = {mean[0] > 3 ? 1 : 0.1};
            VariationalFamily family = task.objective().family();
            return Outcome.of(family, family.initialParameters(mean, sd), EvaluationCount.NONE);
        }
    }

    /** The start lies in a narrow part with 1e-5 of the mass, sixty of its standard deviations from all the rest. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFitBeginsAnewWhereMostOfTheMassIsIfItsAlgorithmIsForThat(boolean startsAnew) {
        LogDensity parts = LogDensities.of(1, (x, g) -> {
            double near = -0.5 * x[0] * x[0] / 0.01 - Math.log(0.1) + Math.log(1e-5);
            double far = -0.5 * (x[0] - 6) * (x[0] - 6);
            double largest = Math.max(near, far);
            double ofNear = Math.exp(near - largest);
            double ofFar = Math.exp(far - largest);
            g[0] = -(ofNear * x[0] / 0.01 + ofFar * (x[0] - 6)) / (ofNear + ofFar);
            return largest + Math.log(ofNear + ofFar);
        });
        Fit fit = VariationalInference.of(parts)
                .algorithm(new Sent(startsAnew))
                .start(new double[] {0})
                .run();
        assertThat(fit.distribution().mean()[0]).isCloseTo(startsAnew ? 6 : 0, within(0.2));
        assertThat(fit.verdict().level()).isEqualTo(startsAnew ? Level.GOOD : Level.UNRELIABLE);
        assertThat(AutomaticInference.create().startsAnew()).isTrue();
    }
}

package org.variational.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.variational.density.CountedDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.Objective;
import org.variational.family.MeanFieldGaussian;

/** What {@link StageTest} says of stages whose numbers are known. */
class StagesTest {

    private static final double TOLERANCE = 0.02;
    private static final Objective OBJECTIVE = Objective.of(
                    CountedDensity.of(Targets.correlated(0, 0)), ParameterLayout.unnamed(2), MeanFieldGaussian.of(2))
            .build();

    private static double[] parameters(double mean, double sd) {
        return new double[] {mean, 0, Math.log(sd), 0};
    }

    private static StageTest tests(double tolerance) {
        return new StageTest(OBJECTIVE, parameters(0, 1), tolerance);
    }

    /** A stationary stage with the given average and the same error in all four numbers. */
    private static IterateWindow.Test stage(double mean, double sd, double error) {
        double[] average = parameters(mean, sd);
        return new IterateWindow.Test(
                true,
                new IterateWindow.Drift(2, 0.3, 5),
                new double[] {error, error, error, error},
                16,
                false,
                Double.NaN,
                0,
                new IterateWindow.Average(average, IterateWindow.monitor(OBJECTIVE, average), List.of()));
    }

    @Test
    void theErrorWantedHalvesDownToTheTolerance() {
        assertThat(tests(TOLERANCE).wantedError(0)).isEqualTo(0.1);
        assertThat(tests(TOLERANCE).wantedError(2)).isEqualTo(0.025);
        assertThat(tests(TOLERANCE).wantedError(3)).isEqualTo(TOLERANCE);
    }

    /** Tolerance 0.02 and two standard errors sqrt(2) * 0.01 allow a change of 0.0483. */
    @Test
    void stagesAgreeWithinToleranceAndErrors() {
        IterateWindow.Test earlier = stage(0, 1, 0.01);
        assertThat(tests(TOLERANCE).agreement(earlier, stage(0.048, 1, 0.01)).getAsDouble())
                .isCloseTo(0.048, within(1e-12));
        assertThat(tests(TOLERANCE).agreement(earlier, stage(0.049, 1, 0.01))).isEmpty();
        assertThat(tests(TOLERANCE).agreement(earlier, stage(0, Math.exp(-0.048), 0.01)))
                .isPresent();
        assertThat(tests(TOLERANCE).agreement(earlier, stage(0, Math.exp(-0.049), 0.01)))
                .isEmpty();
    }

    /** The earlier error counts for at most twice the tolerance, which with its own of 0.01 allows 0.1025. */
    @Test
    void aNoisyEarlierStageDoesNotHelp() {
        IterateWindow.Test noisy = stage(0, 1, 10);
        assertThat(tests(TOLERANCE).agreement(noisy, stage(0.102, 1, 0.01))).isPresent();
        assertThat(tests(TOLERANCE).agreement(noisy, stage(0.103, 1, 0.01))).isEmpty();
    }

    @Test
    void withoutToleranceNothingAgrees() {
        assertThat(tests(0).agreement(stage(0, 1, 0.01), stage(0, 1, 0.01))).isEqualTo(OptionalDouble.empty());
    }

    /** A standard deviation may grow by e^27, about 5.3e11, from where it began, or from 1 if that was less. */
    @Test
    void anApproximationThatWidensRunsAway() {
        for (double first : new double[] {1e-3, 1, 1e3}) {
            StageTest test = new StageTest(OBJECTIVE, parameters(0, first), TOLERANCE);
            double from = Math.max(1, first);
            EvaluationCount count = new EvaluationCount(100, 2);
            IterateWindow.Monitored wide = IterateWindow.monitor(OBJECTIVE, parameters(0, 5.2e11 * from));
            assertThat(test.runaway(wide, 7, count)).isNull();
            IterateWindow.Monitored wider = IterateWindow.monitor(OBJECTIVE, parameters(0, 5.4e11 * from));
            Stop found = test.runaway(wider, 7, count);
            assertThat(found.status()).isEqualTo(Status.DIVERGED);
            assertThat(found.iteration()).isEqualTo(7);
            assertThat(found.rejectedEvaluations()).isEqualTo(2);
            assertThat(found.coordinates()).containsExactly("x[0]");
            assertThat(found.reason()).contains("the standard deviation of x[0] has grown", "give it a proper prior");
        }
    }

    /** The numbers are two means and two log standard deviations. */
    @Test
    void aDriftIsNamedByItsCoordinate() {
        IterateWindow.Test still = stage(0, 1, 0.01);
        assertThat(tests(TOLERANCE).drifting(still)).isEmpty();
        assertThat(tests(TOLERANCE).drifting(moving(new IterateWindow.Drift(2, 0.3, 5))))
                .containsExactly("x[0]");
        assertThat(tests(TOLERANCE).drifting(moving(new IterateWindow.Drift(3, 0.3, 5))))
                .containsExactly("x[1]");
        assertThat(tests(TOLERANCE).drifting(moving(new IterateWindow.Drift(3, 0.19, 5))))
                .isEmpty();
        assertThat(tests(TOLERANCE).drifting(moving(new IterateWindow.Drift(3, 0.3, 3.9))))
                .isEmpty();
    }

    private static IterateWindow.Test moving(IterateWindow.Drift drift) {
        IterateWindow.Test still = stage(0, 1, 0.01);
        return new IterateWindow.Test(false, drift, still.errors(), 16, false, Double.NaN, 0, still.average());
    }
}

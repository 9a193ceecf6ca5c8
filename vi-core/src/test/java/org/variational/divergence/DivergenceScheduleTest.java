package org.variational.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.reverseKl;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.weights.LogWeights;

class DivergenceScheduleTest {

    @Test
    void aConstantScheduleNeverChanges() {
        DivergenceSchedule schedule = DivergenceSchedule.constant(reverseKl());
        assertThat(schedule.next(schedule.initialLevel(), 10, 0)).isEqualTo(schedule.initialLevel());
        assertThat(schedule.at(schedule.initialLevel())).isSameAs(reverseKl());
        assertThat(schedule.report(schedule.initialLevel())).isEmpty();
    }

    @Test
    void temperingRisesLinearlyToTheTarget() {
        DivergenceSchedule schedule = DivergenceSchedule.tempered(forwardKl(), 0.2, 4);
        double level = schedule.initialLevel();
        double[] powers = new double[6];
        for (int t = 0; t < powers.length; t++) {
            powers[t] = schedule.at(level).targetPower();
            level = schedule.next(level, t + 1, 1);
        }
        assertThat(powers).containsExactly(0.2, 0.4, 0.6000000000000001, 0.8, 1, 1);
        assertThat(schedule.at(1)).isSameAs(forwardKl());
        assertThat(schedule.report(1)).isEmpty();
        assertThat(schedule.report(0.4)).contains("0.400");
    }

    @Test
    void alphaFallsWhileFewDrawsCountAndRecovers() {
        DivergenceSchedule schedule = DivergenceSchedule.annealedAlpha(1, 0.3);
        assertThat(schedule.goal()).isSameAs(forwardKl());
        double level = schedule.initialLevel();
        for (int t = 1; t <= 10; t++) {
            level = schedule.next(level, t, 0.1);
        }
        assertThat(level).isCloseTo(Math.pow(0.9, 10), within(1e-12));
        assertThat(schedule.report(level)).contains("from 1.00 to 0.349", "30 %");
        for (int t = 0; t < 1000; t++) {
            level = schedule.next(level, 11, 0);
        }
        assertThat(level).isEqualTo(0.01);
        for (int t = 0; t < 1000; t++) {
            level = schedule.next(level, 11, 0.5);
        }
        assertThat(level).isEqualTo(1);
        assertThat(schedule.report(level)).isEmpty();
    }

    @Test
    void annealingKnowsTheAlphaOfItsGoal() {
        Divergence[] goals = {forwardKl(), Divergences.alpha(0.5), Divergences.chiSquared(), Divergences.cubo(1.5)};
        double[] alphas = {1, 0.5, 2, 1.5};
        for (int i = 0; i < goals.length; i++) {
            DivergenceSchedule schedule = DivergenceSchedule.annealed(goals[i], 0.3);
            assertThat(schedule.goal()).isSameAs(goals[i]);
            assertThat(schedule.initialLevel()).isEqualTo(alphas[i]);
            assertThat(schedule.at(alphas[i])).isSameAs(goals[i]);
            double lowered = schedule.next(alphas[i], 1, 0.1);
            LogWeights weights = LogWeights.of(new double[] {101, 99.5, 100});
            double[][] coefficients = new double[4][3];
            double value = schedule.at(lowered).evaluate(weights, coefficients[0], coefficients[1]);
            double plain = Divergences.alpha(0.9 * alphas[i]).evaluate(weights, coefficients[2], coefficients[3]);
            assertThat(coefficients[0]).containsExactly(coefficients[2]);
            assertThat(coefficients[1]).containsExactly(coefficients[3]);
            // An upper bound keeps its value, which is near log Z, so that losses stay comparable.
            boolean bound = goals[i].bound() == Divergence.Bound.UPPER;
            assertThat(value).isEqualTo(bound ? goals[i].evaluate(weights, new double[3], new double[3]) : plain);
            assertThat(schedule.at(lowered).bound()).isEqualTo(goals[i].bound());
            assertThat(schedule.changesPowerOnly()).isFalse();
        }
        for (Divergence goal : new Divergence[] {reverseKl(), Divergences.alpha(-1), Divergences.jensenShannon()}) {
            DivergenceSchedule schedule = DivergenceSchedule.annealed(goal, 0.3);
            assertThat(schedule.at(schedule.next(schedule.initialLevel(), 1, 0)))
                    .isSameAs(goal);
            assertThat(schedule.changesPowerOnly()).isTrue();
        }
    }

    /** What is reverse KL to the target itself, by whatever way it was written, and what is not. */
    @Test
    void reverseKlIsRecognised() {
        for (Divergence divergence : List.of(
                reverseKl(),
                Divergences.alpha(0),
                Divergences.renyi(1),
                Divergences.importanceWeighted(1),
                Divergences.interpolatedKl(0),
                Divergences.skewedReverseKl(1),
                Divergences.tempered(reverseKl(), 1),
                Divergences.tempered(Divergences.tempered(reverseKl(), 0.5), 2))) {
            assertThat(divergence.isReverseKl()).as(divergence.name()).isTrue();
            assertThat(DivergenceSchedule.constant(divergence).isReverseKl()).isTrue();
            assertThat(DivergenceSchedule.annealed(divergence, 0.3).isReverseKl())
                    .isTrue();
            assertThat(DivergenceSchedule.tempered(divergence, 1, 10).isReverseKl())
                    .isTrue();
            assertThat(DivergenceSchedule.tempered(divergence, 0.5, 10).isReverseKl())
                    .isFalse();
        }
        for (Divergence divergence : List.of(
                forwardKl(),
                Divergences.tempered(reverseKl(), 0.5),
                Divergences.smoothed(forwardKl()),
                Divergences.smoothed(Divergences.tempered(forwardKl(), 0.5)),
                Divergences.alpha(0.5),
                Divergences.renyi(0.5, 4),
                Divergences.skewedReverseKl(0.5),
                Divergence.f(w -> -Math.log(w), w -> -1 / w, w -> 1 / (w * w)))) {
            assertThat(divergence.isReverseKl()).as(divergence.name()).isFalse();
            assertThat(DivergenceSchedule.constant(divergence).isReverseKl()).isFalse();
            assertThat(DivergenceSchedule.annealed(divergence, 0.3).isReverseKl())
                    .isFalse();
        }
        assertThat(DivergenceSchedule.annealedAlpha(1, 0.3).isReverseKl()).isFalse();
    }

    @Test
    void badSchedulesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.tempered(reverseKl(), 0, 10));
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.tempered(reverseKl(), 0.5, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DivergenceSchedule.annealedAlpha(0, 0.3))
                .withMessageContaining("reverse KL");
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.annealedAlpha(1, 1));
    }
}

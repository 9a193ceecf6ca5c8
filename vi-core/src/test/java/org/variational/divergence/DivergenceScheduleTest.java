package org.variational.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.reverseKl;

import org.junit.jupiter.api.Test;

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
    void badSchedulesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.tempered(reverseKl(), 0, 10));
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.tempered(reverseKl(), 0.5, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DivergenceSchedule.annealedAlpha(0, 0.3))
                .withMessageContaining("reverse KL");
        assertThatIllegalArgumentException().isThrownBy(() -> DivergenceSchedule.annealedAlpha(1, 1));
    }
}

package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.examples.Distillation.Course;
import org.variational.examples.Distillation.Lesson;
import org.variational.examples.Distillation.Results;
import org.variational.examples.Distillation.Score;
import org.variational.information.Discrete;

/** What students learn from a teacher on one fold, and the scores by hand. */
class DistillationTest {

    private static final int FORWARD = Distillation.COURSES.indexOf(new Course(Lesson.FORWARD, 1));
    private static final int REVERSE = Distillation.COURSES.indexOf(new Course(Lesson.REVERSE, 1));
    private static final int LABELS = Distillation.COURSES.indexOf(new Course(Lesson.LABELS, 1));

    /** Each student is closest to the teacher in the direction that it was taught by. */
    @Test
    void studentsLearnWhatTheyAreTaught() {
        Digits digits = Digits.read();
        Results results = Distillation.hold(0, digits, RunOptions.seeded(1));
        int[] labels = Arrays.copyOf(digits.labels(), Distillation.from(1, digits));
        Score teacher = Score.of(results.teacher(), results.teacher(), labels);
        Score forward = Score.of(results.students().get(FORWARD), results.teacher(), labels);
        Score reverse = Score.of(results.students().get(REVERSE), results.teacher(), labels);
        Score byLabels = Score.of(results.students().get(LABELS), results.teacher(), labels);

        assertThat(teacher.accuracy()).isGreaterThan(0.9);
        assertThat(forward.accuracy()).isGreaterThan(0.8);
        assertThat(forward.forwardKl()).isLessThan(reverse.forwardKl()).isLessThan(byLabels.forwardKl());
        assertThat(reverse.reverseKl()).isLessThan(forward.reverseKl());
    }

    @Test
    void scoresByHand() {
        List<Discrete> teacher = List.of(Discrete.of(0.5, 0.5), Discrete.of(0.25, 0.75));
        List<Discrete> student = List.of(Discrete.of(0.85, 0.15), Discrete.of(0.65, 0.35));
        Score score = Score.of(student, teacher, new int[] {0, 1});
        assertThat(score.accuracy()).isEqualTo(0.5);
        assertThat(score.agreement()).isEqualTo(0.5);
        assertThat(score.logLoss()).isCloseTo(-(Math.log(0.85) + Math.log(0.35)) / 2, within(1e-15));
        assertThat(score.calibrationError()).isCloseTo((0.15 + 0.65) / 2, within(1e-15));
        double first = 0.5 * Math.log(0.5 / 0.85) + 0.5 * Math.log(0.5 / 0.15);
        double second = 0.25 * Math.log(0.25 / 0.65) + 0.75 * Math.log(0.75 / 0.35);
        assertThat(score.forwardKl()).isCloseTo((first + second) / 2, within(1e-15));
    }
}

package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.normal;
import static org.variational.family.Families.fullRank;
import static org.variational.family.Families.meanField;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.variational.diagnostic.Calibration;
import org.variational.diagnostic.SimulationBasedCalibration;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Whole fits under simulation-based calibration: where the family holds the posterior they pass, where not they are
 * caught.
 */
@Tag("slow")
class CalibratedFitTest {

    /**
     * A straight line through uncentred points: the posterior of intercept and slope is normal with correlation -0.95.
     */
    private static Model line() {
        ModelBuilder m = Model.named("line");
        Expr intercept = m.parameter("intercept", normal(0, 1));
        Expr slope = m.parameter("slope", normal(0, 1));
        Rows rows = m.rows(12);
        double[] x = new double[12];
        for (int i = 0; i < x.length; i++) {
            x[i] = 2 + 0.2 * i;
        }
        rows.observe("y", normal(rows.data("x", x).times(slope).plus(intercept), Expr.constant(0.5)), new double[12]);
        return m.build();
    }

    /** False alarms with probability at most 0.1 over seeds; this seed is fixed. */
    @Test
    void fullRankFitsOfANormalPosteriorAreCalibrated() {
        Calibration calibration = SimulationBasedCalibration.of(line())
                .replications(40)
                .run((m, seed) -> VariationalInference.of(m)
                        .family(fullRank())
                        .seed(seed)
                        .run()
                        .posterior());
        assertThat(calibration.passed()).as(calibration.toString()).isTrue();
    }

    /** Mean-field fits have a third of the posterior's standard deviations. */
    @Test
    void meanFieldFitsOfACorrelatedPosteriorAreTooNarrow() {
        Calibration calibration = SimulationBasedCalibration.of(line())
                .replications(40)
                .run((m, seed) -> VariationalInference.of(m)
                        .family(meanField())
                        .seed(seed)
                        .run()
                        .posterior());
        for (String name : new String[] {"intercept", "slope"}) {
            assertThat(calibration.quantity(name).uniformity())
                    .as(calibration.toString())
                    .isLessThan(0.001);
            assertThat(calibration.quantity(name).spread()).isGreaterThan(1.3);
        }
    }
}

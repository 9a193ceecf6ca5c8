package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.normal;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Outputs at many points are those at each point alone, to the bit, global and row-wise. */
class EvaluatorOutputsTest {

    @Test
    void manyPointsGiveWhatEachPointGives() {
        ModelBuilder m = Model.named("outputs");
        Expr slope = m.parameter("slope", normal(0, 1), 2);
        Rows rows = m.rows(3);
        Expr line = slope.element(0).plus(slope.element(1).times(rows.data("x", new double[] {-1, 0.5, 2})));
        Expr total = slope.exp().sum();
        Model model = m.build();

        int count = 150;
        DMatrixRMaj points = new DMatrixRMaj(2, count);
        for (int i = 0; i < points.data.length; i++) {
            points.data[i] = Math.sin(i);
        }
        DMatrixRMaj lines = model.evaluate(line, points);
        DMatrixRMaj totals = model.evaluate(total, points);
        assertThat(lines.numRows).isEqualTo(3);
        for (int s = 0; s < count; s++) {
            DMatrixRMaj one = new DMatrixRMaj(2, 1, true, points.get(0, s), points.get(1, s));
            DMatrixRMaj expected = model.evaluate(line, one);
            for (int t = 0; t < 3; t++) {
                assertThat(lines.get(t, s)).isEqualTo(expected.get(t, 0));
            }
            assertThat(totals.get(0, s)).isEqualTo(model.evaluate(total, one).get(0, 0));
        }
    }
}

package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.normal;

import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.kernel.Kernels;
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

    @Test
    void sharedSummandsAndLongSumsAreTakenApartOnce() {
        Expr x = Expr.coordinates("x", 0, 1, 1);
        Expr doubled = x;
        for (int i = 0; i < 60; i++) {
            doubled = doubled.plus(doubled).times(0.5);
        }
        Expr sum = Expr.constant(0);
        for (int i = 0; i < 20_000; i++) {
            sum = sum.plus(x.times(1e-4));
        }
        Evaluator evaluator =
                Plan.of(1, List.of(doubled, sum), List.of(), Set.of()).evaluator(Data.declared(), Kernels.plain(), 1);
        double[] value = new double[1];
        DMatrixRMaj gradient = new DMatrixRMaj(1, 1);
        evaluator.evaluate(new DMatrixRMaj(new double[][] {{3}}), value, gradient);
        // Each weight is a sum of 20,000 rounded ones.
        assertThat(value[0]).isEqualTo(9, within(1e-9));
        assertThat(gradient.data[0]).isEqualTo(3, within(1e-9));
    }

    @Test
    void elementsThatNoRowNamesAreLeftAlone() {
        RowAxis axis = RowAxis.of("rows", 2);
        Expr v = Expr.coordinates("v", 0, 2, 1);
        Expr named = v.at(RowIndex.of("index", axis, new int[] {0, 0})).sqrt();
        Evaluator evaluator =
                Plan.of(2, List.of(named), List.of(), Set.of()).evaluator(Data.declared(), Kernels.plain(), 1);
        double[] value = new double[1];
        DMatrixRMaj gradient = new DMatrixRMaj(2, 1);
        evaluator.evaluate(new DMatrixRMaj(new double[][] {{4}, {-1}}), value, gradient);
        assertThat(value).containsExactly(4);
        assertThat(gradient.data).containsExactly(0.5, 0);
    }

    /** Enough work for threads to be woken: two operations and more for each of 40,000 rows and 16 points. */
    private static Plan large(RowAxis axis) {
        double[] d = new double[axis.length()];
        for (int t = 0; t < d.length; t++) {
            d[t] = Math.sin(t);
        }
        Expr x = Expr.coordinates("x", 0, 1, 1);
        return Plan.of(1, List.of(x.times(Expr.data("d", axis, 1, d)).exp()), List.of(), Set.of());
    }

    private static double[] evaluate(Evaluator evaluator) {
        int points = 16;
        DMatrixRMaj at = new DMatrixRMaj(1, points);
        for (int s = 0; s < points; s++) {
            at.data[s] = 0.1 * s - 0.7;
        }
        double[] all = new double[2 * points];
        double[] values = new double[points];
        DMatrixRMaj gradient = new DMatrixRMaj(1, points);
        evaluator.evaluate(at, values, gradient);
        System.arraycopy(values, 0, all, 0, points);
        System.arraycopy(gradient.data, 0, all, points, points);
        return all;
    }

    @Test
    void threadsGiveTheSameBits() {
        Plan plan = large(RowAxis.of("rows", 40_000));
        for (Kernels kernels : List.of(Kernels.plain(), Kernels.vector().orElseThrow())) {
            double[] alone = evaluate(plan.evaluator(Data.declared(), kernels, 1));
            for (int threads : new int[] {2, 4}) {
                try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, threads)) {
                    assertThat(evaluate(evaluator)).containsExactly(alone);
                    assertThat(evaluate(evaluator)).containsExactly(alone);
                }
            }
        }
    }

    @Test
    void aClosedEvaluatorWorksOnOneThread() {
        Evaluator evaluator = large(RowAxis.of("rows", 40_000)).evaluator(Data.declared(), Kernels.plain(), 3);
        double[] before = evaluate(evaluator);
        evaluator.close();
        assertThat(evaluate(evaluator)).containsExactly(before);
    }
}

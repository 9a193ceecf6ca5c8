package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.variational.kernel.Kernels;

/** Once warm, an evaluation allocates nothing, whatever the number of rows, coordinates and points. */
class EvaluatorAllocationTest {

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Room for what the measurement itself leaves behind, in bytes per evaluation. */
    private static final double NOTHING = 1;

    @ParameterizedTest
    @CsvSource({"50, 3, 1", "50, 3, 8", "3000, 3, 8", "3000, 40, 5", "600, 4, 64"})
    void warmEvaluationAllocatesNothing(int rows, int dimension, int points) {
        RowAxis axis = RowAxis.of("rows", rows);
        double[] x = new double[rows * dimension];
        double[] y = new double[rows];
        int[] group = new int[rows];
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.sin(i);
        }
        for (int t = 0; t < rows; t++) {
            y[t] = t % 2;
            group[t] = t % dimension;
        }
        Expr beta = Expr.coordinates("beta", 0, dimension, 1);
        Expr eta = Expr.data("x", axis, dimension, x).matmul(beta).plus(beta.at(RowIndex.of("group", axis, group)));
        Expr covariance = beta.matmul(beta.transpose()).plus(Covariances.onDiagonal(Expr.constant(1), dimension));
        Expr walk = Expr.scan(beta.element(0), Expr.constant(new double[] {1, 2, 3}), (carry, step) -> carry.times(0.5)
                .plus(step));
        Expr prior = beta.square()
                .sum()
                .times(-0.5)
                .plus(beta.exp().sum().log())
                .plus(covariance.cholesky().solveLower(beta).logSumExp())
                .plus(walk.sum());
        Plan plan = Plan.of(
                dimension,
                List.of(prior, Expr.data("y", axis, 1, y).times(eta).minus(eta.softplus())),
                List.of(),
                Set.of());
        Evaluator evaluator = plan.evaluator(Data.declared(), Kernels.plain(), 1);
        DMatrixRMaj at = new DMatrixRMaj(dimension, points);
        DMatrixRMaj gradient = new DMatrixRMaj(dimension, points);
        double[] values = new double[points];
        int[] chosen = new int[rows / 2];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = 2 * i;
        }
        evaluateOften(evaluator, axis, chosen, at, values, gradient, 60);
        int repeats = 40;
        double least = Double.POSITIVE_INFINITY;
        for (int attempt = 0; attempt < 3; attempt++) {
            long before = allocated();
            evaluateOften(evaluator, axis, chosen, at, values, gradient, repeats);
            least = Math.min(least, (double) (allocated() - before) / repeats);
        }
        assertThat(least).isLessThanOrEqualTo(NOTHING);
    }

    private static void evaluateOften(
            Evaluator evaluator,
            RowAxis axis,
            int[] chosen,
            DMatrixRMaj at,
            double[] values,
            DMatrixRMaj gradient,
            int repeats) {
        for (int i = 0; i < repeats; i++) {
            evaluator.evaluate(at, values, gradient);
            evaluator.evaluate(at, values, null);
            evaluator.evaluateRows(axis, chosen, chosen.length, at, values, gradient);
        }
    }

    private static long allocated() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}

package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.variational.expression.Evaluations.evaluate;
import static org.variational.expression.Evaluations.kernelSets;
import static org.variational.expression.Evaluations.points;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;
import static org.variational.expression.Evaluations.requireSameBits;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.expression.Evaluations.Result;
import org.variational.kernel.Kernels;

/** Row-wise parts: sums over tiles and chunks, on threads, over subsets of rows, over other data. */
class RowsTest {

    private static final int PREDICTORS = 3;
    private static final int GROUPS = 4;
    private static final int DIMENSION = PREDICTORS + GROUPS + 1;

    /** A logistic regression with group levels and a term common to all rows, and the same by plain loops. */
    private static final class Regression {
        final int rows;
        final double[] x;
        final double[] y;
        final int[] group;
        final RowAxis axis;
        final Expr term;

        Regression(int rows) {
            this.rows = rows;
            SplittableRandom random = new SplittableRandom(rows);
            x = random.doubles((long) rows * PREDICTORS, -1, 1).toArray();
            y = random.ints(rows, 0, 2).asDoubleStream().toArray();
            group = random.ints(rows, 0, GROUPS).toArray();
            axis = RowAxis.of("rows", rows);
            Expr slopes = Expr.coordinates("slopes", 0, PREDICTORS, 1);
            Expr levels = Expr.coordinates("levels", PREDICTORS, GROUPS, 1);
            Expr shared = Expr.coordinates("shared", PREDICTORS + GROUPS, 1, 1);
            Expr eta = Expr.data("x", axis, PREDICTORS, x)
                    .matmul(slopes)
                    .plus(levels.at(RowIndex.of("group", axis, group)));
            Expr outcome = Expr.data("y", axis, 1, y);
            term = outcome.times(eta)
                    .minus(eta.softplus())
                    .minus(shared.square().times(0.01))
                    .plus(outcome.plus(1).log())
                    .plus(0.25);
        }

        double row(double[] u, int t) {
            double eta = u[PREDICTORS + group[t]];
            for (int j = 0; j < PREDICTORS; j++) {
                eta += x[t * PREDICTORS + j] * u[j];
            }
            double softplus = Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));
            double shared = u[PREDICTORS + GROUPS];
            return y[t] * eta - softplus - 0.01 * shared * shared + Math.log1p(y[t]) + 0.25;
        }

        double[] all(double[] u) {
            return IntStream.range(0, rows).mapToDouble(t -> row(u, t)).toArray();
        }
    }

    /**
     * 128 rows are a tile and 16 tiles are one per chunk, so these are less than a tile, whole tiles, and chunks of
     * several.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 128, 129, 128 * 16 + 300})
    void sumsOverRowsAgreeWithALoop(int rows) {
        Regression regression = new Regression(rows);
        requireAgreement(regression.term, regression::all, points(9, DIMENSION, -2, 2, 1), 1e-13);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 128 * 16 + 300, 128 * 40 + 1})
    void threadsDoNotChangeABit(int rows) {
        Regression regression = new Regression(rows);
        double[][] points = points(9, DIMENSION, -2, 2, 2);
        for (Kernels kernels : kernelSets()) {
            Result alone = null;
            for (int threads : new int[] {1, 2, 4}) {
                try (Evaluator evaluator = Evaluations.evaluator(DIMENSION, regression.term, kernels, threads)) {
                    for (int use = 0; use < 2; use++) {
                        Result result = evaluate(evaluator, points, 0, 9);
                        alone = alone == null ? result : alone;
                        requireSameBits("values", result.values(), alone.values());
                        for (int s = 0; s < 9; s++) {
                            requireSameBits("gradient", result.gradients()[s], alone.gradients()[s]);
                        }
                    }
                }
            }
        }
    }

    @Test
    void outputsOfRowsDoNotDependOnThreads() {
        Regression regression = new Regression(128 * 16 + 300);
        double[][] points = points(3, DIMENSION, -2, 2, 3);
        Plan plan = Plan.of(DIMENSION, List.of(), List.of(regression.term), Set.of());
        for (Kernels kernels : kernelSets()) {
            double[] alone = null;
            for (int threads : new int[] {1, 4}) {
                try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, threads)) {
                    double[] found = evaluator.outputs(Evaluations.panel(points, 0, 3))[0];
                    alone = alone == null ? found : alone;
                    requireSameBits("outputs", found, alone);
                }
            }
        }
    }

    @Test
    void subsetsOfRowsAreRescaled() {
        Regression regression = new Regression(700);
        double[][] points = points(3, DIMENSION, -1, 1, 4);
        Expr prior = Expr.coordinates("all", 0, DIMENSION, 1).square().times(-0.5);
        Plan plan = Plan.of(DIMENSION, List.of(prior, regression.term), List.of(), Set.of());
        int[] chosen =
                new SplittableRandom(5).ints(0, 700).distinct().limit(250).toArray();
        for (Kernels kernels : kernelSets()) {
            for (int threads : new int[] {1, 2}) {
                try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, threads)) {
                    double[] values = new double[3];
                    DMatrixRMaj gradient = new DMatrixRMaj(DIMENSION, 3);
                    evaluator.evaluateRows(
                            regression.axis, chosen, 200, Evaluations.panel(points, 0, 3), values, gradient);
                    Result result = Evaluations.result(values, gradient);
                    for (int s = 0; s < 3; s++) {
                        double[] u = points[s];
                        double sum = -0.5
                                * IntStream.range(0, DIMENSION)
                                        .mapToDouble(d -> u[d] * u[d])
                                        .sum();
                        double expected = sum;
                        for (int i = 0; i < 200; i++) {
                            expected += 3.5 * regression.row(u, chosen[i]);
                        }
                        requireClose("value", result.values()[s], expected, 1e-12);
                    }
                }
            }
        }
    }

    /** Every row is in one of the subsets once, so the mean over subsets is the whole, in value and gradient. */
    @Test
    void subsetsAverageToTheWhole() {
        Regression regression = new Regression(600);
        double[][] points = points(1, DIMENSION, -1, 1, 6);
        try (Evaluator evaluator = Evaluations.evaluator(DIMENSION, regression.term, Kernels.plain(), 1)) {
            Result whole = evaluate(evaluator, points, 0, 1);
            double value = 0;
            double[] mean = new double[DIMENSION];
            for (int part = 0; part < 4; part++) {
                int first = part;
                int[] rows = IntStream.range(0, 150).map(i -> 4 * i + first).toArray();
                double[] values = new double[1];
                DMatrixRMaj gradient = new DMatrixRMaj(DIMENSION, 1);
                evaluator.evaluateRows(regression.axis, rows, 150, Evaluations.panel(points, 0, 1), values, gradient);
                value += values[0] / 4;
                for (int d = 0; d < DIMENSION; d++) {
                    mean[d] += gradient.get(d, 0) / 4;
                }
            }
            requireClose("value", value, whole.values()[0], 1e-13);
            for (int d = 0; d < DIMENSION; d++) {
                requireClose("gradient " + d, mean[d], whole.gradients()[0][d], 1e-12);
            }
        }
    }

    @Test
    void localCoordinatesGetTheGradientOfTheirRowsOnly() {
        int rows = 300;
        RowAxis axis = RowAxis.of("rows", rows);
        double[] y = new SplittableRandom(7).doubles(rows, -1, 1).toArray();
        Expr local = Expr.coordinates("local", 1, axis, 1);
        Expr term = local.minus(Expr.data("y", axis, 1, y))
                .times(Expr.coordinates("precision", 0, 1, 1))
                .square()
                .times(-0.5);
        double[][] points = points(9, rows + 1, 0.5, 1.5, 8);
        requireAgreement(
                term,
                u -> IntStream.range(0, rows)
                        .mapToDouble(t -> -0.5 * Math.pow(u[0] * (u[1 + t] - y[t]), 2))
                        .toArray(),
                points,
                1e-13);
        try (Evaluator evaluator = Evaluations.evaluator(rows + 1, term, Kernels.plain(), 1)) {
            double[] values = new double[1];
            DMatrixRMaj gradient = new DMatrixRMaj(rows + 1, 1);
            evaluator.evaluateRows(axis, new int[] {17, 250}, 2, Evaluations.panel(points, 0, 1), values, gradient);
            for (int t = 0; t < rows; t++) {
                double own = -points[0][0] * points[0][0] * (points[0][1 + t] - y[t]);
                double expected = t == 17 || t == 250 ? 150 * own : 0;
                requireClose("local " + t, gradient.get(1 + t, 0), expected, 1e-13);
            }
        }
    }

    @Test
    void twoAxesAndGlobalTermsAdd() {
        RowAxis first = RowAxis.of("first", 200);
        RowAxis second = RowAxis.of("second", 3);
        double[] a = new SplittableRandom(9).doubles(200).toArray();
        double[] b = {0.5, 1.5, -1};
        Expr scale = Expr.coordinates("scale", 0, 1, 1);
        Expr shift = Expr.coordinates("shift", 1, 2, 1);
        List<Expr> terms = List.of(
                Expr.data("a", first, 1, a).times(scale.exp()).plus(shift.element(0)),
                Expr.data("b", second, 1, b).minus(shift.element(1)).square().minus(scale),
                shift.minus(scale).square());
        Plan plan = Plan.of(3, terms, List.of(), Set.of());
        double[][] points = points(4, 3, -1, 1, 10);
        for (Kernels kernels : kernelSets()) {
            try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, 2)) {
                Result result = evaluate(evaluator, points, 0, 4);
                for (int s = 0; s < 4; s++) {
                    double[] u = points[s];
                    double sumA = IntStream.range(0, 200).mapToDouble(t -> a[t]).sum();
                    double value = sumA * Math.exp(u[0]) + 200 * u[1] - 3 * u[0];
                    double[] gradient = {sumA * Math.exp(u[0]) - 3, 200, 0};
                    for (double each : b) {
                        value += (each - u[2]) * (each - u[2]);
                        gradient[2] -= 2 * (each - u[2]);
                    }
                    for (int i = 1; i < 3; i++) {
                        value += (u[i] - u[0]) * (u[i] - u[0]);
                        gradient[i] += 2 * (u[i] - u[0]);
                        gradient[0] -= 2 * (u[i] - u[0]);
                    }
                    requireClose("value", result.values()[s], value, 1e-13);
                    for (int d = 0; d < 3; d++) {
                        requireClose("gradient", result.gradients()[s][d], gradient[d], 1e-12);
                    }
                }
            }
        }
    }

    @Test
    void otherDataTakeThePlaceOfDeclaredOnes() {
        Regression declared = new Regression(10);
        Regression other = new Regression(333);
        Plan plan = Plan.of(DIMENSION, List.of(declared.term), List.of(), Set.of());
        Data data = Data.declared().with("x", other.x).with("y", other.y).with("group", other.group);
        double[][] points = points(2, DIMENSION, -1, 1, 11);
        try (Evaluator evaluator = plan.evaluator(data, Kernels.plain(), 1)) {
            assertThat(evaluator.rowCount(declared.axis)).isEqualTo(333);
            Result result = evaluate(evaluator, points, 0, 2);
            for (int s = 0; s < 2; s++) {
                double expected = java.util.Arrays.stream(other.all(points[s])).sum();
                requireClose("value", result.values()[s], expected, 1e-13);
            }
        }
        assertThatThrownBy(() -> plan.evaluator(Data.declared().with("x", other.x), Kernels.plain(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("333")
                .hasMessageContaining("10");
        assertThatThrownBy(() -> plan.evaluator(
                        Data.declared().with("group", new int[] {0, 1, 2, 3, 4, 0, 1, 2, 3, 0}), Kernels.plain(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"group\" is 4 at row 4");
    }

    /** A lane that is not finite leaves the others as they are alone. */
    @Test
    void aBadLaneDoesNotDisturbOthers() {
        Regression regression = new Regression(300);
        double[][] points = points(9, DIMENSION, -1, 1, 12);
        double[] good = points[3].clone();
        points[4][1] = Double.NaN;
        points[5][2] = Double.POSITIVE_INFINITY;
        for (Kernels kernels : kernelSets()) {
            try (Evaluator evaluator = Evaluations.evaluator(DIMENSION, regression.term, kernels, 1)) {
                Result batch = evaluate(evaluator, points, 0, 9);
                Result alone = evaluate(evaluator, new double[][] {good}, 0, 1);
                assertThat(batch.values()[4]).isNaN();
                requireSameBits("value", new double[] {batch.values()[3]}, alone.values());
                requireSameBits("gradient", batch.gradients()[3], alone.gradients()[0]);
            }
        }
    }

    @Test
    void emptyVectorsAddNothing() {
        Expr scalar = Expr.coordinates("scalar", 0, 1, 1);
        Expr empty = Expr.coordinates("empty", 1, 0, 1);
        Expr term = scalar.square()
                .plus(empty.exp().sum())
                .plus(empty.cumulativeSum().square().sum());
        Plan plan = Plan.of(1, List.of(term, empty.times(scalar).plus(1)), List.of(empty), Set.of());
        for (Kernels kernels : kernelSets()) {
            try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, 1)) {
                Result result = evaluate(evaluator, new double[][] {{3}}, 0, 1);
                assertThat(result.values()).containsExactly(9);
                assertThat(result.gradients()[0]).containsExactly(6);
                assertThat(evaluator.outputs(new DMatrixRMaj(new double[][] {{3}}))[0])
                        .isEmpty();
            }
        }
        assertThat(Evaluations.elements(empty.logSumExp(), new double[] {3})).containsExactly(Double.NEGATIVE_INFINITY);
    }

    @Test
    void logSumExpOfNothingButZerosIsMinusInfinityWithoutSlope() {
        Expr u = Expr.coordinates("u", 0, 2, 1);
        Result result = Evaluations.evaluate(
                u.minus(Expr.constant(new double[] {1, 1}).log1p().times(Double.POSITIVE_INFINITY))
                        .logSumExp(),
                new double[][] {{1, 2}});
        assertThat(result.values()).containsExactly(Double.NEGATIVE_INFINITY);
        assertThat(result.gradients()[0]).containsExactly(0, 0);
    }

    @Test
    void misfitsAreRefusedWithBothNames() {
        RowAxis axis = RowAxis.of("homes", 2);
        Expr a = Expr.coordinates("alpha", 0, 3, 1);
        Expr b = Expr.coordinates("beta", 3, 2, 1);
        Expr rows = Expr.data("x", axis, 2, new double[4]);
        Expr others = Expr.data("z", RowAxis.of("homes", 2), 2, new double[4]);
        assertThatThrownBy(() -> a.plus(b)).hasMessageContaining("\"alpha\"").hasMessageContaining("\"beta\"");
        assertThatThrownBy(() -> rows.plus(others)).hasMessageContaining("different row axes");
        assertThatThrownBy(() -> rows.matmul(a)).hasMessageContaining("\"x\"").hasMessageContaining("\"alpha\"");
        assertThatThrownBy(() -> a.matmul(rows)).hasMessageContaining("row-wise");
        assertThatThrownBy(() -> a.element(3)).hasMessageContaining("\"alpha\"");
        assertThatThrownBy(() -> a.cholesky()).hasMessageContaining("square");
        assertThatThrownBy(() -> a.at(RowIndex.of("group", axis, new int[] {0, 3})))
                .hasMessageContaining("\"group\" is 3 at row 1");
        assertThatThrownBy(() -> rows.elementAt(a)).hasMessageContaining("scalar position");
        assertThatThrownBy(() -> Expr.data("y", axis, 1, new double[3])).hasMessageContaining("\"y\"");
        assertThatThrownBy(() -> a.clip(2, 1)).hasMessageContaining("lower <= upper");
    }

    @Test
    void aNumberOutsideAVectorNamesNoElement() {
        Expr vector = Expr.coordinates("vector", 0, 3, 1);
        Expr at = vector.elementAt(Expr.constant(new double[] {-1, 0.5, 3, 2}));
        assertThat(Evaluations.elements(at, new double[] {7, 8, 9}))
                .containsExactly(Double.NaN, Double.NaN, Double.NaN, 9);
    }

    @Test
    void aStepConfinesToWhereItsArgumentIsNotNegative() {
        Expr u = Expr.coordinates("u", 0, 4, 1);
        double[] steps = Evaluations.elements(u.logStep(), new double[] {-1e-300, 0, 5, Double.NaN});
        assertThat(steps).containsExactly(Double.NEGATIVE_INFINITY, 0, 0, Double.NaN);
    }

    /** Only one triangle is read, so that a number in the other would be ignored. */
    @Test
    void fixedMatricesOfWhichHalfWouldBeIgnored() {
        Expr asymmetric = Expr.constant(new double[][] {{1, 0.9}, {0.1, 1}});
        assertThatThrownBy(asymmetric::cholesky)
                .hasMessageContaining("symmetric")
                .hasMessageContaining("(1, 0) of \"constant matrix\" (2 x 2) is 0.1")
                .hasMessageContaining("(0, 1) is 0.9");
        assertThatThrownBy(() ->
                        Expr.data("covariance", 2, 2, new double[] {1, 2, 2, 1}).cholesky())
                .hasMessageContaining("positive definite")
                .hasMessageContaining("\"covariance\"");
        Expr vector = Expr.constant(new double[] {1, 2});
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> asymmetric.solveLower(vector),
                () -> asymmetric.solveLowerTransposed(vector),
                asymmetric::logDeterminantOfFactor)) {
            assertThatThrownBy(use).hasMessageContaining("lower-triangular").hasMessageContaining("(0, 1)");
        }
        Expr covariance = Expr.data("covariance", 2, 2, new double[] {1, 0, 0, 1});
        Plan plan = Plan.of(1, List.of(), List.of(covariance.cholesky()), Set.of());
        assertThatThrownBy(() -> plan.evaluator(
                        Data.declared().with("covariance", new double[][] {{1, 0.9}, {0.1, 1}}), Kernels.plain(), 1))
                .hasMessageContaining("(1, 0) of \"covariance\" (2 x 2) is 0.1");
        double rounding = 1e-17;
        assertThat(Expr.constant(new double[][] {{1, rounding}, {-rounding, 1}})
                        .cholesky()
                        .rows())
                .isEqualTo(2);
    }
}

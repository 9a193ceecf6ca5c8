package org.variational.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.expression.Evaluations.elements;
import static org.variational.expression.Evaluations.points;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.expression.Evaluations;
import org.variational.expression.Evaluations.Result;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/** Every constraint: its map and log-Jacobian against plain computations, round trips, extremes and refusals. */
class ConstraintTest {

    /** A constraint on a shape, its map by plain code, and the positions of the elements that are free. */
    private record Case(Constraint constraint, int rows, int columns, Function<double[], double[]> map, int... free) {

        int dimension() {
            return constraint.coordinates(rows, columns);
        }

        Expr coordinates() {
            int dimension = dimension();
            return constraint.elementwise()
                    ? Expr.coordinates("u", 0, rows, columns)
                    : Expr.coordinates("u", 0, dimension, 1);
        }

        Expr value() {
            return constraint.constrain(coordinates(), rows, columns);
        }

        Expr logJacobian() {
            return constraint.logJacobian(coordinates(), value()).sum();
        }

        @Override
        public String toString() {
            return constraint.name() + " of " + rows + " x " + columns;
        }
    }

    private static double[] all(double[] u, java.util.function.DoubleUnaryOperator f) {
        return Arrays.stream(u).map(f).toArray();
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] increasing(double[] u, boolean positive) {
        double[] x = u.clone();
        for (int k = 0; k < x.length; k++) {
            double step = k == 0 && !positive ? u[0] : Math.exp(u[k]);
            x[k] = (k == 0 ? 0 : x[k - 1]) + step;
        }
        return x;
    }

    private static double[] sticks(double[] u) {
        int n = u.length + 1;
        double[] x = new double[n];
        double left = 1;
        for (int k = 0; k < n - 1; k++) {
            x[k] = left * logistic(u[k] - Math.log(n - 1 - k));
            left -= x[k];
        }
        x[n - 1] = left;
        return x;
    }

    private static double[] correlation(double[] u, int n) {
        double[] l = new double[n * n];
        int next = 0;
        for (int i = 0; i < n; i++) {
            double left = 1;
            for (int j = 0; j < i; j++) {
                l[i * n + j] = Math.tanh(u[next++]) * Math.sqrt(left);
                left -= l[i * n + j] * l[i * n + j];
            }
            l[i * n + i] = Math.sqrt(left);
        }
        return l;
    }

    private static double[] covariance(double[] u, int n) {
        double[] l = new double[n * n];
        int next = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double entry = u[next++];
                l[i * n + j] = j == i ? Math.exp(entry) : entry;
            }
        }
        return l;
    }

    /** The sum of coordinates times Helmert contrasts. */
    private static double[] contrasts(double[] u) {
        double[] x = new double[u.length + 1];
        for (int i = 0; i < u.length; i++) {
            double length = Math.sqrt((i + 1.0) * (i + 2.0));
            for (int j = 0; j <= i; j++) {
                x[j] += u[i] / length;
            }
            x[i + 1] -= (i + 1) * u[i] / length;
        }
        return x;
    }

    private static int[] first(int n) {
        return IntStream.range(0, n).toArray();
    }

    static Stream<Case> constraints() {
        double[] a = {-1, 0, 2};
        return Stream.of(
                new Case(Constraints.real(), 3, 1, double[]::clone, first(3)),
                new Case(Constraints.real(), 0, 1, double[]::clone),
                new Case(Constraints.positive(), 3, 1, u -> all(u, Math::exp), first(3)),
                new Case(Constraints.positive(), 2, 2, u -> all(u, Math::exp), first(4)),
                new Case(Constraints.positive(), 0, 1, double[]::clone),
                new Case(Constraints.lower(-2.5), 3, 1, u -> all(u, v -> Math.exp(v) - 2.5), first(3)),
                new Case(
                        Constraints.lower(Expr.constant(a)),
                        3,
                        1,
                        u -> new double[] {Math.exp(u[0]) - 1, Math.exp(u[1]), Math.exp(u[2]) + 2},
                        first(3)),
                new Case(Constraints.upper(2), 3, 1, u -> all(u, v -> 2 - Math.exp(v)), first(3)),
                new Case(Constraints.interval(-1, 4), 3, 1, u -> all(u, v -> -1 + 5 * logistic(v)), first(3)),
                new Case(Constraints.interval(0, 1), 3, 1, u -> all(u, ConstraintTest::logistic), first(3)),
                new Case(
                        Constraints.interval(Expr.constant(a), Expr.constant(5)),
                        3,
                        1,
                        u -> new double[] {-1 + 6 * logistic(u[0]), 5 * logistic(u[1]), 2 + 3 * logistic(u[2])},
                        first(3)),
                new Case(Constraints.ordered(), 4, 1, u -> increasing(u, false), first(4)),
                new Case(Constraints.ordered(), 2, 1, u -> increasing(u, false), first(2)),
                new Case(Constraints.ordered(), 1, 1, u -> increasing(u, false), first(1)),
                new Case(Constraints.ordered(), 0, 1, double[]::clone),
                new Case(Constraints.positiveOrdered(), 4, 1, u -> increasing(u, true), first(4)),
                new Case(Constraints.positiveOrdered(), 1, 1, u -> increasing(u, true), first(1)),
                new Case(Constraints.positiveOrdered(), 0, 1, double[]::clone),
                new Case(Constraints.simplex(), 4, 1, ConstraintTest::sticks, first(3)),
                new Case(Constraints.simplex(), 2, 1, ConstraintTest::sticks, first(1)),
                new Case(Constraints.simplex(), 1, 1, u -> new double[] {1}),
                new Case(Constraints.choleskyCorrelation(), 4, 4, u -> correlation(u, 4), 4, 8, 9, 12, 13, 14),
                new Case(Constraints.choleskyCorrelation(), 2, 2, u -> correlation(u, 2), 2),
                new Case(Constraints.choleskyCorrelation(), 1, 1, u -> new double[] {1}),
                new Case(Constraints.choleskyCovariance(), 3, 3, u -> covariance(u, 3), 0, 3, 4, 6, 7, 8),
                new Case(Constraints.choleskyCovariance(), 1, 1, u -> covariance(u, 1), 0),
                new Case(Constraints.sumToZero(), 4, 1, ConstraintTest::contrasts),
                new Case(Constraints.sumToZero(), 2, 1, ConstraintTest::contrasts),
                new Case(Constraints.sumToZero(), 1, 1, u -> new double[] {0}));
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void mapAndItsGradient(Case c) {
        if (c.dimension() > 0) {
            requireAgreement(c.value(), c.map::apply, points(9, c.dimension(), -2, 2, 1), 1e-13);
        } else {
            assertThat(elements(c.value(), new double[0])).containsExactly(c.map.apply(new double[0]));
        }
    }

    private static double[][] jacobian(Case c, double[] u) {
        int n = u.length;
        double[][] jacobian = new double[n][n];
        double h = 1e-3;
        double[] moved = u.clone();
        for (int j = 0; j < n; j++) {
            double[][] at = new double[4][];
            int[] shifts = {-2, -1, 1, 2};
            for (int k = 0; k < 4; k++) {
                moved[j] = u[j] + shifts[k] * h;
                at[k] = c.map.apply(moved);
            }
            moved[j] = u[j];
            for (int i = 0; i < n; i++) {
                int e = c.free[i];
                jacobian[i][j] = (8 * (at[2][e] - at[1][e]) - (at[3][e] - at[0][e])) / (12 * h);
            }
        }
        return jacobian;
    }

    /** Differences of fourth order with step 1e-3 are good to about 1e-12; the determinant multiplies a few of them. */
    @ParameterizedTest
    @MethodSource("constraints")
    void logJacobianIsTheLogDeterminantOfTheDerivatives(Case c) {
        int n = c.dimension();
        boolean zero = n == 0 || c.constraint.equals(Constraints.sumToZero());
        Function<double[], Double> expected = u -> zero
                ? 0
                : Math.log(Math.abs(new LUDecomposition(new Array2DRowRealMatrix(jacobian(c, u)), 0).getDeterminant()));
        if (n == 0) {
            assertThat(elements(c.logJacobian(), new double[0])).containsExactly(0);
            return;
        }
        for (double[] u : points(5, n, -2, 2, 2)) {
            requireClose(c.toString(), elements(c.logJacobian(), u)[0], expected.apply(u), 1e-9);
        }
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void logJacobianHasItsGradient(Case c) {
        int n = c.dimension();
        double[][] points = points(9, Math.max(1, n), -3, 3, 3);
        double step = 1e-3;
        if (n > 0) {
            Result result = Evaluations.evaluate(c.logJacobian(), points);
            for (int s = 0; s < points.length; s++) {
                for (int d = 0; d < n; d++) {
                    double[][] moved = new double[4][];
                    for (int k = 0; k < 4; k++) {
                        moved[k] = points[s].clone();
                        moved[k][d] += new double[] {-2, -1, 1, 2}[k] * step;
                    }
                    double[] at = Evaluations.evaluate(c.logJacobian(), moved).values();
                    double slope = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step);
                    requireClose("coordinate " + d, result.gradients()[s][d], slope, 1e-9);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void roundTrips(Case c) {
        int n = c.dimension();
        for (double[] u : n == 0 ? new double[1][0] : points(5, n, -3, 3, 4)) {
            double[] x = elements(c.value(), u);
            double[] back = c.constraint.unconstrain(x, c.rows, c.columns);
            double[] again = elements(c.value(), back);
            for (int d = 0; d < n; d++) {
                requireClose("coordinate", back[d], u[d], 1e-12);
            }
            for (int e = 0; e < x.length; e++) {
                requireClose("element", again[e], x[e], 1e-14);
            }
        }
    }

    /** Elements that differ by hundreds of orders of magnitude come back to a relative 1e-12. */
    @Test
    void hugeGapsRoundTrip() {
        double[] ordered = {-1, 0.5, 1e7, 1e300};
        double[] positive = {1e-200, 1e-100, 1, 1e100};
        double[] simplex = {1e-250, 0.25, 1e-12, 1 - 0.25 - 1e-12};
        requireRoundTrip(Constraints.ordered(), ordered);
        requireRoundTrip(Constraints.positiveOrdered(), positive);
        requireRoundTrip(Constraints.simplex(), simplex);
    }

    private static void requireRoundTrip(Constraint constraint, double[] x) {
        double[] u = constraint.unconstrain(x, x.length, 1);
        Expr coordinates = Expr.coordinates("u", 0, u.length, 1);
        double[] back = elements(constraint.constrain(coordinates, x.length, 1), u);
        for (int i = 0; i < x.length; i++) {
            assertThat(back[i] / x[i]).as(constraint.name() + ", element " + i).isBetween(1 - 1e-12, 1 + 1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("constraints")
    void logJacobianIsFiniteFarOut(Case c) {
        int n = c.dimension();
        if (n == 0) {
            return;
        }
        double[][] far = new double[4][n];
        Arrays.fill(far[0], 700);
        Arrays.fill(far[1], -700);
        for (int d = 0; d < n; d++) {
            far[2][d] = d % 2 == 0 ? 700 : -700;
            far[3][d] = -far[2][d];
        }
        Result result = Evaluations.evaluate(c.logJacobian(), far);
        for (int s = 0; s < far.length; s++) {
            assertThat(result.values()[s]).isFinite();
            assertThat(Arrays.stream(result.gradients()[s]).allMatch(Double::isFinite))
                    .isTrue();
            assertThat(Arrays.stream(elements(c.value(), far[s])).noneMatch(Double::isNaN))
                    .isTrue();
        }
    }

    @Test
    void logitOfAnIntervalIsExactFarOut() {
        Expr u = Expr.coordinates("u", 0, 1, 1);
        Expr x = Constraints.interval(-1, 4).constrain(u, 1, 1);
        Expr slope = Constraints.interval(-1, 4).logJacobian(u, x);
        assertThat(elements(slope, new double[] {700})[0]).isEqualTo(Math.log(5) - 700);
        assertThat(elements(slope, new double[] {-700})[0]).isEqualTo(Math.log(5) - 700);
    }

    @Test
    void boundsMayDependOnParametersAndRows() {
        RowAxis axis = RowAxis.of("rows", 2);
        Expr local = Expr.coordinates("local", 1, axis, 1);
        Expr bound = Expr.coordinates("bound", 0, 1, 1);
        double[] limits = {3, 5};
        Constraint constraint = Constraints.interval(bound, Expr.data("limit", axis, 1, limits));
        Expr x = constraint.constrain(local, 1, 1);
        requireAgreement(
                x,
                u -> new double[] {u[0] + (3 - u[0]) * logistic(u[1]), u[0] + (5 - u[0]) * logistic(u[2])},
                points(9, 3, -2, 2, 5),
                1e-13);
        requireAgreement(
                constraint.logJacobian(local, x),
                u -> new double[] {
                    Math.log(3 - u[0]) + Math.log(logistic(u[1])) + Math.log(logistic(-u[1])),
                    Math.log(5 - u[0]) + Math.log(logistic(u[2])) + Math.log(logistic(-u[2]))
                },
                points(9, 3, -2, 2, 6),
                1e-13);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> constraint.unconstrain(new double[] {1, 1}, 2, 1))
                .withMessageContaining("depends on parameters");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Constraints.lower(Expr.constant(new double[2])).constrain(bound, 1, 1))
                .withMessageContaining("bounds do not fit");
    }

    // ---- densities under the transforms integrate to what they must -------------------------------------------------

    /** The trapezoidal rule over a box of coordinates. */
    private static double integral(Case c, Function<Expr, Expr> logDensity, double reach, int points) {
        int n = c.dimension();
        double step = 2 * reach / (points - 1);
        int total = (int) Math.pow(points, n);
        double[][] grid = new double[total][n];
        for (int s = 0; s < total; s++) {
            int rest = s;
            for (int d = 0; d < n; d++) {
                grid[s][d] = -reach + step * (rest % points);
                rest /= points;
            }
        }
        Expr x = c.value();
        double[] logs = Evaluations.values(logDensity.apply(x).sum().plus(c.logJacobian()), grid);
        return Arrays.stream(logs).map(Math::exp).sum() * Math.pow(step, n);
    }

    private static Expr standardNormal(Expr x) {
        return x.square().times(-0.5).minus(0.5 * Math.log(2 * Math.PI));
    }

    @Test
    void densitiesIntegrateUnderTheTransforms() {
        Case simplex = new Case(Constraints.simplex(), 3, 1, u -> u);
        double flat = integral(simplex, x -> Expr.constant(Math.log(2)), 38, 400);
        requireClose("uniform on the simplex", flat, 1, 1e-9);
        Case ordered = new Case(Constraints.ordered(), 2, 1, u -> u);
        requireClose("ordered pairs", integral(ordered, ConstraintTest::standardNormal, 34, 400), 0.5, 1e-9);
        Case positive = new Case(Constraints.positiveOrdered(), 2, 1, u -> u);
        requireClose("positive pairs", integral(positive, Expr::negate, 34, 400), 0.5, 1e-9);
        Case zero = new Case(Constraints.sumToZero(), 3, 1, u -> u);
        requireClose(
                "plane", integral(zero, ConstraintTest::standardNormal, 9, 120), Math.sqrt(3) * density(0, 3), 1e-9);
        Case covariance = new Case(Constraints.choleskyCovariance(), 1, 1, u -> u);
        requireClose("half line", integral(covariance, ConstraintTest::standardNormal, 34, 400), 0.5, 1e-9);
        Case correlation = new Case(Constraints.choleskyCorrelation(), 3, 3, u -> u);
        double volume = integral(correlation, x -> x.diagonal().element(1).log(), 14, 81);
        requireClose("correlation matrices", volume, Math.PI * Math.PI / 2, 1e-6);
    }

    /** The density at x of the sum of n standard normal variables. */
    private static double density(double x, int n) {
        return Math.exp(-0.5 * x * x / n) / Math.sqrt(2 * Math.PI * n);
    }

    // ---- refusals ---------------------------------------------------------------------------------------------------

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContainingAll(parts);
    }

    @Test
    void valuesOutsideAreRefusedByElement() {
        refused(() -> Constraints.real().unconstrain(new double[] {0, Double.NaN}, 2, 1), "element 1", "NaN", "finite");
        refused(() -> Constraints.positive().unconstrain(new double[] {1, 0}, 2, 1), "positive", "element 1", "0.0");
        refused(() -> Constraints.positive().unconstrain(new double[] {1, -1}, 1, 2), "element (0, 1)");
        refused(() -> Constraints.lower(2).unconstrain(new double[] {2}, 1, 1), "lower(2.0)", "above 2.0");
        refused(() -> Constraints.upper(2).unconstrain(new double[] {3}, 1, 1), "upper(2.0)", "below 2.0");
        refused(() -> Constraints.interval(0, 1).unconstrain(new double[] {1}, 1, 1), "between 0.0 and 1.0");
        refused(
                () -> Constraints.ordered().unconstrain(new double[] {1, 1}, 2, 1),
                "ordered",
                "element 1",
                "above 1.0");
        refused(() -> Constraints.positiveOrdered().unconstrain(new double[] {-1, 1}, 2, 1), "element 0", "above 0");
        refused(() -> Constraints.simplex().unconstrain(new double[] {0.5, 0.6}, 2, 1), "sum to 1", "1.1");
        refused(() -> Constraints.simplex().unconstrain(new double[] {1, 0}, 2, 1), "element 1", "between 0 and 1");
        refused(() -> Constraints.sumToZero().unconstrain(new double[] {1, 0}, 2, 1), "sum to 0", "1.0");
        refused(() -> Constraints.choleskyCorrelation().unconstrain(new double[] {1, 0.5, 0, 1}, 2, 2), "(0, 1)");
        refused(
                () -> Constraints.choleskyCorrelation().unconstrain(new double[] {1, 0, 0.5, 1}, 2, 2),
                "row 1",
                "length 1");
        refused(
                () -> Constraints.choleskyCovariance().unconstrain(new double[] {1, 0, 0, 0}, 2, 2),
                "(1, 1)",
                "positive");
        refused(() -> Constraints.positive().unconstrain(new double[] {1}, 2, 1), "2 elements", "got 1");
    }

    @Test
    void shapesAndBoundsThatCannotBeAreRefused() {
        refused(() -> Constraints.simplex().coordinates(0, 1), "simplex", "at least 1");
        refused(() -> Constraints.simplex().coordinates(2, 2), "vector");
        refused(() -> Constraints.ordered().coordinates(2, 2), "vector");
        refused(() -> Constraints.sumToZero().coordinates(0, 1), "at least 1");
        refused(() -> Constraints.choleskyCorrelation().coordinates(2, 3), "square", "2 x 3");
        refused(() -> Constraints.choleskyCovariance().coordinates(2, 1), "square");
        refused(() -> Constraints.interval(1, 1), "1.0", "below");
        refused(() -> Constraints.interval(Expr.constant(new double[] {0, 3}), Expr.constant(2)), "element 1");
        refused(() -> Constraints.interval(Expr.constant(new double[2]), Expr.constant(new double[3])), "2 and 3");
        refused(() -> Constraints.lower(Double.NEGATIVE_INFINITY), "finite");
        refused(() -> Constraints.upper(Double.NaN), "NaN");
    }
}

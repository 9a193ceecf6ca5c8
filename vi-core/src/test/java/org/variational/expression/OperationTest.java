package org.variational.expression;

import static org.variational.expression.Evaluations.points;
import static org.variational.expression.Evaluations.requireAgreement;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.expression.Evaluations.Reference;

/** Every operation on expressions: elements against plain computations, gradients against central differences. */
class OperationTest {

    /** Rounding of a handful of operations; two kernels differ by a few units in the last place. */
    private static final double ROUNDING = 1e-13;

    private static final int ROWS = 5;
    private static final RowAxis AXIS = RowAxis.of("rows", ROWS);
    private static final int[] GROUP = {2, 0, 1, 1, 2};

    private record Case(
            String name, int dimension, Expr expr, Reference reference, double low, double high, double tolerance) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static void check(Case c) {
        requireAgreement(c.expr, c.reference, points(9, c.dimension, c.low, c.high, c.name.hashCode()), c.tolerance);
    }

    // ---- functions of one argument ----------------------------------------------------------------------------------

    private static Case unary(
            String name, UnaryOperator<Expr> op, DoubleUnaryOperator plain, double low, double high, double tolerance) {
        int n = 3;
        Expr u = Expr.coordinates("u", 0, n, 1);
        Reference reference = point -> {
            double[] out = new double[n];
            for (int i = 0; i < n; i++) {
                out[i] = plain.applyAsDouble(point[i]);
            }
            return out;
        };
        return new Case(name + " on [" + low + ", " + high + "]", n, op.apply(u), reference, low, high, tolerance);
    }

    static Stream<Case> functions() {
        double root2 = Math.sqrt(2);
        return Stream.of(
                unary("exp", Expr::exp, Math::exp, -3, 3, ROUNDING),
                unary("log", Expr::log, Math::log, 1e-3, 5, ROUNDING),
                unary("log1p", Expr::log1p, Math::log1p, -0.9, 4, ROUNDING),
                unary("expm1", Expr::expm1, Math::expm1, -3, 3, ROUNDING),
                unary("expm1 near 0", e -> e.expm1().dividedBy(1e-8), x -> Math.expm1(x) / 1e-8, 1e-8, 3e-8, ROUNDING),
                unary("sqrt", Expr::sqrt, Math::sqrt, 1e-3, 5, ROUNDING),
                unary("reciprocal", Expr::reciprocal, x -> 1 / x, 0.1, 5, ROUNDING),
                unary("reciprocal of negatives", Expr::reciprocal, x -> 1 / x, -5, -0.1, ROUNDING),
                unary("tanh", Expr::tanh, Math::tanh, -4, 4, ROUNDING),
                unary("logistic", Expr::logistic, x -> 1 / (1 + Math.exp(-x)), -20, 20, ROUNDING),
                unary("softplus", Expr::softplus, OperationTest::softplus, -20, 20, ROUNDING),
                unary("softplus far", Expr::softplus, OperationTest::softplus, -700, 700, ROUNDING),
                unary("lgamma", Expr::lgamma, Gamma::logGamma, 0.05, 20, 1e-12),
                unary("digamma", Expr::digamma, OperationTest::digamma, 0.3, 20, 1e-12),
                unary("erf", Expr::erf, Erf::erf, -2, 2, 1e-12),
                unary("normalCdf", Expr::normalCdf, x -> 0.5 * Erf.erfc(-x / root2), -4, 4, 1e-12),
                unary("logNormalCdf", Expr::logNormalCdf, x -> Math.log(0.5 * Erf.erfc(-x / root2)), -6, 6, 1e-11),
                unary("logCauchyCdf", Expr::logCauchyCdf, x -> Math.log(0.5 + Math.atan(x) / Math.PI), -20, 20, 1e-12),
                unary("sin", Expr::sin, Math::sin, -4, 4, ROUNDING),
                unary("cos", Expr::cos, Math::cos, -4, 4, ROUNDING),
                unary("atan", Expr::atan, Math::atan, -4, 4, ROUNDING),
                unary("abs", Expr::abs, Math::abs, -4, 4, ROUNDING),
                unary("negate", Expr::negate, x -> -x, -4, 4, ROUNDING),
                unary("square", Expr::square, x -> x * x, -4, 4, ROUNDING),
                unary("pow 3", e -> e.pow(3), x -> x * x * x, -4, 4, ROUNDING),
                unary("pow 2", e -> e.pow(2), x -> x * x, -4, 4, ROUNDING),
                unary("pow -1.5", e -> e.pow(-1.5), x -> Math.pow(x, -1.5), 0.2, 4, ROUNDING),
                unary("plus number", e -> e.plus(2.5), x -> x + 2.5, -4, 4, ROUNDING),
                unary("minus number", e -> e.minus(2.5), x -> x - 2.5, -4, 4, ROUNDING),
                unary("times number", e -> e.times(-2.5), x -> -2.5 * x, -4, 4, ROUNDING),
                unary("dividedBy number", e -> e.dividedBy(8), x -> x / 8, -4, 4, ROUNDING),
                unary("affine maps merged", e -> e.plus(1).times(3).minus(2), x -> 3 * x + 1, -4, 4, ROUNDING),
                unary("clip", e -> e.clip(-1, 2), x -> Math.min(2, Math.max(-1, x)), -4, 4, ROUNDING),
                unary("logStep", e -> e.logStep().plus(e), x -> x, 0, 4, ROUNDING),
                unary("log of exp", e -> e.exp().log(), x -> x, -700, 700, ROUNDING),
                unary("log of logistic", e -> e.logistic().log(), x -> -softplus(-x), -700, 700, ROUNDING),
                unary(
                        "log of 1 - logistic",
                        e -> e.logistic().negate().plus(1).log(),
                        x -> -softplus(x),
                        -700,
                        700,
                        ROUNDING),
                unary("log1p of -logistic", e -> e.logistic().negate().log1p(), x -> -softplus(x), -700, 700, ROUNDING),
                unary("reciprocal of exp", e -> e.exp().reciprocal(), x -> Math.exp(-x), -4, 4, ROUNDING),
                unary(
                        "log of selected exp",
                        e -> e.exp().select(2, 0, 1).log().select(1, 2, 0),
                        x -> x,
                        -700,
                        700,
                        ROUNDING));
    }

    /** By {@code digamma(x) = digamma(x + 30) - sum of 1 / (x + k)} and the asymptotic series there. */
    private static double digamma(double x) {
        double y = x + 30;
        double square = y * y;
        double result = Math.log(y) - 0.5 / y - (1.0 / 12 - (1.0 / 120 - 1 / (252 * square)) / square) / square;
        for (int k = 29; k >= 0; k--) {
            result -= 1 / (x + k);
        }
        return result;
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void functionOfOneArgument(Case c) {
        check(c);
    }

    // ---- two operands, broadcast ------------------------------------------------------------------------------------

    /** The elements of an operand by row and column of the result. */
    private interface Elements {
        double at(double[] point, int row, int column);
    }

    private record Operand(String name, Expr expr, Elements elements) {}

    private static final double[][] MATRIX = {
        {0.7, 1.9, 1.1}, {2.2, 0.6, 1.4}, {0.9, 1.6, 2.5}, {1.2, 2.1, 0.8}, {1.8, 1.3, 0.5}
    };

    private static double[] flat(double[][] matrix) {
        return Stream.of(matrix).flatMapToDouble(java.util.Arrays::stream).toArray();
    }

    private static List<Operand> globals() {
        double[][] constant = java.util.Arrays.copyOf(MATRIX, 4);
        double[] numbers = {0.5, 1.5, 2.5, 0.75};
        return List.of(
                new Operand("matrix", Expr.coordinates("matrix", 0, 4, 3), (u, i, j) -> u[3 * i + j]),
                new Operand("constant matrix", Expr.constant(constant), (u, i, j) -> constant[i][j]),
                new Operand("scalar", Expr.coordinates("scalar", 12, 1, 1), (u, i, j) -> u[12]),
                new Operand("constant scalar", Expr.constant(1.7), (u, i, j) -> 1.7),
                new Operand("data scalar", Expr.data("one", 1, 1, new double[] {1.3}), (u, i, j) -> 1.3),
                new Operand("row", Expr.coordinates("row", 13, 1, 3), (u, i, j) -> u[13 + j]),
                new Operand(
                        "constant row",
                        Expr.constant(new double[][] {numbers}).slice(0, 3).reshape(1, 3),
                        (u, i, j) -> numbers[j]),
                new Operand("column", Expr.coordinates("column", 16, 4, 1), (u, i, j) -> u[16 + i]),
                new Operand("constant column", Expr.constant(numbers), (u, i, j) -> numbers[i]));
    }

    private static List<Operand> rowWise() {
        double[] column = {1.1, 0.4, 2.3, 0.9, 1.6};
        double[] vector = {0.5, 1.5, 2.5};
        RowIndex group = RowIndex.of("group", AXIS, GROUP);
        return List.of(
                new Operand("row vectors of data", Expr.data("x", AXIS, 3, flat(MATRIX)), (u, t, j) -> MATRIX[t][j]),
                new Operand("row scalars of data", Expr.data("z", AXIS, 1, column), (u, t, j) -> column[t]),
                new Operand(
                        "gathered row vectors",
                        Expr.coordinates("groups", 0, 3, 3).at(group),
                        (u, t, j) -> u[3 * GROUP[t] + j]),
                new Operand(
                        "gathered row scalars",
                        Expr.coordinates("levels", 9, 3, 1).at(group),
                        (u, t, j) -> u[9 + GROUP[t]]),
                new Operand("local vectors", Expr.coordinates("local", 12, AXIS, 3), (u, t, j) -> u[12 + 3 * t + j]),
                new Operand("global vector", Expr.coordinates("global", 27, 3, 1), (u, t, j) -> u[27 + j]),
                new Operand("constant vector", Expr.constant(vector), (u, t, j) -> vector[j]),
                new Operand("global scalar", Expr.coordinates("level", 30, 1, 1), (u, t, j) -> u[30]),
                new Operand("constant scalar", Expr.constant(1.7), (u, t, j) -> 1.7));
    }

    private record Binary(String name, java.util.function.BinaryOperator<Expr> op, DoubleBinaryOperator plain) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Binary> binaries() {
        return Stream.of(
                new Binary("plus", Expr::plus, Double::sum),
                new Binary("minus", Expr::minus, (x, y) -> x - y),
                new Binary("times", Expr::times, (x, y) -> x * y),
                new Binary("dividedBy", Expr::dividedBy, (x, y) -> x / y),
                new Binary("pow", Expr::pow, Math::pow),
                new Binary("max", Expr::max, Math::max),
                new Binary("min", Expr::min, Math::min));
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void globalOperandsBroadcast(Binary binary) {
        List<Operand> operands = globals();
        for (Operand a : operands) {
            for (Operand b : operands) {
                Expr expr = binary.op.apply(a.expr, b.expr);
                if (a.expr.dependsOnParameters() || b.expr.dependsOnParameters()) {
                    check(broadcast(binary, a, b, expr, expr.rows(), 20));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void rowWiseOperandsBroadcast(Binary binary) {
        List<Operand> operands = rowWise();
        for (Operand a : operands) {
            for (Operand b : operands) {
                boolean anyRowWise = a.expr.axis() != null || b.expr.axis() != null;
                if (anyRowWise && (a.expr.dependsOnParameters() || b.expr.dependsOnParameters())) {
                    check(broadcast(binary, a, b, binary.op.apply(a.expr, b.expr), ROWS, 31));
                }
            }
        }
    }

    private static Case broadcast(Binary binary, Operand a, Operand b, Expr expr, int rows, int dimension) {
        int columns = expr.columns();
        Reference reference = point -> {
            double[] out = new double[rows * columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    out[i * columns + j] =
                            binary.plain.applyAsDouble(a.elements.at(point, i, j), b.elements.at(point, i, j));
                }
            }
            return out;
        };
        return new Case(a.name + " " + binary.name + " " + b.name, dimension, expr, reference, 0.3, 2.5, ROUNDING);
    }

    // ---- selection, joining, reduction ------------------------------------------------------------------------------

    private static Case of(String name, int dimension, Expr expr, Reference reference) {
        return new Case(name, dimension, expr, reference, -2, 2, 1e-12);
    }

    private static double[] pick(double[] point, int... positions) {
        double[] out = new double[positions.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = point[positions[i]];
        }
        return out;
    }

    private static double[] logSumExp(double[] x, int run) {
        double[] out = new double[x.length / run];
        for (int i = 0; i < out.length; i++) {
            double sum = 0;
            for (int j = 0; j < run; j++) {
                sum += Math.exp(x[i * run + j]);
            }
            out[i] = Math.log(sum);
        }
        return out;
    }

    private static double[] sums(double[] x, int run) {
        double[] out = new double[x.length / run];
        for (int i = 0; i < x.length; i++) {
            out[i / run] += x[i];
        }
        return out;
    }

    private static double[] runningSums(double[] x, int run) {
        double[] out = x.clone();
        for (int i = 0; i < x.length; i++) {
            if (i % run > 0) {
                out[i] += out[i - 1];
            }
        }
        return out;
    }

    static Stream<Case> shaping() {
        Expr v = Expr.coordinates("v", 0, 6, 1);
        Expr m = Expr.coordinates("m", 0, 2, 3);
        Expr square = Expr.coordinates("square", 0, 3, 3);
        Expr local = Expr.coordinates("local", 0, AXIS, 3);
        RowIndex group = RowIndex.of("group", AXIS, GROUP);
        Expr groupNumbers = Expr.data(
                "group numbers",
                AXIS,
                1,
                java.util.Arrays.stream(GROUP).asDoubleStream().toArray());
        Expr constant = Expr.constant(new double[] {4, 5});
        return Stream.of(
                of("element", 6, v.element(4), u -> pick(u, 4)),
                of("element of matrix", 6, m.element(1, 2), u -> pick(u, 5)),
                of("row", 6, m.row(1), u -> pick(u, 3, 4, 5)),
                of("column", 6, m.column(1), u -> pick(u, 1, 4)),
                of("slice", 6, v.slice(1, 4), u -> pick(u, 1, 2, 3)),
                of("slice of nothing", 6, Expr.concatenate(v.slice(3, 3), v.slice(2, 3)), u -> pick(u, 2)),
                of("transpose", 6, m.transpose(), u -> pick(u, 0, 3, 1, 4, 2, 5)),
                of("diagonal", 9, square.diagonal(), u -> pick(u, 0, 4, 8)),
                of("reshape", 6, v.reshape(3, 2).transpose(), u -> pick(u, 0, 2, 4, 1, 3, 5)),
                of("select with repeats", 6, v.select(5, 0, 5), u -> pick(u, 5, 0, 5)),
                of("element per row", 15, local.element(1), u -> pick(u, 1, 4, 7, 10, 13)),
                of("column per row", 15, local.column(2), u -> pick(u, 2, 5, 8, 11, 14)),
                of("slice per row", 15, local.slice(1, 3), u -> pick(u, 1, 2, 4, 5, 7, 8, 10, 11, 13, 14)),
                of("select per row", 15, local.select(2, 2), u -> pick(u, 2, 2, 5, 5, 8, 8, 11, 11, 14, 14)),
                of("at, vector", 6, v.at(group), u -> pick(u, GROUP)),
                of("at, matrix", 9, square.at(group), u -> pick(u, 6, 7, 8, 0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 8)),
                of("function of gather", 6, v.at(group).exp(), u -> {
                    double[] out = pick(u, GROUP);
                    java.util.Arrays.setAll(out, t -> Math.exp(out[t]));
                    return out;
                }),
                of("log of gathered exp", 6, v.exp().at(group).log(), u -> pick(u, GROUP)),
                of("log of gathered logistic", 6, v.logistic().at(group).log(), u -> {
                    double[] out = pick(u, GROUP);
                    java.util.Arrays.setAll(out, t -> -softplus(-out[t]));
                    return out;
                }),
                of("reciprocal of gathered exp", 6, v.exp().at(group).reciprocal(), u -> {
                    double[] out = pick(u, GROUP);
                    java.util.Arrays.setAll(out, t -> Math.exp(-out[t]));
                    return out;
                }),
                of("pick", 15, local.pick(group), u -> pick(u, 2, 3, 7, 10, 14)),
                of("elementAt of rows", 15, local.elementAt(groupNumbers), u -> pick(u, 2, 3, 7, 10, 14)),
                of("elementAt of rows, fixed", 15, local.elementAt(Expr.constant(2)), u -> pick(u, 2, 5, 8, 11, 14)),
                of("elementAt of vector", 6, v.elementAt(groupNumbers), u -> pick(u, GROUP)),
                of("elementAt, global", 6, v.elementAt(Expr.constant(new double[] {4, 0, 4})), u -> pick(u, 4, 0, 4)),
                of("concatenate", 6, Expr.concatenate(v.slice(3, 6), constant, v.slice(0, 1)), u ->
                        new double[] {u[3], u[4], u[5], 4, 5, u[0]}),
                of("concatenate per row", 15, Expr.concatenate(groupNumbers, local.element(0), constant), u -> {
                    double[] out = new double[4 * ROWS];
                    for (int t = 0; t < ROWS; t++) {
                        out[4 * t] = GROUP[t];
                        out[4 * t + 1] = u[3 * t];
                        out[4 * t + 2] = 4;
                        out[4 * t + 3] = 5;
                    }
                    return out;
                }),
                of(
                        "concatenate rows with globals",
                        15,
                        Expr.concatenate(local.element(0), Expr.coordinates("g", 1, 2, 1)),
                        u -> {
                            double[] out = new double[3 * ROWS];
                            for (int t = 0; t < ROWS; t++) {
                                out[3 * t] = u[3 * t];
                                out[3 * t + 1] = u[1];
                                out[3 * t + 2] = u[2];
                            }
                            return out;
                        }),
                of("sum", 6, m.sum(), u -> sums(u, 6)),
                of("sum of computed", 6, m.exp().sum().exp(), u -> {
                    double sum = 0;
                    for (double x : u) {
                        sum += Math.exp(x);
                    }
                    return new double[] {Math.exp(sum)};
                }),
                of("mean", 6, m.mean(), u -> new double[] {sums(u, 6)[0] / 6}),
                of("rowSums", 6, m.rowSums(), u -> sums(u, 3)),
                of("columnSums", 6, m.columnSums(), u -> new double[] {u[0] + u[3], u[1] + u[4], u[2] + u[5]}),
                of("sum per row", 15, local.sum(), u -> sums(u, 3)),
                of("mean per row", 15, local.mean(), u -> {
                    double[] out = sums(u, 3);
                    java.util.Arrays.setAll(out, t -> out[t] / 3);
                    return out;
                }),
                of("logSumExp", 6, v.logSumExp(), u -> logSumExp(u, 6)),
                of("logSumExpOfRows", 6, m.logSumExpOfRows(), u -> logSumExp(u, 3)),
                of("logSumExp per row", 15, local.logSumExp(), u -> logSumExp(u, 3)),
                of("cumulativeSum", 6, v.cumulativeSum(), u -> runningSums(u, 6)),
                of("cumulativeSum of rows", 6, m.cumulativeSum(), u -> runningSums(u, 3)),
                of("cumulativeSum per row", 15, local.cumulativeSum(), u -> runningSums(u, 3)));
    }

    @ParameterizedTest
    @MethodSource("shaping")
    void shapingAndReduction(Case c) {
        check(c);
    }

    // ---- linear algebra ---------------------------------------------------------------------------------------------

    private static RealMatrix matrix(double[] point, int from, int rows, int columns) {
        RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.setEntry(i, j, point[from + i * columns + j]);
            }
        }
        return matrix;
    }

    private static RealMatrix lower(RealMatrix square) {
        RealMatrix lower = square.copy();
        for (int i = 0; i < lower.getRowDimension(); i++) {
            for (int j = i + 1; j < lower.getColumnDimension(); j++) {
                lower.setEntry(i, j, 0);
            }
        }
        return lower;
    }

    private static double[] flat(RealMatrix matrix) {
        return flat(matrix.getData());
    }

    private static RealMatrix inverse(RealMatrix matrix) {
        return new org.apache.commons.math3.linear.LUDecomposition(matrix)
                .getSolver()
                .getInverse();
    }

    private static double trace(RealMatrix matrix) {
        return matrix.getTrace();
    }

    static Stream<Case> linearAlgebra() {
        double[][] c = {{0.5, -1, 2}, {1.5, 0.25, -0.75}, {1, 1, 1}, {-2, 0.5, 1}, {0.3, 2, -1}};
        RealMatrix known = new Array2DRowRealMatrix(c);
        Expr fixed = Expr.constant(c);
        Expr rows = Expr.data("x", AXIS, 3, flat(c));
        Expr a = Expr.coordinates("a", 0, 2, 3);
        Expr b = Expr.coordinates("b", 6, 3, 4);
        Expr vector = Expr.coordinates("vector", 0, 3, 1);
        Expr square = Expr.coordinates("square", 0, 3, 3);
        Expr right = Expr.coordinates("right", 9, 3, 2);
        RowIndex group = RowIndex.of("group", AXIS, GROUP);
        double[][] factor = {{1.5, 0, 0}, {-0.5, 2, 0}, {1, 0.3, 0.8}};
        double[][] side = {{1, 2}, {-1, 0.5}, {0.3, 2}};
        RealMatrix gram = new Array2DRowRealMatrix(new double[][] {{2, 0.5, 0.1}, {0.5, 1.5, -0.2}, {0.1, -0.2, 1.2}});
        Expr positiveDefinite = square.matmul(square.transpose()).plus(Expr.constant(gram.getData()));
        return Stream.of(
                of("matmul", 18, a.matmul(b), u -> flat(matrix(u, 0, 2, 3).multiply(matrix(u, 6, 3, 4)))),
                of("matmul, constant left", 18, fixed.matmul(b), u -> flat(known.multiply(matrix(u, 6, 3, 4)))),
                of(
                        "matmul, constant right",
                        6,
                        a.matmul(fixed.transpose()),
                        u -> flat(matrix(u, 0, 2, 3).multiply(known.transpose()))),
                of("matmul, vector", 3, fixed.matmul(vector), u -> known.operate(u)),
                of("matmul, data rows", 3, rows.matmul(vector), u -> known.operate(u)),
                of(
                        "matmul, data rows, several columns",
                        18,
                        rows.matmul(b),
                        u -> flat(known.multiply(matrix(u, 6, 3, 4)))),
                of(
                        "matmul, varying rows",
                        18,
                        Expr.coordinates("g", 6, 3, 4)
                                .transpose()
                                .slice(0, 9)
                                .reshape(3, 3)
                                .at(group)
                                .matmul(vector),
                        u -> {
                            double[] moved = flat(matrix(u, 6, 3, 4).transpose());
                            RealMatrix table = matrix(moved, 0, 3, 3);
                            double[] products = table.operate(pick(u, 0, 1, 2));
                            return pick(products, GROUP);
                        }),
                of(
                        "matmul, varying rows, constant right",
                        9,
                        square.at(group).matmul(fixed.transpose()),
                        u -> flat(rowsOf(matrix(u, 0, 3, 3)).multiply(known.transpose()))),
                of("matmul of functions of rows", 18, rows.times(vector).tanh().matmul(b), u -> {
                    RealMatrix inner = known.copy();
                    for (int t = 0; t < ROWS; t++) {
                        for (int j = 0; j < 3; j++) {
                            inner.setEntry(t, j, Math.tanh(c[t][j] * u[j]));
                        }
                    }
                    return flat(inner.multiply(matrix(u, 6, 3, 4)));
                }),
                of("dot", 6, vector.dot(Expr.coordinates("w", 3, 3, 1)), u ->
                        new double[] {u[0] * u[3] + u[1] * u[4] + u[2] * u[5]}),
                of("dot, data rows", 3, rows.dot(vector), u -> known.operate(u)),
                of("dot, vector with data rows", 3, vector.dot(rows), u -> known.operate(u)),
                of("dot of two row-wise", 9, square.at(group).dot(rows), u -> {
                    RealMatrix table = rowsOf(matrix(u, 0, 3, 3));
                    double[] out = new double[ROWS];
                    for (int t = 0; t < ROWS; t++) {
                        out[t] = table.getRowVector(t).dotProduct(known.getRowVector(t));
                    }
                    return out;
                }),
                of("cholesky", 9, positiveDefinite.cholesky(), u -> {
                    RealMatrix s = matrix(u, 0, 3, 3);
                    return flat(
                            new CholeskyDecomposition(s.multiply(s.transpose()).add(gram), 1e-9, 0).getL());
                }),
                of("log-determinant", 9, positiveDefinite.cholesky().logDeterminantOfFactor(), u -> {
                    RealMatrix s = matrix(u, 0, 3, 3);
                    return new double[] {
                        Math.log(new CholeskyDecomposition(
                                        s.multiply(s.transpose()).add(gram), 1e-9, 0)
                                .getDeterminant())
                    };
                }),
                solve("solveLower", square.plus(shift()).solveLower(right), false, null, null),
                solve("solveLowerTransposed", square.plus(shift()).solveLowerTransposed(right), true, null, null),
                solve("solveLower, constant factor", Expr.constant(factor).solveLower(right), false, factor, null),
                solve(
                        "solveLowerTransposed, constant factor",
                        Expr.constant(factor).solveLowerTransposed(right),
                        true,
                        factor,
                        null),
                solve(
                        "solveLower, constant side",
                        square.plus(shift()).solveLower(Expr.constant(side)),
                        false,
                        null,
                        side),
                solve(
                        "solveLowerTransposed, constant side",
                        square.plus(shift()).solveLowerTransposed(Expr.constant(side)),
                        true,
                        null,
                        side),
                of("quadraticForm", 12, square.quadraticForm(Expr.coordinates("q", 9, 3, 1)), u -> {
                    RealMatrix q = matrix(u, 9, 3, 1);
                    return new double[] {
                        trace(q.transpose().multiply(matrix(u, 0, 3, 3)).multiply(q))
                    };
                }),
                of(
                        "quadraticForm, constant vector",
                        9,
                        square.quadraticForm(Expr.constant(new double[] {1, -2, 0.5})),
                        u -> {
                            RealMatrix q = matrix(new double[] {1, -2, 0.5}, 0, 3, 1);
                            return new double[] {
                                trace(q.transpose().multiply(matrix(u, 0, 3, 3)).multiply(q))
                            };
                        }),
                of(
                        "quadraticForm, constant matrix",
                        3,
                        Expr.constant(gram.getData()).quadraticForm(vector),
                        u -> {
                            RealMatrix q = matrix(u, 0, 3, 1);
                            return new double[] {
                                trace(q.transpose().multiply(gram).multiply(q))
                            };
                        }));
    }

    /** Three times the identity, which keeps triangles with entries up to 2 well conditioned. */
    private static Expr shift() {
        return Expr.constant(new double[][] {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}});
    }

    private static RealMatrix rowsOf(RealMatrix table) {
        RealMatrix rows = new Array2DRowRealMatrix(ROWS, table.getColumnDimension());
        for (int t = 0; t < ROWS; t++) {
            rows.setRowMatrix(t, table.getRowMatrix(GROUP[t]));
        }
        return rows;
    }

    private static Case solve(String name, Expr expr, boolean transposed, double[][] factor, double[][] side) {
        return of(name, 15, expr, u -> {
            RealMatrix l = factor != null
                    ? new Array2DRowRealMatrix(factor)
                    : lower(matrix(u, 0, 3, 3)
                            .add(org.apache.commons.math3.linear.MatrixUtils.createRealIdentityMatrix(3)
                                    .scalarMultiply(3)));
            RealMatrix b = side != null ? new Array2DRowRealMatrix(side) : matrix(u, 9, 3, 2);
            return flat(inverse(transposed ? l.transpose() : l).multiply(b));
        });
    }

    @ParameterizedTest
    @MethodSource("linearAlgebra")
    void linearAlgebraAgainstCommonsMath(Case c) {
        check(c);
    }

    // ---- recursion --------------------------------------------------------------------------------------------------

    static Stream<Case> scans() {
        double[] observed = {0.3, -0.8, 1.2, 0.5};
        Expr y = Expr.constant(observed);
        Expr rate = Expr.coordinates("rate", 0, 1, 1);
        Expr start = Expr.coordinates("start", 1, 1, 1);
        Expr steps = Expr.coordinates("steps", 2, 4, 1);
        Expr table = Expr.coordinates("table", 6, 3, 2);
        List<Case> cases = new ArrayList<>();
        cases.add(of(
                "scan over data",
                12,
                Expr.scan(start, y, (h, x) -> h.times(rate).plus(x.square())),
                u -> {
                    double[] out = new double[4];
                    double h = u[1];
                    for (int t = 0; t < 4; t++) {
                        h = h * u[0] + observed[t] * observed[t];
                        out[t] = h;
                    }
                    return out;
                }));
        cases.add(of(
                "scan over parameters",
                12,
                Expr.scan(start, steps, (h, x) -> h.times(x).tanh().plus(rate)),
                u -> {
                    double[] out = new double[4];
                    double h = u[1];
                    for (int t = 0; t < 4; t++) {
                        h = Math.tanh(h * u[2 + t]) + u[0];
                        out[t] = h;
                    }
                    return out;
                }));
        cases.add(of(
                "scan from a constant",
                12,
                Expr.scan(Expr.constant(0.5), y, (h, x) -> h.times(rate).plus(x)),
                u -> {
                    double[] out = new double[4];
                    double h = 0.5;
                    for (int t = 0; t < 4; t++) {
                        h = h * u[0] + observed[t];
                        out[t] = h;
                    }
                    return out;
                }));
        cases.add(of(
                "last step only",
                12,
                Expr.scan(start, y, (h, x) -> h.times(rate).plus(x)).element(3),
                u -> {
                    double h = u[1];
                    for (int t = 0; t < 4; t++) {
                        h = h * u[0] + observed[t];
                    }
                    return new double[] {h};
                }));
        cases.add(of(
                "scan of vectors over matrix rows",
                12,
                Expr.scan(
                        Expr.coordinates("h", 0, 2, 1),
                        table,
                        (h, x) -> Expr.concatenate(
                                h.element(1).times(x.element(0)), h.logSumExp().plus(x.element(1)))),
                u -> {
                    double[] out = new double[6];
                    double a = u[0];
                    double b = u[1];
                    for (int t = 0; t < 3; t++) {
                        double next = b * u[6 + 2 * t];
                        double other = Math.log(Math.exp(a) + Math.exp(b)) + u[7 + 2 * t];
                        a = next;
                        b = other;
                        out[2 * t] = a;
                        out[2 * t + 1] = b;
                    }
                    return out;
                }));
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("scans")
    void scan(Case c) {
        check(c);
    }
}

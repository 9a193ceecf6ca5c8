package org.variational.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every set of kernels promises; each test is generated for every operation of {@link KernelOperations}. */
abstract class KernelsContract {

    private static final double SENTINEL = -12345.678;

    private final Kernels kernels;

    KernelsContract(Kernels kernels) {
        this.kernels = kernels;
    }

    @TestFactory
    List<DynamicTest> agreesWithTheDefinitionAndWritesNothingElse() {
        return KernelOperations.ALL.stream()
                .map(op -> DynamicTest.dynamicTest(op.name(), () -> {
                    for (int elements : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 33, 70}) {
                        for (int groups : new int[] {1, 2, 3}) {
                            for (int offset : new int[] {0, 3}) {
                                checkDefinition(op, elements, groups * kernels.laneMultiple(), offset);
                            }
                        }
                    }
                }))
                .toList();
    }

    private void checkDefinition(KernelOperations.Operation op, int elements, int lanes, int offset) {
        Operands operands = Operands.random(elements, lanes, offset, 17 * elements + lanes);
        int size = op.outputElements(elements) * lanes;
        double[] before = new SplittableRandom(5).doubles(size, 0.5, 2).toArray();
        double[] out = new double[size + 2 * offset + 3];
        Arrays.fill(out, SENTINEL);
        System.arraycopy(before, 0, out, offset, size);
        Operands copy = operands.copy();

        op.run(kernels, operands, out, offset);

        for (int i = 0; i < size; i++) {
            double expected = op.expected(operands, i / lanes, i % lanes, before[i]);
            if (!(Math.abs(out[offset + i] - expected) <= op.tolerance() * Math.max(1, Math.abs(expected)))) {
                fail("%s of %d elements, %d lanes: entry %d is %s, not %s"
                        .formatted(op.name(), elements, lanes, i, out[offset + i], expected));
            }
        }
        for (int i = 0; i < out.length; i++) {
            if (i < offset || i >= offset + size) {
                assertThat(out[i]).as("%s writes outside at %d", op.name(), i).isEqualTo(SENTINEL);
            }
        }
        assertThat(operands.sameBits(copy)).as("%s changes an input", op.name()).isTrue();
    }

    /** Every lane of a batch, computed apart in the narrowest batch and at another offset, has the same bits. */
    @TestFactory
    List<DynamicTest> lanesDoNotDependOnTheBatch() {
        int narrow = kernels.laneMultiple();
        return KernelOperations.ALL.stream()
                .map(op -> DynamicTest.dynamicTest(op.name(), () -> {
                    for (int elements : new int[] {1, 6, 37, 70}) {
                        int lanes = 8 * narrow;
                        Operands batch = Operands.random(elements, lanes, 0, elements);
                        int rows = op.outputElements(elements);
                        double[] wide = new double[rows * lanes];
                        op.run(kernels, batch, wide, 0);
                        for (int lane = 0; lane < lanes; lane++) {
                            double[] out = new double[rows * narrow + 1];
                            op.run(kernels, batch.repeatLane(lane, narrow, 1), out, 1);
                            for (int e = 0; e < rows; e++) {
                                for (int s = 0; s < narrow; s++) {
                                    if (out[1 + e * narrow + s] != wide[e * lanes + lane]) {
                                        fail("%s of %d elements: element %d of lane %d depends on the batch"
                                                .formatted(op.name(), elements, e, lane));
                                    }
                                }
                            }
                        }
                    }
                }))
                .toList();
    }

    @Test
    void elementwiseOutputsMayBeInputs() {
        int n = 8 * kernels.laneMultiple();
        double[] x = new SplittableRandom(3).doubles(n, 0.1, 5).toArray();
        double[] apart = new double[n];
        double[] apartSlope = new double[n];
        kernels.softplus(n, x, 0, apart, 0, apartSlope, 0);
        double[] inPlace = x.clone();
        double[] slope = new double[n];
        kernels.softplus(n, inPlace, 0, inPlace, 0, slope, 0);
        assertThat(inPlace).isEqualTo(apart);
        assertThat(slope).isEqualTo(apartSlope);
        double[] slopeInPlace = x.clone();
        double[] out = new double[n];
        kernels.softplus(n, slopeInPlace, 0, out, 0, slopeInPlace, 0);
        assertThat(out).isEqualTo(apart);
        assertThat(slopeInPlace).isEqualTo(apartSlope);

        for (Function function : functions()) {
            function.run(n, x, 0, apart, 0);
            inPlace = x.clone();
            function.run(n, inPlace, 0, inPlace, 0);
            assertThat(inPlace).isEqualTo(apart);
        }
    }

    @Test
    void matrixProductsTakeStridesAndBlocks() {
        int lanes = 2 * kernels.laneMultiple();
        SplittableRandom random = new SplittableRandom(11);
        for (int[] shape : new int[][] {{1, 1, 1}, {2, 3, 2}, {3, 4, 5}, {5, 2, 4}, {7, 16, 9}}) {
            int rows = shape[0];
            int inner = shape[1];
            int columns = shape[2];
            // a is stored transposed; b lies in a wider matrix; the sum is written transposed
            double[] a = random.doubles(5 + rows * inner * lanes, -1, 1).toArray();
            double[] b =
                    random.doubles(7 + inner * (columns + 3) * lanes, -1, 1).toArray();
            double[] sum = random.doubles(3 + rows * columns * lanes, -1, 1).toArray();
            double[] before = sum.clone();
            kernels.addMatrixProductTo(
                    rows, inner, columns, lanes, a, 5, 1, rows, b, 7, columns + 3, 1, sum, 3, 1, rows);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    for (int s = 0; s < lanes; s++) {
                        int at = 3 + (j * rows + i) * lanes + s;
                        double expected = before[at];
                        for (int k = 0; k < inner; k++) {
                            expected += a[5 + (k * rows + i) * lanes + s] * b[7 + (k * (columns + 3) + j) * lanes + s];
                        }
                        assertClose(sum[at], expected, 1e-13);
                    }
                }
            }
            assertThat(Arrays.copyOf(sum, 3)).isEqualTo(Arrays.copyOf(before, 3));
        }
    }

    /** Blocks over rows and columns end where the shape does not divide. */
    @Test
    void matrixTimesPanelAndItsAdjointInAwkwardShapes() {
        SplittableRandom random = new SplittableRandom(12);
        for (int rows : new int[] {1, 2, 3, 5, 31, 32, 33, 65}) {
            for (int columns : new int[] {1, 2, 3, 4, 5, 10}) {
                for (int lanes : new int[] {kernels.laneMultiple(), 2 * kernels.laneMultiple(), 8}) {
                    double[] a = random.doubles(2 + rows * columns, -1, 1).toArray();
                    double[] x = random.doubles(1 + columns * lanes, -1, 1).toArray();
                    double[] y = random.doubles(1 + rows * lanes, -1, 1).toArray();
                    double[] out = new double[3 + rows * lanes];
                    double[] sum = new double[3 + columns * lanes];
                    kernels.multiplyMatrix(rows, columns, lanes, a, 2, x, 1, out, 3);
                    kernels.addTransposedMatrixTo(rows, columns, lanes, a, 2, y, 1, sum, 3);
                    for (int s = 0; s < lanes; s++) {
                        for (int r = 0; r < rows; r++) {
                            double expected = 0;
                            for (int k = 0; k < columns; k++) {
                                expected += a[2 + r * columns + k] * x[1 + k * lanes + s];
                            }
                            assertClose(out[3 + r * lanes + s], expected, 1e-14);
                        }
                        for (int k = 0; k < columns; k++) {
                            double expected = 0;
                            for (int r = 0; r < rows; r++) {
                                expected += a[2 + r * columns + k] * y[1 + r * lanes + s];
                            }
                            assertClose(sum[3 + k * lanes + s], expected, 1e-13);
                        }
                    }
                }
            }
        }
    }

    private static void assertClose(double actual, double expected, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            fail("expected %s, got %s".formatted(expected, actual));
        }
    }

    @FunctionalInterface
    private interface Function {
        void run(int length, double[] x, int xAt, double[] out, int outAt);
    }

    private List<Function> functions() {
        return List.of(
                kernels::exp,
                kernels::log,
                kernels::log1p,
                kernels::expm1,
                kernels::tanh,
                kernels::sqrt,
                kernels::logistic,
                kernels::lgamma,
                kernels::digamma);
    }

    private void softplusValue(int length, double[] x, int xAt, double[] out, int outAt) {
        kernels.softplus(length, x, xAt, out, outAt, new double[length], 0);
    }

    private void softplusSlope(int length, double[] x, int xAt, double[] out, int outAt) {
        kernels.softplus(length, x, xAt, new double[length], 0, out, outAt);
    }

    @TestFactory
    List<DynamicTest> elementaryFunctionsAreWithinTwoUlps() {
        double[] real = Points.real();
        double[] positive = Points.positive();
        double[] aboveMinusOne = Points.aboveMinusOne();
        return List.of(
                accurate("exp", kernels::exp, HighPrecision::exp, real),
                accurate("expm1", kernels::expm1, HighPrecision::expm1, real),
                accurate("tanh", kernels::tanh, HighPrecision::tanh, real),
                accurate("logistic", kernels::logistic, HighPrecision::logistic, real),
                accurate("softplus", this::softplusValue, HighPrecision::softplus, real),
                accurate("slope of softplus", this::softplusSlope, HighPrecision::logistic, real),
                accurate("log", kernels::log, HighPrecision::log, positive),
                accurate("log1p", kernels::log1p, HighPrecision::log1p, aboveMinusOne));
    }

    private DynamicTest accurate(String name, Function function, DoubleFunction<BigDecimal> exact, double[] points) {
        return DynamicTest.dynamicTest(name, () -> {
            double[] out = new double[points.length];
            function.run(points.length, points, 0, out, 0);
            for (int i = 0; i < points.length; i++) {
                double ulps = HighPrecision.ulps(out[i], exact.apply(points[i]));
                if (!(ulps <= 2)) {
                    fail("%s(%s) = %s is %s ulp off".formatted(name, points[i], out[i], ulps));
                }
            }
        });
    }

    @TestFactory
    List<DynamicTest> elementaryFunctionsAtTheEdges() {
        double infinity = Double.POSITIVE_INFINITY;
        return List.of(
                edges(
                        "exp",
                        kernels::exp,
                        x -> x < 0 ? 0 : infinity,
                        -infinity,
                        -1e300,
                        -1001,
                        -745.14,
                        709.79,
                        1e300,
                        infinity),
                edges("exp of 0", kernels::exp, x -> 1, 0, -0.0, Double.MIN_VALUE),
                edges(
                        "expm1",
                        kernels::expm1,
                        x -> x < 0 ? -1 : infinity,
                        -infinity,
                        -1e300,
                        -51,
                        709.79,
                        1e300,
                        infinity),
                edges("expm1 of 0", kernels::expm1, x -> x, 0, -0.0, Double.MIN_VALUE, -Double.MIN_VALUE, 1e-310),
                edges("tanh", kernels::tanh, Math::signum, 0, -0.0, infinity, -infinity, 1e300, -25, Double.MAX_VALUE),
                edges("tanh of 0", kernels::tanh, x -> x, Double.MIN_VALUE, -Double.MIN_VALUE, 1e-310),
                edges("logistic", kernels::logistic, x -> x < 0 ? 0 : 1, -infinity, -1e300, -746, 40, 1e300, infinity),
                edges(
                        "softplus",
                        this::softplusValue,
                        x -> Math.max(x, 0),
                        -infinity,
                        -1e300,
                        -746,
                        40,
                        1e300,
                        infinity),
                edges("slope", this::softplusSlope, x -> x < 0 ? 0 : 1, -infinity, -1e300, -746, 40, 1e300, infinity),
                edges("log", kernels::log, Math::log, 0, -0.0, 1, infinity, -1, -infinity, -Double.MIN_VALUE),
                edges("log1p", kernels::log1p, Math::log1p, 0, -0.0, -1, infinity, -1.5, -infinity, Double.MIN_VALUE),
                edges("lgamma", kernels::lgamma, x -> x < 0 ? Double.NaN : infinity, 0, infinity, -1.5, -infinity),
                edges(
                        "digamma",
                        kernels::digamma,
                        x -> x < 0 ? Double.NaN : x == 0 ? -infinity : infinity,
                        0,
                        infinity,
                        -1.5,
                        -infinity));
    }

    private DynamicTest edges(String name, Function function, DoubleUnaryOperator exact, double... points) {
        return DynamicTest.dynamicTest(name, () -> {
            int n = 16 * kernels.laneMultiple();
            double[] x = new double[n];
            double[] out = new double[n];
            Arrays.fill(x, Double.NaN);
            System.arraycopy(points, 0, x, 0, points.length);
            function.run(n, x, 0, out, 0);
            for (int i = 0; i < n; i++) {
                double expected = i < points.length ? exact.applyAsDouble(points[i]) : Double.NaN;
                assertThat(Double.doubleToLongBits(out[i]))
                        .as("%s(%s) = %s, expected %s", name, x[i], out[i], expected)
                        .isEqualTo(Double.doubleToLongBits(expected));
            }
        });
    }

    /** Values from mpmath 1.3.0 with 40 digits: {@code loggamma(x)}, {@code digamma(x)}. */
    @Test
    void gammaFunctionsMatchReferenceValues() {
        double[][] table = GammaReference.TABLE;
        int n = (table.length + 63) / 64 * 64;
        double[] x = new double[n];
        double[] lgamma = new double[n];
        double[] digamma = new double[n];
        Arrays.fill(x, 1);
        for (int i = 0; i < table.length; i++) {
            x[i] = table[i][0];
        }
        kernels.lgamma(n, x, 0, lgamma, 0);
        kernels.digamma(n, x, 0, digamma, 0);
        for (int i = 0; i < table.length; i++) {
            assertThat(Math.abs(lgamma[i] - table[i][1]))
                    .as("lgamma(%s) = %s", x[i], lgamma[i])
                    .isLessThanOrEqualTo(5 * Math.ulp(table[i][1]));
            assertThat(Math.abs(digamma[i] - table[i][2]))
                    .as("digamma(%s) = %s", x[i], digamma[i])
                    .isLessThanOrEqualTo(5e-15 * Math.max(1, Math.abs(table[i][2])));
        }
    }
}

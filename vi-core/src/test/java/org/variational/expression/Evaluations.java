package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.variational.kernel.Kernels;

/** Expressions compiled and evaluated at points, and what must hold of all of them. */
public final class Evaluations {

    private static final int[] LANES = {1, 3, 8, 9};
    private static final double[] STEPS = {1e-2, 1e-3, 1e-4, 1e-6};

    private Evaluations() {}

    /** All elements of an expression at a point, row after row, computed without expressions. */
    @FunctionalInterface
    public interface Reference {
        double[] at(double[] point);
    }

    private static final int BATCH = 256;

    /** Log densities and gradients, point by point. */
    public record Result(double[] values, double[][] gradients) {}

    /** The kernels that run here. */
    public static List<Kernels> kernelSets() {
        List<Kernels> sets = new ArrayList<>(List.of(Kernels.plain()));
        Kernels.vector().ifPresent(sets::add);
        return sets;
    }

    /** Points with independent uniform coordinates. */
    public static double[][] points(int count, int dimension, double low, double high, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] points = new double[count][dimension];
        for (double[] point : points) {
            for (int d = 0; d < dimension; d++) {
                point[d] = low + (high - low) * random.nextDouble();
            }
        }
        return points;
    }

    static DMatrixRMaj panel(double[][] points, int from, int lanes) {
        DMatrixRMaj panel = new DMatrixRMaj(points[0].length, lanes);
        for (int s = 0; s < lanes; s++) {
            for (int d = 0; d < points[0].length; d++) {
                panel.set(d, s, points[from + s][d]);
            }
        }
        return panel;
    }

    /** The first points as one batch. */
    public static Result evaluate(Evaluator evaluator, double[][] points, int from, int lanes) {
        int dimension = points[0].length;
        double[] values = new double[lanes];
        DMatrixRMaj gradient = new DMatrixRMaj(dimension, lanes);
        evaluator.evaluate(panel(points, from, lanes), values, gradient);
        return result(values, gradient);
    }

    static Result result(double[] values, DMatrixRMaj gradient) {
        double[][] gradients = new double[gradient.numCols][gradient.numRows];
        for (int s = 0; s < gradient.numCols; s++) {
            for (int d = 0; d < gradient.numRows; d++) {
                gradients[s][d] = gradient.get(d, s);
            }
        }
        return new Result(values, gradients);
    }

    /** A term evaluated at points by the plain kernels. */
    public static Result evaluate(Expr term, double[][] points) {
        try (Evaluator evaluator = evaluator(points[0].length, term, Kernels.plain(), 1)) {
            return evaluate(evaluator, points, 0, points.length);
        }
    }

    /** The values of a term at many points, by the plain kernels, in batches that need little memory. */
    public static double[] values(Expr term, double[][] points) {
        double[] values = new double[points.length];
        try (Evaluator evaluator = evaluator(points[0].length, term, Kernels.plain(), 1)) {
            for (int from = 0; from < points.length; from += BATCH) {
                double[] batch = new double[Math.min(BATCH, points.length - from)];
                evaluator.evaluate(panel(points, from, batch.length), batch, null);
                System.arraycopy(batch, 0, values, from, batch.length);
            }
        }
        return values;
    }

    /** The elements of an expression at a point. */
    public static double[] elements(Expr expr, double[] point) {
        Plan plan = Plan.of(point.length, List.of(), List.of(expr), Set.of());
        try (Evaluator evaluator = plan.evaluator(Data.declared(), Kernels.plain(), 1)) {
            return evaluator.outputs(panel(new double[][] {point}, 0, 1))[0];
        }
    }

    static Evaluator evaluator(int dimension, Expr term, Kernels kernels, int threads) {
        return Plan.of(dimension, List.of(term), List.of(), Set.of()).evaluator(Data.declared(), kernels, threads);
    }

    /**
     * Holds an expression to its reference at at least nine points: elements, the gradients of their sum and of a
     * weighted sum, on all kernels and several numbers of lanes; lanes equal to single points and a second use equal to
     * the first, to the bit.
     */
    public static void requireAgreement(Expr expr, Reference reference, double[][] points, double tolerance) {
        requireElements(expr, reference, points, tolerance);
        int count = reference.at(points[0]).length;
        double[] ones = new double[count];
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            ones[i] = 1;
            weights[i] = (i % 7 - 2.5) / 2;
        }
        requireGradient(expr, reference, ones, points, tolerance);
        requireGradient(weighted(expr, weights), reference, weights, points, tolerance);
    }

    static Expr weighted(Expr expr, double[] weights) {
        RowAxis axis = expr.axis();
        if (axis != null) {
            return expr.times(Expr.data("weights", axis, expr.columns(), weights));
        }
        if (expr.size() == 1) {
            return expr.times(weights[0]);
        }
        double[][] matrix = new double[expr.rows()][expr.columns()];
        for (int i = 0; i < weights.length; i++) {
            matrix[i / expr.columns()][i % expr.columns()] = weights[i];
        }
        return expr.times(Expr.constant(matrix));
    }

    private static void requireElements(Expr expr, Reference reference, double[][] points, double tolerance) {
        Plan plan = Plan.of(points[0].length, List.of(), List.of(expr), Set.of());
        for (Kernels kernels : kernelSets()) {
            try (Evaluator evaluator = plan.evaluator(Data.declared(), kernels, 1)) {
                for (int lanes : LANES) {
                    double[] found = evaluator.outputs(panel(points, 0, lanes))[0];
                    for (int s = 0; s < lanes; s++) {
                        double[] expected = reference.at(points[s]);
                        assertThat(found.length).as("number of elements").isEqualTo(expected.length * lanes);
                        for (int e = 0; e < expected.length; e++) {
                            requireClose("element " + e, found[e * lanes + s], expected[e], tolerance);
                        }
                    }
                }
            }
        }
    }

    /** Equal if both are the same infinity or NaN, or within {@code tolerance * (1 + |expected|)}. */
    public static void requireClose(String what, double actual, double expected, double tolerance) {
        boolean equal = Double.compare(actual, expected) == 0
                || Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
        if (!equal) {
            assertThat(actual).as(what).isEqualTo(expected);
        }
    }

    /** Equal to the bit, any NaN being any other. */
    static void requireSameBits(String what, double[] actual, double... expected) {
        if (!Arrays.equals(actual, expected)) {
            assertThat(actual).as(what).isEqualTo(expected);
        }
    }

    private static void requireSameBits(String what, double actual, double expected) {
        if (Double.compare(actual, expected) != 0) {
            assertThat(actual).as(what).isEqualTo(expected);
        }
    }

    private static void requireGradient(
            Expr term, Reference reference, double[] weights, double[][] points, double tolerance) {
        double[][] expected = {
            differences(reference, weights, points[0]), differences(reference, weights, points[points.length - 1])
        };
        for (Kernels kernels : kernelSets()) {
            try (Evaluator evaluator = evaluator(points[0].length, term, kernels, 1)) {
                Result single = evaluate(evaluator, points, 0, 1);
                for (int lanes : LANES) {
                    int from = points.length - lanes;
                    Result batch = evaluate(evaluator, points, from, lanes);
                    for (int s = 0; s < lanes; s++) {
                        String where = kernels.name() + ", lane " + s + " of " + lanes;
                        Result alone = evaluate(evaluator, points, from + s, 1);
                        requireSameBits(where, batch.values()[s], alone.values()[0]);
                        requireSameBits(where, batch.gradients()[s], alone.gradients()[0]);
                        double sum = sum(reference, weights, points[from + s]);
                        requireClose(
                                "sum, " + where,
                                batch.values()[s],
                                sum,
                                tolerance * Math.max(1, Math.sqrt(weights.length)));
                    }
                    requireGradient(kernels.name(), batch.gradients()[lanes - 1], expected[1]);
                }
                Result again = evaluate(evaluator, points, 0, 1);
                requireSameBits("second use", again.values(), single.values());
                requireSameBits("second use", again.gradients()[0], single.gradients()[0]);
                requireGradient(kernels.name(), again.gradients()[0], expected[0]);
            }
        }
    }

    /**
     * Differences are good to about 1e-15 over the step plus the fourth power of the step; the best of several counts.
     */
    private static void requireGradient(String kernels, double[] gradient, double[] differences) {
        int dimension = gradient.length;
        for (int d = 0; d < dimension; d++) {
            double best = Double.POSITIVE_INFINITY;
            double nearest = Double.NaN;
            for (int k = 0; k < 2 * STEPS.length; k++) {
                double error = Math.abs(gradient[d] - differences[k * dimension + d]);
                if (error < best) {
                    best = error;
                    nearest = differences[k * dimension + d];
                }
            }
            if (!(best <= 2e-8 * (1 + Math.abs(gradient[d])))) {
                assertThat(gradient[d])
                        .as(kernels + ": coordinate " + d + " of the gradient, against the nearest difference")
                        .isEqualTo(nearest);
            }
        }
    }

    private static double sum(Reference reference, double[] weights, double[] point) {
        double[] elements = reference.at(point);
        double sum = 0;
        for (int e = 0; e < elements.length; e++) {
            sum += weights[e] * elements[e];
        }
        return sum;
    }

    /**
     * Five-point central differences with every step, relative to the coordinate and to at least 1/1000, one after the
     * other; NaN where a step leaves the domain.
     */
    private static double[] differences(Reference reference, double[] weights, double[] point) {
        int dimension = point.length;
        double[] result = new double[2 * STEPS.length * dimension];
        double[] moved = point.clone();
        for (int d = 0; d < dimension; d++) {
            for (int k = 0; k < 2 * STEPS.length; k++) {
                double size = Math.abs(point[d]);
                double h = STEPS[k / 2] * (k % 2 == 0 ? Math.max(1e-3, size) : size);
                double[] at = new double[4];
                int[] shifts = {-2, -1, 1, 2};
                for (int j = 0; j < 4; j++) {
                    moved[d] = point[d] + shifts[j] * h;
                    at[j] = sum(reference, weights, moved);
                }
                moved[d] = point[d];
                result[k * dimension + d] = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h);
            }
        }
        return result;
    }
}

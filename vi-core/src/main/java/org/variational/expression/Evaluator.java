package org.variational.expression;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.kernel.Kernels;

/**
 * A compiled {@link Plan} with data and working memory, ready to be evaluated.
 *
 * <p>Row-wise parts run tile by tile, in an order of summation that does not depend on the number of threads. Once
 * warm, evaluation with one thread allocates next to nothing, whatever the data and the number of points. Not
 * thread-safe.
 */
public final class Evaluator implements AutoCloseable {

    private static final int OUTPUT_LANES = 64;

    private final Plan plan;
    private final BoundData data;
    private final Frame frame;
    private final RowRun[] rowRuns;
    private final Terms terms;
    private final Terms.Uniform uniform;
    private final double constant;
    private @Nullable Workers workers;
    private final int[] coordinateSlots;
    private final int[] coordinateOffsets;
    private double[] paddedPoints = {};
    private double[] paddedGradient = {};
    private double[] totals = {};
    private double[] scratch = {};

    Evaluator(Plan plan, Data replaced, @Nullable Kernels wanted, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        this.plan = plan;
        this.data = new BoundData(plan, replaced);
        Kernels kernels = wanted == null ? Kernels.preferredFor(plan.operations(data::rowCount)) : wanted;
        this.uniform = new Terms.Uniform(plan.graph.slotCount());
        this.frame = new Frame(kernels, plan.graph.slotCount(), plan.graph.indexCount());
        System.arraycopy(data.indices, 0, frame.index, 0, data.indices.length);
        this.terms = new Terms(
                plan.terms.stream().filter(term -> term.node().axis() == null).toList(), plan, data, uniform);
        this.rowRuns = plan.axes.stream()
                .map(axis -> new RowRun(axis, plan, data, frame, uniform, threads))
                .toArray(RowRun[]::new);
        this.workers = threads > 1 ? new Workers(threads) : null;
        this.constant = constantTerms();
        List<Expr> coordinates = plan.graph.nodes().stream()
                .filter(node -> node.axis() == null && node.op instanceof Leaf.Coordinates)
                .toList();
        this.coordinateSlots = coordinates.stream().mapToInt(plan.graph::slot).toArray();
        this.coordinateOffsets = coordinates.stream()
                .mapToInt(node -> node.op instanceof Leaf.Coordinates leaf ? leaf.offset() : -1)
                .toArray();
        for (Expr node : plan.graph.nodes()) {
            double[] values = data.values[plan.graph.slot(node)];
            if (node.axis() == null && values != null) {
                frame.alias(plan.graph.slot(node), values, 0);
            }
        }
    }

    private double constantTerms() {
        double sum = plan.shift;
        for (var shift : plan.shiftPerRow.entrySet()) {
            sum += shift.getValue() * data.rowCount(shift.getKey());
        }
        for (Plan.Term term : plan.terms) {
            if (!term.node().varying && term.node().axis() == null) {
                sum += Terms.weight(term, data)
                        * Arrays.stream(data.values(term.node())).sum();
            }
        }
        return sum;
    }

    /** What does not depend on the point, of all terms. */
    double constants() {
        double sum = constant;
        for (RowRun run : rowRuns) {
            sum += run.constants();
        }
        return sum;
    }

    /** The kernels this evaluator runs on. */
    public Kernels kernels() {
        return frame.kernels;
    }

    /** The number of rows of an axis in the data of this evaluator. */
    public int rowCount(RowAxis axis) {
        for (RowRun run : rowRuns) {
            if (run.axis() == axis) {
                return run.rowCount();
            }
        }
        return data.rowCount(axis);
    }

    /**
     * The log density, and its gradient where wanted, at S points.
     *
     * @param points D x S, read only
     * @param logDensity at least S long, overwritten
     * @param gradient D x S, overwritten; null where only values are wanted
     * @throws IllegalArgumentException if a shape is wrong
     */
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        evaluate(points, logDensity, gradient, null, null, 0);
    }

    /**
     * As {@link #evaluate(DMatrixRMaj, double[], DMatrixRMaj)}, with the terms of one axis estimated from some of its
     * rows and rescaled by the number of rows over {@code count}.
     *
     * @param axis the axis of which rows are chosen
     * @param rows distinct row numbers, of which the first {@code count} are used
     * @throws IllegalArgumentException if a shape, the count or a row number is wrong
     */
    public void evaluateRows(
            RowAxis axis,
            int[] rows,
            int count,
            DMatrixRMaj points,
            double[] logDensity,
            @Nullable DMatrixRMaj gradient) {
        requireRows(axis, rows, count);
        evaluate(points, logDensity, gradient, axis, rows, count);
    }

    private void evaluate(
            DMatrixRMaj points,
            double[] logDensity,
            @Nullable DMatrixRMaj gradient,
            @Nullable RowAxis axis,
            int @Nullable [] chosen,
            int count) {
        int width = points.numCols;
        requireShape("points", points, width);
        if (logDensity.length < width) {
            throw new IllegalArgumentException(
                    "logDensity has room for " + logDensity.length + " values, but there are " + width + " points");
        }
        if (gradient != null) {
            requireShape("gradient", gradient, width);
        }
        double[] panel = place(points);
        int lanes = frame.lanes;
        double[] gradientPanel = gradient == null ? null : placeGradient(gradient, width);
        plan.globals.forward(frame, uniform.skipped);
        Arrays.fill(totals, 0, lanes, constant);
        terms.addTo(frame, totals, scratch);
        if (gradientPanel != null) {
            plan.globals.clearAdjoints(frame);
        }
        for (RowRun run : rowRuns) {
            boolean subset = run.axis() == axis;
            run.evaluate(
                    panel, gradientPanel, subset ? chosen : null, subset ? count : run.rowCount(), totals, workers);
        }
        System.arraycopy(totals, 0, logDensity, 0, width);
        if (gradient != null && gradientPanel != null) {
            terms.seed(frame, 1);
            plan.globals.reverse(frame, uniform.weight, 1);
            if (lanes != width) {
                for (int d = 0; d < plan.dimension; d++) {
                    System.arraycopy(gradientPanel, d * lanes, gradient.data, d * width, width);
                }
            }
        }
    }

    /**
     * The outputs of the plan at S points.
     *
     * @param points D x S, read only
     * @return per output, its elements in row-major order, each with S values: entry {@code element * S + s}; row-wise
     *     outputs have their elements row after row
     */
    public double[][] outputs(DMatrixRMaj points) {
        return outputs(points, null, new int[0]);
    }

    /**
     * As {@link #outputs(DMatrixRMaj)}, with some rows of one axis alone.
     *
     * @param axis the axis of which rows are chosen; outputs along it have these rows, in their order
     * @param rows distinct row numbers, at least one
     * @throws IllegalArgumentException if the points have another dimension, or a row number is wrong
     */
    public double[][] outputsOfRows(DMatrixRMaj points, RowAxis axis, int[] rows) {
        requireRows(axis, rows, rows.length);
        return outputs(points, axis, rows);
    }

    private double[][] outputs(DMatrixRMaj points, @Nullable RowAxis axis, int[] rows) {
        int width = points.numCols;
        requireShape("points", points, width);
        return width > OUTPUT_LANES
                ? outputsByBatches(points, width, axis, rows)
                : outputsOfBatch(points, width, axis, rows);
    }

    /**
     * Many points, such as all draws of a posterior, in batches: the working memory grows with the lanes of a batch.
     */
    private double[][] outputsByBatches(DMatrixRMaj points, int width, @Nullable RowAxis axis, int[] rows) {
        double[][] outputs = new double[plan.outputs.size()][];
        for (int from = 0; from < width; from += OUTPUT_LANES) {
            int lanes = Math.min(OUTPUT_LANES, width - from);
            DMatrixRMaj batch = new DMatrixRMaj(plan.dimension, lanes);
            for (int d = 0; d < plan.dimension; d++) {
                System.arraycopy(points.data, d * width + from, batch.data, d * lanes, lanes);
            }
            double[][] part = outputsOfBatch(batch, lanes, axis, rows);
            for (int k = 0; k < part.length; k++) {
                int elements = part[k].length / lanes;
                if (from == 0) {
                    outputs[k] = new double[elements * width];
                }
                for (int e = 0; e < elements; e++) {
                    System.arraycopy(part[k], e * lanes, outputs[k], e * width + from, lanes);
                }
            }
        }
        return outputs;
    }

    private double[][] outputsOfBatch(DMatrixRMaj points, int width, @Nullable RowAxis axis, int[] rows) {
        double[][] outputs = new double[plan.outputs.size()][];
        double[] panel = place(points);
        plan.globals.forward(frame, uniform.skipped);
        for (int k = 0; k < outputs.length; k++) {
            Expr node = plan.outputs.get(k);
            RowAxis along = node.axis();
            int count = along == null ? 1 : along == axis ? rows.length : rowCount(along);
            outputs[k] = new double[node.size() * count * width];
            if (along == null) {
                copyLanes(frame, node, plan.graph.slot(node), node.size(), outputs[k], 0, width);
            }
        }
        for (RowRun run : rowRuns) {
            boolean subset = run.axis() == axis;
            run.output(panel, subset ? rows : null, subset ? rows.length : run.rowCount(), outputs, width, workers);
        }
        return outputs;
    }

    /** Copies the values of a node without padding; values without lanes are repeated. */
    static void copyLanes(Frame f, Expr node, int slot, int elements, double[] out, int at, int width) {
        double[] values = f.value[slot];
        for (int e = 0; e < elements; e++) {
            if (node.varying) {
                System.arraycopy(values, f.valueAt[slot] + e * f.lanes, out, at + e * width, width);
            } else {
                Arrays.fill(out, at + e * width, at + (e + 1) * width, values[f.valueAt[slot] + e]);
            }
        }
    }

    private void requireRows(RowAxis axis, int[] rows, int count) {
        int available = rowCount(axis);
        if (count < 1 || count > available || count > rows.length) {
            throw new IllegalArgumentException("a subset of \"" + axis.name() + "\" needs between 1 and "
                    + Math.min(available, rows.length) + " rows, got " + count);
        }
        for (int i = 0; i < count; i++) {
            if (rows[i] < 0 || rows[i] >= available) {
                throw new IllegalArgumentException(
                        "row " + rows[i] + " is outside \"" + axis.name() + "\", which has " + available + " rows");
            }
        }
    }

    private void requireShape(String name, DMatrixRMaj matrix, int width) {
        if (width < 1 || matrix.numRows != plan.dimension || matrix.numCols != width) {
            throw new IllegalArgumentException(name + " must be " + plan.dimension + " x " + Math.max(1, width)
                    + ", got " + matrix.numRows + " x " + matrix.numCols);
        }
    }

    /** Sizes the working memory for these points and returns them, padded where the kernels need it. */
    private double[] place(DMatrixRMaj points) {
        int width = points.numCols;
        int multiple = frame.kernels.laneMultiple();
        int lanes = (width + multiple - 1) / multiple * multiple;
        if (lanes != frame.lanes) {
            frame.lanes = lanes;
            plan.globals.allocate(frame, 1);
            totals = new double[lanes];
            scratch = new double[lanes];
            for (RowRun run : rowRuns) {
                run.allocate();
            }
        }
        double[] panel = points.data;
        if (lanes != width) {
            if (paddedPoints.length < plan.dimension * lanes) {
                paddedPoints = new double[plan.dimension * lanes];
            }
            panel = paddedPoints;
            for (int d = 0; d < plan.dimension; d++) {
                System.arraycopy(points.data, d * width, panel, d * lanes, width);
                Arrays.fill(panel, d * lanes + width, (d + 1) * lanes, points.data[d * width]);
            }
        }
        for (int i = 0; i < coordinateSlots.length; i++) {
            frame.alias(coordinateSlots[i], panel, coordinateOffsets[i] * lanes);
        }
        return panel;
    }

    private double[] placeGradient(DMatrixRMaj gradient, int width) {
        int lanes = frame.lanes;
        double[] panel = gradient.data;
        if (lanes != width) {
            if (paddedGradient.length < plan.dimension * lanes) {
                paddedGradient = new double[plan.dimension * lanes];
            }
            panel = paddedGradient;
        }
        Arrays.fill(panel, 0, plan.dimension * lanes, 0);
        for (int i = 0; i < coordinateSlots.length; i++) {
            frame.aliasAdjoint(coordinateSlots[i], panel, coordinateOffsets[i] * lanes);
        }
        return panel;
    }

    /** Ends the threads of this evaluator, which from then on works on the caller's thread alone. */
    @Override
    public void close() {
        Workers ending = workers;
        workers = null;
        if (ending != null) {
            ending.close();
        }
    }
}

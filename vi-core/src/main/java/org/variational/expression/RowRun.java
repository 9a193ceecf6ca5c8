package org.variational.expression;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The row-wise part of a plan along one axis, run tile by tile.
 *
 * <p>Rows are cut into tiles of a fixed size, tiles into a fixed number of chunks. A chunk has its own sums and its own
 * adjoints of shared values; chunks are added in order. Which thread runs a chunk makes no difference.
 */
final class RowRun {

    /** Rows whose intermediate values stay in the first-level cache for 8 lanes and a few tens of operations. */
    private static final int TILE_ROWS = 128;

    private static final int MAX_CHUNKS = 16;

    /** Operations, in all lanes, from which waking threads costs less than they save. */
    private static final long WORTH_THREADS = 1_000_000;

    private final Plan plan;
    private final Plan.AxisPlan axisPlan;
    private final BoundData data;
    private final Frame globals;
    private final Terms.Uniform uniform;
    private final Terms terms;
    private final double constantTerms;
    private final int rowCount;
    private final int[] sharedSlots;
    private final int[] sharedSizes;
    private final double[][] sharedAdjoint = new double[MAX_CHUNKS][];
    private final double[][] chunkTotals = new double[MAX_CHUNKS][];
    private final Tiles[] workspaces;

    /** What the present pass does; set before tiles run. */
    private final Pass pass = new Pass();

    /** One pass over the rows. */
    private static final class Pass {
        /** The padded points. */
        double[] points = {};
        /** The padded gradient to add to, null where none is wanted. */
        double @Nullable [] gradient;
        /** The row numbers to use, null for all. */
        int @Nullable [] chosen;
        /** How many rows are used. */
        int count;
        /** The arrays of the plan's outputs to write instead of summing terms, null for sums. */
        double @Nullable [][] outputs;
        /** The number of points, unpadded. */
        int width;

        void set(
                double[] newPoints,
                double @Nullable [] newGradient,
                int @Nullable [] newChosen,
                int newCount,
                double @Nullable [][] newOutputs,
                int newWidth) {
            points = newPoints;
            gradient = newGradient;
            chosen = newChosen;
            count = newCount;
            outputs = newOutputs;
            width = newWidth;
        }
    }

    RowRun(Plan.AxisPlan axisPlan, Plan plan, BoundData data, Frame globals, Terms.Uniform uniform, int threads) {
        this.plan = plan;
        this.axisPlan = axisPlan;
        this.data = data;
        this.globals = globals;
        this.uniform = uniform;
        this.terms = new Terms(axisPlan.terms, plan, data, uniform);
        this.rowCount = data.rowCount(axisPlan.axis);
        this.constantTerms = constantTerms();
        this.sharedSlots = axisPlan.shared.stream().mapToInt(plan.graph::slot).toArray();
        this.sharedSizes = axisPlan.shared.stream().mapToInt(Expr::size).toArray();
        this.workspaces = new Tiles[Math.max(1, Math.min(threads, chunks(rowCount)))];
        for (int i = 0; i < workspaces.length; i++) {
            workspaces[i] = new Tiles();
        }
    }

    RowAxis axis() {
        return axisPlan.axis;
    }

    int rowCount() {
        return rowCount;
    }

    /** The terms of all rows that do not depend on the point. */
    double constants() {
        return constantTerms;
    }

    private static int tiles(int rows) {
        return (rows + TILE_ROWS - 1) / TILE_ROWS;
    }

    private static int chunks(int rows) {
        return Math.min(MAX_CHUNKS, tiles(rows));
    }

    /** Sizes the working memory for the lanes of the global frame. */
    void allocate() {
        int shared = Arrays.stream(sharedSizes).sum();
        for (int c = 0; c < chunks(rowCount); c++) {
            sharedAdjoint[c] = new double[shared * globals.lanes];
            chunkTotals[c] = new double[globals.lanes];
        }
        for (Tiles workspace : workspaces) {
            workspace.allocate();
        }
    }

    private double constantTerms() {
        double sum = 0;
        for (Plan.Term term : axisPlan.terms) {
            if (!term.node().varying) {
                sum += term.weight() * Arrays.stream(data.values(term.node())).sum();
            }
        }
        return sum;
    }

    /** {@link #constantTerms} estimated from some rows, before rescaling. */
    private double constantTermsOf(int[] rows, int count) {
        double sum = 0;
        for (int k = 0; k < axisPlan.terms.size(); k++) {
            Plan.Term term = axisPlan.terms.get(k);
            if (!term.node().varying) {
                int width = term.node().size();
                double[] values = data.values(term.node());
                double total = 0;
                for (int i = 0; i < count; i++) {
                    for (int j = 0; j < width; j++) {
                        total += values[rows[i] * width + j];
                    }
                }
                sum += term.weight() * total;
            }
        }
        return sum;
    }

    /**
     * Adds the terms of all rows, or of the chosen ones rescaled, to {@code totals}, and adds to the adjoints of shared
     * values and to the gradients of local coordinates where a gradient is given.
     */
    void evaluate(
            double[] points,
            double @Nullable [] gradient,
            int @Nullable [] chosen,
            int count,
            double[] totals,
            @Nullable Workers workers) {
        double scale = chosen == null ? 1 : (double) rowCount / count;
        double constants = chosen == null ? constantTerms : scale * constantTermsOf(chosen, count);
        int lanes = globals.lanes;
        for (int s = 0; s < lanes; s++) {
            totals[s] += constants;
        }
        if (terms.isEmpty()) {
            return;
        }
        pass.set(points, gradient, chosen, count, null, 0);
        int chunks = chunks(count);
        runChunks(chunks, workers);
        for (int c = 0; c < chunks; c++) {
            globals.kernels.addScaledTo(lanes, scale, chunkTotals[c], 0, totals, 0);
            if (gradient != null) {
                int at = 0;
                for (int i = 0; i < sharedSlots.length; i++) {
                    int slot = sharedSlots[i];
                    int length = sharedSizes[i] * lanes;
                    globals.kernels.addTo(length, sharedAdjoint[c], at, globals.adjoint[slot], globals.adjointAt[slot]);
                    at += length;
                }
            }
        }
    }

    /**
     * Writes the row-wise outputs along this axis, of all rows or of the chosen ones; entry k of {@code outputs}
     * belongs to output k of the plan.
     */
    void output(
            double[] points,
            int @Nullable [] chosen,
            int count,
            double @Nullable [][] outputs,
            int width,
            @Nullable Workers workers) {
        pass.set(points, null, chosen, count, outputs, width);
        runChunks(chunks(count), workers);
    }

    private void runChunks(int chunks, @Nullable Workers workers) {
        long operations = axisPlan.varying.operations(pass.count) * globals.lanes;
        if (workers == null || workspaces.length == 1 || chunks == 1 || operations < WORTH_THREADS) {
            for (int c = 0; c < chunks; c++) {
                workspaces[0].run(c, chunks);
            }
        } else {
            workers.run(Math.min(workspaces.length, chunks), chunks, this);
        }
    }

    /** Runs one of {@code chunks} chunks in the working memory of one worker. */
    void runChunk(int worker, int chunk, int chunks) {
        workspaces[worker].run(chunk, chunks);
    }

    /** The working memory of one worker, in which it runs tiles. */
    private final class Tiles {

        private final Frame frame = new Frame(globals.kernels, plan.graph.slotCount(), plan.graph.indexCount());
        private final List<Expr> constants = axisPlan.rowConstants;
        private final List<Expr> coordinates = axisPlan.coordinates;
        private final List<Expr> indices = axisPlan.indices;
        private final double[][] gatheredConstants = new double[constants.size()][];
        private final double[][] gatheredCoordinates = new double[coordinates.size()][];
        private final double[][] gatheredAdjoints = new double[coordinates.size()][];
        private final int[][] gatheredIndices = new int[indices.size()][];
        private double[] scratch = {};

        /** Where things come from, resolved to slots once. */
        private final int[] constantSlots =
                constants.stream().mapToInt(plan.graph::slot).toArray();

        private final int[] constantSizes =
                constants.stream().mapToInt(Expr::size).toArray();
        private final double[][] constantValues =
                constants.stream().map(data::values).toArray(double[][]::new);
        private final int[] coordinateSlots =
                coordinates.stream().mapToInt(plan.graph::slot).toArray();
        private final int[] coordinateOffsets = coordinates.stream()
                .mapToInt(e -> e.op instanceof Leaf.Coordinates leaf ? leaf.offset() : -1)
                .toArray();
        private final int[] indexSlots =
                indices.stream().mapToInt(plan.graph::indexSlot).toArray();

        Tiles() {
            for (Expr node : plan.graph.nodes()) {
                int slot = plan.graph.slot(node);
                double[] constant = node.axis() == null ? data.values[slot] : null;
                if (constant != null) {
                    frame.alias(slot, constant, 0);
                }
            }
        }

        void allocate() {
            frame.lanes = globals.lanes;
            int rows = Math.min(TILE_ROWS, Math.max(1, rowCount));
            axisPlan.varying.allocate(frame, rows);
            scratch = new double[frame.lanes];
            for (int i = 0; i < constantSlots.length; i++) {
                gatheredConstants[i] = new double[rows * constants.get(i).size()];
            }
            for (int i = 0; i < coordinateSlots.length; i++) {
                int length = rows * coordinates.get(i).size() * frame.lanes;
                gatheredCoordinates[i] = new double[length];
                gatheredAdjoints[i] = new double[length];
            }
            for (int i = 0; i < indexSlots.length; i++) {
                gatheredIndices[i] = new int[rows];
            }
        }

        /** Runs the tiles of one chunk, in order. */
        void run(int chunk, int chunks) {
            double[] totals = chunkTotals[chunk];
            Arrays.fill(totals, 0, frame.lanes, 0);
            placeShared(sharedAdjoint[chunk]);
            int tiles = tiles(pass.count);
            int last = (int) ((long) tiles * (chunk + 1) / chunks);
            for (int tile = (int) ((long) tiles * chunk / chunks); tile < last; tile++) {
                int from = tile * TILE_ROWS;
                frame.rows = Math.min(TILE_ROWS, pass.count - from);
                runTile(from, totals);
            }
        }

        private void placeShared(double[] adjoint) {
            Arrays.fill(adjoint, 0);
            int at = 0;
            for (int i = 0; i < sharedSlots.length; i++) {
                int slot = sharedSlots[i];
                frame.alias(slot, globals.value[slot], globals.valueAt[slot]);
                frame.aliasAdjoint(slot, adjoint, at);
                at += sharedSizes[i] * frame.lanes;
            }
        }

        private void runTile(int from, double[] totals) {
            int[] chosen = pass.chosen;
            if (chosen == null) {
                placeRows(from);
            } else {
                gatherRows(chosen, from);
            }
            axisPlan.varying.forward(frame, uniform.skipped);
            double[][] outputs = pass.outputs;
            if (outputs != null) {
                writeOutputs(outputs, from);
                return;
            }
            terms.addTo(frame, totals, scratch);
            double[] gradient = pass.gradient;
            if (gradient != null) {
                double scale = chosen == null ? 1 : (double) rowCount / pass.count;
                axisPlan.varying.clearAdjoints(frame);
                terms.seed(frame, scale);
                axisPlan.varying.reverse(frame, uniform.weight, scale);
                if (chosen != null) {
                    scatterGradients(gradient, chosen, from);
                }
            }
        }

        /** Points slots at the rows from {@code from} on, where they are. */
        private void placeRows(int from) {
            for (int i = 0; i < constantSlots.length; i++) {
                frame.alias(constantSlots[i], constantValues[i], from * constantSizes[i]);
            }
            for (int i = 0; i < indexSlots.length; i++) {
                frame.index[indexSlots[i]] = data.indices[indexSlots[i]];
                frame.indexAt[indexSlots[i]] = from;
            }
            double[] gradient = pass.gradient;
            for (int i = 0; i < coordinateSlots.length; i++) {
                int at = (coordinateOffsets[i] + from * coordinates.get(i).size()) * frame.lanes;
                frame.alias(coordinateSlots[i], pass.points, at);
                if (gradient != null) {
                    frame.aliasAdjoint(coordinateSlots[i], gradient, at);
                }
            }
        }

        /** Copies the chosen rows together. */
        private void gatherRows(int[] chosen, int from) {
            for (int i = 0; i < constantSlots.length; i++) {
                int width = constantSizes[i];
                double[] values = constantValues[i];
                for (int t = 0; t < frame.rows; t++) {
                    System.arraycopy(values, chosen[from + t] * width, gatheredConstants[i], t * width, width);
                }
                frame.alias(constantSlots[i], gatheredConstants[i], 0);
            }
            for (int i = 0; i < indexSlots.length; i++) {
                for (int t = 0; t < frame.rows; t++) {
                    gatheredIndices[i][t] = data.indices[indexSlots[i]][chosen[from + t]];
                }
                frame.index[indexSlots[i]] = gatheredIndices[i];
                frame.indexAt[indexSlots[i]] = 0;
            }
            for (int i = 0; i < coordinateSlots.length; i++) {
                int width = coordinates.get(i).size() * frame.lanes;
                int base = coordinateOffsets[i] * frame.lanes;
                for (int t = 0; t < frame.rows; t++) {
                    System.arraycopy(
                            pass.points, base + chosen[from + t] * width, gatheredCoordinates[i], t * width, width);
                }
                Arrays.fill(gatheredAdjoints[i], 0);
                frame.alias(coordinateSlots[i], gatheredCoordinates[i], 0);
                frame.aliasAdjoint(coordinateSlots[i], gatheredAdjoints[i], 0);
            }
        }

        private void scatterGradients(double[] gradient, int[] chosen, int from) {
            for (int i = 0; i < coordinateSlots.length; i++) {
                int width = coordinates.get(i).size() * frame.lanes;
                int base = coordinateOffsets[i] * frame.lanes;
                for (int t = 0; t < frame.rows; t++) {
                    frame.kernels.addTo(
                            width, gatheredAdjoints[i], t * width, gradient, base + chosen[from + t] * width);
                }
            }
        }

        private void writeOutputs(double[][] outputs, int from) {
            int width = pass.width;
            for (int k = 0; k < outputs.length; k++) {
                Expr node = plan.outputs.get(k);
                if (node.axis() != axisPlan.axis) {
                    continue;
                }
                Evaluator.copyLanes(
                        frame,
                        node,
                        plan.graph.slot(node),
                        node.size() * frame.rows,
                        outputs[k],
                        from * node.size() * width,
                        width);
            }
        }
    }
}

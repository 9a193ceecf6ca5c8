package org.variational.expression;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.variational.kernel.Kernels;

/** A plan's data in place: leaves checked against each other, and everything that depends on data alone computed. */
final class BoundData {

    /** By slot: the values of nodes that do not vary, whole; null for others. */
    final double[] @Nullable [] values;
    /** By index slot: all indices. */
    final int[][] indices;

    private final Plan plan;
    private final Map<RowAxis, Integer> rowCounts = new HashMap<>();

    BoundData(Plan plan, Data data) {
        this.plan = plan;
        Graph graph = plan.graph;
        this.values = new double[graph.slotCount()][];
        this.indices = new int[graph.indexCount()][];
        placeLeaves(data);
        checkIndices();
        checkMatrices();
        Frame frame = new Frame(Kernels.plain(), graph.slotCount(), graph.indexCount());
        frame.lanes = 1;
        System.arraycopy(indices, 0, frame.index, 0, indices.length);
        for (Expr node : graph.nodes()) {
            double[] leaf = values[graph.slot(node)];
            if (leaf != null) {
                frame.alias(graph.slot(node), leaf, 0);
            }
        }
        plan.constants.allocate(frame, 1);
        plan.constants.forward(frame);
        for (Plan.AxisPlan axis : plan.axes) {
            frame.rows = rowCount(axis.axis);
            axis.constants.allocate(frame, frame.rows);
            axis.constants.forward(frame);
        }
        for (Expr node : graph.computed()) {
            if (!node.varying) {
                int slot = graph.slot(node);
                int length = node.size() * rowsOf(node);
                values[slot] = Arrays.copyOfRange(frame.value[slot], frame.valueAt[slot], frame.valueAt[slot] + length);
            }
        }
    }

    private int rowsOf(Expr node) {
        RowAxis axis = node.axis();
        return axis == null ? 1 : rowCount(axis);
    }

    int rowCount(RowAxis axis) {
        return rowCounts.getOrDefault(axis, axis.length());
    }

    double[] values(Expr node) {
        double[] found = values[plan.graph.slot(node)];
        if (found == null) {
            throw new IllegalStateException(node.describe() + " depends on parameters");
        }
        return found;
    }

    private void placeLeaves(Data data) {
        Map<RowAxis, String> origin = new HashMap<>();
        Set<String> known = new HashSet<>();
        for (Expr node : plan.graph.nodes()) {
            int slot = plan.graph.slot(node);
            if (node.op instanceof Leaf.Constant leaf) {
                values[slot] = leaf.values();
            } else if (node.op instanceof Leaf.GlobalData leaf) {
                known.add(leaf.dataName());
                double[] given = data.numbers(leaf.dataName(), node.columns());
                if (given != null && given.length != leaf.values().length) {
                    throw new IllegalArgumentException("data \"" + leaf.dataName() + "\" has " + given.length
                            + " values, but was declared with " + leaf.values().length);
                }
                values[slot] = given == null ? leaf.values() : given;
            } else if (node.op instanceof Leaf.RowData leaf) {
                known.add(leaf.dataName());
                double[] given = data.numbers(leaf.dataName(), node.columns());
                double[] found = given == null ? leaf.values() : given;
                int width = node.columns();
                if (width == 0 || found.length % width != 0) {
                    throw new IllegalArgumentException("data \"" + leaf.dataName() + "\" has " + found.length
                            + " values, which is no multiple of its width " + width);
                }
                setRowCount(node.axis(), origin, leaf.dataName(), found.length / width);
                values[slot] = found;
            } else if (node.op instanceof Leaf.IndexData leaf) {
                known.add(leaf.dataName());
                int[] given = data.indices(leaf.dataName());
                int[] found = given == null ? leaf.values() : given;
                setRowCount(node.axis(), origin, leaf.dataName(), found.length);
                indices[plan.graph.indexSlot(node)] = found;
            }
        }
        for (Expr node : plan.graph.nodes()) {
            RowAxis axis = node.axis();
            if (node.op instanceof Leaf.Coordinates && axis != null && rowCount(axis) != axis.length()) {
                throw new IllegalArgumentException(
                        "parameter " + node.describe() + " has one value per row, so the number of rows cannot change"
                                + " from " + axis.length() + " to " + rowCount(axis));
            }
        }
        Set<String> unknown = new TreeSet<>(data.names());
        unknown.removeAll(known);
        unknown.removeAll(plan.declaredData);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no data named " + unknown + "; declared are "
                    + new TreeSet<>(plan.declaredData.isEmpty() ? known : plan.declaredData));
        }
    }

    private void setRowCount(@Nullable RowAxis axis, Map<RowAxis, String> origin, String name, int rows) {
        if (axis == null) {
            throw new IllegalStateException("\"" + name + "\" is not row-wise");
        }
        Integer before = rowCounts.putIfAbsent(axis, rows);
        if (before == null) {
            origin.put(axis, name);
        } else if (before != rows) {
            throw new IllegalArgumentException("data \"" + name + "\" has " + rows + " rows, but \"" + origin.get(axis)
                    + "\" has " + before + "; all data of \"" + axis.name() + "\" must have the same number of rows");
        }
    }

    /** Replaced data must be what declared data had to be. */
    private void checkMatrices() {
        for (Expr node : plan.graph.computed()) {
            Expr matrix = node.inputs.isEmpty() ? node : node.inputs.get(0);
            if (matrix.op instanceof Leaf.GlobalData) {
                double[] numbers = values[plan.graph.slot(matrix)];
                if (node.op instanceof LinearAlgebra.Cholesky) {
                    FixedMatrices.requirePositiveDefinite(matrix, numbers);
                } else if (node.op instanceof LinearAlgebra.TriangularSolve) {
                    FixedMatrices.requireLowerTriangular(matrix, numbers);
                }
            }
        }
    }

    private void checkIndices() {
        for (Expr node : plan.graph.computed()) {
            for (Expr input : node.inputs) {
                if (input.op instanceof Leaf.IndexData leaf) {
                    Expr source = node.inputs.get(0);
                    int bound = node.op instanceof Shaping.Pick ? source.columns() : source.rows();
                    int[] found = indices[plan.graph.indexSlot(input)];
                    RowIndex.requireWithin(leaf.dataName(), found, bound, source.describe());
                }
            }
        }
    }
}

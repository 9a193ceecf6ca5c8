package org.variational.expression;

import java.util.Arrays;
import java.util.List;

/** The summands of a log density that live in one frame: their sum, and the adjoints they start. */
final class Terms {

    private final int[] slot;
    private final int[] size;
    private final boolean[] rowWise;
    private final double[] weight;
    /** Whether the node is read by others or is a leaf, so that its adjoint is accumulated rather than uniform. */
    private final boolean[] shared;
    /**
     * The operands of a product whose sum is a dot product, so that the product itself is never computed; -1 for none.
     */
    private final int[] left;

    private final int[] right;

    /** By slot: the adjoint, before rescaling, of outputs that enter only as a sum; 0 for others. */
    static final class Uniform {
        final double[] weight;
        /** By slot: whether the sum is taken without computing the output. */
        final boolean[] skipped;

        Uniform(int slots) {
            weight = new double[slots];
            skipped = new boolean[slots];
        }
    }

    /** Terms of the varying nodes among those given; enters those that are only summed into {@code uniform}. */
    Terms(List<Plan.Term> terms, Plan plan, BoundData data, Uniform uniform) {
        List<Plan.Term> varying =
                terms.stream().filter(term -> term.node().varying).toList();
        int count = varying.size();
        slot = new int[count];
        size = new int[count];
        rowWise = new boolean[count];
        weight = new double[count];
        shared = new boolean[count];
        left = new int[count];
        right = new int[count];
        for (int i = 0; i < count; i++) {
            Expr node = varying.get(i).node();
            slot[i] = plan.graph.slot(node);
            size[i] = node.size();
            rowWise[i] = node.axis() != null;
            weight[i] = weight(varying.get(i), data);
            shared[i] = node.op instanceof Leaf || plan.reads[slot[i]] > 0;
            left[i] = -1;
            if (!shared[i]) {
                uniform.weight[slot[i]] += weight[i];
                if (node.op instanceof Arithmetic.Multiply
                        && node.inputs.stream().allMatch(input -> sameElements(input, node))) {
                    left[i] = plan.graph.slot(node.inputs.get(0));
                    right[i] = plan.graph.slot(node.inputs.get(1));
                    uniform.skipped[slot[i]] = true;
                }
            }
        }
    }

    private static boolean sameElements(Expr input, Expr node) {
        return input.varying && input.size() == node.size() && (input.axis() == null) == (node.axis() == null);
    }

    /** The weight of a term, with the row count it stands for. */
    static double weight(Plan.Term term, BoundData data) {
        RowAxis axis = term.perRowOf();
        return axis == null ? term.weight() : term.weight() * data.rowCount(axis);
    }

    boolean isEmpty() {
        return slot.length == 0;
    }

    /** Adds the weighted sums to the lane row {@code totals}; {@code scratch} is one lane row. */
    void addTo(Frame f, double[] totals, double[] scratch) {
        for (int i = 0; i < slot.length; i++) {
            Arrays.fill(scratch, 0, f.lanes, 0);
            int elements = rowWise[i] ? size[i] * f.rows : size[i];
            if (left[i] >= 0) {
                f.kernels.addDotTo(
                        elements,
                        f.lanes,
                        f.value[left[i]],
                        f.valueAt[left[i]],
                        f.value[right[i]],
                        f.valueAt[right[i]],
                        scratch,
                        0);
            } else {
                f.kernels.addSumTo(elements, f.lanes, f.value[slot[i]], f.valueAt[slot[i]], scratch, 0);
            }
            f.kernels.addScaledTo(f.lanes, weight[i], scratch, 0, totals, 0);
        }
    }

    /** Adds the weights, times {@code scale}, to the adjoints that other instructions also write. */
    void seed(Frame f, double scale) {
        for (int i = 0; i < slot.length; i++) {
            if (shared[i]) {
                int length = (rowWise[i] ? size[i] * f.rows : size[i]) * f.lanes;
                double[] adjoint = f.adjoint[slot[i]];
                int at = f.adjointAt[slot[i]];
                double w = weight[i] * scale;
                for (int j = 0; j < length; j++) {
                    adjoint[at + j] += w;
                }
            }
        }
    }
}

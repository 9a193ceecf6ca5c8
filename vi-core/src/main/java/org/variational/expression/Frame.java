package org.variational.expression;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.kernel.Kernels;

/**
 * The working memory in which instructions run: for each slot, where its value and its adjoint are. Slots may alias the
 * caller's arrays (points, gradients, data). A frame belongs to one thread.
 */
final class Frame {

    final Kernels kernels;
    final double[][] value;
    final int[] valueAt;
    final double[][] adjoint;
    final int[] adjointAt;
    final int[][] index;
    final int[] indexAt;
    final @Nullable Object[] workspace;
    /** The number of lanes, padded. */
    int lanes;
    /** The number of rows in this tile; 1 outside tiles. */
    int rows = 1;

    private static final double[] EMPTY = {};

    Frame(Kernels kernels, int slots, int indices) {
        this.kernels = kernels;
        this.value = new double[slots][];
        this.valueAt = new int[slots];
        this.adjoint = new double[slots][];
        this.adjointAt = new int[slots];
        this.index = new int[indices][];
        this.indexAt = new int[indices];
        this.workspace = new Object[slots];
        Arrays.fill(value, EMPTY);
        Arrays.fill(adjoint, EMPTY);
    }

    void alias(int slot, double[] values, int at) {
        value[slot] = values;
        valueAt[slot] = at;
    }

    void aliasAdjoint(int slot, double[] values, int at) {
        adjoint[slot] = values;
        adjointAt[slot] = at;
    }
}

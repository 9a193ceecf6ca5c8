package org.variational.kernel;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random operands of every kind for one shape, all starting at the same offset; the scratch panel starts at 0. */
record Operands(
        int elements,
        int lanes,
        int at,
        double[] x,
        double[] y,
        double[] row,
        double[] column,
        double[] matrix,
        int[] index,
        double[] scratch) {

    /** The columns of the data matrix; its rows are the elements. */
    static final int COLUMNS = 7;

    static Operands random(int elements, int lanes, int at, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int panel = at + Math.max(elements, COLUMNS) * lanes;
        return new Operands(
                elements,
                lanes,
                at,
                random.doubles(panel, 0.1, 3).toArray(),
                random.doubles(panel, 0.1, 3).toArray(),
                random.doubles(at + lanes, -2, 2).toArray(),
                random.doubles(at + elements, -2, 2).toArray(),
                random.doubles(at + elements * COLUMNS, -2, 2).toArray(),
                random.ints(at + elements, 0, Math.max(1, elements)).toArray(),
                new double[elements * lanes]);
    }

    double x(int e, int s) {
        return x[at + e * lanes + s];
    }

    double y(int e, int s) {
        return y[at + e * lanes + s];
    }

    double row(int s) {
        return row[at + s];
    }

    double column(int e) {
        return column[at + e];
    }

    double matrix(int r, int k) {
        return matrix[at + r * COLUMNS + k];
    }

    int index(int e) {
        return index[at + e];
    }

    /** The same operands with one lane in all of {@code width} lanes, at another offset. */
    Operands repeatLane(int lane, int width, int offset) {
        return new Operands(
                elements,
                width,
                offset,
                repeat(x, lane, width, offset),
                repeat(y, lane, width, offset),
                repeat(row, lane, width, offset),
                shift(column, offset),
                shift(matrix, offset),
                shift(index, offset),
                new double[elements * width]);
    }

    private double[] repeat(double[] panel, int lane, int width, int offset) {
        int count = (panel.length - at) / lanes;
        double[] result = new double[offset + count * width];
        for (int e = 0; e < count; e++) {
            Arrays.fill(result, offset + e * width, offset + (e + 1) * width, panel[at + e * lanes + lane]);
        }
        return result;
    }

    private double[] shift(double[] values, int offset) {
        double[] result = new double[values.length - at + offset];
        System.arraycopy(values, at, result, offset, values.length - at);
        return result;
    }

    private int[] shift(int[] values, int offset) {
        int[] result = new int[values.length - at + offset];
        System.arraycopy(values, at, result, offset, values.length - at);
        return result;
    }

    Operands copy() {
        return new Operands(
                elements,
                lanes,
                at,
                x.clone(),
                y.clone(),
                row.clone(),
                column.clone(),
                matrix.clone(),
                index.clone(),
                scratch);
    }

    boolean sameBits(Operands other) {
        return Arrays.equals(x, other.x)
                && Arrays.equals(y, other.y)
                && Arrays.equals(row, other.row)
                && Arrays.equals(column, other.column)
                && Arrays.equals(matrix, other.matrix)
                && Arrays.equals(index, other.index);
    }
}

package org.variational.density;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;

/** Copies of rows and columns, into matrices and out of them. */
public final class Matrices {

    private Matrices() {}

    /** A copy of column {@code s}: of D x S points, the point in lane s. */
    public static double[] column(DMatrixRMaj matrix, int s) {
        double[] column = new double[matrix.numRows];
        for (int i = 0; i < column.length; i++) {
            column[i] = matrix.data[i * matrix.numCols + s];
        }
        return column;
    }

    /** An unmodifiable copy of column {@code s}. */
    public static List<Double> columnList(DMatrixRMaj matrix, int s) {
        return Arrays.stream(column(matrix, s)).boxed().toList();
    }

    /** A copy of row {@code i}: of D x S points, coordinate i in every lane. */
    public static double[] row(DMatrixRMaj matrix, int i) {
        return Arrays.copyOfRange(matrix.data, i * matrix.numCols, (i + 1) * matrix.numCols);
    }

    /** The D x S matrix of S points of equal length D, at least one. */
    public static DMatrixRMaj ofColumns(List<double[]> columns) {
        int count = columns.size();
        DMatrixRMaj matrix = new DMatrixRMaj(columns.get(0).length, count);
        for (int s = 0; s < count; s++) {
            for (int i = 0; i < matrix.numRows; i++) {
                matrix.data[i * count + s] = columns.get(s)[i];
            }
        }
        return matrix;
    }

    /** The matrix of the chosen columns, in the order of {@code indices}. */
    public static DMatrixRMaj selectColumns(DMatrixRMaj matrix, int... indices) {
        DMatrixRMaj chosen = new DMatrixRMaj(matrix.numRows, indices.length);
        for (int i = 0; i < matrix.numRows; i++) {
            for (int k = 0; k < indices.length; k++) {
                chosen.data[i * indices.length + k] = matrix.data[i * matrix.numCols + indices[k]];
            }
        }
        return chosen;
    }

    /** N rows of one value each. */
    public static double[][] rowsOf(double[] values) {
        return Arrays.stream(values).mapToObj(value -> new double[] {value}).toArray(double[][]::new);
    }

    /**
     * The rows of an array one after the other.
     *
     * @param what what the array holds, for the message
     * @throws IllegalArgumentException if the rows differ in length, with the first row that does
     */
    public static double[] flatten(String what, double[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        double[] flat = new double[rows.length * columns];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != columns) {
                throw new IllegalArgumentException(what + ": row " + row + " has " + rows[row].length
                        + " values, but row 0 has " + columns + "; give all rows the same length");
            }
            System.arraycopy(rows[row], 0, flat, row * columns, columns);
        }
        return flat;
    }
}

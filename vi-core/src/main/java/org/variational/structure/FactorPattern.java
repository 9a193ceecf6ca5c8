package org.variational.structure;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;

/**
 * Where the Cholesky factor of a sparse symmetric matrix has entries, in an order of elimination that keeps them few.
 *
 * <p>The matrix A has n rows. {@code P A P' = L L'}, where position i of the permuted matrix is row
 * {@link #node node(i)} of A. Entries are numbered column by column, each column from its diagonal down. Immutable and
 * thread-safe.
 */
public final class FactorPattern {

    private final int[] nodes;
    private final int[] positions;
    private final int[] starts;
    private final int[] rows;
    /** For every row the entries left of its diagonal: where they start, and by entry the column and its number. */
    private final int[] rowStarts;

    private final int[] rowColumns;
    private final int[] rowEntries;

    private FactorPattern(int[] nodes, int[] starts, int[] rows) {
        int n = nodes.length;
        this.nodes = nodes;
        this.starts = starts;
        this.rows = rows;
        this.positions = new int[n];
        for (int position = 0; position < n; position++) {
            positions[nodes[position]] = position;
        }
        this.rowStarts = new int[n + 1];
        for (int column = 0; column < n; column++) {
            for (int entry = starts[column] + 1; entry < starts[column + 1]; entry++) {
                rowStarts[rows[entry] + 1]++;
            }
        }
        for (int row = 0; row < n; row++) {
            rowStarts[row + 1] += rowStarts[row];
        }
        this.rowColumns = new int[rowStarts[n]];
        this.rowEntries = new int[rowStarts[n]];
        int[] next = Arrays.copyOf(rowStarts, n);
        for (int column = 0; column < n; column++) {
            for (int entry = starts[column] + 1; entry < starts[column + 1]; entry++) {
                rowColumns[next[rows[entry]]] = column;
                rowEntries[next[rows[entry]]++] = entry;
            }
        }
    }

    /**
     * The pattern of the factor of a matrix.
     *
     * @param adjacency where the matrix has entries off the diagonal
     * @param last the rows that come last whatever their entries, such as those that nearly all others are related to
     * @param mostFill the largest number of entries of the factor that is put up with
     * @return the pattern; null if the factor has more entries
     */
    public static @Nullable FactorPattern of(Adjacency adjacency, int[] last, long mostFill) {
        EliminationOrder order = EliminationOrder.of(adjacency, last, mostFill);
        if (order == null) {
            return null;
        }
        int n = order.nodes.length;
        int[] positions = new int[n];
        for (int position = 0; position < n; position++) {
            positions[order.nodes[position]] = position;
        }
        int[] starts = new int[n + 1];
        for (int column = 0; column < n; column++) {
            starts[column + 1] = starts[column] + 1 + order.below[column].length;
        }
        int[] rows = new int[starts[n]];
        for (int column = 0; column < n; column++) {
            int[] below = order.below[column];
            int from = starts[column];
            rows[from] = column;
            for (int k = 0; k < below.length; k++) {
                rows[from + 1 + k] = positions[below[k]];
            }
            Arrays.sort(rows, from + 1, starts[column + 1]);
        }
        return new FactorPattern(order.nodes, starts, rows);
    }

    /**
     * The pattern with given columns, as it was saved.
     *
     * @param nodes by position, the row of the matrix
     * @param starts n + 1 numbers: where each column starts
     * @param rows by entry, its row; the first of each column is its diagonal, and they rise; all but the first two are
     *     also rows of the column that the second one names, as elimination fills it
     * @throws IllegalArgumentException if they do not describe a factor
     */
    public static FactorPattern of(int[] nodes, int[] starts, int[] rows) {
        int n = nodes.length;
        boolean fits = starts.length == n + 1 && starts[0] == 0 && starts[n] == rows.length;
        boolean[] seen = new boolean[n];
        for (int column = 0; fits && column < n; column++) {
            fits = nodes[column] >= 0
                    && nodes[column] < n
                    && !seen[nodes[column]]
                    && starts[column] < starts[column + 1]
                    && starts[column + 1] <= rows.length
                    && rows[starts[column]] == column;
            for (int entry = starts[column] + 1; fits && entry < starts[column + 1]; entry++) {
                fits = rows[entry] > rows[entry - 1] && rows[entry] < n;
            }
            if (fits) {
                seen[nodes[column]] = true;
            }
        }
        fits = fits && isFilled(starts, rows);
        if (!fits) {
            throw new IllegalArgumentException("the pattern of a factor of " + n
                    + " rows needs an order of them, and columns that start with their diagonal, rise, and are filled"
                    + " by the columns before; these numbers are none");
        }
        return new FactorPattern(nodes.clone(), starts.clone(), rows.clone());
    }

    /** Whether each column's rows after its first below the diagonal are in that row's column too. */
    private static boolean isFilled(int[] starts, int[] rows) {
        for (int column = 0; column + 1 < starts.length; column++) {
            int from = starts[column] + 1;
            int end = starts[column + 1];
            if (from < end) {
                int at = starts[rows[from]] + 1;
                int last = starts[rows[from] + 1];
                for (int entry = from + 1; entry < end; entry++, at++) {
                    while (at < last && rows[at] < rows[entry]) {
                        at++;
                    }
                    if (at == last || rows[at] != rows[entry]) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** The number of rows n. */
    public int size() {
        return nodes.length;
    }

    /** The number of entries of the factor, the diagonal included. */
    public int entries() {
        return rows.length;
    }

    /** The number of entries of the column that has most. */
    public int longestColumn() {
        int longest = 0;
        for (int column = 0; column < nodes.length; column++) {
            longest = Math.max(longest, starts[column + 1] - starts[column]);
        }
        return longest;
    }

    /** The row of the matrix at a position. */
    public int node(int position) {
        return nodes[position];
    }

    /** The position of a row of the matrix. */
    public int position(int node) {
        return positions[node];
    }

    /** The number of the diagonal entry of a column, where its entries start. */
    public int start(int column) {
        return starts[column];
    }

    /** The number after the last entry of a column. */
    public int end(int column) {
        return starts[column + 1];
    }

    /** The row of an entry, as a position. */
    public int row(int entry) {
        return rows[entry];
    }

    /**
     * The number of an entry.
     *
     * @param row a position
     * @param column a position, at most {@code row}
     * @return the number, or -1 if the factor has no such entry
     */
    public int entry(int row, int column) {
        int found = Arrays.binarySearch(rows, starts[column], starts[column + 1], row);
        return found < 0 ? -1 : found;
    }

    int rowStart(int row) {
        return rowStarts[row];
    }

    int rowEnd(int row) {
        return rowStarts[row + 1];
    }

    /** The column of the k-th entry of all rows. */
    int rowColumn(int k) {
        return rowColumns[k];
    }

    /** The number of the k-th entry of all rows. */
    int rowEntry(int k) {
        return rowEntries[k];
    }

    /** By position, the row of the matrix. */
    public int[] nodes() {
        return nodes.clone();
    }

    /** Where the columns start, and where the last one ends. */
    public int[] starts() {
        return starts.clone();
    }

    /** The rows of all entries. */
    public int[] rows() {
        return rows.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FactorPattern that
                && Arrays.equals(nodes, that.nodes)
                && Arrays.equals(starts, that.starts)
                && Arrays.equals(rows, that.rows);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(nodes) + Arrays.hashCode(rows);
    }

    @Override
    public String toString() {
        return "factor of " + size() + " rows with " + entries() + " entries";
    }
}

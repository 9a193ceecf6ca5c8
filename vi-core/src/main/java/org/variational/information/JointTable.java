package org.variational.information;

import java.util.Arrays;

/**
 * The joint distribution of two discrete variables, X with R outcomes (rows) and Y with C outcomes (columns). Immutable
 * and thread-safe.
 */
public final class JointTable {
    private final int rows;
    private final int columns;
    private final Discrete cells;

    private JointTable(int rows, int columns, Discrete cells) {
        this.rows = rows;
        this.columns = columns;
        this.cells = cells;
    }

    /**
     * The joint distribution with the given probabilities.
     *
     * @param probabilities R x C numbers of at least 0 with sum 1
     * @throws IllegalArgumentException if there is none, if the rows differ in length, if a number is negative or not
     *     finite, or if they do not sum to 1, saying by how much
     */
    public static JointTable of(double[][] probabilities) {
        return new JointTable(probabilities.length, checkedColumns(probabilities), Discrete.of(flat(probabilities)));
    }

    /**
     * The joint distribution with probabilities proportional to weights, such as the counts of a contingency table.
     *
     * @param weights R x C finite numbers of at least 0, not all 0
     * @throws IllegalArgumentException if there is none, if the rows differ in length, if a number is negative or not
     *     finite, or if all are 0
     */
    public static JointTable ofWeights(double[][] weights) {
        return new JointTable(weights.length, checkedColumns(weights), Discrete.ofWeights(flat(weights)));
    }

    /**
     * The joint distribution of two independent variables.
     *
     * @param x the distribution of X
     * @param y the distribution of Y
     */
    public static JointTable product(Discrete x, Discrete y) {
        double[] logCells = new double[x.outcomes() * y.outcomes()];
        for (int i = 0; i < logCells.length; i++) {
            logCells[i] = x.logProbability(i / y.outcomes()) + y.logProbability(i % y.outcomes());
        }
        return new JointTable(x.outcomes(), y.outcomes(), Discrete.ofLogits(logCells));
    }

    private static int checkedColumns(double[][] table) {
        if (table.length == 0) {
            throw new IllegalArgumentException("a joint table needs at least one row, got none");
        }
        for (int r = 0; r < table.length; r++) {
            if (table[r].length != table[0].length) {
                throw new IllegalArgumentException("rows of a joint table must have equal length, but row " + r
                        + " has " + table[r].length + " entries and row 0 has " + table[0].length);
            }
        }
        return table[0].length;
    }

    private static double[] flat(double[][] table) {
        return Arrays.stream(table).flatMapToDouble(Arrays::stream).toArray();
    }

    /** The number of outcomes of X, R. */
    public int rows() {
        return rows;
    }

    /** The number of outcomes of Y, C. */
    public int columns() {
        return columns;
    }

    /** The pair (X, Y) as one variable with R C outcomes, row after row. */
    public Discrete cells() {
        return cells;
    }

    /** The distribution of X. */
    public Discrete rowMarginal() {
        double[] marginal = new double[rows];
        for (int i = 0; i < rows * columns; i++) {
            marginal[i / columns] += cells.probability(i);
        }
        return Discrete.ofWeights(marginal);
    }

    /** The distribution of Y. */
    public Discrete columnMarginal() {
        double[] marginal = new double[columns];
        for (int i = 0; i < rows * columns; i++) {
            marginal[i % columns] += cells.probability(i);
        }
        return Discrete.ofWeights(marginal);
    }

    /**
     * The distribution of Y given the outcome of X.
     *
     * @param row the outcome of X
     * @throws IllegalArgumentException if that outcome has probability 0
     */
    public Discrete columnsGivenRow(int row) {
        double[] weights = new double[columns];
        for (int c = 0; c < columns; c++) {
            weights[c] = cells.probability(row * columns + c);
        }
        if (Arrays.stream(weights).sum() == 0) {
            throw new IllegalArgumentException(
                    "outcome " + row + " of X has probability 0, so nothing is distributed given it");
        }
        return Discrete.ofWeights(weights);
    }

    /** The joint distribution of independent variables with the marginals of these. */
    public JointTable independent() {
        return product(rowMarginal(), columnMarginal());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JointTable table
                && rows == table.rows
                && columns == table.columns
                && cells.equals(table.cells);
    }

    @Override
    public int hashCode() {
        return 31 * columns + cells.hashCode();
    }

    @Override
    public String toString() {
        return "JointTable " + rows + " x " + columns + " " + Arrays.toString(cells.probabilities());
    }
}

package org.variational.algorithm.gradient;

import java.util.Arrays;
import org.variational.family.SparseGaussian;
import org.variational.structure.FactorPattern;
import org.variational.structure.SmallCholesky;
import org.variational.structure.SparseCholesky;
import org.variational.structure.SparseFactor;

/**
 * The coordinates of a Gaussian with a sparse precision in which its Fisher information is the identity.
 *
 * <p>The information of the mean is {@code Lambda = L L'}. That of the factor has no entries between columns: with s
 * the rows of column j, and S their covariances, it is {@code S + e_1 e_1' / L_jj^2}, and {@code T S T + e_1 e_1'}
 * where the diagonal is a logarithm, {@code T = diag(L_jj, 1, ..., 1)}. Each column has the Cholesky factor of its own.
 */
final class SparseChart extends Chart {

    /** The most numbers in the factors of all columns, 240 MB. */
    private static final long MOST_NUMBERS = 30_000_000;

    private static final double LARGEST_SHIFT = 1;
    private static final double LARGEST_SCALING = 0.7;

    private final FactorPattern pattern;
    private final double[] entries;
    private final double[] inverse;
    /** By column, the factor of its information. */
    private final double[][] information;

    private final double[] column;
    private final double[] means;
    private double[] at = {};

    SparseChart(SparseGaussian family) {
        this.pattern = family.pattern();
        this.entries = new double[pattern.entries()];
        this.inverse = new double[pattern.entries()];
        this.information = new double[pattern.size()][];
        for (int j = 0; j < information.length; j++) {
            int rows = rows(pattern, j);
            information[j] = new double[rows * rows];
        }
        this.column = new double[pattern.longestColumn()];
        this.means = new double[pattern.size()];
    }

    /** Whether the factors of all columns fit into memory. */
    static boolean affords(SparseGaussian family) {
        long numbers = 0;
        for (int j = 0; j < family.dimension(); j++) {
            long rows = rows(family.pattern(), j);
            numbers += rows * rows;
        }
        return numbers <= MOST_NUMBERS;
    }

    private static int rows(FactorPattern pattern, int column) {
        return pattern.end(column) - pattern.start(column);
    }

    /** Computes the factors of the member, unless they are those of the last one. */
    private SparseFactor factorsAt(double[] parameters) {
        int d = pattern.size();
        int own = d + entries.length;
        if (!Arrays.equals(parameters, d, own, at, 0, at.length)) {
            at = Arrays.copyOfRange(parameters, d, own);
            System.arraycopy(at, 0, entries, 0, at.length);
            for (int j = 0; j < d; j++) {
                entries[pattern.start(j)] = Math.exp(entries[pattern.start(j)]);
            }
            new SparseCholesky(pattern).selectedInverse(entries, 1, inverse);
            for (int j = 0; j < d; j++) {
                inform(j);
            }
        }
        return new SparseFactor(pattern, entries);
    }

    private void inform(int j) {
        int start = pattern.start(j);
        int rows = rows(pattern, j);
        double[] square = information[j];
        for (int a = 0; a < rows; a++) {
            int entry = pattern.start(pattern.row(start + a));
            for (int b = a; b < rows; b++, entry++) {
                while (pattern.row(entry) < pattern.row(start + b)) {
                    entry++;
                }
                square[b * rows + a] = inverse[entry] * (a == 0 ? entries[start] : 1);
            }
        }
        square[0] = square[0] * entries[start] + 1;
        if (!SmallCholesky.factor(rows, square)) {
            // covariances that rounding has spoilt: their diagonal alone
            for (int a = 1; a < rows; a++) {
                Arrays.fill(square, a * rows, a * rows + a, 0);
                square[a * rows + a] = Math.sqrt(inverse[pattern.start(pattern.row(start + a))]);
            }
            square[0] = Math.sqrt(inverse[start] * entries[start] * entries[start] + 1);
        }
    }

    @Override
    void pull(double[] parameters, double[] gradient, double[] local) {
        SparseFactor factor = factorsAt(parameters);
        int d = pattern.size();
        System.arraycopy(gradient, 0, local, 0, gradient.length);
        System.arraycopy(gradient, 0, means, 0, d);
        factor.solve(means, 1);
        System.arraycopy(means, 0, local, 0, d);
        for (int j = 0; j < d; j++) {
            int rows = rows(pattern, j);
            System.arraycopy(gradient, d + pattern.start(j), column, 0, rows);
            SmallCholesky.solve(rows, information[j], column);
            System.arraycopy(column, 0, local, d + pattern.start(j), rows);
        }
    }

    @Override
    void move(double[] parameters, double[] step) {
        SparseFactor factor = factorsAt(parameters);
        int d = pattern.size();
        System.arraycopy(step, 0, means, 0, d);
        factor.solveTransposed(means, 1);
        for (int i = 0; i < d; i++) {
            parameters[i] += means[i];
        }
        for (int j = 0; j < d; j++) {
            int rows = rows(pattern, j);
            int first = d + pattern.start(j);
            System.arraycopy(step, first, column, 0, rows);
            SmallCholesky.solveTransposed(rows, information[j], column);
            for (int k = 0; k < rows; k++) {
                parameters[first + k] += column[k];
            }
        }
        for (int i = d + entries.length; i < step.length; i++) {
            parameters[i] += step[i];
        }
    }

    /** By coordinate and by column, so that what is far in one does not hold up the others. */
    @Override
    void limit(double[] step) {
        int d = pattern.size();
        for (int i = 0; i < d; i++) {
            step[i] = Math.max(-LARGEST_SHIFT, Math.min(LARGEST_SHIFT, step[i]));
        }
        for (int j = 0; j < d; j++) {
            limitNorm(step, d + pattern.start(j), d + pattern.end(j), LARGEST_SCALING);
        }
    }
}

package org.variational.structure;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The Gaussian with given covariances where a factor has entries, and conditional independence elsewhere: of all
 * Gaussians with that pattern the one of least forward Kullback-Leibler divergence from whatever has the covariances.
 *
 * <p>For column j with the rows s = (j, ...), and S the covariances among them, {@code L_s = x / sqrt(x_1)} with
 * {@code x = S^-1 e_1}: no iteration, and the inverse of {@code L L'} has exactly the covariances given. It is the
 * inverse operation of {@link SparseCholesky#selectedInverse}.
 *
 * @see <a href="https://doi.org/10.2307/2528966">Dempster (1972), Covariance selection</a>
 * @see <a href="https://arxiv.org/abs/2004.14455">Schaefer, Katzfuss and Owhadi (2020), Sparse Cholesky factorization
 *     by Kullback-Leibler minimization</a>
 */
public final class CovarianceSelection {

    private CovarianceSelection() {}

    /** About the multiplications that {@link #factor} takes: a third of the sum of the cubes of all columns. */
    public static double work(FactorPattern pattern) {
        double work = 0;
        for (int j = 0; j < pattern.size(); j++) {
            double rows = pattern.end(j) - pattern.start(j);
            work += rows * rows * rows / 3;
        }
        return work;
    }

    /**
     * The factor of the precision.
     *
     * @param pattern where it has entries, filled
     * @param covariances by entry; among the rows of each column they are positive definite
     * @return by entry, L; null if some covariances are not positive definite
     */
    public static double @Nullable [] factor(FactorPattern pattern, double[] covariances) {
        int longest = pattern.longestColumn();
        double[] square = new double[longest * longest];
        double[] solution = new double[longest];
        double[] factor = new double[pattern.entries()];
        for (int j = 0; j < pattern.size(); j++) {
            int start = pattern.start(j);
            int rows = pattern.end(j) - start;
            // column j comes last, so that the last row of the factor belongs to it
            gatherReversed(pattern, j, covariances, square);
            if (!SmallCholesky.factor(rows, square)) {
                return null;
            }
            Arrays.fill(solution, 0, rows, 0);
            solution[rows - 1] = 1;
            SmallCholesky.solveTransposed(rows, square, solution);
            for (int k = 0; k < rows; k++) {
                factor[start + k] = solution[rows - 1 - k];
            }
        }
        return factor;
    }

    /** Writes the lower triangle of the entries among the rows of a column, the last row first. */
    private static void gatherReversed(FactorPattern pattern, int column, double[] entries, double[] square) {
        int start = pattern.start(column);
        int rows = pattern.end(column) - start;
        for (int a = 0; a < rows; a++) {
            int entry = pattern.start(pattern.row(start + a));
            for (int b = a; b < rows; b++, entry++) {
                while (pattern.row(entry) < pattern.row(start + b)) {
                    entry++;
                }
                square[(rows - 1 - a) * rows + rows - 1 - b] = entries[entry];
            }
        }
    }
}

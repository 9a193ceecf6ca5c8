package org.variational.structure;

import java.util.Arrays;

/**
 * Cholesky factors {@code P A P' = L L'} of many sparse matrices of one pattern at once, with what they are used for.
 *
 * <p>Everything has lanes innermost: entry e of the factor in lane s is at {@code e * lanes + s}, and row i of a vector
 * (a position of the {@link FactorPattern}) at {@code i * lanes + s}. One object holds the scratch space of one thread.
 */
public final class SparseCholesky {

    private final FactorPattern pattern;
    private final int[] entryOfRow;

    /** Scratch space for matrices of a pattern. */
    public SparseCholesky(FactorPattern pattern) {
        this.pattern = pattern;
        this.entryOfRow = new int[pattern.size()];
    }

    /** Where the factors have entries. */
    public FactorPattern pattern() {
        return pattern;
    }

    /**
     * Factors matrices in place: column by column, each brought up to date with the columns before it.
     *
     * @param values entries x lanes: the lower triangle of the permuted matrices, zeros where a factor fills in;
     *     overwritten with L
     * @param positive by lane, set to whether the matrix is positive definite; L means nothing in lanes where
     *     it is not
     */
    public void factor(double[] values, int lanes, boolean[] positive) {
        Arrays.fill(positive, 0, lanes, true);
        for (int j = 0; j < pattern.size(); j++) {
            int start = pattern.start(j);
            int end = pattern.end(j);
            for (int entry = start; entry < end; entry++) {
                entryOfRow[pattern.row(entry)] = entry;
            }
            for (int k = pattern.rowStart(j); k < pattern.rowEnd(j); k++) {
                subtractColumn(values, lanes, pattern.rowEntry(k), pattern.end(pattern.rowColumn(k)));
            }
            int at = start * lanes;
            for (int s = 0; s < lanes; s++) {
                double pivot = values[at + s];
                boolean fine = pivot > 0 && pivot < Double.POSITIVE_INFINITY;
                positive[s] &= fine;
                values[at + s] = fine ? Math.sqrt(pivot) : Double.NaN;
            }
            for (int entry = start + 1; entry < end; entry++) {
                for (int s = 0, to = entry * lanes; s < lanes; s++) {
                    values[to + s] /= values[at + s];
                }
            }
        }
    }

    /** Subtracts from the column in hand what an earlier one contributes, from the row of the column in hand on. */
    private void subtractColumn(double[] values, int lanes, int from, int end) {
        int factorAt = from * lanes;
        for (int entry = from; entry < end; entry++) {
            int to = entryOfRow[pattern.row(entry)] * lanes;
            int at = entry * lanes;
            for (int s = 0; s < lanes; s++) {
                values[to + s] -= values[at + s] * values[factorAt + s];
            }
        }
    }

    /** Solves {@code L y = x} in place. */
    public void solve(double[] factor, int lanes, double[] x) {
        for (int j = 0; j < pattern.size(); j++) {
            int start = pattern.start(j);
            int at = j * lanes;
            for (int s = 0; s < lanes; s++) {
                x[at + s] /= factor[start * lanes + s];
            }
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                int to = pattern.row(entry) * lanes;
                int from = entry * lanes;
                for (int s = 0; s < lanes; s++) {
                    x[to + s] -= factor[from + s] * x[at + s];
                }
            }
        }
    }

    /** Solves {@code L' y = x} in place. */
    public void solveTransposed(double[] factor, int lanes, double[] x) {
        for (int j = pattern.size() - 1; j >= 0; j--) {
            int start = pattern.start(j);
            int at = j * lanes;
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                int row = pattern.row(entry) * lanes;
                int from = entry * lanes;
                for (int s = 0; s < lanes; s++) {
                    x[at + s] -= factor[from + s] * x[row + s];
                }
            }
            for (int s = 0; s < lanes; s++) {
                x[at + s] /= factor[start * lanes + s];
            }
        }
    }

    /** Writes {@code y = L' x}; y must be another array. */
    public void multiplyTransposed(double[] factor, int lanes, double[] x, double[] y) {
        for (int j = 0; j < pattern.size(); j++) {
            int at = j * lanes;
            Arrays.fill(y, at, at + lanes, 0);
            for (int entry = pattern.start(j); entry < pattern.end(j); entry++) {
                int row = pattern.row(entry) * lanes;
                int from = entry * lanes;
                for (int s = 0; s < lanes; s++) {
                    y[at + s] += factor[from + s] * x[row + s];
                }
            }
        }
    }

    /** Writes {@code y = L x}; y must be another array. */
    public void multiply(double[] factor, int lanes, double[] x, double[] y) {
        Arrays.fill(y, 0, pattern.size() * lanes, 0);
        for (int j = 0; j < pattern.size(); j++) {
            int at = j * lanes;
            for (int entry = pattern.start(j); entry < pattern.end(j); entry++) {
                int row = pattern.row(entry) * lanes;
                int from = entry * lanes;
                for (int s = 0; s < lanes; s++) {
                    y[row + s] += factor[from + s] * x[at + s];
                }
            }
        }
    }

    /** Writes the logarithms of the diagonals' products, half the log-determinants of the matrices. */
    public void sumOfLogDiagonals(double[] factor, int lanes, double[] sums) {
        Arrays.fill(sums, 0, lanes, 0);
        for (int j = 0; j < pattern.size(); j++) {
            int at = pattern.start(j) * lanes;
            for (int s = 0; s < lanes; s++) {
                sums[s] += Math.log(factor[at + s]);
            }
        }
    }

    /**
     * Writes the entries of the inverses {@code A^-1}, permuted, where the factor has entries (Takahashi, Fagan and
     * Chin 1973).
     *
     * @param factor entries x lanes
     * @param inverse entries x lanes, overwritten
     */
    public void selectedInverse(double[] factor, int lanes, double[] inverse) {
        double[] sums = new double[pattern.longestColumn() * lanes];
        for (int j = pattern.size() - 1; j >= 0; j--) {
            int start = pattern.start(j);
            int below = pattern.end(j) - start - 1;
            multiplyAmong(factor, lanes, inverse, start + 1, below, sums);
            double[] sum = new double[lanes];
            for (int k = 0; k < below; k++) {
                int at = (start + 1 + k) * lanes;
                for (int s = 0; s < lanes; s++) {
                    inverse[at + s] = -sums[k * lanes + s] / factor[start * lanes + s];
                    sum[s] += factor[at + s] * inverse[at + s];
                }
            }
            for (int s = 0; s < lanes; s++) {
                double pivot = factor[start * lanes + s];
                inverse[start * lanes + s] = (1 / pivot - sum[s]) / pivot;
            }
        }
    }

    /**
     * Writes what each column contributes to the trace of {@code L' B L}: {@code L_s' B_ss L_s} with s its rows.
     *
     * @param factor entries x lanes
     * @param matrix entries x lanes of a symmetric matrix B, permuted, such as the selected inverse of another factor
     * @param traces n x lanes, overwritten
     */
    public void traces(double[] factor, int lanes, double[] matrix, double[] traces) {
        double[] product = new double[pattern.longestColumn() * lanes];
        Arrays.fill(traces, 0, pattern.size() * lanes, 0);
        for (int j = 0; j < pattern.size(); j++) {
            int start = pattern.start(j);
            int count = pattern.end(j) - start;
            multiplyAmong(factor, lanes, matrix, start, count, product);
            for (int k = 0; k < count; k++) {
                for (int s = 0; s < lanes; s++) {
                    traces[j * lanes + s] += factor[(start + k) * lanes + s] * product[k * lanes + s];
                }
            }
        }
    }

    /** Writes the product of a symmetric matrix among some rows, those of consecutive entries, with these entries. */
    private void multiplyAmong(double[] factor, int lanes, double[] matrix, int first, int count, double[] product) {
        Arrays.fill(product, 0, count * lanes, 0);
        for (int a = 0; a < count; a++) {
            int entry = pattern.start(pattern.row(first + a));
            for (int b = a; b < count; b++, entry++) {
                int row = pattern.row(first + b);
                while (pattern.row(entry) < row) {
                    entry++;
                }
                addSymmetric(factor, lanes, matrix, entry * lanes, first, a, b, product);
            }
        }
    }

    private static void addSymmetric(
            double[] factor, int lanes, double[] matrix, int at, int first, int a, int b, double[] product) {
        int ofA = (first + a) * lanes;
        int ofB = (first + b) * lanes;
        for (int s = 0; s < lanes; s++) {
            product[a * lanes + s] += matrix[at + s] * factor[ofB + s];
        }
        if (a != b) {
            for (int s = 0; s < lanes; s++) {
                product[b * lanes + s] += matrix[at + s] * factor[ofA + s];
            }
        }
    }
}

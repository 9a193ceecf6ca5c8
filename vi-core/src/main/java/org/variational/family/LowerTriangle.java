package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/**
 * Products and solves with a lower triangular matrix stored by rows without its zeros: entry (i, j) is at
 * {@code i (i + 1) / 2 + j}. Right-hand sides are n x S with the S lanes contiguous; what is computed for a lane does
 * not depend on the others, nor on their number.
 */
final class LowerTriangle {

    private LowerTriangle() {}

    /** The number of entries of an n x n triangle. */
    static int size(int n) {
        return Math.toIntExact((long) n * (n + 1) / 2);
    }

    /** Where row i starts. */
    static int row(int i) {
        return i * (i + 1) / 2;
    }

    /** Adds {@code L x} to {@code out}. */
    static void addProduct(int n, int lanes, double[] l, double[] x, int xAt, double[] out, int outAt) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            for (int i = 0, at = 0; i < n; i++) {
                double t0 = 0;
                double t1 = 0;
                double t2 = 0;
                double t3 = 0;
                for (int end = at + i + 1, xs = xAt + s; at < end; at++, xs += lanes) {
                    double a = l[at];
                    t0 += a * x[xs];
                    t1 += a * x[xs + 1];
                    t2 += a * x[xs + 2];
                    t3 += a * x[xs + 3];
                }
                int o = outAt + i * lanes + s;
                out[o] += t0;
                out[o + 1] += t1;
                out[o + 2] += t2;
                out[o + 3] += t3;
            }
        }
        for (; s < lanes; s++) {
            for (int i = 0, at = 0; i < n; i++) {
                double t = 0;
                for (int end = at + i + 1, xs = xAt + s; at < end; at++, xs += lanes) {
                    t += l[at] * x[xs];
                }
                out[outAt + i * lanes + s] += t;
            }
        }
    }

    /** Replaces {@code x} by {@code inverse(L) x}. */
    static void solve(int n, int lanes, double[] l, double[] x, int xAt) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            for (int i = 0, at = 0; i < n; i++, at++) {
                double t0 = 0;
                double t1 = 0;
                double t2 = 0;
                double t3 = 0;
                int xs = xAt + s;
                for (int end = at + i; at < end; at++, xs += lanes) {
                    double a = l[at];
                    t0 += a * x[xs];
                    t1 += a * x[xs + 1];
                    t2 += a * x[xs + 2];
                    t3 += a * x[xs + 3];
                }
                double diagonal = l[at];
                x[xs] = (x[xs] - t0) / diagonal;
                x[xs + 1] = (x[xs + 1] - t1) / diagonal;
                x[xs + 2] = (x[xs + 2] - t2) / diagonal;
                x[xs + 3] = (x[xs + 3] - t3) / diagonal;
            }
        }
        for (; s < lanes; s++) {
            for (int i = 0, at = 0; i < n; i++, at++) {
                double t = 0;
                int xs = xAt + s;
                for (int end = at + i; at < end; at++, xs += lanes) {
                    t += l[at] * x[xs];
                }
                x[xs] = (x[xs] - t) / l[at];
            }
        }
    }

    /** Replaces {@code x} by {@code inverse(L') x}. */
    static void solveTransposed(int n, int lanes, double[] l, double[] x, int xAt) {
        int i = n - 1;
        for (; i >= 3; i -= 4) {
            int first = i - 3;
            solveTransposedRows(first, i, lanes, l, x, xAt);
            int r0 = row(first);
            int r1 = row(first + 1);
            int r2 = row(first + 2);
            int r3 = row(first + 3);
            int from = xAt + first * lanes;
            for (int j = 0, xj = xAt; j < first; j++, xj += lanes) {
                Lanes.addFourRows(lanes, -l[r0 + j], -l[r1 + j], -l[r2 + j], -l[r3 + j], x, from, x, xj);
            }
        }
        solveTransposedRows(0, i, lanes, l, x, xAt);
    }

    /** Solves rows {@code last} down to {@code first} among themselves. */
    private static void solveTransposedRows(int first, int last, int lanes, double[] l, double[] x, int xAt) {
        for (int i = last; i >= first; i--) {
            int at = row(i);
            double diagonal = l[at + i];
            int xi = xAt + i * lanes;
            for (int s = 0; s < lanes; s++) {
                x[xi + s] /= diagonal;
            }
            for (int j = first; j < i; j++) {
                Lanes.addRow(lanes, -l[at + j], x, xi, x, xAt + j * lanes);
            }
        }
    }

    /** The diagonal of {@code L} from its logarithms, in place; returns their sum. */
    static double exponentiateDiagonal(int n, double[] l, int lAt) {
        double total = 0;
        for (int i = 0; i < n; i++) {
            int diagonal = lAt + row(i) + i;
            total += l[diagonal];
            l[diagonal] = Math.exp(l[diagonal]);
        }
        return total;
    }

    /**
     * Adds the gradient by L, its diagonal as logarithms, of {@code sum over s of y[.,s]' L x[.,s] + onLogDiagonal *
     * sum of log L[i,i]} with y and x held fixed.
     */
    static void addFactorGradient(
            int n,
            int lanes,
            double[] l,
            double[] y,
            int yAt,
            double[] x,
            int xAt,
            double onLogDiagonal,
            double[] gradient,
            int gradientAt) {
        for (int i = 0, at = 0; i < n; i++, at += i) {
            int yi = yAt + i * lanes;
            int xi = xAt + i * lanes;
            Lanes.addOuterRow(i, lanes, y, yi, x, xAt, gradient, gradientAt + at);
            double t = 0;
            for (int s = 0; s < lanes; s++) {
                t += y[yi + s] * x[xi + s];
            }
            gradient[gradientAt + at + i] += t * l[at + i] + onLogDiagonal;
        }
    }

    /** The full matrix {@code L L'}. */
    static DMatrixRMaj crossProduct(int n, double[] l) {
        DMatrixRMaj product = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int k = 0, ik = row(i), jk = row(j); k <= j; k++, ik++, jk++) {
                    sum += l[ik] * l[jk];
                }
                product.data[i * n + j] = sum;
                product.data[j * n + i] = sum;
            }
        }
        return product;
    }

    /** The Euclidean norms of the rows of L. */
    static double[] rowNorms(int n, double[] l) {
        double[] norms = new double[n];
        for (int i = 0, at = 0; i < n; i++) {
            double sum = 0;
            for (int end = at + i + 1; at < end; at++) {
                sum += l[at] * l[at];
            }
            norms[i] = Math.sqrt(sum);
        }
        return norms;
    }

    /**
     * Replaces the lower triangle of a symmetric positive definite matrix by its Cholesky factor. A pivot that is not
     * positive becomes NaN, and with it all that is computed from the factor.
     */
    static void factorise(int n, double[] a) {
        for (int i = 0; i < n; i++) {
            int ri = row(i);
            for (int j = 0; j <= i; j++) {
                int rj = row(j);
                double t = a[ri + j];
                for (int k = 0; k < j; k++) {
                    t -= a[ri + k] * a[rj + k];
                }
                if (j < i) {
                    a[ri + j] = t / a[rj + j];
                } else {
                    a[ri + i] = t > 0 ? Math.sqrt(t) : Double.NaN;
                }
            }
        }
    }
}

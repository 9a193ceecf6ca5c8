package org.variational.family;

/**
 * Products and solves with a lower triangular matrix stored by rows without its zeros: entry (i, j) is at
 * {@code i (i + 1) / 2 + j}. Right-hand sides are n x S with the S lanes contiguous; what is computed for a lane does not
 * depend on the others, nor on their number.
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
        for (int i = n - 1; i >= 0; i--) {
            int at = row(i);
            double diagonal = l[at + i];
            int xi = xAt + i * lanes;
            for (int s = 0; s < lanes; s++) {
                x[xi + s] /= diagonal;
            }
            for (int j = 0, xj = xAt; j < i; j++, xj += lanes) {
                double a = l[at + j];
                for (int s = 0; s < lanes; s++) {
                    x[xj + s] -= a * x[xi + s];
                }
            }
        }
    }
}

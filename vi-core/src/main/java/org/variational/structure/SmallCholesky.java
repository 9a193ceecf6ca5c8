package org.variational.structure;

/** Cholesky factors of small dense matrices, row by row in the lower triangles of n x n arrays. */
public final class SmallCholesky {

    private SmallCholesky() {}

    /**
     * Replaces the lower triangle of a symmetric matrix by its factor.
     *
     * @param n the number of rows
     * @param square n x n, row-major; above the diagonal nothing is read or written
     * @return whether the matrix is positive definite
     */
    public static boolean factor(int n, double[] square) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = square[i * n + j];
                for (int k = 0; k < j; k++) {
                    sum -= square[i * n + k] * square[j * n + k];
                }
                if (j < i) {
                    square[i * n + j] = sum / square[j * n + j];
                } else if (sum > 0 && sum < Double.POSITIVE_INFINITY) {
                    square[i * n + i] = Math.sqrt(sum);
                } else {
                    return false;
                }
            }
        }
        return true;
    }

    /** Replaces x by the solution y of {@code C y = x}. */
    public static void solve(int n, double[] factor, double[] x) {
        for (int i = 0; i < n; i++) {
            double sum = x[i];
            for (int k = 0; k < i; k++) {
                sum -= factor[i * n + k] * x[k];
            }
            x[i] = sum / factor[i * n + i];
        }
    }

    /** Replaces x by the solution y of {@code C' y = x}. */
    public static void solveTransposed(int n, double[] factor, double[] x) {
        for (int i = n - 1; i >= 0; i--) {
            x[i] /= factor[i * n + i];
            for (int k = 0; k < i; k++) {
                x[k] -= factor[i * n + k] * x[i];
            }
        }
    }
}

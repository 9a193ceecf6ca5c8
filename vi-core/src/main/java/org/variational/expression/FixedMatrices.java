package org.variational.expression;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.jspecify.annotations.Nullable;

/** Refusals of matrices known as numbers, constants and data, of which an operation would ignore a half. */
final class FixedMatrices {

    /** How far apart elements of a symmetric matrix may be, relatively to the diagonal. */
    private static final double SYMMETRY = 1e-8;

    private FixedMatrices() {}

    /** Refuses numbers that are not symmetric and positive definite; null for a matrix that is not known. */
    static void requirePositiveDefinite(Expr matrix, double @Nullable [] numbers) {
        if (numbers == null) {
            return;
        }
        int n = matrix.rows();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double below = numbers[i * n + j];
                double above = numbers[j * n + i];
                double scale = Math.sqrt(Math.abs(numbers[i * n + i])) * Math.sqrt(Math.abs(numbers[j * n + j]));
                if (!(Math.abs(below - above) <= SYMMETRY * scale)) {
                    throw new IllegalArgumentException("cholesky needs a symmetric matrix, but element (" + i + ", " + j
                            + ") of " + matrix.describe() + " is " + below + " and element (" + j + ", " + i + ") is "
                            + above);
                }
            }
        }
        if (n > 0 && !DecompositionFactory_DDRM.chol(n, true).decompose(new DMatrixRMaj(n, n, true, numbers.clone()))) {
            throw new IllegalArgumentException(
                    "cholesky needs a positive definite matrix, which " + matrix.describe() + " is not");
        }
    }

    /** Refuses numbers above the diagonal; null for a matrix that is not known. */
    static void requireLowerTriangular(Expr matrix, double @Nullable [] numbers) {
        int n = matrix.rows();
        for (int i = 0; numbers != null && i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                if (numbers[i * n + j] != 0) {
                    throw new IllegalArgumentException("a lower-triangular matrix is needed, but element (" + i + ", "
                            + j + ") of " + matrix.describe() + " is " + numbers[i * n + j]
                            + "; give the Cholesky factor of the matrix, as by cholesky()");
                }
            }
        }
    }
}

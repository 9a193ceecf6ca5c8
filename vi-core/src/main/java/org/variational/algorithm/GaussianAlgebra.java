package org.variational.algorithm;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.jspecify.annotations.Nullable;

/** The linear algebra that Gaussian updates share. */
final class GaussianAlgebra {

    private GaussianAlgebra() {}

    /**
     * The lower triangular L with a positive diagonal and {@code L L' = A A'}, without forming the product, which would
     * square the condition number; null if A is singular or not finite.
     */
    static @Nullable DMatrixRMaj triangularised(DMatrixRMaj a) {
        int d = a.numRows;
        if (!isFinite(a)) {
            return null;
        }
        QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(a.numCols, d);
        if (!qr.decompose(CommonOps_DDRM.transpose(a, null))) {
            return null;
        }
        DMatrixRMaj r = qr.getR(null, true);
        DMatrixRMaj factor = new DMatrixRMaj(d, d);
        for (int j = 0; j < d; j++) {
            double diagonal = r.data[j * d + j];
            if (!(Math.abs(diagonal) >= Double.MIN_NORMAL) || Double.isInfinite(diagonal)) {
                return null;
            }
            for (int i = j; i < d; i++) {
                factor.data[i * d + j] = diagonal > 0 ? r.data[j * d + i] : -r.data[j * d + i];
            }
        }
        return isFinite(factor) ? factor : null;
    }

    static boolean isFinite(DMatrixRMaj a) {
        for (int at = 0; at < a.numRows * a.numCols; at++) {
            if (!Double.isFinite(a.data[at])) {
                return false;
            }
        }
        return true;
    }

    /** A product {@code A A' = U diag(values) U'}, with U complete: D x D and orthogonal. */
    record Spectrum(DMatrixRMaj vectors, double[] values) {

        /**
         * That of {@code A A'} for A of D x n, from the singular values of A, so that the small ones keep their digits; null
         * if they cannot be computed.
         */
        static @Nullable Spectrum ofCrossProduct(DMatrixRMaj a) {
            int d = a.numRows;
            if (!isFinite(a)) {
                return null;
            }
            SingularValueDecomposition_F64<DMatrixRMaj> svd =
                    DecompositionFactory_DDRM.svd(d, a.numCols, true, false, false);
            if (!svd.decompose(a.copy())) {
                return null;
            }
            double[] values = new double[d];
            double[] singular = svd.getSingularValues();
            for (int i = 0; i < Math.min(d, a.numCols); i++) {
                values[i] = singular[i] * singular[i];
            }
            return new Spectrum(svd.getU(null, false), values);
        }
    }
}

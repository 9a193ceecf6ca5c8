package org.variational.algorithm.gaussian;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
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

    /** The means of the rows. */
    static double[] rowMeans(DMatrixRMaj columns) {
        double[] means = new double[columns.numRows];
        for (int i = 0; i < means.length; i++) {
            double sum = 0;
            for (int b = 0; b < columns.numCols; b++) {
                sum += columns.data[i * columns.numCols + b];
            }
            means[i] = sum / columns.numCols;
        }
        return means;
    }

    /** {@code A x}. */
    static double[] times(DMatrixRMaj a, double[] x) {
        DMatrixRMaj product = new DMatrixRMaj(a.numRows, 1);
        CommonOps_DDRM.mult(a, DMatrixRMaj.wrap(x.length, 1, x), product);
        return product.data;
    }

    /** {@code A' x}. */
    static double[] transposedTimes(DMatrixRMaj a, double[] x) {
        DMatrixRMaj product = new DMatrixRMaj(a.numCols, 1);
        CommonOps_DDRM.multTransA(a, DMatrixRMaj.wrap(x.length, 1, x), product);
        return product.data;
    }

    /** A symmetric matrix {@code U diag(values) U'}, with U complete: D x D and orthogonal. */
    record Spectrum(DMatrixRMaj vectors, double[] values) {

        /**
         * That of {@code A A'} for A of D x n, from the singular values of A, so that the small ones keep their digits;
         * null if they cannot be computed.
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

        /** That of a symmetric matrix; null if it cannot be computed. */
        static @Nullable Spectrum of(DMatrixRMaj symmetric) {
            int d = symmetric.numRows;
            if (!isFinite(symmetric)) {
                return null;
            }
            EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
            if (!eigen.decompose(symmetric.copy())) {
                return null;
            }
            double[] values = new double[d];
            DMatrixRMaj vectors = new DMatrixRMaj(d, d);
            for (int j = 0; j < d; j++) {
                values[j] = eigen.getEigenvalue(j).getReal();
                CommonOps_DDRM.insert(Objects.requireNonNull(eigen.getEigenVector(j)), vectors, 0, j);
            }
            return new Spectrum(vectors, values);
        }

        /** {@code U diag(f(values))}. */
        DMatrixRMaj scaled(DoubleUnaryOperator f) {
            int d = values.length;
            DMatrixRMaj scaled = vectors.copy();
            for (int j = 0; j < d; j++) {
                double factor = f.applyAsDouble(values[j]);
                for (int i = 0; i < d; i++) {
                    scaled.data[i * d + j] *= factor;
                }
            }
            return scaled;
        }

        /** {@code U diag(f(values)) U'}. */
        DMatrixRMaj map(DoubleUnaryOperator f) {
            DMatrixRMaj result = new DMatrixRMaj(values.length, values.length);
            CommonOps_DDRM.multTransB(scaled(f), vectors, result);
            return result;
        }
    }
}

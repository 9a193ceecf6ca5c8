package org.variational.algorithm;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/** Matrices as values, so that tests read like formulas. */
public record Matrix(DMatrixRMaj data) {

    public static Matrix of(DMatrixRMaj data) {
        return new Matrix(data);
    }

    public static Matrix identity(int d) {
        return new Matrix(CommonOps_DDRM.identity(d));
    }

    public static Matrix column(double[] x) {
        return new Matrix(new DMatrixRMaj(x.length, 1, true, x.clone()));
    }

    public Matrix times(Matrix that) {
        return new Matrix(CommonOps_DDRM.mult(data, that.data, null));
    }

    public Matrix times(double factor) {
        DMatrixRMaj result = data.copy();
        CommonOps_DDRM.scale(factor, result);
        return new Matrix(result);
    }

    public Matrix plus(Matrix that) {
        return new Matrix(CommonOps_DDRM.add(data, that.data, null));
    }

    public Matrix minus(Matrix that) {
        return plus(that.times(-1));
    }

    public Matrix transposed() {
        return new Matrix(CommonOps_DDRM.transpose(data, null));
    }

    /** {@code A A'}. */
    public Matrix crossProduct() {
        return times(transposed());
    }

    public Matrix inverse() {
        DMatrixRMaj result = new DMatrixRMaj(data.numRows, data.numCols);
        if (!CommonOps_DDRM.invert(data, result)) {
            throw new ArithmeticException("singular");
        }
        return new Matrix(result);
    }

    /** The columns from {@code from} to before {@code to}. */
    public Matrix columns(int from, int to) {
        return new Matrix(CommonOps_DDRM.extract(data, 0, data.numRows, from, to));
    }

    public double determinant() {
        return CommonOps_DDRM.det(data);
    }

    public double trace() {
        return CommonOps_DDRM.trace(data);
    }

    public double norm() {
        return NormOps_DDRM.normF(data);
    }

    /** The only entry of a 1 x 1 matrix. */
    public double value() {
        return data.get(0, 0);
    }
}

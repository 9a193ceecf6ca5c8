package org.variational.diagnostic;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * An affine map of points x that moves a few linear combinations {@code t = G' x} of their coordinates to {@code M t +
 * o}, and everything else as its regression on these says: {@code x -> x + R (M t + o - t)} with {@code G' R = I}. What
 * a Gaussian says about x given t stays as it is, in any number of dimensions. Immutable.
 *
 * @param combinations G, D x K
 * @param regression R, D x K
 * @param linear M, K x K
 * @param inverse of M
 * @param offset o
 * @param logDeterminant of M, which is that of the whole map
 */
record AffineMove(
        DMatrixRMaj combinations,
        DMatrixRMaj regression,
        DMatrixRMaj linear,
        DMatrixRMaj inverse,
        double[] offset,
        double logDeterminant) {

    /** The map that moves nothing. */
    static AffineMove identity(DMatrixRMaj combinations, DMatrixRMaj regression) {
        DMatrixRMaj unit = CommonOps_DDRM.identity(combinations.numCols);
        return new AffineMove(combinations, regression, unit, unit, new double[unit.numRows], 0);
    }

    /** This map followed by {@code t -> N (t - from) + to} for a lower triangular N with a positive diagonal. */
    AffineMove then(DMatrixRMaj next, double[] from, double[] to) {
        int n = offset.length;
        DMatrixRMaj inverseOfNext = new DMatrixRMaj(n, n);
        CommonOps_DDRM.invert(next, inverseOfNext);
        DMatrixRMaj product = new DMatrixRMaj(n, n);
        CommonOps_DDRM.mult(next, linear, product);
        DMatrixRMaj inverseOfProduct = new DMatrixRMaj(n, n);
        CommonOps_DDRM.mult(inverse, inverseOfNext, inverseOfProduct);
        double[] moved = to.clone();
        double determinant = logDeterminant;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                moved[i] += next.get(i, j) * (offset[j] - from[j]);
            }
            determinant += Math.log(next.get(i, i));
        }
        return new AffineMove(combinations, regression, product, inverseOfProduct, moved, determinant);
    }

    /** The combinations at points, K x S. */
    DMatrixRMaj combine(DMatrixRMaj points) {
        DMatrixRMaj combined = new DMatrixRMaj(combinations.numCols, points.numCols);
        CommonOps_DDRM.multTransA(combinations, points, combined);
        return combined;
    }

    /** The images of points, D x S. */
    DMatrixRMaj apply(DMatrixRMaj points) {
        return map(points, linear, offset);
    }

    /** The points whose images these are. */
    DMatrixRMaj invert(DMatrixRMaj images) {
        int n = offset.length;
        double[] back = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                back[i] -= inverse.get(i, j) * offset[j];
            }
        }
        return map(images, inverse, back);
    }

    private DMatrixRMaj map(DMatrixRMaj points, DMatrixRMaj matrix, double[] shift) {
        int lanes = points.numCols;
        DMatrixRMaj combined = combine(points);
        DMatrixRMaj change = new DMatrixRMaj(shift.length, lanes);
        CommonOps_DDRM.mult(matrix, combined, change);
        for (int i = 0, at = 0; i < shift.length; i++) {
            for (int s = 0; s < lanes; s++, at++) {
                change.data[at] += shift[i] - combined.data[at];
            }
        }
        DMatrixRMaj moved = points.copy();
        CommonOps_DDRM.multAdd(regression, change, moved);
        return moved;
    }
}

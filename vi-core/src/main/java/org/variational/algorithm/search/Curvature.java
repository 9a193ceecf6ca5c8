package org.variational.algorithm.search;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;

/**
 * A differenced Hessian, made symmetric and scaled to a unit diagonal, that is positive definite only if its smallest
 * eigenvalue is beyond its error, as its asymmetry shows it.
 */
final class Curvature {

    private static final double ASYMMETRIES = 10;
    private static final double SMALLEST_EIGENVALUE = 1e-10;
    /** The share of the largest component of a direction from which on a coordinate belongs to it. */
    private static final double COMPONENT = 0.3;

    private final DMatrixRMaj scaled;
    private final double[] scale;
    private final boolean[] flat;
    private final boolean anyFlat;
    private final double error;

    /**
     * @param hessian D x D, by columns of differences; not changed
     * @param flat where the curvature along a coordinate is lost in rounding, not positive, or unknown
     */
    Curvature(DMatrixRMaj hessian, boolean[] flat) {
        int d = hessian.numRows;
        this.flat = flat.clone();
        this.scale = new double[d];
        boolean any = false;
        for (int i = 0; i < d; i++) {
            double diagonal = hessian.get(i, i);
            this.flat[i] |= !(diagonal > 0) || Double.isInfinite(diagonal);
            for (int j = 0; j < d; j++) {
                this.flat[i] |= !Double.isFinite(hessian.get(j, i));
            }
            any |= this.flat[i];
            scale[i] = 1 / Math.sqrt(diagonal);
        }
        this.anyFlat = any;
        this.scaled = new DMatrixRMaj(d, d);
        double asymmetry = 0;
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) {
                double lower = scale[i] * scale[j] * hessian.get(i, j);
                double upper = scale[i] * scale[j] * hessian.get(j, i);
                asymmetry = Math.max(asymmetry, Math.abs(lower - upper));
                scaled.set(i, j, 0.5 * (lower + upper));
                scaled.set(j, i, 0.5 * (lower + upper));
            }
        }
        this.error = Math.max(ASYMMETRIES * asymmetry, SMALLEST_EIGENVALUE);
    }

    /** The inverse of the Hessian, D x D; null if that is not positive definite beyond its error. */
    @Nullable
    DMatrixRMaj inverse() {
        int d = scale.length;
        if (anyFlat) {
            return null;
        }
        DMatrixRMaj reduced = scaled.copy();
        for (int i = 0; i < d; i++) {
            reduced.add(i, i, -error);
        }
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(d, true);
        DMatrixRMaj inverse = new DMatrixRMaj(d, d);
        if (!cholesky.decompose(reduced) || !CommonOps_DDRM.invertSPD(scaled, inverse)) {
            return null;
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                inverse.set(i, j, scale[i] * scale[j] * inverse.get(i, j));
            }
        }
        return inverse;
    }

    /**
     * The coordinates along which there is no curvature, or else those with the largest components of the direction
     * with the least curvature, largest first.
     *
     * @param most the largest number of coordinates
     */
    int[] worst(int most) {
        int d = scale.length;
        if (anyFlat) {
            return IntStream.range(0, d).filter(i -> flat[i]).limit(most).toArray();
        }
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
        if (!eigen.decompose(scaled.copy())) {
            return new int[0];
        }
        int least = 0;
        for (int k = 1; k < d; k++) {
            if (eigen.getEigenvalue(k).getReal() < eigen.getEigenvalue(least).getReal()) {
                least = k;
            }
        }
        DMatrixRMaj direction = eigen.getEigenVector(least);
        double largest = CommonOps_DDRM.elementMaxAbs(direction);
        return IntStream.range(0, d)
                .filter(i -> Math.abs(direction.get(i)) >= COMPONENT * largest)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(direction.get(i))))
                .limit(most)
                .mapToInt(i -> i)
                .toArray();
    }
}

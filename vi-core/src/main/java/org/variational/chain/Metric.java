package org.variational.chain;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalDistribution;

/**
 * The scale of a distribution: a factor L, lower triangular or diagonal, with {@code L L'} about its covariance.
 * Immutable.
 */
public final class Metric {

    private static final int LARGEST_FACTOR = 500;

    private final double[] diagonal;
    private final @Nullable DMatrixRMaj factor;

    /** With a factor, {@code diagonal} is not used. */
    private Metric(double[] diagonal, @Nullable DMatrixRMaj factor) {
        this.diagonal = diagonal;
        this.factor = factor;
    }

    /** The scale of an approximation whose standard deviations exist. */
    public static Metric of(VariationalDistribution q) {
        return of(q, q.standardDeviation());
    }

    /**
     * The scale of an approximation: the factor of its covariance if it is a Gaussian that has one or is small enough
     * to form it, and standard deviations otherwise.
     */
    static Metric of(VariationalDistribution q, double[] standardDeviation) {
        if (q.family() instanceof FullRankGaussian
                || (q instanceof GaussianDistribution && standardDeviation.length <= LARGEST_FACTOR)) {
            Metric full = of(((GaussianDistribution) q).covariance());
            if (full != null) {
                return full;
            }
        }
        return of(standardDeviation);
    }

    /** Standard deviations alone. */
    public static Metric of(double[] standardDeviation) {
        return new Metric(standardDeviation.clone(), null);
    }

    /** The Cholesky factor of a covariance; null if it is not positive definite. */
    static @Nullable Metric of(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(covariance.numRows, true);
        if (!cholesky.decompose(covariance.copy())) {
            return null;
        }
        return new Metric(new double[0], cholesky.getT(null));
    }

    /** {@code L x}. */
    public void push(DMatrixRMaj x, DMatrixRMaj output) {
        if (factor != null) {
            CommonOps_DDRM.mult(factor, x, output);
        } else {
            scale(x, output);
        }
    }

    /** {@code L' g}. */
    public void pull(DMatrixRMaj g, DMatrixRMaj output) {
        if (factor != null) {
            CommonOps_DDRM.multTransA(factor, g, output);
        } else {
            scale(g, output);
        }
    }

    private void scale(DMatrixRMaj from, DMatrixRMaj to) {
        to.setTo(from);
        CommonOps_DDRM.multRows(diagonal, to);
    }
}

package org.variational.chain;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.structure.SparseFactor;

/**
 * The scale of a distribution: a factor L, lower triangular, diagonal, or the inverse of a sparse one transposed, with
 * {@code L L'} about its covariance. Immutable.
 */
public final class Metric {

    private static final int LARGEST_FACTOR = 500;

    private final double[] diagonal;
    private final @Nullable DMatrixRMaj factor;
    private final @Nullable SparseFactor precision;

    /** With one of the factors, {@code diagonal} is not used. */
    private Metric(double[] diagonal, @Nullable DMatrixRMaj factor, @Nullable SparseFactor precision) {
        this.diagonal = diagonal;
        this.factor = factor;
        this.precision = precision;
    }

    /** The scale of an approximation whose standard deviations exist. */
    public static Metric of(VariationalDistribution q) {
        return of(q, q.standardDeviation());
    }

    /**
     * The scale of an approximation: the factor of its precision if that is sparse, that of its covariance if it is a
     * Gaussian that has one or is small enough to form it, and standard deviations otherwise.
     */
    static Metric of(VariationalDistribution q, double[] standardDeviation) {
        if (q instanceof SparseGaussian.Member sparse) {
            return new Metric(new double[0], null, sparse.precisionFactor());
        }
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
        return new Metric(standardDeviation.clone(), null, null);
    }

    /** The Cholesky factor of a covariance; null if it is not positive definite. */
    public static @Nullable Metric of(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(covariance.numRows, true);
        if (!cholesky.decompose(covariance.copy())) {
            return null;
        }
        return new Metric(new double[0], cholesky.getT(null), null);
    }

    /** {@code L x}. */
    public void push(DMatrixRMaj x, DMatrixRMaj output) {
        if (factor != null) {
            triangularProduct(factor, x, false, output);
        } else if (precision != null) {
            output.setTo(x);
            precision.solveTransposed(output.data, output.numCols);
        } else {
            scale(x, output);
        }
    }

    /** {@code L' g}. */
    public void pull(DMatrixRMaj g, DMatrixRMaj output) {
        if (factor != null) {
            triangularProduct(factor, g, true, output);
        } else if (precision != null) {
            output.setTo(g);
            precision.solve(output.data, output.numCols);
        } else {
            scale(g, output);
        }
    }

    /**
     * {@code L x} or {@code L' x} for a lower-triangular L, by rows that are arrays of their own: the compiler makes
     * vector instructions of loops over these, and not of loops over places in one array.
     */
    private static void triangularProduct(DMatrixRMaj l, DMatrixRMaj x, boolean transposed, DMatrixRMaj output) {
        int n = l.numRows;
        int lanes = x.numCols;
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = Arrays.copyOfRange(x.data, i * lanes, (i + 1) * lanes);
        }
        double[] sum = new double[lanes];
        for (int i = 0; i < n; i++) {
            Arrays.fill(sum, 0);
            int end = transposed ? n : i + 1;
            int step = transposed ? n : 1;
            int k = transposed ? i : 0;
            int at = transposed ? i * n + i : i * n;
            for (; k + 4 <= end; k += 4, at += 4 * step) {
                addFour(
                        sum,
                        l.data[at],
                        rows[k],
                        l.data[at + step],
                        rows[k + 1],
                        l.data[at + 2 * step],
                        rows[k + 2],
                        l.data[at + 3 * step],
                        rows[k + 3]);
            }
            for (; k < end; k++, at += step) {
                add(sum, l.data[at], rows[k]);
            }
            System.arraycopy(sum, 0, output.data, i * lanes, lanes);
        }
    }

    private static void addFour(
            double[] sum, double a, double[] x, double b, double[] y, double c, double[] z, double d, double[] w) {
        for (int s = 0; s < sum.length; s++) {
            sum[s] = sum[s] + a * x[s] + b * y[s] + c * z[s] + d * w[s];
        }
    }

    private static void add(double[] sum, double a, double[] x) {
        for (int s = 0; s < sum.length; s++) {
            sum[s] += a * x[s];
        }
    }

    private void scale(DMatrixRMaj from, DMatrixRMaj to) {
        to.setTo(from);
        CommonOps_DDRM.multRows(diagonal, to);
    }
}

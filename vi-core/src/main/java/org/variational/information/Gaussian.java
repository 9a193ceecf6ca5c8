package org.variational.information;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;

/** A multivariate normal distribution given by numbers. Immutable and thread-safe. */
public final class Gaussian extends Form {
    private static final double LOG_2_PI_E = Math.log(2 * Math.PI) + 1;

    private final double[] mean;
    private final DMatrixRMaj covariance;
    private final double logDeterminant;

    private Gaussian(double[] mean, DMatrixRMaj covariance, double logDeterminant) {
        this.mean = mean;
        this.covariance = covariance;
        this.logDeterminant = logDeterminant;
    }

    /**
     * The distribution with a mean and a covariance.
     *
     * @param mean D finite numbers
     * @param covariance D x D, symmetric positive definite
     * @throws IllegalArgumentException if the shapes differ, or the covariance is not symmetric or not positive
     *     definite
     */
    public static Gaussian of(double[] mean, double[][] covariance) {
        int d = mean.length;
        DMatrixRMaj matrix = new DMatrixRMaj(d, d);
        if (covariance.length != d) {
            throw new IllegalArgumentException(
                    "the covariance has " + covariance.length + " rows, but the mean has " + d + " elements");
        }
        for (int i = 0; i < d; i++) {
            if (covariance[i].length != d) {
                throw new IllegalArgumentException("row " + i + " of the covariance has " + covariance[i].length
                        + " elements, but the mean has " + d);
            }
            if (!Double.isFinite(mean[i])) {
                throw new IllegalArgumentException("the mean must be finite, but element " + i + " is " + mean[i]);
            }
            for (int j = 0; j < d; j++) {
                double other = covariance[j].length > i ? covariance[j][i] : Double.NaN;
                double ofOther = covariance[j].length > j ? covariance[j][j] : Double.NaN;
                double scale = Math.sqrt(Math.abs(covariance[i][i])) * Math.sqrt(Math.abs(ofOther));
                if (!(Math.abs(covariance[i][j] - other) <= 1e-10 * scale)) {
                    throw new IllegalArgumentException("the covariance must be symmetric, but element (" + i + ", " + j
                            + ") is " + covariance[i][j] + " and element (" + j + ", " + i + ") is " + other);
                }
                matrix.set(i, j, 0.5 * (covariance[i][j] + other));
            }
        }
        return of(mean, matrix);
    }

    /** As the other, with a covariance that is symmetric by construction. */
    static Gaussian of(double[] mean, DMatrixRMaj covariance) {
        DMatrixRMaj factor = factor(covariance);
        if (factor == null) {
            throw new IllegalArgumentException("the covariance must be positive definite, got " + covariance);
        }
        return new Gaussian(mean.clone(), covariance, logDeterminant(factor));
    }

    /** The number of coordinates D. */
    public int dimension() {
        return mean.length;
    }

    /** The mean, in a new array. */
    public double[] mean() {
        return mean.clone();
    }

    /** The covariance, in a new D x D matrix. */
    public DMatrixRMaj covariance() {
        return covariance.copy();
    }

    /**
     * The distribution of some of the coordinates.
     *
     * @param coordinates distinct numbers from 0 to D - 1
     */
    public Gaussian marginal(int... coordinates) {
        double[] kept = Arrays.stream(coordinates).mapToDouble(i -> mean[i]).toArray();
        DMatrixRMaj block = new DMatrixRMaj(kept.length, kept.length);
        CommonOps_DDRM.extract(covariance, coordinates, kept.length, coordinates, kept.length, block);
        return of(kept, block);
    }

    double logDeterminant() {
        return logDeterminant;
    }

    @Override
    double entropy() {
        return 0.5 * (mean.length * LOG_2_PI_E + logDeterminant);
    }

    @Override
    double kl(Form other) {
        if (!(other instanceof Gaussian q) || q.mean.length != mean.length) {
            return Double.NaN;
        }
        DMatrixRMaj inverse = inverse(q.covariance);
        double trace = 0;
        for (int i = 0; i < inverse.data.length; i++) {
            trace += inverse.data[i] * covariance.data[i];
        }
        return Math.max(
                0, 0.5 * (trace + squaredDistance(q, inverse) - mean.length + q.logDeterminant - logDeterminant));
    }

    /** With {@code S = a S1 + (1 - a) S0}; infinite unless S is positive definite. */
    @Override
    double logAffinity(Form other, double a) {
        if (!(other instanceof Gaussian q) || q.mean.length != mean.length) {
            return Double.NaN;
        }
        DMatrixRMaj blend = new DMatrixRMaj(mean.length, mean.length);
        CommonOps_DDRM.add(a, q.covariance, 1 - a, covariance, blend);
        DMatrixRMaj factor = factor(blend);
        if (factor == null) {
            return Double.POSITIVE_INFINITY;
        }
        return -0.5 * a * (1 - a) * squaredDistance(q, inverse(blend))
                + 0.5 * ((1 - a) * logDeterminant + a * q.logDeterminant - logDeterminant(factor));
    }

    private double squaredDistance(Gaussian q, DMatrixRMaj precision) {
        double total = 0;
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                total += (mean[i] - q.mean[i]) * precision.get(i, j) * (mean[j] - q.mean[j]);
            }
        }
        return total;
    }

    private static DMatrixRMaj inverse(DMatrixRMaj matrix) {
        DMatrixRMaj inverse = matrix.createLike();
        CommonOps_DDRM.invertSPD(matrix, inverse);
        return inverse;
    }

    /** The lower Cholesky factor, null if there is none. */
    private static @Nullable DMatrixRMaj factor(DMatrixRMaj matrix) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(matrix.numRows, true);
        return cholesky.decompose(matrix.copy()) ? cholesky.getT(null) : null;
    }

    private static double logDeterminant(DMatrixRMaj factor) {
        double sum = 0;
        for (int i = 0; i < factor.numRows; i++) {
            sum += 2 * Math.log(factor.get(i, i));
        }
        return sum;
    }

    @Override
    public String toString() {
        return "Gaussian(" + Arrays.toString(mean) + ", " + covariance + ")";
    }
}

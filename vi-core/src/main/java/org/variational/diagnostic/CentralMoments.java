package org.variational.diagnostic;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.variational.family.GaussianDistribution;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.MeanFieldStudentT;
import org.variational.family.MultivariateStudentT;
import org.variational.family.VariationalDistribution;

/**
 * How far the points of a distribution on R^D are from its mean m: {@code E ||x - m||^2}, {@code E ||x - m||^4}, and
 * the largest eigenvalue of its covariance V.
 *
 * <p>Closed forms:
 * <pre>
 *                             second    fourth
 *   Gaussian                  tr V      2 tr V^2 + (tr V)^2
 *   independent t, nu &gt; 4     tr V      2 (nu - 1) / (nu - 4) tr V^2 + (tr V)^2
 *   multivariate t, nu &gt; 4    tr V      (nu - 2) / (nu - 4) (2 tr V^2 + (tr V)^2)
 * </pre>
 * and infinite where they do not exist. The fourth moment is that of the norm, not the sum of those of the coordinates,
 * and the two kinds of t differ, as the coordinates of the second are large together.
 *
 * @param second the mean squared distance from the mean
 * @param fourth the mean fourth power of that distance
 * @param largestVariance the largest variance in any direction
 */
public record CentralMoments(double second, double fourth, double largestVariance) {

    /** Up to this dimension a covariance matrix is formed. */
    private static final int MAX_DIMENSION = 2000;

    /**
     * The moments in closed form.
     *
     * @param q a Gaussian, of at most 2000 dimensions unless mean-field, or a Student-t of any kind
     * @return the moments; infinite where they do not exist
     * @throws IllegalArgumentException if there is no closed form for this distribution, see {@link #hasClosedForm}
     */
    public static CentralMoments of(VariationalDistribution q) {
        if (!hasClosedForm(q)) {
            throw new IllegalArgumentException("there is no closed form for the moments of a "
                    + q.family().name() + " in " + q.family().dimension() + " dimensions: use CentralMoments.ofDraws");
        }
        if (q instanceof MeanFieldStudentT.Member student) {
            double nu = student.family().degrees();
            return independent(q.standardDeviation(), nu > 4 ? 2 * (nu - 1) / (nu - 4) : Double.POSITIVE_INFINITY);
        }
        if (q instanceof MeanFieldGaussian.Member) {
            return independent(q.standardDeviation(), 2);
        }
        if (q instanceof MultivariateStudentT.Member student) {
            double nu = student.family().degrees();
            if (nu <= 2) {
                return new CentralMoments(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
            }
            DMatrixRMaj covariance = student.scaleMatrix();
            CommonOps_DDRM.scale(nu / (nu - 2), covariance);
            return of(covariance, nu > 4 ? (nu - 2) / (nu - 4) : Double.POSITIVE_INFINITY);
        }
        return of(((GaussianDistribution) q).covariance(), 1);
    }

    /**
     * Whether {@link #of(VariationalDistribution)} knows the moments.
     *
     * @param q any member of a family
     * @return whether there is a closed form that takes no more than a 2000 x 2000 matrix
     */
    public static boolean hasClosedForm(VariationalDistribution q) {
        boolean known = q instanceof GaussianDistribution || q instanceof MultivariateStudentT.Member;
        return q instanceof MeanFieldGaussian.Member
                || q instanceof MeanFieldStudentT.Member
                || (known && q.family().dimension() <= MAX_DIMENSION);
    }

    private static CentralMoments independent(double[] sd, double excess) {
        double second = 0;
        double squares = 0;
        double largest = 0;
        for (double deviation : sd) {
            double variance = deviation * deviation;
            second += variance;
            squares += variance * variance;
            largest = Math.max(largest, variance);
        }
        if (!Double.isFinite(second)) {
            return new CentralMoments(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        return new CentralMoments(second, excess * squares + second * second, largest);
    }

    private static CentralMoments of(DMatrixRMaj covariance, double factor) {
        double trace = CommonOps_DDRM.trace(covariance);
        double frobenius = NormOps_DDRM.normF(covariance);
        return new CentralMoments(
                trace, factor * (2 * frobenius * frobenius + trace * trace), NormOps_DDRM.normP2(covariance));
    }

    /**
     * The moments of draws about their mean. The fourth has a large Monte-Carlo error where tails are heavy, and the
     * largest variance is bounded by the root of the sum of squared covariances in more than 2000 dimensions.
     *
     * @param draws D x S, S at least 2
     * @throws IllegalArgumentException if there are fewer than two draws
     */
    public static CentralMoments ofDraws(DMatrixRMaj draws) {
        int d = draws.numRows;
        int n = draws.numCols;
        if (n < 2) {
            throw new IllegalArgumentException("moments need at least two draws, got " + n);
        }
        DMatrixRMaj centred = draws.copy();
        for (int i = 0; i < d; i++) {
            double mean =
                    Arrays.stream(draws.data, i * n, (i + 1) * n).average().orElseThrow();
            for (int s = 0; s < n; s++) {
                centred.data[i * n + s] -= mean;
            }
        }
        double second = 0;
        double fourth = 0;
        for (int s = 0; s < n; s++) {
            double square = 0;
            for (int i = 0; i < d; i++) {
                square += centred.data[i * n + s] * centred.data[i * n + s];
            }
            second += square / n;
            fourth += square * square / n;
        }
        // The non-zero eigenvalues of X X' are those of X' X: the smaller of the two is formed.
        int size = Math.min(d, n);
        DMatrixRMaj product = new DMatrixRMaj(size, size);
        if (d <= n) {
            CommonOps_DDRM.multTransB(centred, centred, product);
        } else {
            CommonOps_DDRM.multTransA(centred, centred, product);
        }
        CommonOps_DDRM.scale(1.0 / n, product);
        double largest = size <= MAX_DIMENSION ? NormOps_DDRM.normP2(product) : NormOps_DDRM.normF(product);
        return new CentralMoments(second, fourth, largest);
    }
}

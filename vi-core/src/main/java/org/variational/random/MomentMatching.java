package org.variational.random;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * Noise whose own moments are those of the standard normal distribution.
 *
 * <p>Draws that are used once and for all, as in a sample-average approximation, leave the error of their sample
 * moments in the answer. Matched draws have a mean of exactly 0 and, with divisor N, either the identity as covariance
 * (<em>whitened</em>) or ones on its diagonal (<em>scaled</em>). They are no longer independent of each other, nor
 * exactly normal one by one: averages of functions of at most second degree are exact, others have a bias of order 1/N.
 *
 * @see <a href="https://doi.org/10.1111/j.1467-9965.1995.tb00069.x">Barraquand (1995), Numerical valuation of high
 *     dimensional multivariate European securities, in which the draws are scaled as here</a>
 */
public final class MomentMatching {

    /** A sample variance below this is not stretched to 1: the row is degenerate. */
    private static final double SMALLEST_VARIANCE = 1e-12;

    private MomentMatching() {}

    /**
     * Matches the moments of a batch, in place: centred and whitened where the batch determines a covariance, which
     * takes more than {@code rows} of {@code degrees}; centred and scaled otherwise. A linear map of the noise, so that
     * antithetic pairs stay antithetic.
     *
     * @param noise rows x N, changed in place
     * @param degrees the number of draws that can be chosen freely: N, or half of it for antithetic pairs
     * @return whether the batch was whitened
     */
    public static boolean match(DMatrixRMaj noise, int degrees) {
        centre(noise);
        if (degrees > noise.numRows && whiten(noise)) {
            return true;
        }
        scale(noise);
        return false;
    }

    private static void centre(DMatrixRMaj noise) {
        int lanes = noise.numCols;
        for (int i = 0, from = 0; i < noise.numRows; i++, from += lanes) {
            double mean = 0;
            for (int at = from; at < from + lanes; at++) {
                mean += noise.data[at];
            }
            mean /= lanes;
            for (int at = from; at < from + lanes; at++) {
                noise.data[at] -= mean;
            }
        }
    }

    private static void scale(DMatrixRMaj noise) {
        int lanes = noise.numCols;
        for (int i = 0, from = 0; i < noise.numRows; i++, from += lanes) {
            double square = 0;
            for (int at = from; at < from + lanes; at++) {
                square += noise.data[at] * noise.data[at];
            }
            square /= lanes;
            if (square > SMALLEST_VARIANCE) {
                double factor = 1 / Math.sqrt(square);
                for (int at = from; at < from + lanes; at++) {
                    noise.data[at] *= factor;
                }
            }
        }
    }

    /** Replaces the noise by {@code inverse(L) noise} with {@code L L'} its covariance, unless that is singular. */
    private static boolean whiten(DMatrixRMaj noise) {
        int rows = noise.numRows;
        int lanes = noise.numCols;
        DMatrixRMaj covariance = new DMatrixRMaj(rows, rows);
        CommonOps_DDRM.multTransB(1.0 / lanes, noise, noise, covariance);
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(rows, true);
        if (!cholesky.decompose(covariance)) {
            return false;
        }
        DMatrixRMaj factor = cholesky.getT(null);
        for (int i = 0; i < rows; i++) {
            if (factor.data[i * rows + i] * factor.data[i * rows + i] < SMALLEST_VARIANCE) {
                return false;
            }
        }
        for (int i = 0; i < rows; i++) {
            int to = i * lanes;
            for (int j = 0; j < i; j++) {
                double entry = factor.data[i * rows + j];
                for (int s = 0; s < lanes; s++) {
                    noise.data[to + s] -= entry * noise.data[j * lanes + s];
                }
            }
            double diagonal = factor.data[i * rows + i];
            for (int s = 0; s < lanes; s++) {
                noise.data[to + s] /= diagonal;
            }
        }
        return true;
    }
}

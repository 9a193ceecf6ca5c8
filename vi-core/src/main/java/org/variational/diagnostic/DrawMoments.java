package org.variational.diagnostic;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/** Moments of the rows of a matrix over its columns, which are draws. */
final class DrawMoments {

    private DrawMoments() {}

    /** Weights that are equal and sum to 1. */
    static double[] equal(int draws) {
        double[] weights = new double[draws];
        Arrays.fill(weights, 1.0 / draws);
        return weights;
    }

    /** The weighted mean of every row. */
    static double[] means(DMatrixRMaj values, double[] weights) {
        double[] means = new double[values.numRows];
        for (int i = 0, at = 0; i < means.length; i++) {
            for (int s = 0; s < weights.length; s++, at++) {
                means[i] += weights[s] * values.data[at];
            }
        }
        return means;
    }

    /** The standard deviation of every row, with divisor S. */
    static double[] deviations(DMatrixRMaj values, double[] means) {
        double[] deviations = new double[means.length];
        for (int i = 0, at = 0; i < means.length; i++) {
            double square = 0;
            for (int s = 0; s < values.numCols; s++, at++) {
                square += (values.data[at] - means[i]) * (values.data[at] - means[i]);
            }
            deviations[i] = Math.sqrt(square / values.numCols);
        }
        return deviations;
    }

    /** The weighted covariance of few rows, with divisor 1. */
    static DMatrixRMaj covariance(DMatrixRMaj values, double[] weights) {
        int n = values.numRows;
        int lanes = values.numCols;
        double[] means = means(values, weights);
        DMatrixRMaj covariance = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int s = 0; s < lanes; s++) {
                    sum += weights[s]
                            * (values.data[i * lanes + s] - means[i])
                            * (values.data[j * lanes + s] - means[j]);
                }
                covariance.set(i, j, sum);
                covariance.set(j, i, sum);
            }
        }
        return covariance;
    }
}

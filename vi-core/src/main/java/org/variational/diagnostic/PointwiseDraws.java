package org.variational.diagnostic;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/** Log likelihoods of N observations at the draws that have a weight, with the log weights. */
final class PointwiseDraws {

    private final DMatrixRMaj logLikelihood;
    /** The columns that count. */
    private final int[] draws;
    /** Raw log weights of these. */
    private final double[] raw;
    /** Their smoothed and normalised log weights. */
    private final ParetoSmoothing smoothing;

    /**
     * @param logLikelihood N x S
     * @param logWeights S raw log weights, {@code -Infinity} or NaN for draws that do not count
     */
    PointwiseDraws(DMatrixRMaj logLikelihood, double[] logWeights) {
        if (logLikelihood.numRows == 0 || logLikelihood.numCols != logWeights.length) {
            throw new IllegalArgumentException(
                    "pointwise log likelihoods are N x S with a row per observation and a column per draw, but they"
                            + " are "
                            + logLikelihood.numRows + " x " + logLikelihood.numCols + " for " + logWeights.length
                            + " draws");
        }
        this.logLikelihood = logLikelihood;
        this.draws = IntStream.range(0, logWeights.length)
                .filter(s -> logWeights[s] > Double.NEGATIVE_INFINITY)
                .toArray();
        if (draws.length == 0) {
            throw new IllegalArgumentException("none of the " + logWeights.length + " draws has a weight");
        }
        this.raw = IntStream.of(draws).mapToDouble(s -> logWeights[s]).toArray();
        this.smoothing = ParetoSmoothing.of(raw);
    }

    int observations() {
        return logLikelihood.numRows;
    }

    int count() {
        return draws.length;
    }

    /** The smoothing of the weights that all observations share. */
    ParetoSmoothing smoothing() {
        return smoothing;
    }

    /** The raw log weights of the draws that count. */
    double[] raw() {
        return raw.clone();
    }

    /** The log likelihoods of one observation at the draws that count. */
    double[] row(int observation) {
        double[] row = new double[draws.length];
        for (int k = 0; k < row.length; k++) {
            double value = logLikelihood.data[observation * logLikelihood.numCols + draws[k]];
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("the log likelihood of observation " + observation + " at draw "
                        + draws[k] + " is " + value + "; finite is expected where the draw has a weight");
            }
            row[k] = value;
        }
        return row;
    }

    /** {@code log sum_s exp(logWeight_s + value_s)}. */
    static double logMean(double[] normalisedLogWeights, double[] values) {
        double[] terms = values.clone();
        for (int k = 0; k < terms.length; k++) {
            terms[k] += normalisedLogWeights[k];
        }
        return LogWeights.logSumExp(terms);
    }
}

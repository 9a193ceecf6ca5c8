package org.variational.diagnostic;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.density.Matrices;
import org.variational.model.PointwiseLogLikelihood;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/**
 * Log likelihoods of N observations at the draws that have a weight, with the log weights. They are asked for by blocks
 * of observations, so that all N x S need never be held.
 */
final class PointwiseDraws {

    /** The numbers of a block, 16 MB. */
    private static final int BLOCK_NUMBERS = 2_000_000;

    /** Log likelihoods of consecutive observations. */
    interface Source {

        /** Those of the observations from the first to before the last, each with all draws. */
        DMatrixRMaj rows(int from, int to);
    }

    /** Takes the log likelihoods of an observation at the draws that count. */
    interface RowReader {

        /** Reads those of one observation; the array is its own. */
        void read(int observation, double[] logLikelihood);
    }

    private final Source source;
    private final int observations;
    private final int all;
    /** The columns that count. */
    private final int[] draws;
    /** Raw log weights of these. */
    private final double[] raw;
    /** Their smoothed and normalised log weights. */
    private final ParetoSmoothing smoothing;

    /**
     * @param logWeights S raw log weights, {@code -Infinity} or NaN for draws that do not count
     */
    PointwiseDraws(int observations, Source source, double[] logWeights) {
        if (observations < 1) {
            throw new IllegalArgumentException("at least one observation is needed, got " + observations);
        }
        this.observations = observations;
        this.source = source;
        this.all = logWeights.length;
        this.draws = IntStream.range(0, all)
                .filter(s -> logWeights[s] > Double.NEGATIVE_INFINITY)
                .toArray();
        if (draws.length == 0) {
            throw new IllegalArgumentException("none of the " + all + " draws has a weight");
        }
        this.raw = IntStream.of(draws).mapToDouble(s -> logWeights[s]).toArray();
        this.smoothing = ParetoSmoothing.of(raw);
    }

    /** From numbers that are held, N x S. */
    static PointwiseDraws of(DMatrixRMaj logLikelihood, double[] logWeights) {
        if (logLikelihood.numRows == 0 || logLikelihood.numCols != logWeights.length) {
            throw new IllegalArgumentException(
                    "pointwise log likelihoods are N x S with a row per observation and a column per draw, but they"
                            + " are "
                            + logLikelihood.numRows + " x " + logLikelihood.numCols + " for " + logWeights.length
                            + " draws");
        }
        return new PointwiseDraws(
                logLikelihood.numRows,
                (from, to) -> CommonOps_DDRM.extract(logLikelihood, from, to, 0, logLikelihood.numCols),
                logWeights);
    }

    /** From a compiled model at draws, D x S. */
    static PointwiseDraws of(PointwiseLogLikelihood likelihood, DMatrixRMaj points, double[] logWeights) {
        return new PointwiseDraws(
                likelihood.observations(), (from, to) -> likelihood.evaluate(points, from, to), logWeights);
    }

    /** From a function that gives the S numbers of one observation. */
    static PointwiseDraws of(int observations, IntFunction<double[]> logLikelihood, double[] logWeights) {
        int count = logWeights.length;
        return new PointwiseDraws(
                observations,
                (from, to) -> {
                    DMatrixRMaj rows = new DMatrixRMaj(to - from, count);
                    for (int i = from; i < to; i++) {
                        double[] row = logLikelihood.apply(i);
                        if (row.length != count) {
                            throw new IllegalArgumentException("observation " + i + " has " + row.length
                                    + " log likelihoods, but there are " + count + " draws");
                        }
                        System.arraycopy(row, 0, rows.data, (i - from) * count, count);
                    }
                    return rows;
                },
                logWeights);
    }

    int observations() {
        return observations;
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

    /** Gives the log likelihoods of all observations to a reader, in order. */
    void forEach(RowReader reader) {
        int block = Math.max(1, BLOCK_NUMBERS / all);
        for (int from = 0; from < observations; from += block) {
            int to = Math.min(observations, from + block);
            DMatrixRMaj rows = source.rows(from, to);
            for (int i = from; i < to; i++) {
                reader.read(i, counted(i, Matrices.row(rows, i - from)));
            }
        }
    }

    private double[] counted(int observation, double[] row) {
        double[] counted = new double[draws.length];
        for (int k = 0; k < counted.length; k++) {
            counted[k] = row[draws[k]];
            if (!Double.isFinite(counted[k])) {
                throw new IllegalArgumentException("the log likelihood of observation " + observation + " at draw "
                        + draws[k] + " is " + counted[k] + "; finite is expected where the draw has a weight");
            }
        }
        return counted;
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

package org.variational.algorithm.importance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.weights.LogWeights;

/**
 * The draws of several proposals, weighted as those of one: by {@code p(x) / sum over t of n_t q_t(x)}, the
 * deterministic mixture of the proposals. Mutable, for one thread.
 */
final class PooledDraws {

    /** The effective draws for every coordinate, and one more, that a fit needs. */
    private static final double FEWEST_PER_COORDINATE = 3;

    /** Of few draws the flattened weights need not be worth more than this part. */
    private static final double MOST_OF_FEW = 0.25;

    private static final int HALVINGS = 30;

    /** Draws of the least weight, together this share, are left out of a fit. */
    private static final double LEFT_OUT = 1e-4;

    private static final int MOST_POINTS = 2000;

    /**
     * Draws made together.
     *
     * @param points D x S
     * @param logDensity S numbers, finite or {@code -Infinity}
     * @param proposal the number of the proposal they are from
     * @param logMixture {@code log sum over t of n_t q_t}, kept up to date
     */
    private record Batch(DMatrixRMaj points, double[] logDensity, int proposal, double[] logMixture) {
        int size() {
            return logDensity.length;
        }
    }

    private final List<StudentMixture> proposals = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();

    /** The proposal that the last draws are from. */
    StudentMixture last() {
        return proposals.get(proposals.size() - 1);
    }

    /** Whether the density is positive at a draw. */
    boolean haveWeight() {
        return batches.stream().anyMatch(batch -> worth(batch.logDensity) > 0);
    }

    /** Takes in draws, of the last proposal or of a new one. */
    void add(StudentMixture proposal, DMatrixRMaj points, double[] logDensity) {
        if (proposals.isEmpty() || last() != proposal) {
            proposals.add(proposal);
        }
        int count = logDensity.length;
        for (Batch batch : batches) {
            accumulate(batch.logMixture, proposal.logDensity(batch.points), count);
        }
        double[] logMixture = new double[count];
        Arrays.fill(logMixture, Double.NEGATIVE_INFINITY);
        batches.add(new Batch(points, logDensity, proposals.size() - 1, logMixture));
        int[] counts = new int[proposals.size()];
        for (Batch batch : batches) {
            counts[batch.proposal] += batch.size();
        }
        for (int t = 0; t < counts.length; t++) {
            accumulate(logMixture, proposals.get(t).logDensity(points), counts[t]);
        }
    }

    private static void accumulate(double[] logMixture, double[] logProposal, int count) {
        double logCount = Math.log(count);
        for (int s = 0; s < logMixture.length; s++) {
            double other = logProposal[s] + logCount;
            double larger = Math.max(logMixture[s], other);
            double smaller = Math.min(logMixture[s], other);
            logMixture[s] =
                    larger == Double.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(smaller - larger));
        }
    }

    /** The draws of the last proposal alone, D x S. */
    DMatrixRMaj ownPoints() {
        List<Batch> own = own();
        int d = own.get(0).points.numRows;
        int count = own.stream().mapToInt(Batch::size).sum();
        DMatrixRMaj points = new DMatrixRMaj(d, count);
        int from = 0;
        for (Batch batch : own) {
            for (int i = 0; i < d; i++) {
                System.arraycopy(batch.points.data, i * batch.size(), points.data, i * count + from, batch.size());
            }
            from += batch.size();
        }
        return points;
    }

    /** {@code log p - log q} of the draws of the last proposal alone. */
    double[] ownLogWeights() {
        StudentMixture proposal = last();
        return own().stream()
                .flatMapToDouble(batch -> {
                    double[] logs = proposal.logDensity(batch.points);
                    return IntStream.range(0, logs.length).mapToDouble(s -> batch.logDensity[s] - logs[s]);
                })
                .toArray();
    }

    private List<Batch> own() {
        return batches.stream()
                .filter(batch -> batch.proposal == proposals.size() - 1)
                .toList();
    }

    private double[] logWeights() {
        return batches.stream()
                .flatMapToDouble(batch ->
                        IntStream.range(0, batch.size()).mapToDouble(s -> batch.logDensity[s] - batch.logMixture[s]))
                .toArray();
    }

    /** The number of independent draws that draws are worth, by their log weights; 0 if all weights are. */
    static double worth(double[] logWeights) {
        return worth(logWeights, 1);
    }

    private static double worth(double[] logWeights, double power) {
        double max = Arrays.stream(logWeights).max().orElse(Double.NEGATIVE_INFINITY);
        if (max == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        for (double logWeight : logWeights) {
            double weight = Math.exp(power * (logWeight - max));
            sum += weight;
            squares += weight * weight;
        }
        return sum * sum / squares;
    }

    /** What a draw from a mixture would be worth, as far as these draws can tell: at most about 1. */
    double worthOfDraw(StudentMixture mixture) {
        double[] logWeights = logWeights();
        double[] logSquares = logWeights.clone();
        int at = 0;
        for (Batch batch : batches) {
            double[] logs = mixture.logDensity(batch.points);
            for (int s = 0; s < logs.length; s++, at++) {
                logSquares[at] += batch.logDensity[s] - logs[s];
            }
        }
        return Math.exp(2 * LogWeights.logSumExp(logWeights) - LogWeights.logSumExp(logSquares));
    }

    /**
     * The draws that carry the weight. Weights that are worth too few draws to be fitted to are flattened by a power
     * below 1, which leads from the draws towards the density. A draw must {@linkplain #haveWeight have a weight}.
     */
    Cloud cloud() {
        double[] logWeights = logWeights();
        int d = batches.get(0).points.numRows;
        double power = power(logWeights, Math.min(FEWEST_PER_COORDINATE * (d + 1), MOST_OF_FEW * logWeights.length));
        double max = Arrays.stream(logWeights).max().orElseThrow();
        double[] weights = new double[logWeights.length];
        Arrays.setAll(weights, s -> Math.exp(power * (logWeights[s] - max)));
        int[] order = IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingDouble(s -> -weights[s]))
                .mapToInt(s -> s)
                .toArray();
        double enough = (1 - LEFT_OUT) * Arrays.stream(weights).sum();
        double taken = 0;
        int count = 0;
        while (count < Math.min(order.length, MOST_POINTS) && taken < enough) {
            taken += weights[order[count++]];
        }
        return cloud(Arrays.copyOf(order, count), weights, taken);
    }

    private Cloud cloud(int[] chosen, double[] weights, double total) {
        int d = batches.get(0).points.numRows;
        int count = chosen.length;
        int[] firsts = new int[batches.size()];
        for (int b = 1; b < firsts.length; b++) {
            firsts[b] = firsts[b - 1] + batches.get(b - 1).size();
        }
        DMatrixRMaj points = new DMatrixRMaj(d, count);
        double[] shares = new double[count];
        double[] logDensity = new double[count];
        for (int c = 0; c < count; c++) {
            int found = Arrays.binarySearch(firsts, chosen[c]);
            int b = found >= 0 ? found : -found - 2;
            Batch batch = batches.get(b);
            int s = chosen[c] - firsts[b];
            shares[c] = weights[chosen[c]] / total;
            logDensity[c] = batch.logDensity[s];
            for (int i = 0; i < d; i++) {
                points.data[i * count + c] = batch.points.data[i * batch.size() + s];
            }
        }
        return new Cloud(points, shares, logDensity);
    }

    /** The largest power, at most 1, at which the weights are worth the wanted number of draws. */
    private static double power(double[] logWeights, double wanted) {
        double low = 0;
        double high = 1;
        if (worth(logWeights, high) >= wanted) {
            return high;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = 0.5 * (low + high);
            if (worth(logWeights, middle) >= wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

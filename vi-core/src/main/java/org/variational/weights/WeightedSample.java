package org.variational.weights;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Independent draws of one scalar with importance weights: moments, quantiles, and the Monte-Carlo standard error of
 * each.
 *
 * <p>With normalised weights W, mean m and variance v of the sample, the squared standard errors are, by the delta
 * method for self-normalised estimates,
 * <pre>
 *   mean                sum W^2 (x - m)^2
 *   standard deviation  sum W^2 ((x - m)^2 - v)^2 / (4 v)
 *   quantile at p       of the distribution function sum W^2 (1[x &lt;= q] - p)^2, carried over to x by quantiles
 * </pre>
 * They describe the error of the draws, not that of the distribution they come from, and are too small where few draws
 * carry the weight.
 *
 * <p>Immutable and thread-safe; arrays are copied.
 *
 * @see <a href="https://doi.org/10.1214/20-BA1221">Vehtari et al. (2021), Rank-normalization, folding, and
 *     localization</a>
 */
public final class WeightedSample {
    /** In the order given. */
    private final double[] values;

    private final double[] weights;
    private final double mean;
    private final double variance;
    /** Made when a quantile is asked for first; threads that make it at once make the same. */
    private volatile @Nullable Ascending ascending;

    private WeightedSample(double[] values, double[] weights, double total) {
        int n = values.length;
        this.values = values.clone();
        this.weights = new double[n];
        double shift = values[n / 2];
        double first = 0;
        for (int i = 0; i < n; i++) {
            this.weights[i] = weights[i] / total;
            first += this.weights[i] * (values[i] - shift);
        }
        double second = 0;
        for (int i = 0; i < n; i++) {
            double deviation = values[i] - shift - first;
            second += this.weights[i] * deviation * deviation;
        }
        this.mean = shift + first;
        this.variance = second;
    }

    /**
     * The draws in ascending order.
     *
     * @param positions cumulated weight up to the middle of each draw's own
     */
    private record Ascending(double[] values, double[] positions) {}

    private Ascending ascending() {
        Ascending known = ascending;
        if (known == null) {
            int[] order = order(values);
            known = new Ascending(new double[order.length], new double[order.length]);
            double cumulated = 0;
            for (int i = 0; i < order.length; i++) {
                double weight = weights[order[i]];
                known.values[i] = values[order[i]];
                known.positions[i] = cumulated + weight / 2;
                cumulated += weight;
            }
            ascending = known;
        }
        return known;
    }

    /** The indices of the values in ascending order, equal values in their own order, by merging. */
    private static int[] order(double[] values) {
        int n = values.length;
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        int[] merged = new int[n];
        for (int run = 1; run < n; run *= 2) {
            for (int from = 0; from < n; from += 2 * run) {
                int left = from;
                int middle = Math.min(from + run, n);
                int right = middle;
                int end = Math.min(from + 2 * run, n);
                for (int i = from; i < end; i++) {
                    boolean ofLeft = left < middle && (right >= end || values[order[left]] <= values[order[right]]);
                    merged[i] = order[ofLeft ? left++ : right++];
                }
            }
            int[] swapped = order;
            order = merged;
            merged = swapped;
        }
        return order;
    }

    /**
     * Equally weighted draws.
     *
     * @param values finite, at least one
     * @return the sample
     * @throws IllegalArgumentException if there is none or one is not finite
     */
    public static WeightedSample of(double[] values) {
        double[] weights = new double[values.length];
        Arrays.fill(weights, 1);
        return of(values, weights);
    }

    /**
     * Weighted draws.
     *
     * @param values finite, at least one
     * @param weights as many, not negative, finite, not all zero; normalised here
     * @return the sample
     * @throws IllegalArgumentException if lengths differ, there is none, or a number is not as stated
     */
    public static WeightedSample of(double[] values, double[] weights) {
        if (values.length == 0 || values.length != weights.length) {
            throw new IllegalArgumentException("as many weights as values and at least one are needed, got "
                    + weights.length + " and " + values.length);
        }
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i]) || !(weights[i] >= 0) || Double.isInfinite(weights[i])) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "value %d is %s with weight %s: values must be finite and weights finite and not negative",
                        i,
                        values[i],
                        weights[i]));
            }
            total += weights[i];
        }
        if (!(total > 0)) {
            throw new IllegalArgumentException("all weights are zero");
        }
        return new WeightedSample(values, weights, total);
    }

    /** The weighted mean. */
    public double mean() {
        return mean;
    }

    /**
     * The weighted standard deviation {@code sqrt(sum W (x - m)^2)}.
     *
     * @return at least 0
     */
    public double standardDeviation() {
        return Math.sqrt(variance);
    }

    /**
     * The quantile at a probability: linear between the draws, each standing at the middle of its own weight, and
     * constant beyond the first and the last.
     *
     * @param probability from 0 to 1
     * @throws IllegalArgumentException if the probability is outside
     */
    public double quantile(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability must be from 0 to 1, got " + probability);
        }
        double[] sorted = ascending().values;
        double[] positions = ascending().positions;
        int above = Arrays.binarySearch(positions, probability);
        if (above >= 0) {
            return sorted[above];
        }
        above = -above - 1;
        if (above == 0) {
            return sorted[0];
        }
        if (above == sorted.length) {
            return sorted[sorted.length - 1];
        }
        double share = (probability - positions[above - 1]) / (positions[above] - positions[above - 1]);
        return sorted[above - 1] + share * (sorted[above] - sorted[above - 1]);
    }

    /**
     * The effective sample size {@code 1 / sum W^2}.
     *
     * @return from 1 to the number of draws
     */
    public double effectiveSampleSize() {
        double sum = 0;
        for (double weight : weights) {
            sum += weight * weight;
        }
        return 1 / sum;
    }

    /**
     * The standard error of the mean.
     *
     * @return at least 0
     */
    public double meanError() {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double term = weights[i] * (values[i] - mean);
            sum += term * term;
        }
        return Math.sqrt(sum);
    }

    /**
     * The standard error of the standard deviation.
     *
     * @return at least 0; 0 if all values are equal
     */
    public double standardDeviationError() {
        if (variance == 0) {
            return 0;
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double deviation = values[i] - mean;
            double term = weights[i] * (deviation * deviation - variance);
            sum += term * term;
        }
        return Math.sqrt(sum / (4 * variance));
    }

    /**
     * The standard error of a quantile.
     *
     * @param probability from 0 to 1
     * @return at least 0; too small where the quantile is beyond the outermost draws
     * @throws IllegalArgumentException if the probability is outside
     */
    public double quantileError(double probability) {
        double quantile = quantile(probability);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double term = weights[i] * ((values[i] <= quantile ? 1 : 0) - probability);
            sum += term * term;
        }
        double error = Math.sqrt(sum);
        double upper = quantile(Math.min(1, probability + error));
        double lower = quantile(Math.max(0, probability - error));
        return (upper - lower) / 2;
    }
}

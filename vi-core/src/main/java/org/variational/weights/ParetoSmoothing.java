package org.variational.weights;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Pareto-smoothed importance weights and their diagnostic, the estimated tail shape k-hat.
 *
 * <p>The largest {@code M = min(S / 5, 3 sqrt(S / r))} weights are replaced by the expected order statistics of a
 * generalised Pareto distribution fitted to them, truncated at the largest raw weight. The shape of that distribution
 * tells how far the weights can be trusted: moments of the weights of order 1 / k and more are infinite, so that at k
 * above 1/2 they have no variance and above 0.7 the estimates are of no practical use at any affordable S.
 * <ul>
 *   <li>Log weights NaN and {@code -Infinity} get weight zero and are counted by {@link #dropped()}.
 *   <li>If the largest weights are all equal (q is p up to rounding), the shape is {@code -Infinity} and the weights
 *       are reliable; it is never {@code +Infinity}.
 *   <li>If fewer than 5 draws exceed the rest (S below 25, nearly all weights zero, or nearly all equal), the shape is
 *       NaN, the weights are left as they are, and they are not called reliable.
 * </ul>
 *
 * <p>Immutable and thread-safe; arrays are copied in and out.
 *
 * @see <a href="https://arxiv.org/abs/1507.02646">Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed
 *     importance sampling</a>
 * @see <a href="https://doi.org/10.1198/tech.2009.08017">Zhang and Stephens (2009), A new and efficient estimation
 *     method for the generalized Pareto distribution</a>
 */
public final class ParetoSmoothing {

    private static final double NEARLY_ALL = 0.99;

    private static final double MOST = 0.9;

    private static final int SMALLEST_TAIL = 5;
    private static final double EQUAL = 1e-12;
    /** Keeps the reciprocal of the lower quartile finite where the smaller weights of the tail underflow. */
    private static final double SMALLEST_QUARTILE = 1e-300;

    private final double[] logWeights;
    private final double logMean;
    private final double shape;
    private final int dropped;

    private ParetoSmoothing(double[] logWeights, double logMean, double shape, int dropped) {
        this.logWeights = logWeights;
        this.logMean = logMean;
        this.shape = shape;
        this.dropped = dropped;
    }

    /**
     * Smooths the weights of independent draws.
     *
     * @param logWeights S log weights, each finite, {@code -Infinity} or NaN, up to a common constant
     * @return the smoothed weights
     * @throws IllegalArgumentException if there is none, or one is {@code +Infinity}
     */
    public static ParetoSmoothing of(double[] logWeights) {
        return of(logWeights, 1);
    }

    /**
     * Smooths the weights of draws that depend on each other.
     *
     * @param logWeights S log weights, each finite, {@code -Infinity} or NaN, up to a common constant
     * @param relativeEfficiency the effective sample size of the draws over their number, positive; 1 for independent
     *     draws
     * @return the smoothed weights
     * @throws IllegalArgumentException if there is none, one is {@code +Infinity}, or the efficiency is not positive
     *     and finite
     */
    public static ParetoSmoothing of(double[] logWeights, double relativeEfficiency) {
        if (!(relativeEfficiency > 0) || Double.isInfinite(relativeEfficiency)) {
            throw new IllegalArgumentException(
                    "the relative efficiency must be positive and finite, got " + relativeEfficiency);
        }
        int count = logWeights.length;
        if (count == 0) {
            throw new IllegalArgumentException("at least one log weight is needed, got none");
        }
        double[] smoothed = logWeights.clone();
        int dropped = 0;
        double max = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < count; s++) {
            if (smoothed[s] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "log weight " + s + " is +Infinity: the target is infinite at that draw");
            }
            if (Double.isNaN(smoothed[s]) || smoothed[s] == Double.NEGATIVE_INFINITY) {
                smoothed[s] = Double.NEGATIVE_INFINITY;
                dropped++;
            } else {
                max = Math.max(max, smoothed[s]);
            }
        }
        if (dropped == count) {
            return new ParetoSmoothing(smoothed, Double.NEGATIVE_INFINITY, Double.NaN, dropped);
        }
        for (int s = 0; s < count; s++) {
            smoothed[s] -= max;
        }
        int tail = (int) Math.min(tailLength(count, relativeEfficiency), count - dropped - 1L);
        double shape = tail < SMALLEST_TAIL ? Double.NaN : smooth(smoothed, tail);
        double total = LogWeights.logSumExp(smoothed);
        for (int s = 0; s < count; s++) {
            smoothed[s] -= total;
        }
        return new ParetoSmoothing(smoothed, max + total - Math.log(count), shape, dropped);
    }

    private static long tailLength(int count, double relativeEfficiency) {
        return (long) Math.min(count / 5, Math.ceil(3 * Math.sqrt(count / relativeEfficiency)));
    }

    /**
     * Replaces the largest {@code tail} entries, whose maximum is 0, and returns the shape. Of entries that equal the
     * largest of the others none is in the tail, as a continuous distribution has no mass at its edge.
     */
    private static double smooth(double[] logWeights, int tail) {
        double[] sorted = logWeights.clone();
        Arrays.sort(sorted);
        double edge = sorted[sorted.length - tail - 1];
        double cutoff = Math.exp(edge);
        if (1 - cutoff < EQUAL) {
            return Double.NEGATIVE_INFINITY;
        }
        Integer[] order = IntStream.range(0, logWeights.length)
                .filter(s -> logWeights[s] > edge)
                .boxed()
                .sorted(Comparator.comparingDouble(s -> logWeights[s]))
                .toArray(Integer[]::new);
        if (order.length < SMALLEST_TAIL) {
            return Double.NaN;
        }
        double[] excess = Arrays.stream(order)
                .mapToDouble(s -> Math.exp(logWeights[s]) - cutoff)
                .toArray();
        GeneralisedPareto fit = GeneralisedPareto.fit(excess, SMALLEST_QUARTILE);
        for (int i = 0; i < order.length; i++) {
            double weight = cutoff + fit.quantile((i + 0.5) / order.length);
            logWeights[order[i]] = Math.min(Math.log(weight), 0);
        }
        return fit.shape();
    }

    /**
     * The estimated tail shape k-hat.
     *
     * @return a finite number; {@code -Infinity} if the largest weights are equal, NaN if there are too few
     */
    public double shape() {
        return shape;
    }

    /**
     * The largest shape at which estimates from this many draws are reliable, {@code min(1 - 1 / log10 S, 0.7)}.
     *
     * @return the threshold for this S
     */
    public double threshold() {
        return threshold(logWeights.length);
    }

    /**
     * The largest shape at which estimates from S draws are reliable, {@code min(1 - 1 / log10 S, 0.7)}.
     *
     * @param count S, at least 1
     * @return the threshold; not positive if S is 10 or less
     */
    public static double threshold(int count) {
        return count <= 1 ? Double.NEGATIVE_INFINITY : Math.min(1 - 1 / Math.log10(count), 0.7);
    }

    /**
     * Whether weights are so steady that they can be trusted whatever the shape of their tail: the draws are worth
     * {@value #MOST} of their number or more. A fitted shape says how a tail goes on, and not that it weighs much.
     *
     * @param effectiveSampleSize what the weighted draws are worth
     * @param count the number of draws
     */
    public static boolean areSteady(double effectiveSampleSize, int count) {
        return effectiveSampleSize >= MOST * count;
    }

    /**
     * Whether weights vary so little that the shape of their tail does not matter: the draws are worth
     * {@value #NEARLY_ALL} of their number or more, so that all weights together move a mean by at most a tenth of a
     * standard deviation.
     *
     * @param effectiveSampleSize what the weighted draws are worth
     * @param count the number of draws
     */
    public static boolean areNearlyConstant(double effectiveSampleSize, int count) {
        return effectiveSampleSize >= NEARLY_ALL * count;
    }

    /**
     * Whether the shape is known and below the {@link #threshold()}.
     *
     * @return whether importance weights from this q can be trusted
     */
    public boolean isReliable() {
        return shape < threshold();
    }

    /**
     * The number of draws that estimates with this shape need, about {@code 10^(1 / (1 - max(k, 0)))}.
     *
     * @return at least 10; {@code +Infinity} for a shape of 1 or more, NaN if the shape is
     */
    public double requiredDraws() {
        return shape >= 1 ? Double.POSITIVE_INFINITY : Math.pow(10, 1 / (1 - Math.max(shape, 0)));
    }

    /**
     * How many log weights were NaN or {@code -Infinity}.
     *
     * @return from 0 to S
     */
    public int dropped() {
        return dropped;
    }

    /**
     * The smoothed log weights, normalised so that the weights sum to 1.
     *
     * @return a copy, S long; all {@code -Infinity} if all were dropped
     */
    public double[] logWeights() {
        return logWeights.clone();
    }

    /**
     * The logarithm of the mean of the smoothed weights, before they are normalised and with dropped ones as zeros: for
     * log weights {@code log p - log q}, an estimate of the log evidence.
     *
     * @return the log mean, on the scale of the weights given; {@code -Infinity} if all were dropped
     */
    public double logMean() {
        return logMean;
    }

    /**
     * The smoothed weights.
     *
     * @return S numbers that sum to 1; all 0 if all were dropped
     */
    public double[] weights() {
        double[] weights = new double[logWeights.length];
        Arrays.setAll(weights, s -> Math.exp(logWeights[s]));
        return weights;
    }

    /**
     * The effective sample size {@code 1 / sum W^2} of the smoothed weights.
     *
     * @return from 1 to S; 0 if all were dropped
     */
    public double effectiveSampleSize() {
        double sum = 0;
        for (double logWeight : logWeights) {
            sum += Math.exp(2 * logWeight);
        }
        return sum == 0 ? 0 : 1 / sum;
    }

    /** One line: the shape against its threshold. */
    @Override
    public String toString() {
        if (shape == Double.NEGATIVE_INFINITY) {
            return "constant weights";
        }
        return String.format(java.util.Locale.ROOT, "k-hat %.2f, threshold %.2f", shape, threshold());
    }
}

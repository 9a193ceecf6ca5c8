package org.variational.weights;

import java.util.Locale;

/**
 * The log weights {@code log p(z_s) - log q(z_s)} of S draws, with the base weights of the draws.
 *
 * <p>Base weights are those under which the draws represent q: equal for independent draws from q, {@code q(z_s)} for
 * an enumeration of all points, {@code q(z_s) / r(z_s)} for draws from another proposal r. They are normalised to sum
 * to 1. With base weights {@code a_s} and weights {@code w_s = exp(lw_s)}, an expectation under q is {@code sum_s a_s
 * phi(z_s)}.
 *
 * <p>Everything is computed with the largest term taken out, so that no weight overflows, and adding a constant to all
 * log weights changes nothing but what ought to change. A log weight may be {@code -Infinity} (a draw where p has no
 * mass).
 *
 * <p>Immutable and thread-safe; arrays are copied.
 */
public final class LogWeights {
    private final double[] logWeights;
    private final double[] logBase;
    private final double[] base;
    private final double logMean;

    private LogWeights(double[] logWeights, double[] logBase, double[] base) {
        this.logWeights = logWeights;
        this.logBase = logBase;
        this.base = base;
        this.logMean = logMeanExp(1);
    }

    /**
     * Log weights of equally weighted draws.
     *
     * @param logWeights S numbers, each finite or {@code -Infinity}, S at least 1
     * @throws IllegalArgumentException if there is none, or one is NaN or {@code +Infinity}
     */
    public static LogWeights of(double[] logWeights) {
        double[] values = checked(logWeights, "log weight");
        double[] logBase = new double[values.length];
        double[] base = new double[values.length];
        java.util.Arrays.fill(logBase, -Math.log(values.length));
        java.util.Arrays.fill(base, 1.0 / values.length);
        return new LogWeights(values, logBase, base);
    }

    /**
     * Log weights of draws with unequal base weights.
     *
     * @param logWeights S numbers, each finite or {@code -Infinity}, S at least 1
     * @param logBaseWeights S numbers, each finite or {@code -Infinity}, at least one finite; normalised here
     * @throws IllegalArgumentException if the lengths differ, there is none, one is NaN or {@code +Infinity}, or all
     *     base weights are zero
     */
    public static LogWeights of(double[] logWeights, double[] logBaseWeights) {
        double[] values = checked(logWeights, "log weight");
        double[] logBase = checked(logBaseWeights, "log base weight");
        if (values.length != logBase.length) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "there must be one log base weight per log weight, got %d and %d",
                    logBase.length,
                    values.length));
        }
        double total = logSumExp(logBase);
        if (total == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("all base weights are zero: the draws do not represent q at all");
        }
        double[] base = new double[logBase.length];
        for (int s = 0; s < base.length; s++) {
            logBase[s] -= total;
            base[s] = Math.exp(logBase[s]);
        }
        return new LogWeights(values, logBase, base);
    }

    private static double[] checked(double[] values, String what) {
        if (values.length == 0) {
            throw new IllegalArgumentException("at least one " + what + " is needed, got none");
        }
        for (int s = 0; s < values.length; s++) {
            if (Double.isNaN(values[s]) || values[s] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s %d is %s; finite or -Infinity is expected: drop draws that could not be evaluated first",
                        what,
                        s,
                        values[s]));
            }
        }
        return values.clone();
    }

    /**
     * {@code log sum_s exp(values[s])}, without overflow.
     *
     * @param values any number of values
     * @return the logarithm of the sum; {@code -Infinity} for none or if all are {@code -Infinity}, {@code +Infinity}
     *     if one is, NaN if one is
     */
    public static double logSumExp(double... values) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            max = Math.max(max, value);
        }
        if (Double.isInfinite(max) || Double.isNaN(max)) {
            return max;
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }

    /**
     * The number of draws S.
     *
     * @return S, at least 1
     */
    public int count() {
        return logWeights.length;
    }

    /**
     * The log weight of a draw.
     *
     * @param s the draw, from 0
     * @return {@code log p(z_s) - log q(z_s)}
     */
    public double logWeight(int s) {
        return logWeights[s];
    }

    /**
     * The base weight of a draw; {@code 1 / S} for independent draws from q.
     *
     * @param s the draw, from 0
     * @return the normalised base weight
     */
    public double baseWeight(int s) {
        return base[s];
    }

    /**
     * The logarithm of {@link #baseWeight}.
     *
     * @param s the draw, from 0
     * @return the log of the normalised base weight
     */
    public double logBaseWeight(int s) {
        return logBase[s];
    }

    /**
     * The log weight relative to the mean weight, {@code lw_s - log sum_t a_t w_t}: the log density ratio of the
     * <em>normalised</em> target to q, with the normalising constant estimated from the same draws.
     *
     * @param s the draw, from 0
     * @return the normalised log weight, at most {@code -log a_s}; {@code -Infinity} if the weight is zero
     */
    public double normalisedLogWeight(int s) {
        return logWeights[s] == Double.NEGATIVE_INFINITY ? Double.NEGATIVE_INFINITY : logWeights[s] - logMean;
    }

    /**
     * The mean log weight {@code sum_s a_s lw_s}: for log weights of draws from q, the evidence lower bound.
     *
     * @return the mean; {@code -Infinity} if a draw of positive base weight has weight zero
     */
    public double mean() {
        double sum = 0;
        for (int s = 0; s < base.length; s++) {
            if (base[s] > 0) {
                sum += base[s] * logWeights[s];
            }
        }
        return sum;
    }

    /**
     * {@code log sum_s a_s w_s^power}.
     *
     * @param power any finite power
     * @return the logarithm of the mean power; {@code -Infinity} if all weights are zero and the power is positive,
     *     {@code +Infinity} if one is and the power is negative
     */
    public double logMeanExp(double power) {
        double max = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < base.length; s++) {
            max = Math.max(max, term(s, power));
        }
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (int s = 0; s < base.length; s++) {
            sum += Math.exp(term(s, power) - max);
        }
        return max + Math.log(sum);
    }

    private double term(int s, double power) {
        return (base[s] == 0 && logBase[s] == Double.NEGATIVE_INFINITY) || power == 0
                ? logBase[s]
                : power * logWeights[s] + logBase[s];
    }

    /**
     * The normalised weights {@code a_s w_s^power / sum_t a_t w_t^power}.
     *
     * <p>Draws of weight zero get 0, also for negative powers; if every draw has weight zero, all get 0.
     *
     * @param power any finite power
     * @param output at least S long; entries 0 to S - 1 are overwritten
     */
    public void softmax(double power, double[] output) {
        double max = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < base.length; s++) {
            if (logWeights[s] != Double.NEGATIVE_INFINITY) {
                max = Math.max(max, term(s, power));
            }
        }
        double sum = 0;
        for (int s = 0; s < base.length; s++) {
            output[s] = logWeights[s] == Double.NEGATIVE_INFINITY || max == Double.NEGATIVE_INFINITY
                    ? 0
                    : Math.exp(term(s, power) - max);
            sum += output[s];
        }
        if (sum > 0) {
            for (int s = 0; s < base.length; s++) {
                output[s] /= sum;
            }
        }
    }

    /**
     * The effective sample size {@code 1 / sum_s W_s^2} of the normalised weights W (Kong, 1992).
     *
     * @return from 1 to S; 0 if every weight is zero
     */
    public double effectiveSampleSize() {
        return effectiveSampleSize(1);
    }

    /**
     * The effective sample size of the normalised powers of the weights.
     *
     * @param power any finite power
     * @return from 1 to S; 0 if every weight is zero
     */
    public double effectiveSampleSize(double power) {
        double[] normalised = new double[base.length];
        softmax(power, normalised);
        double sum = 0;
        for (double weight : normalised) {
            sum += weight * weight;
        }
        return sum == 0 ? 0 : 1 / sum;
    }

    /**
     * A copy of the log weights.
     *
     * @return S numbers
     */
    public double[] toArray() {
        return logWeights.clone();
    }
}

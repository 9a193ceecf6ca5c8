package org.variational.diagnostic;

import java.util.Arrays;
import java.util.Locale;
import org.variational.posterior.Approximation;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/**
 * What draws from an approximation q say about the log evidence {@code log Z}, Z the integral of the model's density p:
 * lower bounds, an estimate, and an upper bound, each with its Monte-Carlo standard error.
 *
 * <p>With {@code w = p / q},
 * <pre>
 *   elbo       E log w                                   &lt;= log Z
 *   iwelbo(K)  E log( (w_1 + ... + w_K) / K )            &lt;= log Z, growing with K
 *   logZ       log E w                                   =  log Z
 *   cubo       1/2 log E w^2                             &gt;= log Z
 * </pre>
 * The ELBO is the mean over the draws, and the importance-weighted bound that over all disjoint groups of K of them;
 * both are unbiased. {@code logZ} is the logarithm of the mean of the Pareto-smoothed weights, and {@code cubo} that of
 * their mean square, with standard errors by the delta method. As logarithms of averages both are too low in
 * expectation, by half their squared error. The estimate is of use if k-hat is below its threshold; the squares of the
 * weights have twice the shape, so that the upper bound is of use only if k-hat is below 1/2 ({@link
 * #cuboIsReliable()}), and infinite in truth above.
 *
 * <p>An approximation with a thousandth of its mass where it is too wide by orders of magnitude has an ELBO that one
 * draw decides, and nothing else suffers. So the ELBO is that of q restricted to where the log weight is at most
 * {@value #FAR_BELOW} below the median, {@code log P(A) + E(log w | A)} with A that region, if at most 2 % of the draws
 * are outside; the restricted q is an approximation as well, and this its lower bound.
 *
 * <p>Draws where the density is unknown are left out, which makes everything too high if it is small there; those where
 * it is zero count, and make the ELBO {@code -Infinity}.
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1509.00519">Burda, Grosse, Salakhutdinov (2016), Importance weighted
 *     autoencoders</a>
 * @see <a href="https://arxiv.org/abs/1611.00328">Dieng, Tran, Ranganath, Paisley, Blei (2017), chi upper bound</a>
 */
public final class Evidence {

    /** A finite log weight so much below the median says that q has been drawn where it was never fitted. */
    private static final double FAR_BELOW = 100;

    /** The largest share of such draws that is left out. */
    private static final double LARGEST_SHARE = 0.02;

    private final double[] logWeights;
    private final double[] smoothed;
    private final ParetoSmoothing smoothing;
    private final int unknown;

    /** Raw log weights that are not NaN, and how many were. */
    private Evidence(double[] logWeights, int unknown) {
        this.logWeights = logWeights;
        this.unknown = unknown;
        this.smoothing = ParetoSmoothing.of(logWeights.length == 0 ? new double[] {Double.NaN} : logWeights);
        this.smoothed = new double[logWeights.length];
        double[] normalised = smoothing.logWeights();
        double scale = smoothing.logMean() + Math.log(Math.max(1, logWeights.length));
        Arrays.setAll(smoothed, s -> smoothing.dropped() == normalised.length ? logWeights[s] : normalised[s] + scale);
    }

    /**
     * An estimate with its Monte-Carlo standard error.
     *
     * @param value the estimate
     * @param standardError its standard error; NaN if fewer than two terms are known or the value is not finite
     */
    public record Bound(double value, double standardError) {

        /** The value and its error. */
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.4f (standard error %.2g)", value, standardError);
        }

        /**
         * The mean of independent terms.
         *
         * @return the mean; {@code -Infinity} if a term is, NaN if there is none
         */
        public static Bound meanOf(double[] terms) {
            int n = terms.length;
            double mean = 0;
            for (int s = 0; s < n; s++) {
                if (terms[s] == Double.NEGATIVE_INFINITY) {
                    return new Bound(Double.NEGATIVE_INFINITY, Double.NaN);
                }
                mean += (terms[s] - mean) / (s + 1);
            }
            double largest = 0;
            for (double term : terms) {
                largest = Math.max(largest, Math.abs(term - mean));
            }
            double square = 0;
            for (double term : terms) {
                // squares of large terms would overflow
                double relative = largest == 0 ? 0 : (term - mean) / largest;
                square += relative * relative;
            }
            return n == 0
                    ? new Bound(Double.NaN, Double.NaN)
                    : new Bound(mean, largest * Math.sqrt(square / (n - 1) / n));
        }

        /** {@code log(mean of w^power) / power} with its error, {@code sd(w^power) / (sqrt(n) mean power)}. */
        private static Bound logOfMean(double[] logTerms, int power) {
            int n = logTerms.length;
            if (n == 0) {
                return new Bound(Double.NaN, Double.NaN);
            }
            double logMean = LogWeights.of(logTerms).logMeanExp(power);
            if (logMean == Double.NEGATIVE_INFINITY) {
                return new Bound(logMean, Double.NaN);
            }
            double square = 0;
            for (double term : logTerms) {
                double relative = Math.exp(power * term - logMean) - 1;
                square += relative * relative;
            }
            return new Bound(logMean / power, Math.sqrt(square / (n - 1) / n) / power);
        }
    }

    /** The evidence seen by the draws of an approximation, with both log densities. */
    public static Evidence of(Approximation approximation) {
        return of(approximation.logWeights());
    }

    /**
     * The evidence seen by the log weights of independent draws from the approximation.
     *
     * @param logWeights {@code log p - log q} with all normalising constants, each finite, {@code -Infinity}, or NaN
     *     where unknown
     * @return the estimates
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public static Evidence of(double[] logWeights) {
        double[] known = Arrays.stream(logWeights).filter(w -> !Double.isNaN(w)).toArray();
        return new Evidence(known, logWeights.length - known.length);
    }

    /**
     * The evidence lower bound: the mean log weight, or that of the draws that are not far below the others, with the
     * logarithm of their share.
     *
     * @return the bound; {@code -Infinity} if a weight is zero, NaN if none is known
     */
    public Bound elbo() {
        int n = logWeights.length;
        double[] sorted = logWeights.clone();
        Arrays.sort(sorted);
        double[] within = Arrays.stream(logWeights)
                .filter(w -> w == Double.NEGATIVE_INFINITY || w >= sorted[n / 2] - FAR_BELOW)
                .toArray();
        double outside = 1 - (double) within.length / n;
        if (n == 0 || outside == 0 || outside > LARGEST_SHARE) {
            return Bound.meanOf(logWeights);
        }
        Bound mean = Bound.meanOf(within);
        double errorOfShare = Math.sqrt(outside / (1 - outside) / n);
        return new Bound(mean.value() + Math.log1p(-outside), Math.hypot(mean.standardError(), errorOfShare));
    }

    /**
     * The importance-weighted lower bound of K draws, the mean over disjoint groups of K draws, in their order, of the
     * log of their mean weight; draws that make no full group are left out.
     *
     * @param groupSize K, at least 1 and at most the number of draws
     * @return the bound; the ELBO for K = 1; {@code -Infinity} if all weights of a group are zero
     * @throws IllegalArgumentException if K is out of range
     */
    public Bound iwelbo(int groupSize) {
        if (groupSize < 1 || groupSize > logWeights.length) {
            throw new IllegalArgumentException("a group must have from 1 to as many draws as there are ("
                    + logWeights.length + "), got " + groupSize);
        }
        double[] groups = new double[logWeights.length / groupSize];
        Arrays.setAll(
                groups,
                g -> LogWeights.logSumExp(Arrays.copyOfRange(logWeights, g * groupSize, (g + 1) * groupSize))
                        - Math.log(groupSize));
        return Bound.meanOf(groups);
    }

    /**
     * The estimate of the log evidence, the log of the mean smoothed weight.
     *
     * @return the estimate; {@code -Infinity} if all weights are zero, NaN if none is known
     */
    public Bound logZ() {
        return Bound.logOfMean(smoothed, 1);
    }

    /**
     * The chi-squared upper bound of order 2, half the log of the mean squared smoothed weight; infinite in truth where
     * k-hat is above 1/2.
     *
     * @return the bound; {@code -Infinity} if all weights are zero, NaN if none is known
     */
    public Bound cubo() {
        return Bound.logOfMean(smoothed, 2);
    }

    /**
     * The Pareto shape of the weights.
     *
     * @return k-hat; negative infinity for constant weights, NaN if there are too few
     */
    public double kHat() {
        return smoothing.shape();
    }

    /**
     * Whether the estimate of the log evidence and its standard error can be used: k-hat is known and below
     * {@code min(1 - 1 / log10 S, 0.7)}.
     *
     * @return whether {@link #logZ()} is reliable
     */
    public boolean logZIsReliable() {
        return smoothing.isReliable();
    }

    /**
     * Whether the upper bound is finite as far as can be seen, and can be used: k-hat is known and below 1/2 and its
     * threshold.
     */
    public boolean cuboIsReliable() {
        return smoothing.isReliable() && kHat() < Verdict.GOOD_K_HAT;
    }

    /**
     * The number of draws whose weight is known.
     *
     * @return at least 0
     */
    public int draws() {
        return logWeights.length;
    }

    /**
     * The number of draws left out, because the density was not known there.
     *
     * @return at least 0
     */
    public int unknown() {
        return unknown;
    }

    /** One line: the three numbers with their errors, and which of them cannot be used. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "ELBO %s <= log Z %s%s <= CUBO %s%s (k-hat %.2f, %d draws)",
                elbo(),
                logZ(),
                logZIsReliable() ? "" : " [unreliable]",
                cubo(),
                cuboIsReliable() ? "" : " [unreliable]",
                kHat(),
                draws());
    }
}

package org.variational.divergence;

import java.util.Locale;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/**
 * An estimated bound on the log evidence log Z, with what can be said about its error.
 *
 * @param name the name of the bound
 * @param side whether its expectation is below or above log Z
 * @param value the estimate
 * @param standardError the Monte-Carlo standard error, or NaN where none exists or none can be trusted
 * @param effectiveSampleSize that of the weights p / q
 * @param shape the k-hat of the weights times their base weights, see {@link ParetoSmoothing#shape()}
 * @param note what must be known to read the value, empty if nothing
 */
public record EvidenceBound(
        String name,
        Divergence.Bound side,
        double value,
        double standardError,
        double effectiveSampleSize,
        double shape,
        String note) {

    /**
     * The evidence lower bound {@code E_q[log w]}.
     *
     * @param weights log weights of independent draws from q, or from another proposal with their base weights
     * @return the bound; {@code -Infinity} if a draw has weight zero
     */
    public static EvidenceBound elbo(LogWeights weights) {
        double mean = weights.mean();
        double variance = 0;
        double squares = 0;
        for (int s = 0; s < weights.count(); s++) {
            double base = weights.baseWeight(s);
            if (base > 0) {
                double deviation = base * (weights.logWeight(s) - mean);
                variance += deviation * deviation;
                squares += base * base;
            }
        }
        boolean finite = Double.isFinite(mean);
        return new EvidenceBound(
                "ELBO",
                Divergence.Bound.LOWER,
                mean,
                finite && squares < 1 ? Math.sqrt(variance / (1 - squares)) : Double.NaN,
                weights.effectiveSampleSize(),
                shape(weights),
                finite ? "" : "q has mass where the target has none, so that the bound is -Infinity");
    }

    /**
     * The importance-weighted bound of all S draws, {@code log mean w}: the estimate of log Z itself by importance
     * sampling.
     *
     * @param weights log weights of independent draws from q, or from another proposal with their base weights
     */
    public static EvidenceBound importanceWeighted(LogWeights weights) {
        double shape = shape(weights);
        return powerMean("log mean weight", Divergence.Bound.LOWER, weights, 1, shape, "");
    }

    /**
     * The chi upper bound {@code CUBO_n}.
     *
     * <p>The estimate is biased low. Its standard error exists only where the weights have 2 n moments, at k-hat below
     * {@code 1 / (2 n)}, and is NaN elsewhere; the bound itself is infinite at k of {@code 1 / n} and more.
     *
     * @param order n, above 1
     * @param weights log weights of independent draws from q, or from another proposal with their base weights
     * @throws IllegalArgumentException if n is not above 1
     */
    public static EvidenceBound cubo(double order, LogWeights weights) {
        if (!(order > 1) || Double.isInfinite(order)) {
            throw new IllegalArgumentException("CUBO_n needs a finite n above 1, got " + order);
        }
        double shape = shape(weights);
        String note = shape < 1 / order
                ? "biased low: an upper bound in expectation of many draws only"
                : "not to be trusted: at this k-hat the bound is likely infinite, whatever the estimate says";
        return powerMean(Divergences.cubo(order).name(), Divergence.Bound.UPPER, weights, order, shape, note);
    }

    private static EvidenceBound powerMean(
            String name, Divergence.Bound side, LogWeights weights, double order, double shape, String note) {
        double error = Double.NaN;
        String remark = note;
        if (shape < 1 / (2 * order)) {
            // delta method: relative standard error of the mean power, over n
            double[] share = new double[weights.count()];
            weights.softmax(order, share);
            double squared = 0;
            for (int s = 0; s < share.length; s++) {
                squared += (share[s] - weights.baseWeight(s)) * (share[s] - weights.baseWeight(s));
            }
            error = Math.sqrt(squared) / order;
        } else {
            String reason = String.format(
                    Locale.ROOT, "no standard error: it needs k-hat below %.3g, which is %.2f", 1 / (2 * order), shape);
            remark = note.isEmpty() ? reason : note + "; " + reason;
        }
        double value = weights.logMeanExp(order) / order;
        if (value == Double.NEGATIVE_INFINITY) {
            error = Double.NaN;
            if (side == Divergence.Bound.UPPER) {
                value = Double.POSITIVE_INFINITY;
                remark = "no draw is in the support of the target, so that nothing is known from above";
            }
        }
        return new EvidenceBound(name, side, value, error, weights.effectiveSampleSize(), shape, remark);
    }

    private static double shape(LogWeights weights) {
        double[] values = weights.toArray();
        double largest = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < values.length; s++) {
            largest = Math.max(largest, weights.logBaseWeight(s));
        }
        for (int s = 0; s < values.length; s++) {
            values[s] += weights.logBaseWeight(s) - largest;
        }
        return ParetoSmoothing.of(values).shape();
    }
}

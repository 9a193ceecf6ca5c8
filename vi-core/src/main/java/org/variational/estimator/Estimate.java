package org.variational.estimator;

import org.jspecify.annotations.Nullable;

/**
 * What one noisy evaluation of an {@link Objective} found, beside the gradient.
 *
 * @param value the loss: minus a lower bound on log Z, an upper bound on it, or an estimate of a divergence, as {@link
 *     org.variational.divergence.Divergence#bound()} says; {@code +Infinity} where q has mass that p has not and the
 *     divergence punishes it; NaN if no draw could be used
 * @param effectiveSampleSize how many equally weighted draws the importance weights {@code p / q} are worth, from 0 to
 *     the number of draws used; NaN for an estimator without weights
 * @param gradientSampleSize how many equally weighted draws the gradient is worth, {@code (sum |c|)^2 / sum c^2} of its
 *     coefficients; all of them for reverse KL
 * @param draws what became of the draws
 * @param evaluations how often the target was evaluated at a point, repetitions after exceptions included
 * @param proposalRejectionRate the fraction of Markov-chain proposals rejected; NaN for other estimators
 * @param firstRejection the first of the rejected draws, or null if there is none
 */
public record Estimate(
        double value,
        double effectiveSampleSize,
        double gradientSampleSize,
        Draws draws,
        long evaluations,
        double proposalRejectionRate,
        @Nullable Rejection firstRejection) {

    /**
     * What became of the draws of one evaluation.
     *
     * @param used how many entered the gradient
     * @param rejected how many were left out because the target could not be evaluated there
     * @param unsupported at how many the target is zero; they are among those used
     */
    public record Draws(int used, int rejected, int unsupported) {}

    /**
     * Whether the gradient that came with this estimate may be used for a step. If not, the gradient is zero.
     *
     * @return whether any draw entered the gradient
     */
    public boolean isUsable() {
        return draws.used > 0;
    }

    /** The same with another first rejection, without a gradient. */
    Estimate unusable(Rejection rejection) {
        return new Estimate(
                value,
                effectiveSampleSize,
                0,
                new Draws(0, draws.rejected, draws.unsupported),
                evaluations,
                proposalRejectionRate,
                firstRejection == null ? rejection : firstRejection);
    }
}

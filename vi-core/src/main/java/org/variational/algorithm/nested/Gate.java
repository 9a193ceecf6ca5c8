package org.variational.algorithm.nested;

import java.util.Locale;
import org.variational.weights.ParetoSmoothing;

/** What the joint importance weights of draws of nested inference say of it. */
final class Gate {

    static final int DRAWS = 2000;

    /**
     * The k-hat of the joint weights below which the answer is accepted, unless draws are worth nearly all of their
     * number; weights between 0.5 and this are reliable, and needed.
     */
    static final double ACCEPTED = 0.65;

    /** The same where draws are worth half of their number: a shape is known to 0.15 or so from as many draws. */
    static final double DOUBTFUL = 0.9;

    /** The share of their number that draws are to be worth, so that the inside stays as it is. */
    static final double ENOUGH = 0.8;

    private static final double HALF = 0.5;

    /** The least share of their number that draws are worth whose k-hat is relied on. */
    private static final double TENTH = 0.1;

    /** The k-hat below which weights have a variance. */
    private static final double WITH_VARIANCE = 0.5;

    /** The k-hat from which on one is as bad as another. */
    private static final double HEAVIEST = 0.95;

    private Gate() {}

    /**
     * Draws with their weights.
     *
     * @param outers by draw, its outer coordinates
     * @param logWeights by draw, the joint log weight
     * @param weights the same, smoothed
     */
    record Judged(double[][] outers, double[] logWeights, ParetoSmoothing weights) {

        /** What the draws are worth, less where the tail of their weights is heavier than what has been seen of it. */
        private double score() {
            return weights.effectiveSampleSize() * (1 - Math.max(0, Math.min(HEAVIEST, weights.shape())));
        }

        /** Whether these weights are accepted where others are not, or else whether their draws are worth more. */
        boolean isBetter(Judged others) {
            boolean accepted = isAccepted(weights);
            return accepted == isAccepted(others.weights) ? score() > others.score() : accepted;
        }
    }

    static boolean isAccepted(ParetoSmoothing weights) {
        if (areWorthHalf(weights)) {
            return isSteady(weights) || weights.shape() < DOUBTFUL;
        }
        return weights.effectiveSampleSize() >= TENTH * DRAWS && weights.shape() < ACCEPTED;
    }

    static boolean isSteady(ParetoSmoothing weights) {
        return ParetoSmoothing.areSteady(weights.effectiveSampleSize(), DRAWS);
    }

    static boolean haveVariance(ParetoSmoothing weights) {
        return weights.shape() < WITH_VARIANCE;
    }

    static boolean areWorthEnough(ParetoSmoothing weights) {
        return weights.effectiveSampleSize() >= ENOUGH * DRAWS;
    }

    private static boolean areWorthHalf(ParetoSmoothing weights) {
        return weights.effectiveSampleSize() >= HALF * DRAWS;
    }

    /** Why they are accepted or not. */
    static String reason(ParetoSmoothing weights) {
        boolean few = weights.effectiveSampleSize() < TENTH * DRAWS;
        if (isSteady(weights) || few) {
            return String.format(
                    Locale.ROOT,
                    "by their joint importance weights, %,d draws of nested inference are worth %,.0f",
                    DRAWS,
                    weights.effectiveSampleSize());
        }
        return String.format(
                Locale.ROOT,
                "the joint importance weights of %,d draws of nested inference have a k-hat of %.2f, which is %s %.2f",
                DRAWS,
                weights.shape(),
                isAccepted(weights) ? "below" : "not below",
                areWorthHalf(weights) ? DOUBTFUL : ACCEPTED);
    }
}

package org.variational.divergence;

import java.util.Locale;

/** The alpha family with alpha, the level, lowered while few draws carry the weight; at alpha itself the goal. */
record AlphaSchedule(Divergence goal, double alpha, double targetFraction) implements DivergenceSchedule {
    private static final double DECREASE = 0.9;
    private static final double INCREASE = 0.01;
    private static final double FLOOR = 0.01;

    AlphaSchedule {
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha must be positive and finite to be lowered, got " + alpha
                    + ": at alpha = 0 (reverse KL) all draws count alike already");
        }
        if (!(targetFraction > 0 && targetFraction < 1)) {
            throw new IllegalArgumentException(
                    "the fraction of draws that must count has to be between 0 and 1, got " + targetFraction);
        }
    }

    @Override
    public double initialLevel() {
        return alpha;
    }

    @Override
    public Divergence at(double level) {
        if (level == alpha) {
            return goal;
        }
        Divergence lowered = Divergences.alpha(level);
        return goal instanceof UpperBound bounding ? new WeakenedBound(bounding, lowered) : lowered;
    }

    @Override
    public double next(double level, long step, double effectiveSampleFraction) {
        return effectiveSampleFraction >= targetFraction
                ? Math.min(alpha, level + INCREASE * alpha)
                : Math.max(FLOOR * alpha, level * DECREASE);
    }

    @Override
    public String name() {
        return goal.name() + " with alpha lowered while fewer than " + targetFraction
                + " of the draws carry the weight";
    }

    @Override
    public String report(double level) {
        return level == alpha
                ? ""
                : String.format(
                        Locale.ROOT,
                        "alpha was lowered from %.3g to %.3g, because fewer than %.0f %% of the draws carried the"
                                + " weight: the fit minimises another divergence than was asked for",
                        alpha,
                        level,
                        100 * targetFraction);
    }
}

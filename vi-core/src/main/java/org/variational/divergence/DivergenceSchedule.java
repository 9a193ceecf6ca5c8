package org.variational.divergence;

/**
 * A rule that chooses the divergence of each step: a level, one number that a checkpoint can carry, and the divergence
 * that belongs to it.
 *
 * <p>Immutable and thread-safe. {@link #constant}, {@link #tempered}, {@link #annealedAlpha} and {@link #annealed} are
 * ready.
 */
public interface DivergenceSchedule {

    /** The divergence that is aimed at, which names the fit and decides what may be combined with it. */
    Divergence goal();

    /**
     * The level of the first step.
     *
     * @return a finite number
     */
    double initialLevel();

    /**
     * The divergence at a level.
     *
     * @param level a level this schedule has given
     * @return the divergence; as demanding as the goal in what it needs of draws and families, or less so
     */
    Divergence at(double level);

    /**
     * The level of the next step.
     *
     * @param level the level of the step just made
     * @param step the number of steps made, at least 1
     * @param effectiveSampleFraction how many equally weighted draws the gradient of the step just made is worth, over
     *     their number, from 0 to 1; 0 if no draw could be used
     * @return a finite number
     */
    double next(double level, long step, double effectiveSampleFraction);

    /**
     * What is to be said about a fit that ended at a level.
     *
     * @param level the last level
     * @return a sentence, empty if the goal was reached
     */
    String report(double level);

    /**
     * The name used in messages: that of the goal, and that it is not minimised in every step where that is so.
     */
    default String name() {
        return goal().name() + " by a schedule of divergences";
    }

    /**
     * Whether every step minimises reverse KL to the target itself, as {@link Divergence#isReverseKl()}: what
     * algorithms minimise that neither evaluate a divergence nor follow a schedule.
     *
     * @return false unless overridden
     */
    default boolean isReverseKl() {
        return false;
    }

    /**
     * Whether every step minimises the goal, but for the power of the target.
     *
     * @return false unless overridden
     */
    default boolean changesPowerOnly() {
        return false;
    }

    /** The schedule that always chooses one divergence. */
    static DivergenceSchedule constant(Divergence divergence) {
        return new ConstantSchedule(divergence);
    }

    /**
     * The schedule that fits tempered targets {@code p^t} on the way to p, with t rising linearly to 1. A start with a
     * flat target finds the mass of p more easily.
     *
     * @param goal the divergence
     * @param firstPower the first t, above 0 and at most 1
     * @param steps the step at which t reaches 1, at least 1
     * @throws IllegalArgumentException if a number is outside
     */
    static DivergenceSchedule tempered(Divergence goal, double firstPower, long steps) {
        return new TemperingSchedule(goal, firstPower, steps);
    }

    /**
     * The schedule that lowers alpha of {@link Divergences#alpha} towards reverse KL while too few draws carry the
     * weight: by a tenth in each such step, and back up by a hundredth of the goal in each other step.
     *
     * @param alpha the alpha aimed at, positive: 1 for forward KL, 2 for chi-squared
     * @param targetFraction the fraction of the draws that the weights must be worth, between 0 and 1; 0.3 is a good
     *     value
     * @throws IllegalArgumentException if a number is outside
     */
    static DivergenceSchedule annealedAlpha(double alpha, double targetFraction) {
        return new AlphaSchedule(Divergences.alpha(alpha), alpha, targetFraction);
    }

    /**
     * The schedule {@link #annealedAlpha} towards a divergence that belongs to the alpha family with a positive alpha:
     * forward KL, {@link Divergences#alpha}, {@link Divergences#chiSquared} and {@link Divergences#cubo}, whose order
     * is alpha. Every other divergence is chosen always.
     *
     * @param goal the divergence
     * @param targetFraction the fraction of the draws that the weights must be worth, between 0 and 1
     * @throws IllegalArgumentException if the fraction is outside
     */
    static DivergenceSchedule annealed(Divergence goal, double targetFraction) {
        double alpha = goal instanceof ForwardKl
                ? 1
                : goal instanceof AlphaDivergence member
                        ? member.alpha()
                        : goal instanceof UpperBound bound ? bound.order() : 0;
        return alpha > 0 ? new AlphaSchedule(goal, alpha, targetFraction) : constant(goal);
    }
}

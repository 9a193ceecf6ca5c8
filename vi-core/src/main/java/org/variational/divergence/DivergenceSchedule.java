package org.variational.divergence;

/**
 * A rule that chooses the divergence of each step: a level, one number that a checkpoint can carry, and the divergence that
 * belongs to it.
 *
 * <p>Immutable and thread-safe. {@link #constant} is the simplest.
 */
public interface DivergenceSchedule {

    /**
     * The divergence that is aimed at, which names the fit and decides what may be combined with it.
     *
     * @return the divergence
     */
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
     * @param effectiveSampleFraction the effective sample size of the step just made over its number of draws, from 0 to 1
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
     * The schedule that always chooses one divergence.
     *
     * @param divergence the divergence
     * @return the schedule
     */
    static DivergenceSchedule constant(Divergence divergence) {
        return new ConstantSchedule(divergence);
    }
}

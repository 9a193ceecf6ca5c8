package org.variational.fit;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Where a fit stands: after an iteration, or while its answer is examined.
 *
 * @param phase what is being done, for people: that of the algorithm, then {@code "examination: draws"}, {@code
 *     "examination: heavier tails"}, {@code "examination: Markov chains"}, {@code "examination: search for missed
 *     modes"}, {@code "examination: more draws"}; a phase may come more than once or not at all
 * @param fraction the share of the phase that is done, from 0 to 1. While the algorithm runs it is the largest share of
 *     the budget that is spent, and the fit mostly ends long before it is 1
 * @param iteration the number of iterations made
 * @param loss the noisy loss of this iteration; empty if it has none, or the loss could not be used
 * @param evaluations the density evaluations so far, those of the examination included once it has begun
 * @param rejectedEvaluations those of them that could not be used
 * @param elapsed the time since the fit began
 */
public record Progress(
        String phase,
        double fraction,
        long iteration,
        OptionalDouble loss,
        long evaluations,
        long rejectedEvaluations,
        Duration elapsed) {

    /**
     * Told of every iteration and of the examination, on the fitting thread. An exception ends the fit with status
     * FAILED.
     */
    @FunctionalInterface
    public interface Listener {

        /**
         * Takes note of where the fit stands.
         *
         * @param progress where the fit stands
         */
        void onProgress(Progress progress);
    }
}

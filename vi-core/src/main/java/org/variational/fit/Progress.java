package org.variational.fit;

import java.time.Duration;

/**
 * Where a fit stands after an iteration.
 *
 * @param iteration the number of iterations made, from 1
 * @param loss the noisy loss of this iteration; NaN if it could not be used or the iteration has none
 * @param evaluations the density evaluations so far
 * @param rejectedEvaluations those of them that could not be used
 * @param elapsed the time since the fit began
 * @param phase what the algorithm is doing, for people
 */
public record Progress(
        long iteration, double loss, long evaluations, long rejectedEvaluations, Duration elapsed, String phase) {

    /** Told of every iteration, on the fitting thread. An exception ends the fit with status FAILED. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Takes note of an iteration.
         *
         * @param progress where the fit stands
         */
        void onIteration(Progress progress);
    }
}

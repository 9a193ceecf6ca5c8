package org.variational.optimizer;

import java.io.Serializable;

/**
 * A step size for every step.
 *
 * <p>A schedule is a pure function of the step's number, so that a run can be resumed anywhere.
 */
@FunctionalInterface
public interface Schedule extends Serializable {

    /**
     * The step size.
     *
     * @param step the number of the step, from 1
     * @return a positive finite number
     */
    double at(long step);

    /**
     * The same size at every step.
     *
     * @param rate the size, positive
     * @return the schedule
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    static Schedule constant(double rate) {
        Checks.positive("rate", rate);
        return step -> rate;
    }

    /**
     * The Robbins-Monro schedule {@code rate * (1 + (step - 1) / delay)^-power}.
     *
     * @param rate the size of the first step, positive
     * @param power the decay, in (0.5, 1] for convergence with probability 1
     * @param delay the number of steps over which the size stays of the same order, positive
     * @throws IllegalArgumentException if an argument is out of its range
     * @see <a href="https://doi.org/10.1214/aoms/1177729586">Robbins and Monro (1951), A stochastic approximation
     *     method</a>
     */
    static Schedule decaying(double rate, double power, double delay) {
        Checks.positive("rate", rate);
        Checks.positive("delay", delay);
        if (!(power > 0.5 && power <= 1)) {
            throw new IllegalArgumentException("power must be in (0.5, 1], got " + power);
        }
        return step -> rate * Math.pow(1 + (step - 1) / delay, -power);
    }

    /**
     * This schedule after a linear rise from 0 over the first steps.
     *
     * @param steps the number of steps of the rise, at least 1
     * @throws IllegalArgumentException if {@code steps} is less than 1
     */
    default Schedule warmedUp(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps of the rise must be at least 1, got " + steps);
        }
        return step -> at(step) * Math.min(1, (double) step / steps);
    }
}

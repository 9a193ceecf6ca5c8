package org.variational.examples;

import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.optimizer.Optimizers;

/**
 * Plain training loops: a given number of Adam's steps, of full length for the first half and then shorter and shorter.
 */
final class Descent {

    private Descent() {}

    /** Writes the gradient of a loss, or an estimate of it. */
    @FunctionalInterface
    interface Gradient {
        void at(double[] parameters, double[] gradient);
    }

    /**
     * Where the loop ends.
     *
     * @param start where it starts; not changed
     * @param rate the length of a step
     * @param steps how many
     */
    static double[] run(double[] start, double rate, int steps, Gradient loss) {
        double[] parameters = start.clone();
        double[] gradient = new double[start.length];
        Optimizer adam = Optimizers.adam(rate);
        OptimizerState state = adam.start(parameters);
        for (int i = 0; i < steps; i++) {
            loss.at(parameters, gradient);
            adam.step(parameters, gradient, Math.min(1, 2.0 * (steps - i) / steps), state);
        }
        return parameters;
    }
}

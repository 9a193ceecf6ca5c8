package org.variational.optimizer;

import java.util.Locale;

/**
 * Stochastic gradient descent with momentum: {@code m = momentum * m + g}, {@code x = x - rate * (1 - momentum) * m}.
 *
 * <p>The factor {@code 1 - momentum} keeps the long-run speed at {@code rate} whatever the momentum. In coordinates
 * scaled by the approximation itself, as {@code StochasticGradient} provides them for Gaussians, this is a natural
 * gradient step.
 *
 * @param rate the step size
 * @param momentum the memory of the gradient, in [0, 1)
 * @see <a href="https://doi.org/10.1214/aoms/1177729586">Robbins and Monro (1951), A stochastic approximation
 *     method</a>
 */
public record Sgd(Schedule rate, double momentum) implements Optimizer {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if {@code momentum} is not in [0, 1)
     */
    public Sgd {
        Checks.fraction("momentum", momentum);
    }

    /**
     * Plain stochastic gradient descent.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static Sgd of(double rate) {
        return new Sgd(Schedule.constant(rate), 0);
    }

    /**
     * The same with a momentum.
     *
     * @param newMomentum the memory of the gradient, in [0, 1)
     * @return a new optimiser
     */
    public Sgd withMomentum(double newMomentum) {
        return new Sgd(rate, newMomentum);
    }

    @Override
    public String name() {
        return momentum == 0
                ? String.format(Locale.ROOT, "SGD(rate %s)", rate.at(1))
                : String.format(Locale.ROOT, "SGD(rate %s, momentum %s)", rate.at(1), momentum);
    }

    @Override
    public OptimizerState start(double[] parameters) {
        return new OptimizerState(parameters.length, 0, momentum == 0 ? 0 : 1);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        double size = scale * rate.at(state.nextStep());
        if (momentum == 0) {
            for (int i = 0; i < parameters.length; i++) {
                parameters[i] -= size * gradient[i];
            }
            return;
        }
        double[] m = state.vectors[0];
        for (int i = 0; i < parameters.length; i++) {
            m[i] = momentum * m[i] + gradient[i];
            parameters[i] -= size * (1 - momentum) * m[i];
        }
    }
}

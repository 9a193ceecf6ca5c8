package org.variational.optimizer;

import java.util.Locale;

/**
 * AdaGrad: steps along the gradient divided by the root of the sum of all squares so far, the current one included.
 *
 * @param rate the step size
 * @param epsilon what is added to the root, positive
 * @see <a href="https://jmlr.org/papers/v12/duchi11a.html">Duchi, Hazan and Singer (2011), Adaptive subgradient
 *     methods</a>
 */
public record AdaGrad(Schedule rate, double epsilon) implements Optimizer {

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if {@code epsilon} is not positive and finite
     */
    public AdaGrad {
        Checks.positive("epsilon", epsilon);
    }

    /**
     * AdaGrad with {@code epsilon = 1e-8}.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static AdaGrad of(double rate) {
        return new AdaGrad(Schedule.constant(rate), 1e-8);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "AdaGrad(rate %s)", rate.at(1));
    }

    @Override
    public OptimizerState start(double[] parameters) {
        return new OptimizerState(parameters.length, 0, 1);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        double size = scale * rate.at(state.nextStep());
        double[] sum = state.vectors[0];
        for (int i = 0; i < parameters.length; i++) {
            double g = gradient[i];
            sum[i] += g * g;
            parameters[i] -= size * g / (Math.sqrt(sum[i]) + epsilon);
        }
    }
}

package org.variational.optimizer;

import java.util.Locale;

/**
 * Adam: steps along a running mean of the gradient, divided by the root of a running mean of its square.
 *
 * <p>{@code m = beta1 m + (1 - beta1) g}, {@code v = beta2 v + (1 - beta2) g^2},
 * {@code x = x - rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)}, entrywise.
 *
 * <p>A short memory of {@code v} correlates the step's length with the very gradient it divides, which shifts the
 * stationary mean of the iterates: fitted standard deviations come out too large. With the default {@code beta2 =
 * 0.999} and one draw a step the shift is below 1 %. {@link #withMaximum} gives AMSGrad, which divides by the largest
 * {@code v} so far.
 *
 * @param rate the step size
 * @param beta1 the memory of the gradient, in [0, 1)
 * @param beta2 the memory of its square, in [0, 1)
 * @param epsilon what is added to the root, positive
 * @param maximum whether to divide by the largest {@code v} so far (AMSGrad)
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba (2015), Adam: a method for stochastic optimization</a>
 * @see <a href="https://arxiv.org/abs/1904.09237">Reddi, Kale and Kumar (2018), On the convergence of Adam and
 *     beyond</a>
 */
public record Adam(Schedule rate, double beta1, double beta2, double epsilon, boolean maximum) implements Optimizer {

    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final int LARGEST = 2;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Adam {
        Checks.fraction("beta1", beta1);
        Checks.fraction("beta2", beta2);
        Checks.positive("epsilon", epsilon);
    }

    /**
     * Adam with {@code beta1 = 0.9}, {@code beta2 = 0.999}, {@code epsilon = 1e-8}.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static Adam of(double rate) {
        return new Adam(Schedule.constant(rate), 0.9, 0.999, 1e-8, false);
    }

    /**
     * The same with other memories.
     *
     * @param newBeta1 the memory of the gradient, in [0, 1)
     * @param newBeta2 the memory of its square, in [0, 1)
     * @return a new optimiser
     */
    public Adam withMemories(double newBeta1, double newBeta2) {
        return new Adam(rate, newBeta1, newBeta2, epsilon, maximum);
    }

    /**
     * The same dividing by the largest mean square so far: AMSGrad.
     *
     * @return a new optimiser
     */
    public Adam withMaximum() {
        return new Adam(rate, beta1, beta2, epsilon, true);
    }

    @Override
    public String name() {
        return String.format(
                Locale.ROOT, "%s(rate %s, beta %s %s)", maximum ? "AMSGrad" : "Adam", rate.at(1), beta1, beta2);
    }

    @Override
    public OptimizerState start(double[] parameters) {
        return new OptimizerState(parameters.length, 0, maximum ? 3 : 2);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        long t = state.nextStep();
        double[] m = state.vectors[FIRST];
        double[] v = state.vectors[SECOND];
        double size = scale * rate.at(t) / (1 - Math.pow(beta1, t));
        double correction = 1 / (1 - Math.pow(beta2, t));
        for (int i = 0; i < parameters.length; i++) {
            double g = gradient[i];
            m[i] = beta1 * m[i] + (1 - beta1) * g;
            v[i] = beta2 * v[i] + (1 - beta2) * g * g;
            double square = v[i] * correction;
            if (maximum) {
                square = Math.max(state.vectors[LARGEST][i], square);
                state.vectors[LARGEST][i] = square;
            }
            parameters[i] -= size * m[i] / (Math.sqrt(square) + epsilon);
        }
    }
}

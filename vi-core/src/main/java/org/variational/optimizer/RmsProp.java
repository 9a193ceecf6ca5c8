package org.variational.optimizer;

import java.util.Locale;

/**
 * RMSProp in its averaged form: steps along the gradient divided by the root of the plain mean of all earlier squares.
 *
 * <p>{@code v_t} is the mean of {@code g_1^2 .. g_t^2}, that is {@code beta2 = 1 - 1/t}, and the step is
 * {@code -rate * g_t / (sqrt(v_{t-1}) + epsilon)}: the current gradient is not part of what divides it, and the divisor
 * settles, so that the iterates' stationary mean is not shifted as it is with a constant short memory (which inflates
 * fitted standard deviations by several percent). For every parameter {@code t} counts from its first gradient whose
 * square is not 0, and that step divides by the gradient's own size.
 *
 * @param rate the step size
 * @param epsilon what is added to the root, positive
 * @see <a href="https://arxiv.org/abs/2203.15945">Welandawe, Andersen, Vehtari and Huggins (2022), A framework for
 *     improving the reliability of black-box variational inference</a>
 */
public record RmsProp(Schedule rate, double epsilon) implements Optimizer {

    private static final int SQUARES = 0;
    private static final int COUNT = 1;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if {@code epsilon} is not positive and finite
     */
    public RmsProp {
        Checks.positive("epsilon", epsilon);
    }

    /**
     * Averaged RMSProp with {@code epsilon = 1e-8}.
     *
     * @param rate the step size, positive
     * @return the optimiser
     * @throws IllegalArgumentException if {@code rate} is not positive and finite
     */
    public static RmsProp of(double rate) {
        return new RmsProp(Schedule.constant(rate), 1e-8);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "averaged RMSProp(rate %s)", rate.at(1));
    }

    @Override
    public OptimizerState start(double[] parameters) {
        return new OptimizerState(parameters.length, 0, 2);
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        long t = state.nextStep();
        double size = scale * rate.at(t);
        double[] v = state.vectors[SQUARES];
        double[] count = state.vectors[COUNT];
        for (int i = 0; i < parameters.length; i++) {
            double g = gradient[i];
            double square = g * g;
            double before = v[i] == 0 ? square : v[i];
            if (before > 0) {
                count[i]++;
                v[i] += (square - v[i]) / count[i];
            }
            parameters[i] -= size * g / (Math.sqrt(before) + epsilon);
        }
    }
}

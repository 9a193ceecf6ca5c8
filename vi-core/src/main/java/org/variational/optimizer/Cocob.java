package org.variational.optimizer;

import java.util.Locale;

/**
 * COCOB-Backprop: every coordinate bets on the sign of its next gradient, with nothing to tune.
 *
 * <p>Entrywise, from the start {@code x_1}: {@code L = max(L, |g|)}, {@code G = G + |g|},
 * {@code R = max(R - (x - x_1) g, 0)}, {@code T = T - g}, {@code x = x_1 + scale T (L + R) / (L max(G + L, alpha L))}.
 * A coordinate that has never seen a gradient stays where it is.
 *
 * @param alpha how long the first bets stay small, positive
 * @see <a href="https://arxiv.org/abs/1705.07795">Orabona and Tommasi (2017), Training deep networks without learning
 *     rates through coin betting</a>
 */
public record Cocob(double alpha) implements Optimizer {

    private static final int START = 0;
    private static final int LARGEST = 1;
    private static final int SUM_OF_SIZES = 2;
    private static final int REWARD = 3;
    private static final int SUM = 4;

    /**
     * Checks the setting.
     *
     * @throws IllegalArgumentException if {@code alpha} is not positive and finite
     */
    public Cocob {
        Checks.positive("alpha", alpha);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "COCOB(alpha %s)", alpha);
    }

    @Override
    public OptimizerState start(double[] parameters) {
        OptimizerState state = new OptimizerState(parameters.length, 0, 5);
        System.arraycopy(parameters, 0, state.vectors[START], 0, parameters.length);
        return state;
    }

    @Override
    public void step(double[] parameters, double[] gradient, double scale, OptimizerState state) {
        Checks.sameLength(parameters, gradient, state);
        state.nextStep();
        double[] start = state.vectors[START];
        double[] largest = state.vectors[LARGEST];
        double[] sizes = state.vectors[SUM_OF_SIZES];
        double[] reward = state.vectors[REWARD];
        double[] sum = state.vectors[SUM];
        for (int i = 0; i < parameters.length; i++) {
            double g = gradient[i];
            largest[i] = Math.max(largest[i], Math.abs(g));
            if (largest[i] == 0) {
                continue;
            }
            sizes[i] += Math.abs(g);
            reward[i] = Math.max(reward[i] - (parameters[i] - start[i]) * g, 0);
            sum[i] -= g;
            double bound = largest[i] * Math.max(sizes[i] + largest[i], alpha * largest[i]);
            parameters[i] = start[i] + scale * sum[i] / bound * (largest[i] + reward[i]);
        }
    }
}

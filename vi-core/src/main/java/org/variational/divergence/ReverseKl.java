package org.variational.divergence;

import java.util.Arrays;
import org.variational.weights.LogWeights;

/**
 * The reverse Kullback-Leibler divergence {@code KL(q, p) = E_q[log q - log p]}; its value is minus the evidence lower
 * bound, {@code -ELBO = KL(q, p) - log Z}.
 *
 * <p>Mode-seeking: q avoids regions where p is small, and understates the spread of what it cannot represent.
 * Coefficients {@code c = 1 / S}, {@code b = -lw / S} (relative to the mean log weight, a constant that does not
 * matter). The value is {@code +Infinity} if a draw of q falls where p has no mass, which is then also so for the
 * divergence itself.
 */
public final class ReverseKl implements Divergence {
    static final ReverseKl INSTANCE = new ReverseKl();

    private ReverseKl() {}

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        int count = weights.count();
        double total = 0;
        double mean = 0;
        for (int s = 0; s < count; s++) {
            if (weights.logWeight(s) != Double.NEGATIVE_INFINITY) {
                total += weights.baseWeight(s);
                mean += weights.baseWeight(s) * weights.logWeight(s);
            }
        }
        mean = total > 0 ? mean / total : 0;
        for (int s = 0; s < count; s++) {
            boolean outside = weights.logWeight(s) == Double.NEGATIVE_INFINITY;
            path[s] = weights.baseWeight(s);
            score[s] = outside ? 0 : -weights.baseWeight(s) * (weights.logWeight(s) - mean);
        }
        return -weights.mean();
    }

    @Override
    public String name() {
        return "reverse KL";
    }

    @Override
    public Coupling coupling() {
        return Coupling.OWN_DRAW;
    }

    @Override
    public Bound bound() {
        return Bound.LOWER;
    }

    @Override
    public boolean isLinearInLogDensity() {
        return true;
    }

    @Override
    public boolean isReverseKl() {
        return true;
    }

    @Override
    public void evidenceWeights(LogWeights weights, double[] output) {
        Arrays.setAll(output, s -> s < weights.count() ? weights.baseWeight(s) : 0);
    }

    @Override
    public String toString() {
        return name();
    }
}

package org.variational.divergence;

import org.variational.weights.LogWeights;

/**
 * The forward Kullback-Leibler divergence {@code KL(p, q) = E_p[log p - log q]}.
 *
 * <p>Mass-covering: q must be wide wherever p has mass; within an exponential family the optimum matches p's moments,
 * and for a Gaussian family none exists if p has no variance. Coefficients {@code c = W}, {@code b = -W} with the
 * self-normalised weights {@code W = softmax(lw)}; the value is the self-normalised estimate {@code sum_s W_s lw_s -
 * log mean w}, which cannot exceed log S and is too small when few draws carry the weight.
 */
public final class ForwardKl implements Divergence {
    static final ForwardKl INSTANCE = new ForwardKl();

    private ForwardKl() {}

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        weights.softmax(1, path);
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            score[s] = -path[s];
            if (path[s] > 0) {
                value += path[s] * weights.normalisedLogWeight(s);
            }
        }
        return weights.effectiveSampleSize() == 0 ? Double.POSITIVE_INFINITY : value;
    }

    @Override
    public boolean needsTargetVariance() {
        return true;
    }

    @Override
    public String name() {
        return "forward KL";
    }

    @Override
    public String toString() {
        return name();
    }
}

package org.variational.divergence;

import org.variational.weights.LogWeights;

/** The alpha family with {@code f''(w) = w^(alpha - 2)}, in its log form, for alpha other than 0 and 1. */
record AlphaDivergence(double alpha) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        weights.softmax(alpha, path);
        for (int s = 0; s < weights.count(); s++) {
            score[s] = -path[s] / alpha;
        }
        double logZ = weights.logMeanExp(1);
        if (logZ == Double.NEGATIVE_INFINITY) {
            return Double.POSITIVE_INFINITY;
        }
        return (weights.logMeanExp(alpha) - alpha * logZ) / (alpha * (alpha - 1));
    }

    @Override
    public String name() {
        return "alpha divergence (alpha = " + alpha + ")";
    }

    @Override
    public boolean needsTargetVariance() {
        return alpha >= 1;
    }
}

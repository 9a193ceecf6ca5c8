package org.variational.divergence;

import org.variational.weights.LogWeights;

/** The squared Hellinger distance {@code E_q[(sqrt w - 1)^2]}. */
record SquaredHellinger() implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            double root = Math.exp(weights.normalisedLogWeight(s) / 2);
            double base = weights.baseWeight(s);
            path[s] = base * root / 2;
            score[s] = base * (1 - root);
            value += base * (root - 1) * (root - 1);
        }
        return weights.effectiveSampleSize() == 0 ? 2 : value;
    }

    @Override
    public String name() {
        return "squared Hellinger";
    }
}

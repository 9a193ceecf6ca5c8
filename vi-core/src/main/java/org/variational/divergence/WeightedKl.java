package org.variational.divergence;

import org.variational.weights.LogWeights;

/** A weighted sum of the reverse and the forward KL divergence. */
record WeightedKl(String name, double reverse, double forward) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        weights.softmax(1, path);
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            double logRatio = weights.normalisedLogWeight(s);
            double base = weights.baseWeight(s);
            double w = path[s];
            boolean outside = logRatio == Double.NEGATIVE_INFINITY;
            value += outside
                    ? (reverse > 0 && base > 0 ? Double.POSITIVE_INFINITY : 0)
                    : (forward * w - reverse * base) * logRatio;
            path[s] = reverse * base + forward * w;
            score[s] = outside ? 0 : -(reverse * base * logRatio + forward * w);
        }
        return value;
    }

    @Override
    public boolean needsTargetVariance() {
        return forward > 0;
    }
}

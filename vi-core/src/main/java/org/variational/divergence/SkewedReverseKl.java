package org.variational.divergence;

import org.variational.weights.LogWeights;

/** {@code KL(q, (1 - s) q + s p)}, {@code f(w) = -log((1 - s) + s w)}. */
record SkewedReverseKl(double skew) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double value = 0;
        for (int i = 0; i < weights.count(); i++) {
            double sw = skew * Math.exp(weights.normalisedLogWeight(i));
            double mixture = 1 - skew + sw;
            double base = weights.baseWeight(i);
            double share = sw / mixture;
            path[i] = base * share * share;
            score[i] = base * (share - Math.log(mixture));
            value -= base * Math.log(mixture);
        }
        return value;
    }

    @Override
    public String name() {
        return "skewed reverse KL (skew = " + skew + ")";
    }
}

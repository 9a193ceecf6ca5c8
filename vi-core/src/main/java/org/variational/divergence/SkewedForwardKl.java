package org.variational.divergence;

import org.variational.weights.LogWeights;

/** {@code KL(p, (1 - s) p + s q)}, {@code f(w) = w log(w / ((1 - s) w + s))}. */
record SkewedForwardKl(double skew) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double value = 0;
        for (int i = 0; i < weights.count(); i++) {
            double logRatio = weights.normalisedLogWeight(i);
            double w = Math.exp(logRatio);
            double mixture = (1 - skew) * w + skew;
            double base = weights.baseWeight(i);
            double share = skew / mixture;
            path[i] = base * w * share * share;
            score[i] = -base * w * share;
            value += w == 0 ? 0 : base * w * (logRatio - Math.log(mixture));
        }
        return weights.effectiveSampleSize() == 0 ? -Math.log1p(-skew) : value;
    }

    @Override
    public String name() {
        return "skewed forward KL (skew = " + skew + ")";
    }
}

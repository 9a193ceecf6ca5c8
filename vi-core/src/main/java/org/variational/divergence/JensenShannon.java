package org.variational.divergence;

import org.variational.weights.LogWeights;

/**
 * The Jensen-Shannon divergence, {@code f(w) = 1/2 (w log w - (1 + w) log((1 + w) / 2))}, with bounded coefficients.
 */
record JensenShannon() implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            double logRatio = weights.normalisedLogWeight(s);
            double half = weights.baseWeight(s) / 2;
            double w = Math.exp(logRatio);
            // log((1 + w) / 2)
            double logMixture = Math.log1p(w) - Math.log(2);
            path[s] = half * (w / (1 + w));
            score[s] = -half * logMixture;
            value += half * ((w == 0 ? 0 : w * (logRatio - logMixture)) - logMixture);
        }
        return weights.effectiveSampleSize() == 0 ? Math.log(2) : value;
    }

    @Override
    public String name() {
        return "Jensen-Shannon";
    }
}

package org.variational.divergence;

import java.util.Arrays;
import org.variational.weights.LogWeights;

/**
 * The total variation distance {@code 1/2 E_q|w - 1|}; f'' vanishes almost everywhere, so that there is no path form.
 */
record TotalVariation() implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        Arrays.fill(path, 0);
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            double logRatio = weights.normalisedLogWeight(s);
            double half = weights.baseWeight(s) / 2;
            score[s] = -half * Math.signum(logRatio);
            value += half * Math.abs(Math.expm1(logRatio));
        }
        return weights.effectiveSampleSize() == 0 ? 1 : value;
    }

    @Override
    public String name() {
        return "total variation";
    }

    @Override
    public boolean hasPathForm() {
        return false;
    }
}

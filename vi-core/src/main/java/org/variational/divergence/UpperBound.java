package org.variational.divergence;

import org.variational.weights.LogWeights;

/**
 * The chi upper bound {@code CUBO_n = 1/n log E_q[w^n]}, n above 1: Renyi's bound at alpha = 1 - n. Coefficients of the
 * population form: minimising the estimate's expectation would minimise no upper bound.
 */
record UpperBound(String name, double order) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        weights.softmax(order, path);
        for (int s = 0; s < weights.count(); s++) {
            score[s] = (1 - order) / order * path[s];
            path[s] *= order - 1;
        }
        return value(weights);
    }

    double value(LogWeights weights) {
        double value = weights.logMeanExp(order) / order;
        // Nothing is known of log Z when no draw is in p's support, and -Infinity would be no upper bound.
        return value == Double.NEGATIVE_INFINITY ? Double.POSITIVE_INFINITY : value;
    }

    @Override
    public Bound bound() {
        return Bound.UPPER;
    }

    @Override
    public boolean needsTargetVariance() {
        return true;
    }
}

package org.variational.divergence;

import org.variational.weights.LogWeights;

/** The value of an upper bound, with the coefficients of a divergence that asks less of the weights. */
record WeakenedBound(UpperBound bounding, Divergence weaker) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        weaker.evaluate(weights, path, score);
        return bounding.value(weights);
    }

    @Override
    public String name() {
        return bounding.name() + " approached by " + weaker.name();
    }

    @Override
    public Bound bound() {
        return Bound.UPPER;
    }

    @Override
    public boolean needsTargetVariance() {
        return weaker.needsTargetVariance();
    }
}

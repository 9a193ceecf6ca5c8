package org.variational.divergence;

import org.variational.weights.LogWeights;

/**
 * {@code (1 - s) KL(q, g) + s KL(p, g)} with the geometric mixture g proportional to {@code q^s p^(1 - s)}, which
 * equals {@code (1 - s)^2 KL(q, p) + s^2 KL(p, q) + log E_q[w^(1 - s)]} for normalised p; s strictly between 0 and 1.
 */
record GeometricInterpolation(double position) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double s = position;
        double reverse = (1 - s) * (1 - s);
        double forward = s * s;
        double[] powered = new double[weights.count()];
        weights.softmax(1 - s, powered);
        weights.softmax(1, path);
        double value = weights.logMeanExp(1 - s) - (1 - s) * weights.logMeanExp(1);
        for (int i = 0; i < weights.count(); i++) {
            double logRatio = weights.normalisedLogWeight(i);
            double base = weights.baseWeight(i);
            double w = path[i];
            boolean outside = logRatio == Double.NEGATIVE_INFINITY;
            value += outside ? (base > 0 ? Double.POSITIVE_INFINITY : 0) : (forward * w - reverse * base) * logRatio;
            path[i] = reverse * base + forward * w - s * (1 - s) * powered[i];
            score[i] = outside ? 0 : s * powered[i] - reverse * base * logRatio - forward * w;
        }
        return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
    }

    @Override
    public String name() {
        return "geometric Jensen-Shannon (position = " + position + ")";
    }
}

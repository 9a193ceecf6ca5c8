package org.variational.divergence;

import java.util.Objects;
import org.variational.weights.LogWeights;
import org.variational.weights.ParetoSmoothing;

/** A divergence of Pareto-smoothed weights, from 32 equally weighted draws on. */
record Smoothed(Divergence inner) implements Divergence {
    private static final int FEWEST_DRAWS = 32;

    Smoothed {
        Objects.requireNonNull(inner, "inner");
    }

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        return inner.evaluate(smooth(weights), path, score);
    }

    private static LogWeights smooth(LogWeights weights) {
        int count = weights.count();
        if (count < FEWEST_DRAWS) {
            return weights;
        }
        double[] raw = weights.toArray();
        double[] smoothed = ParetoSmoothing.of(raw).logWeights();
        int smallest = -1;
        double[] logBase = new double[count];
        for (int s = 0; s < count; s++) {
            logBase[s] = weights.logBaseWeight(s);
            if (logBase[s] != logBase[0]) {
                return weights;
            }
            if (raw[s] != Double.NEGATIVE_INFINITY && (smallest < 0 || raw[s] < raw[smallest])) {
                smallest = s;
            }
        }
        if (smallest < 0) {
            return weights;
        }
        // Smoothing normalises; the smallest weight is outside the tail and tells by how much.
        double shift = raw[smallest] - smoothed[smallest];
        for (int s = 0; s < count; s++) {
            smoothed[s] += shift;
        }
        return LogWeights.of(smoothed);
    }

    @Override
    public String name() {
        return inner.name() + " with Pareto-smoothed weights";
    }

    @Override
    public Bound bound() {
        return Bound.NONE;
    }

    @Override
    public int minimumDraws() {
        return inner.minimumDraws();
    }

    @Override
    public boolean hasPathForm() {
        return inner.hasPathForm();
    }

    @Override
    public boolean hasScoreForm() {
        return inner.hasScoreForm();
    }

    @Override
    public double targetPower() {
        return inner.targetPower();
    }

    @Override
    public void evidenceWeights(LogWeights weights, double[] output) {
        inner.evidenceWeights(smooth(weights), output);
    }

    @Override
    public boolean needsTargetVariance() {
        return inner.needsTargetVariance();
    }
}

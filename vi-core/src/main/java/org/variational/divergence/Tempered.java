package org.variational.divergence;

import java.util.Objects;
import org.variational.weights.LogWeights;

/** A divergence from the target raised to a power. */
record Tempered(Divergence inner, double power) implements Divergence {
    Tempered {
        Objects.requireNonNull(inner, "inner");
    }

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        return inner.evaluate(weights, path, score);
    }

    @Override
    public String name() {
        return inner.name() + " to the target's power " + power;
    }

    @Override
    public Coupling coupling() {
        return inner.coupling();
    }

    /** A bound on the evidence of the tempered target is none on that of the target. */
    @Override
    public Bound bound() {
        return targetPower() == 1 ? inner.bound() : Bound.NONE;
    }

    @Override
    public int groupSize() {
        return inner.groupSize();
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
    public boolean isLinearInLogDensity() {
        return inner.isLinearInLogDensity();
    }

    @Override
    public boolean isReverseKl() {
        return targetPower() == 1 && untempered().isReverseKl();
    }

    @Override
    public double targetPower() {
        return power * inner.targetPower();
    }

    @Override
    public Divergence untempered() {
        return inner.untempered();
    }

    @Override
    public void evidenceWeights(LogWeights weights, double[] output) {
        inner.evidenceWeights(weights, output);
    }

    @Override
    public boolean needsTargetVariance() {
        return inner.needsTargetVariance();
    }
}

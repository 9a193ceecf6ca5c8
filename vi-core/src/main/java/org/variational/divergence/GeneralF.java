package org.variational.divergence;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.variational.weights.LogWeights;

/** An f-divergence from f and its two derivatives, on weights divided by their mean. */
record GeneralF(String name, DoubleUnaryOperator f, DoubleUnaryOperator fPrime, DoubleUnaryOperator fSecond)
        implements Divergence {

    /** Below this log ratio w^2 would underflow and w^2 f''(w) lose its limit. */
    private static final double SMALLEST_LOG_RATIO = -300;

    GeneralF {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(f, "f");
        Objects.requireNonNull(fPrime, "fPrime");
        Objects.requireNonNull(fSecond, "fSecond");
    }

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        double value = 0;
        for (int s = 0; s < weights.count(); s++) {
            double logRatio = weights.normalisedLogWeight(s);
            double w = Math.exp(Math.max(logRatio, SMALLEST_LOG_RATIO));
            double base = weights.baseWeight(s);
            double atW = f.applyAsDouble(w);
            path[s] = logRatio == Double.NEGATIVE_INFINITY ? 0 : base * w * w * fSecond.applyAsDouble(w);
            score[s] = base * (atW - w * fPrime.applyAsDouble(w));
            value += base * (logRatio == Double.NEGATIVE_INFINITY ? atZero(atW) : atW);
        }
        return value;
    }

    /** f(0), or the value near it where arithmetic gives none, as {@code 0 log 0}. */
    private double atZero(double near) {
        double value = f.applyAsDouble(0);
        return Double.isNaN(value) ? near : value;
    }
}

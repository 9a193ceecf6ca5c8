package org.variational.family;

import org.variational.random.NormalQuantile;

/** Probabilities given by unconstrained logits, {@code pi = softmax(logits)}. */
final class Simplex {
    final double[] logProbability;
    final double[] probability;
    /** A standard normal number below threshold k and not below threshold k - 1 chooses outcome k. */
    private final double[] thresholds;

    Simplex(double[] parameters, int from, int count) {
        logProbability = new double[count];
        probability = new double[count];
        thresholds = new double[count];
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < count; k++) {
            max = Math.max(max, parameters[from + k]);
        }
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += Math.exp(parameters[from + k] - max);
        }
        double logSum = max + Math.log(sum);
        double cumulative = 0;
        for (int k = 0; k < count; k++) {
            logProbability[k] = parameters[from + k] - logSum;
            probability[k] = Math.exp(logProbability[k]);
            cumulative += probability[k];
            thresholds[k] = NormalQuantile.of(Math.min(1, cumulative));
        }
    }

    /** The outcome that a standard normal number chooses. */
    int choose(double noise) {
        int k = 0;
        while (k < thresholds.length - 1 && noise >= thresholds[k]) {
            k++;
        }
        return k;
    }

    /** Adds {@code sum over k of byProbability[k] * d pi_k / d logits}. */
    void addProbabilityGradient(double[] byProbability, double[] gradient, int at) {
        double mean = 0;
        for (int k = 0; k < probability.length; k++) {
            mean += probability[k] * byProbability[k];
        }
        for (int k = 0; k < probability.length; k++) {
            gradient[at + k] += probability[k] * (byProbability[k] - mean);
        }
    }
}

package org.variational.divergence;

import org.variational.weights.LogWeights;

/**
 * The lower bound {@code L = 1/(1 - alpha) log mean_k w_k^(1 - alpha)} on groups of K draws, alpha at least 0 and other
 * than 1; at alpha = 0 the importance-weighted bound. The path coefficients are those of the doubly reparameterised
 * gradient, the score coefficients have the bound without the draw as their baseline.
 */
record RenyiBound(String name, double alpha, int groupSize) implements Divergence {

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        checkEqualBases(weights);
        int size = groupSize == 0 ? weights.count() : groupSize;
        int groups = weights.count() / size;
        double power = 1 - alpha;
        double[] group = new double[size];
        double[] normalised = new double[size];
        double value = 0;
        for (int g = 0; g < groups; g++) {
            int from = g * size;
            double logTotal = terms(weights, from, group, normalised);
            double bound = (logTotal - Math.log(size)) / power;
            value += (alpha > 1 && hasZero(weights, from, size) ? Double.NEGATIVE_INFINITY : bound) / groups;
            double[] others = logSumsWithoutOne(group);
            for (int k = 0; k < size; k++) {
                double w = normalised[k];
                path[from + k] = (alpha * w + power * w * w) / groups;
                double baseline = (others[k] - Math.log(size - 1.0)) / power;
                // Where no other draw of the group has any weight there is no baseline.
                double signal = Double.isFinite(bound) && Double.isFinite(baseline) ? bound - baseline : 0;
                score[from + k] = (w - signal) / groups;
            }
        }
        return -value;
    }

    /** Fills the terms (1 - alpha) lw and their softmax, both without zero weights, and returns their log sum. */
    private double terms(LogWeights weights, int from, double[] group, double[] normalised) {
        for (int k = 0; k < group.length; k++) {
            double logWeight = weights.logWeight(from + k);
            group[k] = logWeight == Double.NEGATIVE_INFINITY ? logWeight : (1 - alpha) * logWeight;
        }
        double logTotal = LogWeights.logSumExp(group);
        for (int k = 0; k < group.length; k++) {
            normalised[k] = group[k] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(group[k] - logTotal);
        }
        return logTotal;
    }

    private void checkEqualBases(LogWeights weights) {
        for (int s = 1; s < weights.count(); s++) {
            if (weights.logBaseWeight(s) != weights.logBaseWeight(0)) {
                throw new IllegalArgumentException("the " + name
                        + " is one of groups of independent draws from q, which have equal base weights; those of"
                        + " draws 0 and "
                        + s + " are " + weights.baseWeight(0) + " and " + weights.baseWeight(s)
                        + ": use a divergence without groups, such as alpha");
            }
        }
    }

    private static boolean hasZero(LogWeights weights, int from, int size) {
        for (int k = 0; k < size; k++) {
            if (weights.logWeight(from + k) == Double.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    /**
     * The log of the sum of the exponentials of all terms but one, for each; from sums before and after, so that
     * nothing cancels.
     */
    private static double[] logSumsWithoutOne(double[] terms) {
        int n = terms.length;
        double[] after = new double[n + 1];
        after[n] = Double.NEGATIVE_INFINITY;
        for (int k = n - 1; k >= 0; k--) {
            after[k] = LogWeights.logSumExp(terms[k], after[k + 1]);
        }
        double[] result = new double[n];
        double before = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < n; k++) {
            result[k] = LogWeights.logSumExp(before, after[k + 1]);
            before = LogWeights.logSumExp(before, terms[k]);
        }
        return result;
    }

    @Override
    public Coupling coupling() {
        return Coupling.GROUPED;
    }

    @Override
    public Bound bound() {
        return Bound.LOWER;
    }

    @Override
    public void evidenceWeights(LogWeights weights, double[] output) {
        int size = groupSize == 0 ? weights.count() : groupSize;
        int groups = weights.count() / size;
        double[] group = new double[size];
        double[] normalised = new double[size];
        for (int g = 0; g < groups; g++) {
            terms(weights, g * size, group, normalised);
            for (int k = 0; k < size; k++) {
                output[g * size + k] = normalised[k] / groups;
            }
        }
    }
}

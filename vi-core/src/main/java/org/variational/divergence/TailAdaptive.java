package org.variational.divergence;

import java.util.Arrays;
import org.variational.weights.LogWeights;

/**
 * The f-divergence whose {@code w^2 f''(w)} is {@code 1 / P(w_t >= w)} for the batch's own weights: the coefficients are
 * those of the ranks, so that heavy-tailed weights cannot dominate. The reported value is minus the evidence lower bound.
 */
record TailAdaptive() implements Divergence {
    private static final int FEWEST_DRAWS = 10;

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        int count = weights.count();
        double[] sorted = weights.toArray();
        Arrays.sort(sorted);
        double total = 0;
        for (int s = 0; s < count; s++) {
            path[s] = 1.0 / (count - firstAtLeast(sorted, weights.logWeight(s)));
            total += path[s];
        }
        for (int s = 0; s < count; s++) {
            path[s] /= total;
            score[s] = 0;
        }
        return -weights.mean();
    }

    /** The index of the first entry that is not below a value which is among them. */
    private static int firstAtLeast(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public String name() {
        return "tail-adaptive";
    }

    @Override
    public Bound bound() {
        return Bound.LOWER;
    }

    @Override
    public int minimumDraws() {
        return FEWEST_DRAWS;
    }

    @Override
    public boolean hasScoreForm() {
        return false;
    }
}

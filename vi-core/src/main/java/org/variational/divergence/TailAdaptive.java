package org.variational.divergence;

import java.util.Arrays;
import java.util.Comparator;
import org.variational.weights.LogWeights;

/**
 * The f-divergence whose {@code w^2 f''(w)} is {@code 1 / P(w_t >= w)} for the batch's own weights: the coefficients
 * are those of the ranks, so that heavy-tailed weights cannot dominate. The reported value is minus the evidence lower
 * bound.
 */
record TailAdaptive() implements Divergence {
    private static final int FEWEST_DRAWS = 10;

    @Override
    public double evaluate(LogWeights weights, double[] path, double[] score) {
        int count = weights.count();
        Integer[] falling = new Integer[count];
        Arrays.setAll(falling, s -> s);
        Arrays.sort(falling, Comparator.comparingDouble((Integer s) -> -weights.logWeight(s)));
        double total = 0;
        double atLeast = 0;
        for (int from = 0; from < count; ) {
            double logWeight = weights.logWeight(falling[from]);
            int to = from;
            while (to < count && weights.logWeight(falling[to]) == logWeight) {
                atLeast += weights.baseWeight(falling[to++]);
            }
            for (; from < to; from++) {
                int s = falling[from];
                path[s] = atLeast > 0 ? weights.baseWeight(s) / atLeast : 0;
                total += path[s];
            }
        }
        for (int s = 0; s < count; s++) {
            path[s] /= total;
            score[s] = 0;
        }
        return -weights.mean();
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

package org.variational.posterior;

import java.util.random.RandomGenerator;

/**
 * How equally weighted draws are made from draws with importance weights.
 *
 * <p>Both weighted schemes are systematic sampling in random order: with W the Pareto-smoothed normalised weights,
 * every draw gets an expected number of copies, the expected numbers are laid end to end on a line in random order, and
 * a comb of n teeth one apart, placed at random, picks. The number of copies of a draw is its expected number rounded
 * down or up, so that an average over the result has the weighted average as its mean and less variance than with
 * independent picks.
 *
 * @see <a href="https://doi.org/10.1214/aoms/1177704381">Hartley and Rao (1962), Sampling with unequal probabilities
 *     and without replacement</a>
 * @see <a href="https://doi.org/10.2307/1390750">Kitagawa (1996), Monte Carlo filter and smoother</a>
 */
public enum Resampling {
    /**
     * A draw has {@code n W} expected copies: right for averages, with repetitions where few draws carry the weight.
     */
    WITH_REPLACEMENT,

    /**
     * A draw is included with probability {@code min(1, a W)}, at most once, with a such that n draws are expected:
     * proportional to W but for draws so heavy that they are certain. These then weigh too little, the more so the
     * nearer n is to the number of draws: choose n much smaller than the effective sample size.
     */
    WITHOUT_REPLACEMENT;

    /**
     * Chooses draws.
     *
     * @param weights normalised, not negative; for {@link #WITHOUT_REPLACEMENT} at least {@code count} are positive
     * @param count n, the number of draws wanted
     * @param random shuffles the order and places the comb
     * @return n indices
     */
    int[] choose(double[] weights, int count, RandomGenerator random) {
        int[] order = new int[weights.length];
        for (int k = 0; k < order.length; k++) {
            order[k] = k;
        }
        for (int k = order.length - 1; k > 0; k--) {
            int other = random.nextInt(k + 1);
            int swapped = order[k];
            order[k] = order[other];
            order[other] = swapped;
        }
        boolean[] certain = new boolean[weights.length];
        double[] expected =
                this == WITH_REPLACEMENT ? shares(weights, certain, count) : inclusion(weights, certain, count);
        boolean[] taken = new boolean[weights.length];
        int[] chosen = new int[count];
        double tooth = random.nextDouble();
        double reached = 0;
        int found = 0;
        for (int index : order) {
            reached += expected[index];
            while (found < count && tooth + found < reached && !(this == WITHOUT_REPLACEMENT && taken[index])) {
                chosen[found++] = index;
                taken[index] = true;
            }
        }
        // the expected numbers may fall short of n by rounding, and with them the last tooth
        for (int k = order.length - 1; found < count; k--) {
            if (expected[order[k]] > 0 && !(this == WITHOUT_REPLACEMENT && taken[order[k]])) {
                chosen[found++] = order[k];
            }
        }
        return chosen;
    }

    /** Numbers proportional to the weights of the draws that are not certain, with the given sum; 1 for the others. */
    private static double[] shares(double[] weights, boolean[] certain, double sum) {
        double largest = 0;
        for (int k = 0; k < weights.length; k++) {
            largest = certain[k] ? largest : Math.max(largest, weights[k]);
        }
        double total = 0;
        for (int k = 0; k < weights.length; k++) {
            total += certain[k] || largest == 0 ? 0 : weights[k] / largest;
        }
        double[] shares = new double[weights.length];
        for (int k = 0; k < weights.length; k++) {
            shares[k] = certain[k] ? 1 : total > 0 ? sum * (weights[k] / largest / total) : 0;
        }
        return shares;
    }

    /** Probabilities {@code min(1, a W)} that sum to n: draws found certain are set aside until no other is. */
    private static double[] inclusion(double[] weights, boolean[] certain, int count) {
        int certainCount = 0;
        while (true) {
            double[] probability = shares(weights, certain, count - certainCount);
            int before = certainCount;
            for (int k = 0; k < weights.length; k++) {
                if (!certain[k] && probability[k] >= 1) {
                    certain[k] = true;
                    certainCount++;
                }
            }
            if (certainCount == before) {
                return probability;
            }
        }
    }
}

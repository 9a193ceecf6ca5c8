package org.variational.diagnostic;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Whether ranks are uniform on 0 to L: their distribution function against simultaneous bands (Sailynoja, Burkner and
 * Vehtari 2022, doi:10.1007/s11222-022-10090-6).
 *
 * <p>At K evenly spread ranks the number of ranks below is binomial. The statistic is the smallest two-sided binomial
 * tail probability over the K places; its null distribution is found by simulation, once for all quantities of a
 * calibration. Immutable and thread-safe.
 */
final class RankUniformity {

    private static final int MOST_PLACES = 50;
    private static final int SIMULATIONS = 20_000;

    private final int count;
    private final int levels;
    /** Ranks below which are counted at each place. */
    private final int[] places;
    /** By place and number of ranks below: the two-sided tail probability. */
    private final double[][] tails;

    private final double[] simulated;

    /**
     * Simulates the null distribution.
     *
     * @param count the number of ranks M
     * @param levels the number of values L + 1 that a rank can have, at least 2
     * @param random the source of randomness
     */
    RankUniformity(int count, int levels, RandomGenerator random) {
        this.count = count;
        this.levels = levels;
        int k = Math.min(MOST_PLACES, levels - 1);
        this.places = new int[k];
        this.tails = new double[k][count + 1];
        for (int i = 0; i < k; i++) {
            places[i] = (int) ((i + 1L) * levels / (k + 1L));
            BinomialDistribution below = new BinomialDistribution(null, count, (double) places[i] / levels);
            double cumulated = 0;
            for (int c = 0; c <= count; c++) {
                double here = below.probability(c);
                tails[i][c] = 2 * Math.min(cumulated + here, 1 - cumulated);
                cumulated += here;
            }
        }
        this.simulated = new double[SIMULATIONS];
        int[] ranks = new int[count];
        for (int b = 0; b < SIMULATIONS; b++) {
            for (int i = 0; i < count; i++) {
                ranks[i] = random.nextInt(levels);
            }
            simulated[b] = statistic(ranks);
        }
        Arrays.sort(simulated);
    }

    private double statistic(int[] ranks) {
        int[] histogram = new int[levels];
        for (int rank : ranks) {
            histogram[rank]++;
        }
        double smallest = 1;
        int below = 0;
        int rank = 0;
        for (int i = 0; i < places.length; i++) {
            while (rank < places[i]) {
                below += histogram[rank++];
            }
            smallest = Math.min(smallest, tails[i][below]);
        }
        return smallest;
    }

    /** The p-value of some ranks, at least {@code 1 / 20001}. */
    double pValue(int[] ranks) {
        if (ranks.length != count) {
            throw new IllegalArgumentException("expected " + count + " ranks, got " + ranks.length);
        }
        double observed = statistic(ranks);
        int asSmall = 0;
        while (asSmall < SIMULATIONS && simulated[asSmall] <= observed * (1 + 1e-12)) {
            asSmall++;
        }
        return (1.0 + asSmall) / (1.0 + SIMULATIONS);
    }
}

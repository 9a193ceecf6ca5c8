package org.variational.diagnostic;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The Kolmogorov-Smirnov comparison of probabilities p with 1 - p: whether they lie symmetrically around one half.
 *
 * <p>The two samples are mirror images, not independent, so that the null distribution of the two-sample test does not
 * apply: its 5 % level rejects 11 % of calibrated cases. Ordered by their distance from one half, the signs of {@code p
 * - 1/2} are independent and fair under symmetry, n times the statistic is the largest distance from 0 of their random
 * walk, and its distribution is computed exactly (Butler 1969, doi:10.1214/aoms/1177697312). Values of exactly one half
 * are left out; ties in the distance make the test conservative.
 */
record SymmetryTest(double statistic, double pValue) {

    /** Compares the probabilities with their mirror images. */
    static SymmetryTest of(double[] probabilities) {
        double[] off = Arrays.stream(probabilities)
                .map(p -> p - 0.5)
                .filter(x -> x != 0)
                .toArray();
        int n = off.length;
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -Math.abs(off[i])))
                .mapToInt(Integer::intValue)
                .toArray();
        int walk = 0;
        int largest = 0;
        for (int k = 0; k < n; k++) {
            walk += off[order[k]] > 0 ? 1 : -1;
            boolean tied = k + 1 < n && Math.abs(off[order[k + 1]]) == Math.abs(off[order[k]]);
            if (!tied) {
                largest = Math.max(largest, Math.abs(walk));
            }
        }
        return new SymmetryTest(n == 0 ? 0 : (double) largest / n, reaches(n, largest));
    }

    /** The probability that a fair random walk of n steps is ever at least m away from 0. */
    static double reaches(int n, int m) {
        if (m == 0) {
            return 1;
        }
        double[] at = new double[2 * m - 1];
        at[m - 1] = 1;
        double absorbed = 0;
        for (int step = 0; step < n; step++) {
            double[] next = new double[at.length];
            for (int i = 0; i < at.length; i++) {
                double half = at[i] / 2;
                if (i == 0) {
                    absorbed += half;
                } else {
                    next[i - 1] += half;
                }
                if (i == at.length - 1) {
                    absorbed += half;
                } else {
                    next[i + 1] += half;
                }
            }
            at = next;
        }
        return Math.min(1, absorbed);
    }
}

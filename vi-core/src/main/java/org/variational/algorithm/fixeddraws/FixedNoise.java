package org.variational.algorithm.fixeddraws;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.variational.family.BlockGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.MomentMatching;
import org.variational.random.RandomStreams;

/**
 * Sets of noise to be held fixed, and how many draws a family needs of them.
 *
 * @param scheme how draws of a set depend on each other
 * @param matched whether the moments of a set are matched
 */
record FixedNoise(DrawScheme scheme, boolean matched) {

    private static final int DEFAULT_DRAWS = 20;

    /** The number of draws that can be chosen freely in a set. */
    int degrees(int draws) {
        return scheme == DrawScheme.antithetic() ? draws / 2 : draws;
    }

    /** The smallest number of draws with so many degrees. */
    int drawsFor(int degrees) {
        return scheme == DrawScheme.antithetic() ? 2 * degrees : degrees;
    }

    /**
     * A set.
     *
     * @param streams the source of randomness
     * @param q a member of the family
     * @param draws the number of draws
     * @param index the number of the set
     */
    DMatrixRMaj set(RandomStreams streams, GaussianDistribution q, int draws, int index) {
        int rows = q.noiseDimension();
        DMatrixRMaj noise = new DMatrixRMaj(rows, draws);
        scheme.draws(rows, streams.child("fixed draws", draws)).fill(index, noise);
        if (matched) {
            MomentMatching.match(noise, degrees(draws));
        }
        return noise;
    }

    /**
     * The most coordinates that one draw of the family couples by free parameters: with no more draws than that there
     * is a direction in which draws do not spread, and the family collapses onto it.
     */
    static int coupled(VariationalFamily family) {
        if (family instanceof FullRankGaussian) {
            return family.dimension();
        }
        if (family instanceof LowRankGaussian lowRank) {
            return lowRank.rank() + 1;
        }
        if (family instanceof BlockGaussian blocks) {
            int globals = 0;
            for (BlockGaussian.Block block : blocks.blocks()) {
                globals += block.local() ? 0 : block.length();
            }
            int most = 1;
            for (BlockGaussian.Block block : blocks.blocks()) {
                most = Math.max(most, block.length() + (block.local() ? globals : 0));
            }
            return most;
        }
        return 1;
    }

    /** Refuses fewer draws than make the objective bounded. */
    void check(VariationalFamily family, int draws) {
        int coupled = coupled(family);
        if (degrees(draws) <= coupled) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%d %s draws do not determine a %s of dimension %d: the objective has no minimum, because the"
                            + " family collapses onto the draws. Use at least %d draws, better twice as many, or a"
                            + " family with less covariance",
                    draws,
                    scheme.label(),
                    family.name(),
                    family.dimension(),
                    drawsFor(coupled + 1)));
        }
    }

    /** Twice as many draws as the family couples coordinates, and at least 20. */
    int defaultDraws(VariationalFamily family) {
        return Math.max(DEFAULT_DRAWS, drawsFor(2 * coupled(family)));
    }

    /**
     * The largest standard deviation, over the estimates by several sets, of a mean, in standard deviations, or of the
     * logarithm of a standard deviation.
     */
    static double spread(VariationalFamily family, List<double[]> estimates) {
        int d = family.dimension();
        double[] unit = FixedDrawObjective.member(family, estimates.get(0)).standardDeviation();
        double[] mean = new double[2 * d];
        double[] square = new double[2 * d];
        for (int r = 0; r < estimates.size(); r++) {
            GaussianDistribution q = FixedDrawObjective.member(family, estimates.get(r));
            double[] monitored = Arrays.copyOf(q.mean(), 2 * d);
            double[] sd = q.standardDeviation();
            for (int i = 0; i < d; i++) {
                monitored[i] /= unit[i];
                monitored[d + i] = Math.log(sd[i]);
            }
            for (int i = 0; i < 2 * d; i++) {
                double before = monitored[i] - mean[i];
                mean[i] += before / (r + 1);
                square[i] += before * (monitored[i] - mean[i]);
            }
        }
        double largest = 0;
        for (double sum : square) {
            largest = Math.max(largest, sum);
        }
        return Math.sqrt(largest / (estimates.size() - 1));
    }
}

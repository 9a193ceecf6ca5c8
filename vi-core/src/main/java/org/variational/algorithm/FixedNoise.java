package org.variational.algorithm;

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
     * The most coordinates that one draw of the family couples by free parameters: with no more draws than that there is a
     * direction in which draws do not spread, and the family collapses onto it.
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
}

package org.variational.posterior;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Draws chosen from the draws of an approximation by their importance weights.
 *
 * @param posterior the chosen draws, which stand for the posterior as they are
 * @param indices which draw each of them was, in the same order
 */
public record ResampledDraws(Posterior posterior, int[] indices) {

    /** Copies the array. */
    public ResampledDraws {
        indices = indices.clone();
    }

    /**
     * Which draw each of them was.
     *
     * @return a copy, n indices from 0
     */
    @Override
    public int[] indices() {
        return indices.clone();
    }

    /**
     * The number of different draws among them; far fewer than there are draws shows that few draws carry the weight.
     *
     * @return from 1 to n
     */
    public int uniqueDraws() {
        return (int) Arrays.stream(indices).distinct().count();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResampledDraws that
                && posterior.equals(that.posterior)
                && Arrays.equals(indices, that.indices);
    }

    @Override
    public int hashCode() {
        return 31 * posterior.hashCode() + Arrays.hashCode(indices);
    }

    /** The number of draws and how many of them are different. */
    @Override
    public String toString() {
        return indices.length + " draws, " + uniqueDraws() + " of them different";
    }
}

package org.variational.random;

/**
 * How the draws of one batch relate to each other. Whatever the scheme, each draw alone is exactly distributed, and
 * different batches are independent.
 */
public interface DrawScheme {

    /**
     * The name used in reports and provenance.
     *
     * @return a name such as {@code "antithetic"}
     */
    String label();

    /**
     * Whether the draws of one batch are independent of each other. Multi-sample bounds and leave-one-out baselines are
     * wrong where they are not; averages over draws are right in any case.
     *
     * @return true only for independent draws
     */
    boolean independentWithinGroup();

    /**
     * The batches of this scheme for one stream of random numbers.
     *
     * @param rows the number of rows of noise that one draw needs
     * @param streams the streams, of which the purpose {@code "noise"} is used
     * @return a sequence of batches
     * @throws IllegalArgumentException if {@code rows} is not positive, or more than the scheme can serve
     */
    NormalDraws draws(int rows, RandomStreams streams);

    /**
     * Independent draws.
     *
     * @return a scheme that serves any number of rows
     */
    static DrawScheme independent() {
        return NoiseScheme.INDEPENDENT;
    }

    /**
     * Antithetic pairs: the noise of draw 2k + 1 is that of draw 2k with all signs changed; with an odd number of draws
     * the last one has no partner. The mean of an odd function of the noise is then exact.
     *
     * @return a scheme that serves any number of rows
     */
    static DrawScheme antithetic() {
        return NoiseScheme.ANTITHETIC;
    }

    /**
     * The first S points of the Sobol sequence under a random digital shift, new for each batch, mapped to normal
     * numbers by the quantile function. Each point is uniform on the cube's grid of mesh 2^-52, so that averages are
     * unbiased; a power of two is the natural number of draws.
     *
     * @return a scheme that serves up to 1000 rows
     * @see <a href="https://doi.org/10.1137/070710359">Joe and Kuo (2008), Constructing Sobol sequences with better
     *     two-dimensional projections</a>
     */
    static DrawScheme sobol() {
        return NoiseScheme.SOBOL;
    }
}

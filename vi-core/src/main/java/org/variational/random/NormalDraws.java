package org.variational.random;

import org.ejml.data.DMatrixRMaj;

/**
 * A numbered sequence of batches of standard normal noise.
 *
 * <p>A batch depends on the seed, the scheme, its number and its shape, and on nothing drawn before: the state of a
 * sequence is the number of the next batch. Instances may hold scratch space, and must not be used by two threads at
 * once.
 */
public interface NormalDraws {

    /** The scheme by which the columns of a batch are laid out. */
    DrawScheme scheme();

    /**
     * The number of rows of every batch.
     *
     * @return at least 1
     */
    int rows();

    /**
     * Fills a batch. Every entry is finite, and every column is standard normal on its own.
     *
     * @param batch the number of the batch
     * @param noise {@link #rows()} x S, overwritten; column s is the noise of draw s
     * @throws IllegalArgumentException if {@code noise} has another number of rows
     */
    void fill(long batch, DMatrixRMaj noise);
}

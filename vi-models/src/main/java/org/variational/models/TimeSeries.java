package org.variational.models;

import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/**
 * A model of a series in time, and what its posterior says about the times after the last observation.
 *
 * <p>Implementations are immutable; methods may be called from several threads.
 */
public interface TimeSeries {

    /** The model to fit. */
    Model model();

    /**
     * Draws of the next observations, one future for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param steps how many times ahead, h at least 1
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return h x S; where there are several numbers at each time, those of one time are consecutive rows
     * @throws IllegalArgumentException if the posterior is of another model, or steps is less than 1
     */
    DMatrixRMaj forecast(Posterior posterior, int steps, long seed);
}

package org.variational.models;

import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/**
 * A regression: a model of outcomes at rows of predictors, and what its posterior says at new rows.
 *
 * <p>Implementations are immutable; methods may be called from several threads.
 */
public interface Regression {

    /** The model to fit. */
    Model model();

    /**
     * The expected outcome at new rows for each posterior draw: uncertainty about parameters without that of single
     * outcomes.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, or newX has another number of columns or a
     *     value that is not finite
     */
    DMatrixRMaj expected(Posterior posterior, double[][] newX);

    /**
     * Draws of outcomes at new rows, one for each posterior draw.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, or newX has another number of columns or a
     *     value that is not finite
     */
    DMatrixRMaj predict(Posterior posterior, double[][] newX, long seed);
}

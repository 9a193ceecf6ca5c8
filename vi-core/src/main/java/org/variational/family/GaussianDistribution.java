package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/** A member that is a multivariate Gaussian. */
public interface GaussianDistribution
        extends VariationalDistribution.Reparameterised, VariationalDistribution.ClosedFormEntropy {

    /**
     * The covariance matrix, for reports and for checks at moderate dimension.
     *
     * @return a new D x D matrix
     */
    DMatrixRMaj covariance();
}

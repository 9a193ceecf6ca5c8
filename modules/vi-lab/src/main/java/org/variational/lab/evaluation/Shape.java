package org.variational.lab.evaluation;

import org.ejml.data.DMatrixRMaj;

/** A distribution of R^D with an exact mean and covariance. Immutable and thread-safe. */
interface Shape {

    /** The number of coordinates D. */
    int dimension();

    /**
     * The log density up to a constant, and its gradient.
     *
     * @param point D coordinates
     * @param gradient D entries, overwritten
     */
    double evaluate(double[] point, double[] gradient);

    /** The mean, D numbers. */
    double[] mean();

    /** The covariance, D x D; a new matrix. */
    DMatrixRMaj covariance();
}

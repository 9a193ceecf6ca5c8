package org.variational.models;

import static org.variational.distribution.Distributions.poissonLog;

import org.variational.model.Model;

/**
 * Poisson regression of counts: {@code y_n ~ Poisson(exposure_n exp(level + (x_n - mean)' coefficients))}.
 *
 * <p>Priors, with c the prior scale, 2.5 unless set: {@code level ~ normal(log of the average rate, c)}, each
 * coefficient {@code normal(0, c / sd(x_k))}, inferred standardised. Where counts vary more than a Poisson distribution
 * allows, use {@link NegativeBinomialRegression}.
 *
 * <p>Quantities: {@code level} (the log rate at the mean predictors), {@code coefficients}; derived: {@code intercept}
 * (the log rate at {@code x = 0}). Data: {@code x}, {@code log_exposure}, {@code y}.
 */
public final class PoissonRegression extends CountRegression {

    private PoissonRegression(Declared declared) {
        super(declared);
    }

    /** A builder, which needs predictors and counts. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors and equal exposures.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y counts, N
     * @throws IllegalArgumentException as {@link #of(double[][], int[], double[])}
     */
    public static Model of(double[][] x, int[] y) {
        return builder().predictors(x).outcome(y).build().model();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y counts, N
     * @param exposure the time, area or population each count was taken over, N, positive
     * @throws IllegalArgumentException if shapes differ, a value is not finite, a column of x is constant, a count is
     *     negative, or an exposure is not positive
     */
    public static Model of(double[][] x, int[] y, double[] exposure) {
        return builder().predictors(x).outcome(y).exposure(exposure).build().model();
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends CountBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors or counts are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, a column of x is constant, a count
         *     is negative, or an exposure is not positive
         */
        public PoissonRegression build() {
            return new PoissonRegression(declare(Model.named("poisson-regression"), logMean -> poissonLog(logMean)));
        }
    }
}

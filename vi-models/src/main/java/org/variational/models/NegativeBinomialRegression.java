package org.variational.models;

import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.negativeBinomialLog;

import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * Negative binomial regression of overdispersed counts: as {@link PoissonRegression}, with variance
 * {@code rate + rate^2 / dispersion}.
 *
 * <p>Prior: {@code dispersion ~ gamma(2, 0.1)}, which has no mass at 0 and little beyond 100, where the distribution is
 * Poisson in effect. Those of level and coefficients are as in {@link PoissonRegression}.
 *
 * <p>Quantities: {@code dispersion}, {@code level} (the log rate at the mean predictors), {@code coefficients};
 * derived: {@code intercept} (the log rate at {@code x = 0}). Data: {@code x}, {@code log_exposure}, {@code y}.
 */
public final class NegativeBinomialRegression extends CountRegression {

    private NegativeBinomialRegression(Declared declared) {
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
        public NegativeBinomialRegression build() {
            ModelBuilder m = Model.named("negative-binomial-regression");
            Expr dispersion = m.parameter("dispersion", gamma(2, 0.1));
            return new NegativeBinomialRegression(declare(m, logMean -> negativeBinomialLog(logMean, dispersion)));
        }
    }
}

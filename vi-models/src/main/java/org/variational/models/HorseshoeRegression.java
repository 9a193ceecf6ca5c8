package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.inverseGamma;
import static org.variational.distribution.Distributions.normal;

import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Linear regression in which few of many predictors matter: the regularised horseshoe of Piironen and Vehtari (2017,
 * doi:10.1214/17-EJS1337SI).
 *
 * <p>On predictors of standard deviation 1, the coefficient k is {@code z_k shrunk_k tau sigma} with
 * {@code shrunk_k = slab lambda_k / sqrt(slab^2 + (tau sigma lambda_k)^2)}: small ones are shrunk towards 0 by tau,
 * large ones are held by the slab. Priors, with s the standard deviation of y and c the prior scale, 2.5 unless set:
 * {@code z_k ~ normal(0, 1)}, {@code lambda_k ~ halfCauchy(1)}, {@code tau ~ halfCauchy(p0 / ((K - p0) sqrt(N)))} for
 * p0 coefficients expected to matter, {@code slab^2 ~ inverseGamma(2, 2 (c s)^2)}, {@code level ~ normal(mean(y), c
 * s)}, {@code sigma ~ exponential(1 / s)}.
 *
 * <p>Quantities: {@code level} (the expected outcome at the mean predictors), {@code sigma}, {@code tau}; derived:
 * {@code coefficients} (on the predictors as given), {@code intercept} (the expected outcome at {@code x = 0});
 * auxiliary: {@code lambda}, {@code slab_squared}, {@code z}. Data: {@code x}, {@code y}.
 */
public final class HorseshoeRegression extends LinearModel {

    private HorseshoeRegression(Model model, Expr expected, LinearPredictor predictor) {
        super(model, expected, predictor);
    }

    /** A builder, which needs predictors, outcomes and the number of coefficients expected to matter. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K with N and K at least 2, without a column of ones
     * @param y outcomes, N
     * @param expectedNonzero how many coefficients are expected to matter, between 0 and K, both excluded
     * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant, or the
     *     expected number is out of range
     */
    public static Model of(double[][] x, double[] y, double expectedNonzero) {
        return builder()
                .predictors(x)
                .outcome(y)
                .expectedNonzero(expectedNonzero)
                .build()
                .model();
    }

    /** Settings; mutable, for one thread. The prior scale is that of level and slab. */
    public static final class Builder extends RegressionBuilder<Builder> {

        private double @Nullable [] y;
        private double expectedNonzero = Double.NaN;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** The outcomes, N at least 2. */
        public Builder outcome(double[] outcomes) {
            y = outcomes;
            return this;
        }

        /** How many coefficients are expected to matter, between 0 and K, both excluded. */
        public Builder expectedNonzero(double number) {
            expectedNonzero = number;
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant, or
         *     the expected number is missing or out of range
         */
        public HorseshoeRegression build() {
            double[] outcomes = Inputs.given(y, "outcome(y)");
            Inputs.requireSeries("y", outcomes, 2);
            LinearPredictor predictor = predictor(outcomes.length);
            double scale = Inputs.scale("y", outcomes);
            int columns = predictor.columns();
            if (!(expectedNonzero > 0 && expectedNonzero < columns)) {
                throw new IllegalArgumentException("expectedNonzero must be between 0 and the number of predictors "
                        + columns + ", both excluded, got " + expectedNonzero);
            }
            double globalScale = expectedNonzero / ((columns - expectedNonzero) * Math.sqrt(outcomes.length));
            double slabScale = scaleOfPriors() * scale;
            ModelBuilder m = Model.named("horseshoe-regression");
            Expr level = m.parameter(
                    "level", normal(Inputs.mean(outcomes), slabScale).nonCentered());
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            Expr tau = m.parameter("tau", halfCauchy(globalScale));
            Expr lambda = m.parameter("lambda", halfCauchy(1), predictor.names());
            Expr slabSquared = m.parameter("slab_squared", inverseGamma(2, 2 * slabScale * slabScale));
            Expr z = m.parameter("z", normal(0, 1), predictor.names());
            m.auxiliary("lambda", "slab_squared", "z");
            Expr unregularised = lambda.times(tau.times(sigma));
            Expr regularised = unregularised
                    .square()
                    .times(slabSquared.reciprocal())
                    .log1p()
                    .times(-0.5)
                    .exp()
                    .times(unregularised);
            Expr coefficients =
                    m.derived("coefficients", z.times(regularised).times(predictor.reciprocalSds()), predictor.names());
            Expr intercept = predictor.intercept(m, level, coefficients);
            Rows rows = m.rows(outcomes.length);
            Expr expected = predictor.slopes(rows, coefficients).plus(intercept);
            rows.observe("y", normal(expected, sigma), outcomes);
            return new HorseshoeRegression(m.build(), expected, predictor);
        }
    }
}

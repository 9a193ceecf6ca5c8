package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Linear regression with normal noise: {@code y_n ~ normal(level + (x_n - mean)' coefficients, sigma)}.
 *
 * <p>Priors, with s the standard deviation of y and c the prior scale, 2.5 unless set: {@code level ~ normal(mean(y), c
 * s)}, each coefficient {@code normal(0, c s / sd(x_k))}, {@code sigma ~ exponential(1 / s)}. Level and coefficients
 * are inferred standardised.
 *
 * <p>Quantities: {@code level} (the expected outcome at the mean predictors), {@code coefficients}, {@code sigma};
 * derived: {@code intercept} (the expected outcome at {@code x = 0}). Data: {@code x}, {@code y}.
 */
public final class LinearRegression extends LinearModel {

    private LinearRegression(Model model, Expr expected, LinearPredictor predictor) {
        super(model, expected, predictor);
    }

    /** A builder, which needs predictors and outcomes. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K with N at least 2, without a column of ones
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y) {
        return builder().predictors(x).outcome(y).build().model();
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends RegressionBuilder<Builder> {

        private double @Nullable [] y;

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

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
         */
        public LinearRegression build() {
            double[] outcomes = Inputs.given(y, "outcome(y)");
            Inputs.requireSeries("y", outcomes, 2);
            LinearPredictor predictor = predictor(outcomes.length);
            double scale = Inputs.scale("y", outcomes);
            double wide = scaleOfPriors() * scale;
            ModelBuilder m = Model.named("linear-regression");
            Expr level =
                    m.parameter("level", normal(Inputs.mean(outcomes), wide).nonCentered());
            Expr coefficients = predictor.coefficients(m, wide);
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            Expr intercept = predictor.intercept(m, level, coefficients);
            Rows rows = m.rows(outcomes.length);
            Expr expected = predictor.slopes(rows, coefficients).plus(intercept);
            rows.observe("y", normal(expected, sigma), outcomes);
            return new LinearRegression(m.build(), expected, predictor);
        }
    }
}

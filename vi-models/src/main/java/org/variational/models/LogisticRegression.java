package org.variational.models;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.normal;

import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Logistic regression of a binary outcome: {@code log odds of y_n = 1 are level + (x_n - mean)' coefficients}.
 *
 * <p>Priors, with c the prior scale, 2.5 unless set: {@code level ~ normal(0, c)}, each coefficient
 * {@code normal(0, c / sd(x_k))}, inferred standardised. They keep the posterior proper where the outcomes are
 * separable, and are those of Gelman, Jakulin, Pittau and Su (2008, doi:10.1214/08-AOAS191) with normal instead of
 * Cauchy tails.
 *
 * <p>Quantities: {@code level} (the log odds at the mean predictors), {@code coefficients}; derived: {@code intercept}
 * (the log odds at {@code x = 0}). Data: {@code x}, {@code y}. The expected outcome is the probability of 1.
 */
public final class LogisticRegression extends LinearModel {

    private LogisticRegression(Model model, Expr expected, LinearPredictor predictor) {
        super(model, expected, predictor);
    }

    /** A builder, which needs predictors and outcomes. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y outcomes, N, each 0 or 1
     * @throws IllegalArgumentException if shapes differ, a predictor is not finite, a column of x is constant, or an
     *     outcome is neither 0 nor 1
     */
    public static Model of(double[][] x, int[] y) {
        return builder().predictors(x).outcome(y).build().model();
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder extends RegressionBuilder<Builder> {

        private int @Nullable [] y;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** The outcomes, N, each 0 or 1. */
        public Builder outcome(int[] outcomes) {
            y = outcomes;
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if predictors or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a predictor is not finite, a column of x is constant, or
         *     an outcome is neither 0 nor 1
         */
        public LogisticRegression build() {
            int[] outcomes = Inputs.given(y, "outcome(y)");
            LinearPredictor predictor = predictor(outcomes.length);
            ModelBuilder m = Model.named("logistic-regression");
            Expr level = m.parameter("level", normal(0, scaleOfPriors()).nonCentered());
            Expr coefficients = predictor.coefficients(m, scaleOfPriors());
            Expr intercept = predictor.intercept(m, level, coefficients);
            Rows rows = m.rows(outcomes.length);
            Expr logOdds = predictor.slopes(rows, coefficients).plus(intercept);
            rows.observe("y", bernoulliLogit(logOdds), outcomes);
            return new LogisticRegression(m.build(), logOdds.logistic(), predictor);
        }
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.normal;

import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Logistic regression of a binary outcome: {@code log odds of y_n = 1 are level + (x_n - mean)' coefficients}.
 *
 * <p>Priors: {@code level ~ normal(0, 2.5)}, each coefficient {@code normal(0, 2.5 / sd(x_k))}, inferred standardised. They
 * keep the posterior proper where the outcomes are separable, and are those of Gelman, Jakulin, Pittau and Su (2008,
 * doi:10.1214/08-AOAS191) with normal instead of Cauchy tails.
 *
 * <p>Quantities: {@code level} (the log odds at the mean predictors), {@code coefficients}; derived: {@code intercept} (the
 * log odds at {@code x = 0}). Data: {@code x}, {@code y}.
 */
public final class LogisticRegression {

    private LogisticRegression() {}

    /**
     * Declares the model.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y outcomes, N, each 0 or 1
     * @throws IllegalArgumentException if shapes differ, a predictor is not finite, a column of x is constant, or an outcome
     *     is neither 0 nor 1
     */
    public static Model of(double[][] x, int[] y) {
        Inputs.requirePredictors(x, y.length);
        LinearPredictor predictor = new LinearPredictor(x);
        ModelBuilder m = Model.named("logistic-regression");
        Expr level = m.parameter("level", normal(0, 2.5).nonCentered());
        Expr coefficients = predictor.coefficients(m, 2.5);
        Expr intercept = predictor.intercept(m, level, coefficients);
        Rows rows = m.rows(y.length);
        rows.observe("y", bernoulliLogit(predictor.slopes(rows, coefficients).plus(intercept)), y);
        return m.build();
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Linear regression with normal noise: {@code y_n ~ normal(level + (x_n - mean)' coefficients, sigma)}.
 *
 * <p>Priors, with s the standard deviation of y: {@code level ~ normal(mean(y), 2.5 s)}, each coefficient
 * {@code normal(0, 2.5 s / sd(x_k))}, {@code sigma ~ exponential(1 / s)}. Level and coefficients are inferred standardised.
 *
 * <p>Quantities: {@code level} (the expected outcome at the mean predictors), {@code coefficients}, {@code sigma}; derived:
 * {@code intercept} (the expected outcome at {@code x = 0}). Data: {@code x}, {@code y}.
 */
public final class LinearRegression {

    private LinearRegression() {}

    /**
     * Declares the model.
     *
     * @param x predictors, N x K with N at least 2, without a column of ones
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y) {
        Inputs.requireSeries("y", y, 2);
        Inputs.requirePredictors(x, y.length);
        double scale = Inputs.scale("y", y);
        LinearPredictor predictor = new LinearPredictor(x);
        ModelBuilder m = Model.named("linear-regression");
        Expr level = m.parameter("level", normal(Inputs.mean(y), 2.5 * scale).nonCentered());
        Expr coefficients = predictor.coefficients(m, 2.5 * scale);
        Expr sigma = m.parameter("sigma", exponential(1 / scale));
        Expr intercept = predictor.intercept(m, level, coefficients);
        Rows rows = m.rows(y.length);
        rows.observe("y", normal(predictor.slopes(rows, coefficients).plus(intercept), sigma), y);
        return m.build();
    }
}

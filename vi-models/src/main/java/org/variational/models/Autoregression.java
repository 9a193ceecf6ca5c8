package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * The autoregressive model AR(p) of a time series, given its first p values:
 * {@code y_t ~ normal(level + sum_k coefficients_k (y_{t-k} - mean(y)), sigma)}.
 *
 * <p>Priors, with s the standard deviation of y: {@code level ~ normal(mean(y), 2.5 s)}, each coefficient
 * {@code normal(0, 0.5)}, {@code sigma ~ exponential(1 / s)}. The coefficients are not confined to stationary ones.
 *
 * <p>Quantities: {@code level} (the expected value after values at the mean), {@code coefficients} (of lags 1 to p),
 * {@code sigma}; derived: {@code intercept} (the expected value after values of 0). Data: {@code lags}, {@code y}.
 */
public final class Autoregression {

    private Autoregression() {}

    /**
     * Declares the model.
     *
     * @param y the series in order of time, T
     * @param order the number of lags p, at least 1 and less than T - 1
     * @throws IllegalArgumentException if the order is out of range, the series is constant, or a value is not finite
     */
    public static Model of(double[] y, int order) {
        if (order < 1) {
            throw new IllegalArgumentException("order must be at least 1, got " + order);
        }
        Inputs.requireSeries("y", y, order + 2);
        double scale = Inputs.scale("y", y);
        double mean = Inputs.mean(y);
        double[][] lags = new double[y.length - order][order];
        for (int t = order; t < y.length; t++) {
            for (int k = 0; k < order; k++) {
                lags[t - order][k] = y[t - 1 - k];
            }
        }
        ModelBuilder m = Model.named("autoregression");
        Expr level = m.parameter("level", normal(mean, 2.5 * scale).nonCentered());
        Expr coefficients = m.parameter("coefficients", normal(0, 0.5), order);
        Expr sigma = m.parameter("sigma", exponential(1 / scale));
        Expr intercept = m.derived("intercept", level.minus(coefficients.sum().times(mean)));
        Rows times = m.rows(lags.length);
        Expr expected = times.data("lags", lags).matmul(coefficients).plus(intercept);
        times.observe("y", normal(expected, sigma), Arrays.copyOfRange(y, order, y.length));
        return m.build();
    }
}

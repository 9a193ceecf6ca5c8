package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * The autoregressive model AR(p) of a time series, given its first p values:
 * {@code y_t ~ normal(level + sum_k coefficients_k (y_{t-k} - mean(y)), sigma)}.
 *
 * <p>Priors, with s the standard deviation of y and c the coefficient scale, 0.5 unless set:
 * {@code level ~ normal(mean(y), 2.5 s)}, each coefficient {@code normal(0, c)}, {@code sigma ~ exponential(1 / s)}.
 * The coefficients are not confined to stationary ones.
 *
 * <p>Quantities: {@code level} (the expected value after values at the mean), {@code coefficients} (of lags 1 to p),
 * {@code sigma}; derived: {@code intercept} (the expected value after values of 0). Data: {@code lags}, {@code y}.
 */
public final class Autoregression implements TimeSeries {

    private final Model model;
    private final double[] last;

    private Autoregression(Model model, double[] last) {
        this.model = model;
        this.last = last;
    }

    /** A builder, which needs the series and the order. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param y the series in order of time, T
     * @param order the number of lags p, at least 1 and less than T - 1
     * @throws IllegalArgumentException if the order is out of range, the series is constant, or a value is not finite
     */
    public static Model of(double[] y, int order) {
        return builder().series(y).order(order).build().model();
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public DMatrixRMaj forecast(Posterior posterior, int steps, long seed) {
        Prediction.requireOf(model, posterior);
        Prediction.requireSteps(steps);
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj intercept = posterior.drawsOf("intercept");
        DMatrixRMaj coefficients = posterior.drawsOf("coefficients");
        DMatrixRMaj sigma = posterior.drawsOf("sigma");
        int order = last.length;
        DMatrixRMaj future = new DMatrixRMaj(steps, posterior.size());
        double[] path = Arrays.copyOf(last, order + steps);
        for (int s = 0; s < posterior.size(); s++) {
            for (int t = 0; t < steps; t++) {
                double expected = intercept.get(0, s);
                for (int k = 0; k < order; k++) {
                    expected += coefficients.get(k, s) * path[order + t - 1 - k];
                }
                path[order + t] = expected + sigma.get(0, s) * random.nextGaussian();
                future.set(t, s, path[order + t]);
            }
        }
        return future;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [] y;
        private int order;
        private double coefficientScale = 0.5;

        private Builder() {}

        /** The series in order of time, T. */
        public Builder series(double[] values) {
            y = values;
            return this;
        }

        /** The number of lags p, at least 1 and less than T - 1. */
        public Builder order(int lags) {
            order = lags;
            return this;
        }

        /**
         * The standard deviation of the coefficients' priors, 0.5 unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder coefficientScale(double scale) {
            coefficientScale = Inputs.requirePositive("coefficientScale", scale);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if the series is missing
         * @throws IllegalArgumentException if the order is missing or out of range, the series is constant, or a value
         *     is not finite
         */
        public Autoregression build() {
            double[] values = Inputs.given(y, "series(y)");
            if (order < 1) {
                throw new IllegalArgumentException("order must be at least 1, got " + order);
            }
            Inputs.requireSeries("y", values, order + 2);
            double scale = Inputs.scale("y", values);
            double mean = Inputs.mean(values);
            double[][] lags = new double[values.length - order][order];
            for (int t = order; t < values.length; t++) {
                for (int k = 0; k < order; k++) {
                    lags[t - order][k] = values[t - 1 - k];
                }
            }
            ModelBuilder m = Model.named("autoregression");
            Expr level = m.parameter("level", normal(mean, 2.5 * scale).nonCentered());
            Expr coefficients = m.parameter("coefficients", normal(0, coefficientScale), order);
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            Expr intercept =
                    m.derived("intercept", level.minus(coefficients.sum().times(mean)));
            Rows times = m.rows(lags.length);
            Expr expected = times.data("lags", lags).matmul(coefficients).plus(intercept);
            times.observe("y", normal(expected, sigma), Arrays.copyOfRange(values, order, values.length));
            return new Autoregression(m.build(), Arrays.copyOfRange(values, values.length - order, values.length));
        }
    }
}

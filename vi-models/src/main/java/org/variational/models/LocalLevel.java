package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.posterior.Posterior;

/**
 * The local level model of a time series: a random walk seen through noise,
 * {@code level_t ~ normal(level_{t-1}, level_sd)}, {@code y_t ~ normal(level_t, sigma)} (Durbin and Koopman 2012,
 * chapter 2).
 *
 * <p>Priors, with s the standard deviation of y: {@code initial ~ normal(mean(y), 2.5 s)},
 * {@code level_sd ~ exponential(1 / (c s))} with c 1 unless set, {@code sigma ~ exponential(1 / s)}. The steps of the
 * walk are inferred standardised.
 *
 * <p>Quantities: {@code initial} (the first level), {@code level_sd}, {@code sigma}; derived: {@code level} (T);
 * auxiliary: {@code steps} (standardised, T - 1). Data: {@code y}.
 */
public final class LocalLevel implements TimeSeries {

    private final Model model;

    private LocalLevel(Model model) {
        this.model = model;
    }

    /** A builder, which needs the series. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param y the series in order of time, T at least 3
     * @throws IllegalArgumentException if the series is too short or constant, or a value is not finite
     */
    public static Model of(double[] y) {
        return builder().series(y).build().model();
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
        DMatrixRMaj level = posterior.drawsOf("level");
        DMatrixRMaj levelSd = posterior.drawsOf("level_sd");
        DMatrixRMaj sigma = posterior.drawsOf("sigma");
        DMatrixRMaj future = new DMatrixRMaj(steps, posterior.size());
        for (int s = 0; s < posterior.size(); s++) {
            double now = level.get(level.numRows - 1, s);
            for (int t = 0; t < steps; t++) {
                now += levelSd.get(0, s) * random.nextGaussian();
                future.set(t, s, now + sigma.get(0, s) * random.nextGaussian());
            }
        }
        return future;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [] y;
        private double stepScale = 1;

        private Builder() {}

        /** The series in order of time, T at least 3. */
        public Builder series(double[] values) {
            y = values;
            return this;
        }

        /**
         * The prior mean of the steps' standard deviation as a multiple of that of the series; 1 unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder stepScale(double scale) {
            stepScale = Inputs.requirePositive("stepScale", scale);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if the series is missing
         * @throws IllegalArgumentException if the series is too short or constant, or a value is not finite
         */
        public LocalLevel build() {
            double[] values = Inputs.given(y, "series(y)");
            Inputs.requireSeries("y", values, 3);
            double scale = Inputs.scale("y", values);
            ModelBuilder m = Model.named("local-level");
            Expr initial = m.parameter(
                    "initial", normal(Inputs.mean(values), 2.5 * scale).nonCentered());
            Expr levelSd = m.parameter("level_sd", exponential(1 / (stepScale * scale)));
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            Expr steps = m.parameter("steps", normal(0, 1), values.length - 1);
            m.auxiliary("steps");
            Expr walk = Expr.concatenate(Expr.constant(0), steps.cumulativeSum());
            Expr level = m.derived("level", walk.times(levelSd).plus(initial));
            m.observe("y", normal(level, sigma), values);
            return new LocalLevel(m.build());
        }
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.uniform;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.posterior.Posterior;

/**
 * The GARCH(1,1) model of returns whose variance changes over time (Bollerslev 1986, doi:10.1016/0304-4076(86)90063-1):
 * {@code y_t ~ normal(mu, sqrt(v_t))}, {@code v_t = alpha0 + alpha1 (y_{t-1} - mu)^2 + beta1 v_{t-1}}, with {@code v_1}
 * the sample variance.
 *
 * <p>It is declared by the long-run standard deviation {@code sqrt(alpha0 / (1 - alpha1 - beta1))}, the persistence
 * {@code alpha1 + beta1} and the share of alpha1 in it, which the data tell apart better than the three coefficients.
 * Priors, with s the standard deviation of y: {@code mu ~ normal(mean(y), s)}, {@code long_run_sd ~ logNormal(log s,
 * 1)}, {@code persistence ~ beta(1, 1)} unless set and {@code shock_share ~ uniform(0, 1)}, so that the variance is
 * stationary.
 *
 * <p>Quantities: {@code mu}, {@code long_run_sd}, {@code persistence}, {@code shock_share}; derived: {@code alpha0},
 * {@code alpha1}, {@code beta1}, {@code volatility} ({@code sqrt(v_t)}, T). Data: {@code previous} ({@code y_1} to
 * {@code y_{T-1}}), {@code y}.
 */
public final class Garch11 implements TimeSeries {

    private final Model model;
    private final double last;

    private Garch11(Model model, double last) {
        this.model = model;
        this.last = last;
    }

    /** A builder, which needs the series. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model of a series.
     *
     * @param y returns in order of time, T at least 3
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
        DMatrixRMaj mu = posterior.drawsOf("mu");
        DMatrixRMaj alpha0 = posterior.drawsOf("alpha0");
        DMatrixRMaj alpha1 = posterior.drawsOf("alpha1");
        DMatrixRMaj beta1 = posterior.drawsOf("beta1");
        DMatrixRMaj volatility = posterior.drawsOf("volatility");
        DMatrixRMaj future = new DMatrixRMaj(steps, posterior.size());
        for (int s = 0; s < posterior.size(); s++) {
            double sd = volatility.get(volatility.numRows - 1, s);
            double variance = sd * sd;
            double shock = last - mu.get(0, s);
            for (int t = 0; t < steps; t++) {
                variance = alpha0.get(0, s) + alpha1.get(0, s) * shock * shock + beta1.get(0, s) * variance;
                shock = Math.sqrt(variance) * random.nextGaussian();
                future.set(t, s, mu.get(0, s) + shock);
            }
        }
        return future;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [] y;
        private double persistenceA = 1;
        private double persistenceB = 1;

        private Builder() {}

        /** Returns in order of time, T at least 3. */
        public Builder series(double[] values) {
            y = values;
            return this;
        }

        /**
         * The parameters of the persistence's prior, {@code beta(a, b)}; 1 and 1, which is uniform, unless set. Daily
         * returns of financial markets have persistences near 1: {@code persistence(20, 1.5)} says so.
         *
         * @throws IllegalArgumentException if one of them is not positive and finite
         */
        public Builder persistence(double a, double b) {
            persistenceA = Inputs.requirePositive("a of the persistence", a);
            persistenceB = Inputs.requirePositive("b of the persistence", b);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if the series is missing
         * @throws IllegalArgumentException if the series is too short or constant, or a value is not finite
         */
        public Garch11 build() {
            double[] values = Inputs.given(y, "series(y)");
            Inputs.requireSeries("y", values, 3);
            double scale = Inputs.scale("y", values);
            int times = values.length;
            ModelBuilder m = Model.named("garch11");
            Expr mu = m.parameter("mu", normal(Inputs.mean(values), scale).nonCentered());
            Expr longRunSd = m.parameter("long_run_sd", logNormal(Math.log(scale), 1));
            Expr persistence = m.parameter("persistence", beta(persistenceA, persistenceB));
            Expr share = m.parameter("shock_share", uniform(0, 1));
            Expr alpha0 = m.derived(
                    "alpha0", longRunSd.square().times(persistence.negate().plus(1)));
            Expr alpha1 = m.derived("alpha1", persistence.times(share));
            Expr beta1 = m.derived("beta1", persistence.minus(alpha1));
            Expr previous = m.data("previous", Arrays.copyOf(values, times - 1));
            Expr shocks = previous.minus(mu).square().times(alpha1).plus(alpha0);
            Expr first = Expr.constant(scale * scale);
            Expr later = Expr.scan(
                    first, shocks, (variance, shock) -> variance.times(beta1).plus(shock));
            Expr volatility =
                    m.derived("volatility", Expr.concatenate(first, later).sqrt());
            m.observe("y", normal(mu, volatility), values);
            return new Garch11(m.build(), values[times - 1]);
        }
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * The local level model of a time series: a random walk seen through noise,
 * {@code level_t ~ normal(level_{t-1}, level_sd)}, {@code y_t ~ normal(level_t, sigma)} (Durbin and Koopman 2012, chapter 2).
 *
 * <p>Priors, with s the standard deviation of y: {@code initial ~ normal(mean(y), 2.5 s)}, {@code level_sd} and
 * {@code sigma ~ exponential(1 / s)}. The steps of the walk are inferred standardised.
 *
 * <p>Quantities: {@code initial} (the first level), {@code level_sd}, {@code sigma}, {@code steps} (standardised, T - 1);
 * derived: {@code level} (T). Data: {@code y}.
 */
public final class LocalLevel {

    private LocalLevel() {}

    /**
     * Declares the model.
     *
     * @param y the series in order of time, T at least 3
     * @throws IllegalArgumentException if the series is too short or constant, or a value is not finite
     */
    public static Model of(double[] y) {
        Inputs.requireSeries("y", y, 3);
        double scale = Inputs.scale("y", y);
        ModelBuilder m = Model.named("local-level");
        Expr initial =
                m.parameter("initial", normal(Inputs.mean(y), 2.5 * scale).nonCentered());
        Expr levelSd = m.parameter("level_sd", exponential(1 / scale));
        Expr sigma = m.parameter("sigma", exponential(1 / scale));
        Expr steps = m.parameter("steps", normal(0, 1), y.length - 1);
        Expr walk = Expr.concatenate(Expr.constant(0), steps.cumulativeSum());
        Expr level = m.derived("level", walk.times(levelSd).plus(initial));
        m.observe("y", normal(level, sigma), y);
        return m.build();
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.uniform;

import java.util.Arrays;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * The GARCH(1,1) model of returns whose variance changes over time (Bollerslev 1986, doi:10.1016/0304-4076(86)90063-1):
 * {@code y_t ~ normal(mu, sqrt(v_t))}, {@code v_t = alpha0 + alpha1 (y_{t-1} - mu)^2 + beta1 v_{t-1}}, with {@code v_1} the
 * sample variance.
 *
 * <p>It is declared by the long-run standard deviation {@code sqrt(alpha0 / (1 - alpha1 - beta1))}, the persistence
 * {@code alpha1 + beta1} and the share of alpha1 in it, which the data tell apart better than the three coefficients. Priors,
 * with s the standard deviation of y: {@code mu ~ normal(mean(y), s)}, {@code long_run_sd ~ logNormal(log s, 1)},
 * {@code persistence} and {@code shock_share ~ uniform(0, 1)}, so that the variance is stationary.
 *
 * <p>Quantities: {@code mu}, {@code long_run_sd}, {@code persistence}, {@code shock_share}; derived: {@code alpha0},
 * {@code alpha1}, {@code beta1}, {@code volatility} ({@code sqrt(v_t)}, T). Data: {@code previous} ({@code y_1} to
 * {@code y_{T-1}}), {@code y}.
 */
public final class Garch11 {

    private Garch11() {}

    /**
     * Declares the model.
     *
     * @param y returns in order of time, T at least 3
     * @throws IllegalArgumentException if the series is too short or constant, or a value is not finite
     */
    public static Model of(double[] y) {
        Inputs.requireSeries("y", y, 3);
        double scale = Inputs.scale("y", y);
        ModelBuilder m = Model.named("garch11");
        Expr mu = m.parameter("mu", normal(Inputs.mean(y), scale).nonCentered());
        Expr longRunSd = m.parameter("long_run_sd", logNormal(Math.log(scale), 1));
        Expr persistence = m.parameter("persistence", uniform(0, 1));
        Expr share = m.parameter("shock_share", uniform(0, 1));
        Expr alpha0 = m.derived(
                "alpha0", longRunSd.square().times(persistence.negate().plus(1)));
        Expr alpha1 = m.derived("alpha1", persistence.times(share));
        Expr beta1 = m.derived("beta1", persistence.minus(alpha1));
        Expr previous = m.data("previous", Arrays.copyOf(y, y.length - 1));
        Expr shocks = previous.minus(mu).square().times(alpha1).plus(alpha0);
        Expr first = Expr.constant(scale * scale);
        Expr later = Expr.scan(
                first, shocks, (variance, shock) -> variance.times(beta1).plus(shock));
        Expr volatility = m.derived("volatility", Expr.concatenate(first, later).sqrt());
        m.observe("y", normal(mu, volatility), y);
        return m.build();
    }
}

package org.variational.lab.simulated;

import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.special.Beta;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * Stochastic volatility: returns whose log variance is an autoregression of order one.
 *
 * @see <a href="https://doi.org/10.1111/1467-937X.00050">Kim, Shephard and Chib (1998)</a>
 */
final class Volatility implements LatentPosterior {

    private static final double PRIOR_SD_OF_MEAN = 2;
    private static final double PRIOR_A = 20;
    private static final double PRIOR_B = 1.5;
    private static final double PRIOR_SD_OF_SHOCKS = 0.5;
    private static final double TRUE_MEAN = -0.5;
    private static final double TRUE_PERSISTENCE = 0.96;
    private static final double TRUE_SHOCK = 0.25;

    private final double[] returns;

    private Volatility(double[] returns) {
        this.returns = returns;
    }

    static Volatility of(int length, long seed) {
        Simulator random = new Simulator(seed, "volatility " + length);
        double[] returns = new double[length];
        double deviation = TRUE_SHOCK / Math.sqrt(1 - TRUE_PERSISTENCE * TRUE_PERSISTENCE) * random.normal();
        for (int t = 0; t < length; t++) {
            returns[t] = Simulator.rounded(StrictMath.exp((TRUE_MEAN + deviation) / 2) * random.normal());
            deviation = TRUE_PERSISTENCE * deviation + TRUE_SHOCK * random.normal();
        }
        return new Volatility(returns);
    }

    @Override
    public Model model() {
        int n = returns.length;
        ModelBuilder m = Model.named("stochastic volatility");
        Expr mu = m.parameter("mu", normal(0, PRIOR_SD_OF_MEAN));
        Expr half = m.parameter("half_persistence", beta(PRIOR_A, PRIOR_B));
        Expr shock = m.parameter("sd_shock", halfNormal(PRIOR_SD_OF_SHOCKS));
        Expr h = m.parameter("h", flat(), n);
        Expr phi = m.derived("persistence", half.times(2).minus(1));
        Expr first = shock.dividedBy(phi.square().negate().plus(1).sqrt());
        m.addLogDensity(normal(mu, first).logDensity(h.element(0)));
        Expr mean = h.slice(0, n - 1).minus(mu).times(phi).plus(mu);
        m.addLogDensity(normal(mean, shock).logDensity(h.slice(1, n)));
        m.derived(MEAN_EFFECT, h.mean());
        m.observe("return", normal(Expr.constant(0), h.times(0.5).exp()), returns);
        return m.build();
    }

    @Override
    public int rows() {
        return returns.length;
    }

    @Override
    public List<Outer> outer() {
        double half = (1 + TRUE_PERSISTENCE) / 2;
        return List.of(
                new Outer("mu", Link.IDENTITY, TRUE_MEAN),
                new Outer("half_persistence", Link.LOGIT, Math.log(half / (1 - half))),
                new Outer("sd_shock", Link.LOG, Math.log(TRUE_SHOCK)));
    }

    @Override
    public List<String> latents() {
        return IntStream.range(0, returns.length).mapToObj(t -> "h[" + t + "]").toList();
    }

    @Override
    public Effects effects() {
        return new Effects(0, returns.length);
    }

    @Override
    public int band() {
        return 1;
    }

    @Override
    public boolean integrable() {
        return false;
    }

    @Override
    public Given given(double[] outer) {
        return new LogVariances(outer[0], outer[1], outer[2]);
    }

    private final class LogVariances implements Given {

        private final double mean;
        private final double persistence;
        private final double shock;
        private final double first;
        private final double rest;

        LogVariances(double mean, double logit, double logShock) {
            double half = Link.LOGIT.constrained(logit);
            this.mean = mean;
            this.persistence = 2 * half - 1;
            this.shock = Math.exp(logShock);
            // 1 - persistence^2 is 4 half (1 - half), whose logarithm is that of the transform's slope
            this.first = shock / (2 * Math.exp(Link.LOGIT.jacobian(logit) / 2));
            this.rest = Priors.normal(mean, 0, PRIOR_SD_OF_MEAN)
                    + Priors.halfNormalByLog(logShock, PRIOR_SD_OF_SHOCKS)
                    + PRIOR_A * Math.log(half)
                    + PRIOR_B * Math.log(Link.LOGIT.constrained(-logit))
                    - Beta.logBeta(PRIOR_A, PRIOR_B);
        }

        @Override
        public double logDensity(double[] h) {
            double sum = rest + Priors.normal(h[0], mean, first);
            double square = 0;
            for (int t = 0; t < h.length; t++) {
                sum -= 0.5 * (h[t] + returns[t] * returns[t] * Math.exp(-h[t])) + Priors.HALF_LOG_TWO_PI;
                if (t > 0) {
                    double innovation = h[t] - mean - persistence * (h[t - 1] - mean);
                    square += innovation * innovation;
                }
            }
            return sum - 0.5 * square / (shock * shock) - (h.length - 1) * (Math.log(shock) + Priors.HALF_LOG_TWO_PI);
        }

        @Override
        public void curvature(double[] h, double[] gradient, Band precision) {
            precision.clear();
            double weight = 1 / (shock * shock);
            gradient[0] = -(h[0] - mean) / (first * first);
            precision.add(0, 0, 1 / (first * first));
            for (int t = 0; t < h.length; t++) {
                double scaled = 0.5 * returns[t] * returns[t] * Math.exp(-h[t]);
                if (t > 0) {
                    double innovation = h[t] - mean - persistence * (h[t - 1] - mean);
                    gradient[t] = -weight * innovation;
                    gradient[t - 1] += weight * persistence * innovation;
                    precision.add(t, t, weight);
                    precision.add(t - 1, t - 1, weight * persistence * persistence);
                    precision.add(t, t - 1, -weight * persistence);
                }
                gradient[t] += scaled - 0.5;
                precision.add(t, t, scaled);
            }
        }
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.logNormal;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * Prey and predator by the equations of Lotka and Volterra, seen through noise at equal intervals of time:
 * {@code du/dt = (alpha - beta v) u}, {@code dv/dt = (delta u - gamma) v}, with observations
 * {@code y_t1 ~ logNormal(log u_t, sigma_1)}, {@code y_t2 ~ logNormal(log v_t, sigma_2)}. The equations are solved by
 * the classical Runge-Kutta method of fourth order with a fixed number of steps an interval, so that the density is
 * smooth.
 *
 * <p>Priors, with d the interval and the means of the observed populations as scales: {@code alpha} and
 * {@code gamma ~ logNormal(log(r), 1)}, {@code beta ~ logNormal(log(r / mean predator), 1)},
 * {@code delta ~ logNormal(log(r / mean prey), 1)} with {@code r = 1 / (2 d)} unless set, {@code initial ~
 * logNormal(log of the mean, 1)} for each species, {@code sigma ~ logNormal(-1, 1)}.
 *
 * <p>Quantities: {@code alpha}, {@code beta}, {@code gamma}, {@code delta} (per unit of time), {@code initial} and
 * {@code sigma} (of {@code prey} and {@code predator}); derived: {@code populations} (T x 2: prey, predator). Data:
 * {@code y}. Forecasts have two rows a time.
 */
public final class LotkaVolterra implements TimeSeries {

    private static final Labels SPECIES = Labels.of("species", "prey", "predator");

    private final Model model;
    private final double interval;
    private final int steps;

    private LotkaVolterra(Model model, double interval, int steps) {
        this.model = model;
        this.interval = interval;
        this.steps = steps;
    }

    /** A builder, which needs the populations. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors of populations one unit of time apart.
     *
     * @param y T x 2, prey and predator, positive, T at least 3
     * @throws IllegalArgumentException if there are too few times, a row does not have two numbers, or one is not
     *     positive
     */
    public static Model of(double[][] y) {
        return builder().populations(y).build().model();
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public DMatrixRMaj forecast(Posterior posterior, int times, long seed) {
        Prediction.requireOf(model, posterior);
        Prediction.requireSteps(times);
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj populations = posterior.drawsOf("populations");
        DMatrixRMaj sigma = posterior.drawsOf("sigma");
        DMatrixRMaj[] rates = {
            posterior.drawsOf("alpha"),
            posterior.drawsOf("beta"),
            posterior.drawsOf("gamma"),
            posterior.drawsOf("delta")
        };
        DMatrixRMaj future = new DMatrixRMaj(2 * times, posterior.size());
        double h = interval / steps;
        for (int s = 0; s < posterior.size(); s++) {
            double[] z = {populations.get(populations.numRows - 2, s), populations.get(populations.numRows - 1, s)};
            double[] rate = {rates[0].get(0, s), rates[1].get(0, s), rates[2].get(0, s), rates[3].get(0, s)};
            for (int t = 0; t < times; t++) {
                for (int i = 0; i < steps; i++) {
                    z = step(z, rate, h);
                }
                for (int species = 0; species < 2; species++) {
                    double noise = sigma.get(species, s) * random.nextGaussian();
                    future.set(2 * t + species, s, z[species] * Math.exp(noise));
                }
            }
        }
        return future;
    }

    private static double[] slope(double[] z, double[] rate) {
        return new double[] {(rate[0] - rate[1] * z[1]) * z[0], (rate[3] * z[0] - rate[2]) * z[1]};
    }

    private static double[] moved(double[] z, double[] slope, double h) {
        return new double[] {z[0] + h * slope[0], z[1] + h * slope[1]};
    }

    private static double[] step(double[] z, double[] rate, double h) {
        double[] k1 = slope(z, rate);
        double[] k2 = slope(moved(z, k1, h / 2), rate);
        double[] k3 = slope(moved(z, k2, h / 2), rate);
        double[] k4 = slope(moved(z, k3, h), rate);
        double[] next = new double[2];
        for (int i = 0; i < 2; i++) {
            next[i] = z[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
        }
        return next;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [][] y;
        private double interval = 1;
        private double rate = Double.NaN;
        private int steps = 20;

        private Builder() {}

        /** The populations in order of time, T x 2, prey and predator, positive, T at least 3. */
        public Builder populations(double[][] preyAndPredator) {
            y = preyAndPredator;
            return this;
        }

        /**
         * The time between observations; 1 unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder interval(double time) {
            interval = Inputs.requirePositive("interval", time);
            return this;
        }

        /**
         * The median r of the rates' priors, per unit of time; half of one over the interval unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder medianRate(double perTime) {
            rate = Inputs.requirePositive("medianRate", perTime);
            return this;
        }

        /**
         * The number of Runge-Kutta steps an interval; 20 unless set.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder stepsPerInterval(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("stepsPerInterval must be at least 1, got " + count);
            }
            steps = count;
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if populations are missing
         * @throws IllegalArgumentException if there are too few times, a row does not have two numbers, or one is not
         *     positive
         */
        public LotkaVolterra build() {
            double[][] values = Inputs.given(y, "populations(y)");
            if (values.length < 3) {
                throw new IllegalArgumentException(
                        "populations has " + values.length + " rows, but at least 3 times are needed");
            }
            double[] mean = new double[2];
            for (int t = 0; t < values.length; t++) {
                if (values[t].length != 2) {
                    throw new IllegalArgumentException("populations[" + t + "] has " + values[t].length
                            + " numbers, but must have 2, prey and predator");
                }
                for (int i = 0; i < 2; i++) {
                    mean[i] +=
                            Inputs.requirePositive("populations[" + t + "][" + i + "]", values[t][i]) / values.length;
                }
            }
            double r = Double.isNaN(rate) ? 0.5 / interval : rate;
            ModelBuilder m = Model.named("lotka-volterra");
            Expr alpha = m.parameter("alpha", logNormal(Math.log(r), 1));
            Expr beta = m.parameter("beta", logNormal(Math.log(r / mean[1]), 1));
            Expr gamma = m.parameter("gamma", logNormal(Math.log(r), 1));
            Expr delta = m.parameter("delta", logNormal(Math.log(r / mean[0]), 1));
            Expr logMeans = Expr.constant(new double[] {Math.log(mean[0]), Math.log(mean[1])});
            Expr initial = m.parameter("initial", logNormal(logMeans, 1), SPECIES);
            Expr sigma = m.parameter("sigma", logNormal(-1, 1), SPECIES);
            Expr growth = Expr.concatenate(alpha, gamma.negate());
            Expr interaction = Expr.concatenate(beta.negate(), delta);
            Expr populations = m.derived(
                    "populations",
                    solution(initial, growth, interaction, values.length),
                    Labels.numbered(values.length),
                    SPECIES);
            Rows rows = m.rows(values.length);
            rows.observe("y", logNormal(rows.of(populations.log()), sigma), values);
            return new LotkaVolterra(m.build(), interval, steps);
        }

        /** The populations at the observed times, T x 2. */
        private Expr solution(Expr initial, Expr growth, Expr interaction, int times) {
            double half = interval / steps / 2;
            Expr g = growth.times(half);
            Expr c = interaction.times(half);
            Expr clock = Expr.constant(new double[steps * (times - 1)]);
            Expr path = Expr.scan(initial, clock, (z, tick) -> {
                Expr k1 = halfStep(z, g, c);
                Expr k2 = halfStep(z.plus(k1), g, c);
                Expr k3 = halfStep(z.plus(k2), g, c);
                Expr k4 = halfStep(z.plus(k3.times(2)), g, c);
                return z.plus(k1.plus(k2.plus(k3).times(2)).plus(k4).times(1.0 / 3));
            });
            int[] observed = new int[2 * (times - 1)];
            for (int i = 0; i < observed.length; i++) {
                observed[i] = ((i / 2 + 1) * steps - 1) * 2 + i % 2;
            }
            return Expr.concatenate(initial, path.select(observed)).reshape(times, 2);
        }

        /** Half a step times the slope, for rates multiplied by half a step. */
        private static Expr halfStep(Expr z, Expr growth, Expr interaction) {
            return z.times(z.select(1, 0).times(interaction).plus(growth));
        }
    }
}

package org.variational.models;

import static org.variational.constraint.Constraints.ordered;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.posterior.Posterior;

/**
 * A hidden Markov model with K states and normal observations: {@code state_1 ~ categorical(initial)},
 * {@code state_t ~ categorical(transition[state_{t-1}])}, {@code y_t ~ normal(means[state_t], sds[state_t])}. The
 * states are summed out by the forward algorithm (Rabiner 1989, doi:10.1109/5.18626), in {@code T K^2} operations.
 *
 * <p>Priors, with s the standard deviation of y: {@code means_k ~ normal(mean(y), 2 s)}, restricted to increasing
 * order, which removes the symmetry between states and is not renormalised; {@code sds_k ~ logNormal(log(s / 2), 1)};
 * {@code initial ~ dirichlet(1, ..., 1)}; each row of {@code transition} Dirichlet with parameter 1 for other states
 * and, for staying, 1 unless set.
 *
 * <p>Quantities: {@code means}, {@code sds}, {@code initial}; derived: {@code transition} (K x K); auxiliary:
 * {@code from_0} to {@code from_{K-1}} (the rows of {@code transition}). Data: {@code y}. The series is one joint
 * observation, so pointwise likelihoods and prior draws of the model are not available.
 */
public final class HiddenMarkov implements TimeSeries {

    private final Model model;
    private final double[] y;

    private HiddenMarkov(Model model, double[] y) {
        this.model = model;
        this.y = y;
    }

    /** A builder, which needs the series and the number of states. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param y the series in order of time, T at least 3 and at least K
     * @param states the number of states K, at least 2
     * @throws IllegalArgumentException if there are too few values or states, a value is not finite, or y is constant
     */
    public static Model of(double[] y, int states) {
        return builder().series(y).states(states).build().model();
    }

    @Override
    public Model model() {
        return model;
    }

    /**
     * The probability of each state at each time given the series up to that time, averaged over the posterior.
     *
     * @param posterior of a fit of {@link #model()}
     * @return T x K, rows sum to 1
     * @throws IllegalArgumentException if the posterior is of another model
     */
    public DMatrixRMaj filteredProbabilities(Posterior posterior) {
        Chains chains = new Chains(posterior);
        DMatrixRMaj average = new DMatrixRMaj(y.length, chains.states);
        for (int s = 0; s < posterior.size(); s++) {
            addTo(average, chains.filtered(s), posterior.size());
        }
        return average;
    }

    /**
     * The probability of each state at each time given the whole series, averaged over the posterior.
     *
     * @param posterior of a fit of {@link #model()}
     * @return T x K, rows sum to 1
     * @throws IllegalArgumentException if the posterior is of another model
     */
    public DMatrixRMaj stateProbabilities(Posterior posterior) {
        Chains chains = new Chains(posterior);
        DMatrixRMaj average = new DMatrixRMaj(y.length, chains.states);
        for (int s = 0; s < posterior.size(); s++) {
            addTo(average, chains.smoothed(s), posterior.size());
        }
        return average;
    }

    private static void addTo(DMatrixRMaj average, double[][] probabilities, int draws) {
        for (int t = 0; t < probabilities.length; t++) {
            for (int k = 0; k < average.numCols; k++) {
                average.add(t, k, probabilities[t][k] / draws);
            }
        }
    }

    @Override
    public DMatrixRMaj forecast(Posterior posterior, int steps, long seed) {
        Chains chains = new Chains(posterior);
        Prediction.requireSteps(steps);
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj future = new DMatrixRMaj(steps, posterior.size());
        for (int s = 0; s < posterior.size(); s++) {
            double[] now = chains.filtered(s)[y.length - 1];
            int state = Prediction.category(random.nextDouble(), now, 0, 1, chains.states);
            for (int t = 0; t < steps; t++) {
                state = Prediction.category(random.nextDouble(), chains.row(state, s), 0, 1, chains.states);
                future.set(t, s, chains.means.get(state, s) + chains.sds.get(state, s) * random.nextGaussian());
            }
        }
        return future;
    }

    /** The states' recursions at each posterior draw. */
    private final class Chains {

        final DMatrixRMaj means;
        final DMatrixRMaj sds;
        final DMatrixRMaj initial;
        final DMatrixRMaj transition;
        final int states;

        Chains(Posterior posterior) {
            Prediction.requireOf(model, posterior);
            means = posterior.drawsOf("means");
            sds = posterior.drawsOf("sds");
            initial = posterior.drawsOf("initial");
            transition = posterior.drawsOf("transition");
            states = means.numRows;
        }

        double[] row(int from, int s) {
            double[] row = new double[states];
            for (int k = 0; k < states; k++) {
                row[k] = transition.get(from * states + k, s);
            }
            return row;
        }

        private double logEmission(int t, int k, int s) {
            double z = (y[t] - means.get(k, s)) / sds.get(k, s);
            return -Math.log(sds.get(k, s)) - z * z / 2;
        }

        /** Predicts by the transition and conditions on one more value, normalised at each time. */
        double[][] filtered(int s) {
            double[][] filtered = new double[y.length][states];
            for (int t = 0; t < y.length; t++) {
                for (int k = 0; k < states; k++) {
                    double before = t == 0 ? initial.get(k, s) : 0;
                    for (int j = 0; t > 0 && j < states; j++) {
                        before += filtered[t - 1][j] * transition.get(j * states + k, s);
                    }
                    filtered[t][k] = Math.log(before) + logEmission(t, k, s);
                }
                Prediction.normalise(filtered[t]);
            }
            return filtered;
        }

        /** Goes back from the last filtered probabilities: what came after changes those before it by Bayes' rule. */
        double[][] smoothed(int s) {
            double[][] smoothed = filtered(s);
            for (int t = y.length - 2; t >= 0; t--) {
                double[] revised = new double[states];
                for (int k = 0; k < states; k++) {
                    double predicted = 0;
                    for (int j = 0; j < states; j++) {
                        predicted += smoothed[t][j] * transition.get(j * states + k, s);
                    }
                    for (int j = 0; j < states && predicted > 0; j++) {
                        revised[j] +=
                                smoothed[t][j] * transition.get(j * states + k, s) * smoothed[t + 1][k] / predicted;
                    }
                }
                smoothed[t] = revised;
            }
            return smoothed;
        }
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [] y;
        private int states;
        private double stay = 1;

        private Builder() {}

        /** The series in order of time, T at least 3 and at least K. */
        public Builder series(double[] values) {
            y = values;
            return this;
        }

        /** The number of states K, at least 2. */
        public Builder states(int count) {
            states = count;
            return this;
        }

        /**
         * The Dirichlet parameter for staying in a state, 1 unless set; that of each change is 1, so large values say
         * that states last.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder stay(double parameter) {
            stay = Inputs.requirePositive("stay", parameter);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if the series is missing
         * @throws IllegalArgumentException if there are too few values or states, a value is not finite, or y is
         *     constant
         */
        public HiddenMarkov build() {
            double[] values = Inputs.given(y, "series(y)").clone();
            if (states < 2) {
                throw new IllegalArgumentException("states must be at least 2, got " + states);
            }
            Inputs.requireSeries("y", values, Math.max(3, states));
            double scale = Inputs.scale("y", values);
            int times = values.length;
            ModelBuilder m = Model.named("hidden-markov");
            Expr means =
                    m.parameter("means", normal(Inputs.mean(values), 2 * scale).on(ordered()), states);
            Expr sds = m.parameter("sds", logNormal(Math.log(scale / 2), 1), states);
            double[] ones = new double[states];
            Arrays.fill(ones, 1);
            Expr initial = m.parameter("initial", dirichlet(ones), states);
            Expr[] from = new Expr[states];
            Expr[] logFrom = new Expr[states];
            for (int k = 0; k < states; k++) {
                double[] concentration = ones.clone();
                concentration[k] = stay;
                from[k] = m.parameter("from_" + k, dirichlet(concentration), states);
                m.auxiliary("from_" + k);
                logFrom[k] = from[k].log();
            }
            m.derived("transition", Expr.concatenate(from).reshape(states, states));
            Expr emission =
                    normal(means.reshape(1, states), sds.reshape(1, states)).logDensity(m.data("y", values));
            Expr logInto = Expr.concatenate(logFrom).reshape(states, states).transpose();
            Expr first = initial.log().plus(emission.row(0).reshape(states, 1));
            Expr forward = Expr.scan(
                    first,
                    emission.slice(states, states * times).reshape(times - 1, states),
                    (before, now) -> before.reshape(1, states)
                            .plus(logInto)
                            .logSumExpOfRows()
                            .plus(now.reshape(states, 1)));
            m.addLogDensity(forward.row(times - 2).logSumExp());
            return new HiddenMarkov(m.build(), values);
        }
    }
}

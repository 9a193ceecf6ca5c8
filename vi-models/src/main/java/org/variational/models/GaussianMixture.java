package org.variational.models;

import static org.variational.constraint.Constraints.ordered;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.distribution.Distribution;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/**
 * A mixture of K normal distributions of a number: {@code y_n ~ sum_k weights_k normal(means_k, sds_k)}, the component
 * of each observation summed out.
 *
 * <p>Priors, with s the standard deviation of y: {@code means_k ~ normal(mean(y), 2 s)}, restricted to increasing
 * order, which removes the symmetry between components; {@code sds_k ~ logNormal(log(s / 2), 1)}, which keeps a
 * component from collapsing onto one observation; {@code weights ~ dirichlet(c, ..., c)} with c 2 unless set. The
 * restriction to an order is not renormalised, so the log evidence is lower by {@code log K!} than that of the
 * exchangeable model.
 *
 * <p>Quantities: {@code weights}, {@code means}, {@code sds}. Data: {@code y}.
 */
public final class GaussianMixture {

    private final Model model;

    private GaussianMixture(Model model) {
        this.model = model;
    }

    /** A builder, which needs observations and the number of components. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param y observations, N, at least as many as components
     * @param components the number of components K, at least 2
     * @throws IllegalArgumentException if there are too few observations or components, a value is not finite, or y is
     *     constant
     */
    public static Model of(double[] y, int components) {
        return builder().observations(y).components(components).build().model();
    }

    /** The model to fit. */
    public Model model() {
        return model;
    }

    /**
     * Draws of new observations, independent given the parameters.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param count how many observations for each posterior draw, M at least 1
     * @param seed of the draws; the same seed and posterior give the same bits
     * @return M x S
     * @throws IllegalArgumentException if the posterior is of another model, or count is less than 1
     */
    public DMatrixRMaj predict(Posterior posterior, int count, long seed) {
        Prediction.requireOf(model, posterior);
        if (count < 1) {
            throw new IllegalArgumentException("count must be at least 1, got " + count);
        }
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj weights = posterior.drawsOf("weights");
        DMatrixRMaj means = posterior.drawsOf("means");
        DMatrixRMaj sds = posterior.drawsOf("sds");
        int draws = posterior.size();
        DMatrixRMaj outcomes = new DMatrixRMaj(count, draws);
        for (int s = 0; s < draws; s++) {
            for (int n = 0; n < count; n++) {
                int k = Prediction.category(random.nextDouble(), weights.data, s, draws, weights.numRows);
                outcomes.set(n, s, means.get(k, s) + sds.get(k, s) * random.nextGaussian());
            }
        }
        return outcomes;
    }

    /**
     * The probability of each component for observations, new or those of the fit, averaged over the posterior.
     *
     * @param posterior of a fit of {@link #model()}
     * @param y observations, M
     * @return M x K, rows sum to 1
     * @throws IllegalArgumentException if the posterior is of another model, or a value is not finite
     */
    public DMatrixRMaj componentProbabilities(Posterior posterior, double[] y) {
        Prediction.requireOf(model, posterior);
        Inputs.requireSeries("y", y, 0);
        DMatrixRMaj weights = posterior.drawsOf("weights");
        DMatrixRMaj means = posterior.drawsOf("means");
        DMatrixRMaj sds = posterior.drawsOf("sds");
        int components = weights.numRows;
        DMatrixRMaj average = new DMatrixRMaj(y.length, components);
        double[] log = new double[components];
        for (int s = 0; s < posterior.size(); s++) {
            for (int n = 0; n < y.length; n++) {
                for (int k = 0; k < components; k++) {
                    double z = (y[n] - means.get(k, s)) / sds.get(k, s);
                    log[k] = Math.log(weights.get(k, s)) - Math.log(sds.get(k, s)) - z * z / 2;
                }
                Prediction.normalise(log);
                for (int k = 0; k < components; k++) {
                    average.add(n, k, log[k] / posterior.size());
                }
            }
        }
        return average;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [] y;
        private int components;
        private double concentration = 2;

        private Builder() {}

        /** The observations, N, at least as many as components. */
        public Builder observations(double[] values) {
            y = values;
            return this;
        }

        /** The number of components K, at least 2. */
        public Builder components(int count) {
            components = count;
            return this;
        }

        /**
         * The parameter of the weights' Dirichlet prior, 2 unless set; large for equal weights, below 1 for few that
         * matter.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder concentration(double ofEach) {
            concentration = Inputs.requirePositive("concentration", ofEach);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if observations are missing
         * @throws IllegalArgumentException if there are too few observations or components, a value is not finite, or y
         *     is constant
         */
        public GaussianMixture build() {
            double[] values = Inputs.given(y, "observations(y)");
            if (components < 2) {
                throw new IllegalArgumentException("components must be at least 2, got " + components);
            }
            Inputs.requireSeries("y", values, components);
            double scale = Inputs.scale("y", values);
            double[] each = new double[components];
            Arrays.fill(each, concentration);
            ModelBuilder m = Model.named("gaussian-mixture");
            Expr weights = m.parameter("weights", dirichlet(each), components);
            Expr means =
                    m.parameter("means", normal(Inputs.mean(values), 2 * scale).on(ordered()), components);
            Expr sds = m.parameter("sds", logNormal(Math.log(scale / 2), 1), components);
            Distribution[] parts = new Distribution[components];
            for (int k = 0; k < components; k++) {
                parts[k] = normal(means.element(k), sds.element(k));
            }
            Rows rows = m.rows(values.length);
            rows.observe("y", mixture(weights, parts), values);
            return new GaussianMixture(m.build());
        }
    }
}

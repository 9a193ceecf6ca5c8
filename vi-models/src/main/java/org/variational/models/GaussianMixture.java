package org.variational.models;

import static org.variational.constraint.Constraints.ordered;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import org.variational.distribution.Distribution;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * A mixture of K normal distributions of a number: {@code y_n ~ sum_k weights_k normal(means_k, sds_k)}, the component of
 * each observation summed out.
 *
 * <p>Priors, with s the standard deviation of y: {@code means_k ~ normal(mean(y), 2 s)}, restricted to increasing order, which
 * removes the symmetry between components; {@code sds_k ~ logNormal(log(s / 2), 1)}, which keeps a component from collapsing
 * onto one observation; {@code weights ~ dirichlet(2, ..., 2)}. The restriction to an order is not renormalised, so the log
 * evidence is lower by {@code log K!} than that of the exchangeable model.
 *
 * <p>Quantities: {@code weights}, {@code means}, {@code sds}. Data: {@code y}.
 */
public final class GaussianMixture {

    private GaussianMixture() {}

    /**
     * Declares the model.
     *
     * @param y observations, N, at least as many as components
     * @param components the number of components K, at least 2
     * @throws IllegalArgumentException if there are too few observations or components, a value is not finite, or y is
     *     constant
     */
    public static Model of(double[] y, int components) {
        if (components < 2) {
            throw new IllegalArgumentException("components must be at least 2, got " + components);
        }
        Inputs.requireSeries("y", y, components);
        double scale = Inputs.scale("y", y);
        double[] twos = new double[components];
        Arrays.fill(twos, 2);
        ModelBuilder m = Model.named("gaussian-mixture");
        Expr weights = m.parameter("weights", dirichlet(twos), components);
        Expr means = m.parameter("means", normal(Inputs.mean(y), 2 * scale).on(ordered()), components);
        Expr sds = m.parameter("sds", logNormal(Math.log(scale / 2), 1), components);
        Distribution[] parts = new Distribution[components];
        for (int k = 0; k < components; k++) {
            parts[k] = normal(means.element(k), sds.element(k));
        }
        Rows rows = m.rows(y.length);
        rows.observe("y", mixture(weights, parts), y);
        return m.build();
    }
}

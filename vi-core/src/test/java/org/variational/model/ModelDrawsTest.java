package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.positive;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;
import static org.variational.distribution.Distributions.uniform;

import java.util.function.Function;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.Matrices;
import org.variational.distribution.Distribution;
import org.variational.expression.Expr;

/**
 * Draws from priors and predictive distributions: their means and variances.
 *
 * <p>Each check allows 5.5 standard errors of an average over independent draws, which a correct sampler exceeds once
 * in 2.6e7 checks where the average is normal, as it is here but for terms of order {@code 1/sqrt(COUNT)}; there are
 * fewer than 60 checks, so a false alarm at a new seed has a probability below 1e-5.
 */
class ModelDrawsTest {

    private static final int COUNT = 20_000;

    /** Checks that numbers have the given mean, from their own spread. */
    private static void requireMean(double[] numbers, double expected) {
        double mean = mean(numbers);
        double squares = 0;
        for (double x : numbers) {
            squares += (x - mean) * (x - mean);
        }
        double error = Math.sqrt(squares / (numbers.length - 1.0) / numbers.length);
        assertThat(mean).isCloseTo(expected, within(5.5 * error));
    }

    private static double mean(double[] numbers) {
        double sum = 0;
        for (double x : numbers) {
            sum += x;
        }
        return sum / numbers.length;
    }

    /** Checks mean and variance, the latter by the average of squared distances from the true mean. */
    private static void requireMoments(double[] numbers, double mean, double variance) {
        requireMean(numbers, mean);
        double[] squares = new double[numbers.length];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = (numbers[i] - mean) * (numbers[i] - mean);
        }
        requireMean(squares, variance);
    }

    /** Draws of all quantities from the prior, one row each. */
    private static DMatrixRMaj quantities(Model model, long seed) {
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(model.priorDraws(COUNT, Evaluations.random(seed)), values);
        return values;
    }

    @Test
    void hierarchicalPriors() {
        ModelBuilder m = Model.named("hierarchy");
        Expr mu = m.parameter("mu", normal(1, 2));
        Expr tau = m.parameter("tau", exponential(0.5));
        m.parameter("centred", normal(mu, tau), 2);
        m.parameter("non_centred", normal(mu, tau).nonCentered());
        m.parameter("p", uniform(-1, 3));
        DMatrixRMaj q = quantities(m.build(), 1);
        requireMoments(Matrices.row(q, 0), 1, 4);
        requireMoments(Matrices.row(q, 1), 2, 4);
        for (int i = 2; i < 5; i++) {
            // total variance: E tau^2 + var mu = 8 + 4
            requireMoments(Matrices.row(q, i), 1, 12);
        }
        requireMoments(Matrices.row(q, 5), 1, 16 / 12.0);
        double[] products = new double[COUNT];
        for (int s = 0; s < COUNT; s++) {
            products[s] = (q.get(2, s) - 1) * (q.get(3, s) - 1);
        }
        // the two share mu and nothing else
        requireMean(products, 4);
    }

    @Test
    void jointPriors() {
        ModelBuilder m = Model.named("joint");
        m.parameter("weights", dirichlet(1, 2, 3), 3);
        Expr factor = Expr.constant(new double[][] {{2, 0}, {-1, 0.5}});
        m.parameter("x", multivariateNormal(Expr.constant(new double[] {1, -3}), factor), 2);
        m.parameter(
                "z",
                multivariateNormal(Expr.constant(new double[] {1, -3}), factor).nonCentered(),
                2);
        DMatrixRMaj q = quantities(m.build(), 2);
        for (int k = 0; k < 3; k++) {
            double a = k + 1;
            requireMoments(Matrices.row(q, k), a / 6, a * (6 - a) / (36 * 7));
        }
        for (int at = 3; at < 7; at += 2) {
            requireMoments(Matrices.row(q, at), 1, 4);
            requireMoments(Matrices.row(q, at + 1), -3, 1.25);
            double[] products = new double[COUNT];
            for (int s = 0; s < COUNT; s++) {
                products[s] = (q.get(at, s) - 1) * (q.get(at + 1, s) + 3);
            }
            requireMean(products, -2);
        }
    }

    /**
     * A restricted prior is drawn from by rejection; of two normal numbers in order the mean gap is 2 sd / sqrt(pi).
     */
    @Test
    void restrictedPriors() {
        ModelBuilder m = Model.named("restricted");
        m.parameter("s", normal(0, 2).on(positive()));
        m.parameter("pair", normal(0, 1.5).on(ordered()), 2);
        DMatrixRMaj q = quantities(m.build(), 3);
        requireMoments(Matrices.row(q, 0), 2 * Math.sqrt(2 / Math.PI), 4 * (1 - 2 / Math.PI));
        double[] gaps = new double[COUNT];
        double[] sums = new double[COUNT];
        for (int s = 0; s < COUNT; s++) {
            gaps[s] = q.get(2, s) - q.get(1, s);
            sums[s] = q.get(2, s) + q.get(1, s);
        }
        requireMean(gaps, 2 * 1.5 / Math.sqrt(Math.PI));
        requireMoments(sums, 0, 2 * 2.25);
    }

    @Test
    void localPriorsAndValuesLearnt() {
        ModelBuilder m = Model.named("local");
        Expr tau = m.parameter("tau", exponential(1));
        m.optimised("w", 2, 1, new double[] {4, 5});
        Rows rows = m.rows(2);
        Expr eps = rows.parameter("eps", normal(0, tau));
        rows.observe("y", normal(eps, 1), new double[2]);
        DMatrixRMaj q = quantities(m.build(), 4);
        requireMoments(Matrices.row(q, 1), 0, 2);
        requireMoments(Matrices.row(q, 2), 0, 2);
        assertThat(Matrices.row(q, 3)).containsOnly(4);
        assertThat(Matrices.row(q, 4)).containsOnly(5);
    }

    @Test
    void priorsThatCannotBeDrawn() {
        ModelBuilder flat = Model.named("flat");
        flat.parameter("a", flat());
        assertThatThrownBy(() -> flat.build().priorDraws(3, Evaluations.random(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("\"a\" has a flat prior", "proper");
        ModelBuilder extra = Model.named("extra");
        extra.addLogDensity(extra.parameter("a", normal(0, 1)).negate());
        assertThatThrownBy(() -> extra.build().priorDraws(3, Evaluations.random(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("addLogDensity");
        ModelBuilder m = Model.named("proper");
        m.parameter("a", normal(0, 1));
        assertThatThrownBy(() -> m.build().priorDraws(0, Evaluations.random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
    }

    /** All columns of predictions at one point are draws of the same distribution. */
    private static DMatrixRMaj predictions(Model model, String name, double... point) {
        DMatrixRMaj points = new DMatrixRMaj(point.length, COUNT);
        for (int d = 0; d < point.length; d++) {
            for (int s = 0; s < COUNT; s++) {
                points.set(d, s, point[d]);
            }
        }
        return model.predict(name, points, Evaluations.random(5));
    }

    private static Model observed(Function<Expr, Distribution> distribution, double... y) {
        ModelBuilder m = Model.named("predict");
        Expr b = m.parameter("b", normal(0, 1));
        Rows rows = m.rows(y.length);
        double[] x = new double[y.length];
        for (int n = 0; n < x.length; n++) {
            x[n] = n + 1;
        }
        rows.observe("y", distribution.apply(rows.data("x", x).times(b)), y);
        return m.build();
    }

    @Test
    void predictionsOfNumbersCountsAndOutcomes() {
        DMatrixRMaj normal = predictions(observed(mean -> normal(mean, 0.5), 0, 0), "y", 0.7);
        requireMoments(Matrices.row(normal, 0), 0.7, 0.25);
        requireMoments(Matrices.row(normal, 1), 1.4, 0.25);
        DMatrixRMaj counts = predictions(observed(mean -> poissonLog(mean), 0, 0), "y", 0.7);
        requireMoments(Matrices.row(counts, 0), Math.exp(0.7), Math.exp(0.7));
        requireMoments(Matrices.row(counts, 1), Math.exp(1.4), Math.exp(1.4));
        DMatrixRMaj binary = predictions(observed(mean -> bernoulliLogit(mean), 0, 1), "y", -0.6);
        requireMean(Matrices.row(binary, 0), 1 / (1 + Math.exp(0.6)));
        requireMean(Matrices.row(binary, 1), 1 / (1 + Math.exp(1.2)));
        assertThat(binary.data).containsOnly(0, 1);
    }

    @Test
    void predictionsOfVectors() {
        ModelBuilder m = Model.named("vectors");
        Expr mu = m.parameter("mu", normal(0, 1), 2);
        Expr factor = Expr.constant(new double[][] {{2, 0}, {-1, 0.5}});
        m.rows(2).observe("y", multivariateNormal(mu, factor), new double[2][2]);
        m.observe("all", normal(mu, 3), new double[2]);
        Model model = m.build();
        DMatrixRMaj y = predictions(model, "y", 5, -2);
        assertThat(y.numRows).isEqualTo(4);
        for (int n = 0; n < 2; n++) {
            requireMoments(Matrices.row(y, 2 * n), 5, 4);
            requireMoments(Matrices.row(y, 2 * n + 1), -2, 1.25);
        }
        DMatrixRMaj all = predictions(model, "all", 5, -2);
        requireMoments(Matrices.row(all, 0), 5, 9);
        requireMoments(Matrices.row(all, 1), -2, 9);
    }

    @Test
    void theSameSeedGivesTheSameDraws() {
        Model model = observed(mean -> normal(mean, 1), 0, 0, 0);
        DMatrixRMaj prior = model.priorDraws(7, Evaluations.random(6));
        assertThat(model.priorDraws(7, Evaluations.random(6)).data).isEqualTo(prior.data);
        assertThat(model.predict("y", prior, Evaluations.random(7)).data)
                .isEqualTo(model.predict("y", prior, Evaluations.random(7)).data);
        assertThat(model.priorDraws(7, Evaluations.random(8)).data).isNotEqualTo(prior.data);
    }

    @Test
    void anObservationThatDoesNotExist() {
        Model model = observed(mean -> normal(mean, 1), 0);
        assertThatThrownBy(() -> model.predict("z", Evaluations.point(0), Evaluations.random(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("no observation \"z\"", "[y]");
        assertThatThrownBy(() -> model.pointwiseLogLikelihood("x", Evaluations.point(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no observation \"x\"");
    }

    @Test
    void boundsThatAreParameters() {
        ModelBuilder m = Model.named("shares");
        Expr first = m.parameter("first", uniform(0, 1));
        Expr rest = Expr.constant(1).minus(first);
        m.parameter("second", uniform(Expr.constant(0), rest));
        Model model = m.build();
        DMatrixRMaj draws = model.priorDraws(COUNT, Evaluations.random(9));
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(draws, values);
        requireMean(Matrices.row(values, 0), 0.5);
        // Given the first share x, the second is uniform on (0, 1 - x), so its mean is E(1 - x) / 2.
        requireMean(Matrices.row(values, 1), 0.25);
        for (int s = 0; s < COUNT; s++) {
            assertThat(values.get(0, s) + values.get(1, s)).isLessThan(1);
        }
    }
}

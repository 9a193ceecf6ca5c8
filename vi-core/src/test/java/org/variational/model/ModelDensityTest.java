package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.interval;
import static org.variational.constraint.Constraints.lower;
import static org.variational.constraint.Constraints.positive;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.GradientCheck;
import org.variational.density.RowLogDensity;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.kernel.Kernels;

/** The log density of a declared model: likelihood, priors and log-Jacobians, all of them and each once. */
class ModelDensityTest {

    private static double logNormalDensity(double x, double mean, double sd) {
        return new NormalDistribution(null, mean, sd).logDensity(x);
    }

    private static void requireClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-12 * (1 + Math.abs(expected))));
    }

    @Test
    void aNormalModelByHand() {
        ModelBuilder m = Model.named("test");
        Expr mu = m.parameter("mu", normal(1, 2));
        Expr sigma = m.parameter("sigma", halfNormal(3));
        m.rows(2).observe("y", normal(mu, sigma), new double[] {0.5, -1});
        double sd = Math.exp(0.3);
        double expected = logNormalDensity(0.7, 1, 2)
                + Math.log(2)
                + logNormalDensity(sd, 0, 3)
                + 0.3
                + logNormalDensity(0.5, 0.7, sd)
                + logNormalDensity(-1, 0.7, sd);
        requireClose(Evaluations.value(m.build(), 0.7, 0.3), expected);
    }

    /** {@code log Z = log N(y; 0.5, 0.8 I + 4 J)}: the density of the coordinate is Z times the normal posterior. */
    @Test
    void theEvidenceOfAConjugateModelIsExact() {
        ModelBuilder m = Model.named("normal-normal");
        Expr mu = m.parameter("mu", normal(0.5, 2));
        m.rows(5).observe("y", normal(mu, Math.sqrt(0.8)), new double[] {1.2, -0.4, 0.7, 2.1, 0.3});
        double evidence = -7.892805133672;
        double posterior = logNormalDensity(0.9, 0.769230769231, Math.sqrt(0.153846153846));
        assertThat(Evaluations.value(m.build(), 0.9)).isCloseTo(evidence + posterior, within(1e-10));
    }

    @Test
    void withoutRowsTheDensityIsThePrior() {
        ModelBuilder m = Model.named("prior");
        Expr mu = m.parameter("mu", normal(1, 2));
        Expr sigma = m.parameter("sigma", halfNormal(3));
        Rows none = m.rows(0);
        none.observe("y", normal(mu.plus(none.data("x", new double[0])), sigma), new double[0]);
        Model model = m.build();
        double expected = logNormalDensity(0.7, 1, 2) + Math.log(2) + logNormalDensity(Math.exp(-0.2), 0, 3) - 0.2;
        requireClose(Evaluations.value(model, 0.7, -0.2), expected);
        double[] gradient = Evaluations.gradient(model.density(), Evaluations.point(0.7, -0.2));
        requireClose(gradient[0], (1 - 0.7) / 4);
        requireClose(gradient[1], 1 - Math.exp(-0.4) / 9);
        assertThat(model.density().rowCount()).isZero();
        assertThat(model.pointwiseLogLikelihood("y", Evaluations.point(0.7, -0.2)).numRows)
                .isZero();
    }

    @Test
    void aFlatPriorAddsNothingButTheJacobian() {
        ModelBuilder m = Model.named("flat");
        m.parameter("mu", flat());
        m.parameter("sigma", flat().on(positive()));
        assertThat(Evaluations.value(m.build(), 12, -1.5)).isEqualTo(-1.5);
    }

    @Test
    void aRestrictedPriorIsNotRenormalised() {
        ModelBuilder m = Model.named("restricted");
        m.parameter("sigma", normal(1, 2).on(positive()));
        requireClose(Evaluations.value(m.build(), 0.4), logNormalDensity(Math.exp(0.4), 1, 2) + 0.4);
    }

    @Test
    void boundsMayDependOnOtherParameters() {
        ModelBuilder m = Model.named("bounds");
        Expr a = m.parameter("a", normal(0, 1));
        Expr b = m.parameter("b", flat().on(lower(a)));
        m.parameter("c", normal(0, 1).on(interval(a, b)));
        Model model = m.build();
        double low = 0.3;
        double high = low + Math.exp(-0.5);
        double s = 1 / (1 + Math.exp(-0.8));
        double middle = low + (high - low) * s;
        double expected = logNormalDensity(low, 0, 1)
                - 0.5
                + logNormalDensity(middle, 0, 1)
                + Math.log((high - low) * s * (1 - s));
        requireClose(Evaluations.value(model, 0.3, -0.5, 0.8), expected);
        DMatrixRMaj quantities = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(Evaluations.point(0.3, -0.5, 0.8), quantities);
        requireClose(quantities.get(1, 0), high);
        requireClose(quantities.get(2, 0), middle);
        assertThat(GradientCheck.worst(model.density(), model.layout(), Evaluations.points(3, 4, 1)))
                .isEmpty();
    }

    /** theta = mu + tau z has density N(theta; mu, tau), times the Jacobian tau^J of the map from z to theta. */
    @Test
    void theNonCentredDensityIsTheCentredOneUnderAChangeOfVariables() {
        double[] y = {28, 8, -3, 7};
        double[] z = {0.4, -1.2, 0.1, 2};
        double mu = 1.7;
        double logTau = 0.6;
        double[] centred = {mu, logTau, 0, 0, 0, 0};
        double[] nonCentred = {mu, logTau, 0, 0, 0, 0};
        for (int j = 0; j < 4; j++) {
            nonCentred[2 + j] = z[j];
            centred[2 + j] = mu + Math.exp(logTau) * z[j];
        }
        Model nonCentredModel = schools(y, true);
        requireClose(
                Evaluations.value(nonCentredModel, nonCentred),
                Evaluations.value(schools(y, false), centred) + 4 * logTau);
        DMatrixRMaj quantities = new DMatrixRMaj(1, 1);
        nonCentredModel.layout().quantitiesAt(Evaluations.point(nonCentred), quantities);
        for (int j = 0; j < 4; j++) {
            requireClose(quantities.get(2 + j, 0), centred[2 + j]);
        }
    }

    private static Model schools(double[] y, boolean nonCentred) {
        ModelBuilder m = Model.named("schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfNormal(5));
        var prior = normal(mu, tau);
        Expr theta = nonCentred ? m.parameter("theta", prior.nonCentered(), 4) : m.parameter("theta", prior, 4);
        m.observe("y", normal(theta, Expr.constant(new double[] {15, 10, 16, 11})), y);
        return m.build();
    }

    /** x = m + L z with L the Cholesky factor: the Jacobian is the determinant of L. */
    @Test
    void aJointNormalCanBeNonCentredToo() {
        Expr factor = Expr.constant(new double[][] {{2, 0}, {-1, 0.5}});
        Expr location = Expr.constant(new double[] {1, -3});
        ModelBuilder centred = Model.named("centred");
        centred.parameter("x", multivariateNormal(location, factor), 2);
        ModelBuilder nonCentred = Model.named("non-centred");
        nonCentred.parameter("x", multivariateNormal(location, factor).nonCentered(), 2);
        requireClose(
                Evaluations.value(nonCentred.build(), 0.3, -0.8),
                Evaluations.value(centred.build(), 1 + 2 * 0.3, -3 - 0.3 - 0.5 * 0.8) + Math.log(2 * 0.5));
    }

    @Test
    void addedTermsCountOnceGloballyAndOncePerRow() {
        ModelBuilder m = Model.named("terms");
        Expr a = m.parameter("a", flat());
        m.addLogDensity(a.square().negate());
        m.addLogDensity(Expr.concatenate(a, a.times(2)));
        Rows rows = m.rows(3);
        m.addLogDensity(a.times(rows.data("x", new double[] {1, 2, 4})));
        requireClose(Evaluations.value(m.build(), 1.5), -2.25 + 3 * 1.5 + 7 * 1.5);
    }

    @Test
    void severalSetsOfRows() {
        ModelBuilder m = Model.named("two sets");
        Expr mu = m.parameter("mu", normal(0, 1));
        Rows few = m.rows("few", 2);
        Rows many = m.rows("many", 5);
        few.observe("y", normal(mu, 2), new double[] {1, 2});
        many.observe("count", poissonLog(mu), new int[] {0, 1, 2, 3, 4});
        Model model = m.build();
        double expected = logNormalDensity(0.4, 0, 1) + logNormalDensity(1, 0.4, 2) + logNormalDensity(2, 0.4, 2);
        for (int k = 0; k <= 4; k++) {
            expected += 0.4 * k - Math.exp(0.4) - Math.log(factorial(k));
        }
        requireClose(Evaluations.value(model, 0.4), expected);
        assertThat(model.observations()).containsExactly("y", "count");
        assertThat(model.density().rowCount()).isEqualTo(5);
    }

    private static double factorial(int k) {
        return k == 0 ? 1 : k * factorial(k - 1);
    }

    @Test
    void vectorsObservedRowByRow() {
        ModelBuilder m = Model.named("vectors");
        Expr mu = m.parameter("mu", normal(0, 1), 2);
        Expr factor = Expr.constant(new double[][] {{2, 0}, {-1, 0.5}});
        m.rows(2).observe("y", multivariateNormal(mu, factor), new double[][] {{1, 2}, {0, -1}});
        ModelBuilder byHand = Model.named("by hand");
        Expr same = byHand.parameter("mu", normal(0, 1), 2);
        byHand.addLogDensity(multivariateNormal(same, factor).logDensity(Expr.constant(new double[] {1, 2})));
        byHand.addLogDensity(multivariateNormal(same, factor).logDensity(Expr.constant(new double[] {0, -1})));
        requireClose(Evaluations.value(m.build(), 0.2, 0.9), Evaluations.value(byHand.build(), 0.2, 0.9));
    }

    @Test
    void aMatrixObservedAsOne() {
        ModelBuilder m = Model.named("matrix");
        Expr mu = m.parameter("mu", flat(), 2, 2);
        m.observe("y", normal(mu, 2), new double[][] {{1, 2}, {3, 4}});
        double expected = 0;
        for (int i = 0; i < 4; i++) {
            expected += logNormalDensity(i + 1, 0.5 * i, 2);
        }
        requireClose(Evaluations.value(m.build(), 0, 0.5, 1, 1.5), expected);
    }

    @Test
    void theLikelihoodIsTheSumOfItsRows() {
        Model model = large(300);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 5, 11);
        DMatrixRMaj rows = model.pointwiseLogLikelihood("y", points);
        assertThat(rows.numRows).isEqualTo(300);
        ModelBuilder prior = Model.named("prior");
        declarePriors(prior);
        double[] whole = Evaluations.values(model.density(), points);
        double[] priors = Evaluations.values(prior.build().density(), points);
        for (int s = 0; s < points.numCols; s++) {
            double sum = 0;
            for (int n = 0; n < rows.numRows; n++) {
                sum += rows.get(n, s);
            }
            requireClose(whole[s] - priors[s], sum);
        }
    }

    private static Expr[] declarePriors(ModelBuilder m) {
        Expr tau = m.parameter("tau", halfNormal(1));
        return new Expr[] {m.parameter("alpha", normal(0, tau), 7), m.parameter("beta", normal(0, 2), 3)};
    }

    private static Model large(int n) {
        RandomGenerator random = Evaluations.random(7);
        int[] y = new int[n];
        int[] group = new int[n];
        double[][] x = new double[n][3];
        for (int t = 0; t < n; t++) {
            y[t] = random.nextInt(2);
            group[t] = random.nextInt(7);
            x[t] = random.doubles(3, -1, 1).toArray();
        }
        ModelBuilder m = Model.named("large");
        Expr[] parameters = declarePriors(m);
        Rows rows = m.rows(n);
        RowIndex of = rows.index("group", group);
        rows.observe("y", bernoulliLogit(rows.data("x", x).matmul(parameters[1]).plus(parameters[0].at(of))), y);
        return m.build();
    }

    @Test
    void resultsDoNotDependOnTheNumberOfThreads() {
        Model model = large(5000);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 5, 12);
        for (Kernels kernels : Kernels.vector().stream().toList()) {
            requireSameBits(model, kernels, points);
        }
        requireSameBits(model, Kernels.plain(), points);
    }

    private static void requireSameBits(Model model, Kernels kernels, DMatrixRMaj points) {
        RowLogDensity one = model.density(kernels, 1);
        double[] values = Evaluations.values(one, points);
        double[] gradient = Evaluations.gradient(one, points);
        int[] rows = Evaluations.random(3).ints(0, 5000).distinct().limit(1500).toArray();
        double[] subset = new double[points.numCols];
        one.evaluateRows(rows, rows.length, points, subset, null);
        for (int threads : new int[] {2, 4}) {
            RowLogDensity several = model.density(kernels, threads);
            assertThat(Evaluations.values(several, points)).isEqualTo(values);
            assertThat(Evaluations.gradient(several, points)).isEqualTo(gradient);
            double[] again = new double[points.numCols];
            several.evaluateRows(rows, rows.length, points, again, null);
            assertThat(again).isEqualTo(subset);
        }
    }

    @Test
    void gradientsMatchFiniteDifferences() {
        Model model = large(40);
        assertThat(GradientCheck.worst(model.density(), model.layout(), Evaluations.points(model.dimension(), 4, 13)))
                .isEmpty();
    }

    @Test
    void aLaneOutsideTheSupportDoesNotDisturbTheOthers() {
        ModelBuilder m = Model.named("lanes");
        Expr a = m.parameter("a", normal(0, 1));
        m.rows(2).observe("y", normal(0, a), new double[] {1, 2});
        DMatrixRMaj points = new DMatrixRMaj(1, 3, true, 1.5, -1, 0.5);
        double[] values = Evaluations.values(m.build().density(), points);
        assertThat(Double.isFinite(values[1])).isFalse();
        requireClose(
                values[0], logNormalDensity(1.5, 0, 1) + logNormalDensity(1, 0, 1.5) + logNormalDensity(2, 0, 1.5));
        requireClose(
                values[2], logNormalDensity(0.5, 0, 1) + logNormalDensity(1, 0, 0.5) + logNormalDensity(2, 0, 0.5));
    }
}

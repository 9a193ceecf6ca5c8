package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.positive;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.lkjCholesky;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;
import static org.variational.distribution.Distributions.uniform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.variational.VariationalInference;
import org.variational.density.GradientCheck;
import org.variational.density.Labels;
import org.variational.density.QuantityIndex;
import org.variational.expression.Covariances;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.fit.Fit;
import org.variational.kernel.Kernels;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** The declarations that docs/models.md and docs/ready-made-models.md show: the same code, compiled and evaluated. */
class DocumentedModelsTest {

    private static final double[] LOG_RADON = {0.1, 0.8, 1.1, 0.3};
    private static final int[] COUNTY = {0, 0, 2, 1};
    private static final double[] FLOOR = {0, 1, 0, 0};
    private static final double[] RETURNS = {0.3, -1.2, 0.4, 0.9, -0.1};

    private static Path documents() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("docs"))) {
            at = at.getParent();
        }
        return at.resolve("docs");
    }

    /** Every Java block of the pages stands in this file, but for white space. */
    @TestFactory
    List<DynamicTest> theCodeShownIsCompiledHere() throws IOException {
        Path source =
                documents().resolveSibling("vi-models/src/test/java/org/variational/models/DocumentedModelsTest.java");
        String compiled = Files.readString(source).replaceAll("\\s+", "");
        return List.of("models.md", "ready-made-models.md").stream()
                .map(page -> DynamicTest.dynamicTest(page, () -> {
                    String text = Files.readString(documents().resolve(page));
                    Matcher blocks = Pattern.compile("(?s)```java\\n(.*?)```").matcher(text);
                    int found = 0;
                    while (blocks.find()) {
                        assertThat(compiled)
                                .as("block \"%s\"", blocks.group(1))
                                .contains(blocks.group(1).replaceAll("\\s+", ""));
                        found++;
                    }
                    assertThat(found).isPositive();
                }))
                .toList();
    }

    private static void requireSound(Model model) {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        DMatrixRMaj points = new DMatrixRMaj(model.dimension(), 3);
        for (int i = 0; i < points.data.length; i++) {
            points.data[i] = 0.5 * random.nextDouble();
        }
        assertThat(GradientCheck.worst(model.density(), model.layout(), points)).isEmpty();
        double[] values = new double[3];
        model.density().evaluate(points, values, null);
        assertThat(values).doesNotContain(Double.NaN);
    }

    private static Model eightSchools() {
        double[] effect = {28, 8, -3, 7, -1, 1, 18, 12};
        double[] error = {15, 10, 16, 11, 9, 11, 10, 18};

        ModelBuilder m = Model.named("eight-schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfCauchy(5));
        Expr theta = m.parameter("theta", normal(mu, tau).nonCentered(), 8);
        m.observe("effect", normal(theta, m.data("error", error)), effect);
        Model model = m.build();
        return model;
    }

    @Test
    void theFirstModel() {
        Model model = eightSchools();
        assertThat(model.dimension()).isEqualTo(10);
        requireSound(model);
    }

    private static Model radon(int counties, int[] county, double[] floor, double[] logRadon) {
        ModelBuilder m = Model.named("radon");
        Expr mu = m.parameter("mu", normal(0, 10));
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(mu, tau).nonCentered(), counties);
        Expr slope = m.parameter("slope", normal(0, 10));
        Expr sigma = m.parameter("sigma", halfNormal(1));

        Rows homes = m.rows(logRadon.length);
        RowIndex of = homes.index("county", county);
        Expr level = alpha.at(of).plus(slope.times(homes.data("floor", floor)));
        homes.observe("log_radon", normal(level, sigma), logRadon);
        return m.build();
    }

    @Test
    void rows() {
        requireSound(radon(3, COUNTY, FLOOR, LOG_RADON));
    }

    @Test
    void namesOfElements() {
        String[] countyOf = {"Aitkin", "Aitkin", "Anoka", "1995"};
        double[] logRadon = LOG_RADON;
        ModelBuilder m = Model.named("radon");
        Expr mu = m.parameter("mu", normal(0, 10));
        Expr tau = m.parameter("tau", halfNormal(1));

        Labels counties = Labels.levels("county", countyOf); // the distinct texts of the column
        Expr alpha = m.parameter("alpha", normal(mu, tau).nonCentered(), counties);
        Rows homes = m.rows(logRadon.length);
        Expr level = alpha.at(homes.index("county", counties, countyOf));

        homes.observe("log_radon", normal(level, 1), logRadon);
        Model model = m.build();
        requireSound(model);
        QuantityIndex index = QuantityIndex.of(model.layout().quantities());
        assertThat(index.scalarNames())
                .containsExactly("mu", "tau", "alpha[Aitkin]", "alpha[Anoka]", "alpha[\"1995\"]");
        assertThat(index.row("alpha[Aitkin]")).isEqualTo(index.row("alpha[0]"));
        assertThat(counties.indices("Anoka", "Aitkin")).containsExactly(1, 0);
        assertThat(radon(3, COUNTY, FLOOR, LOG_RADON))
                .hasToString("model radon: 5 parameters (7 coordinates), 4 rows, observes log_radon");
    }

    @Test
    void priorsAndConstraints() {
        ModelBuilder m = Model.named("priors");
        Expr a = m.parameter("a", normal(0, 1)); // any real number
        Expr s = m.parameter("s", exponential(1)); // positive
        Expr p = m.parameter("p", uniform(0, 1)); // between 0 and 1
        Expr w = m.parameter("w", dirichlet(2, 2, 2), 3); // sums to 1
        Expr free = m.parameter("free", flat()); // improper, the whole line
        Expr scale = m.parameter("scale", flat().on(positive())); // improper, positive
        Expr cuts = m.parameter("cuts", normal(0, 5).on(ordered()), 4); // increasing, not renormalised
        Expr inner = m.parameter("inner", uniform(a, a.plus(s))); // bounds that depend on parameters
        requireSound(m.build());
        for (Expr each : List.of(p, free, scale, inner)) {
            assertThat(each.size()).isEqualTo(1);
        }
        assertThat(w.size()).isEqualTo(3);
        assertThat(cuts.size()).isEqualTo(4);
    }

    @Test
    void correlatedCoefficients() {
        int groups = 3;
        ModelBuilder m = Model.named("correlated");
        Expr sd = m.parameter("sd", exponential(1), 2);
        Expr correlation = m.parameter("correlation", lkjCholesky(2, 2), 2, 2);
        Expr z = m.parameter("z", normal(0, 1), groups, 2);
        m.auxiliary("z"); // serves the parameterisation: summaries list it last
        Expr effects = m.derived("effects", z.matmul(correlation.transpose()).times(sd.reshape(1, 2)));

        Rows rows = m.rows(LOG_RADON.length);
        Expr x = rows.data("x", new double[][] {{1, 0}, {1, 1}, {1, 0}, {1, 0}});
        Expr level = effects.at(rows.index("group", COUNTY)).times(x).sum();
        rows.observe("y", normal(level, 0.5), LOG_RADON);
        Model model = m.build();
        requireSound(model);
        At at = At.random(model, 1, 3);
        double[] factor = at.values("correlation");
        double[] standard = at.values("z");
        for (int j = 0; j < groups; j++) {
            double second = factor[2] * standard[2 * j] + factor[3] * standard[2 * j + 1];
            assertThat(at.values("effects")[2 * j]).isCloseTo(at.values("sd")[0] * standard[2 * j], within(1e-12));
            assertThat(at.values("effects")[2 * j + 1]).isCloseTo(at.values("sd")[1] * second, within(1e-12));
        }
    }

    @Test
    void localLatents() {
        int[] count = {3, 0, 7, 2};
        ModelBuilder m = Model.named("overdispersed");
        Expr level = m.parameter("level", normal(0, 2));
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows sites = m.rows(count.length);
        Expr eps = sites.parameter("eps", normal(0, sigma));
        sites.observe("count", poissonLog(level.plus(eps)), count);
        Model model = m.build();
        assertThat(model.dimension()).isEqualTo(6);
        requireSound(model);
    }

    @Test
    void addedTermsAndDerivedValues() {
        double[] time = {1, 10, 22, 7};
        double[] died = {1, 1, 0, 1};
        ModelBuilder m = Model.named("exponential survival");
        Expr rate = m.parameter("rate", logNormal(-2, 1));
        m.derived("mean", rate.reciprocal());
        Rows patients = m.rows(time.length);
        Expr t = patients.data("t", time);
        Expr event = patients.data("died", died);
        m.addLogDensity(event.times(rate.log()).minus(rate.times(t)));
        Model model = m.build();
        requireSound(model);
        At at = At.random(model, 1, 2);
        double r = at.value("rate");
        double prior = At.random(prior(), 1, 2).logDensity();
        assertThat(at.logDensity() - prior).isCloseTo(3 * Math.log(r) - 40 * r, within(1e-11));
        assertThat(at.value("mean")).isCloseTo(1 / r, within(1e-12 / r));
    }

    private static Model prior() {
        ModelBuilder m = Model.named("prior");
        m.parameter("rate", logNormal(-2, 1));
        return m.build();
    }

    @Test
    void recursions() {
        double[] y = RETURNS;
        ModelBuilder m = Model.named("garch");
        Expr a0 = m.parameter("a0", exponential(1));
        Expr a1 = m.parameter("a1", uniform(0, 1));
        Expr b1 = m.parameter("b1", uniform(Expr.constant(0), a1.negate().plus(1)));
        Expr previous = m.data("previous", new double[] {y[0], y[1], y[2], y[3]});
        Expr first = Expr.constant(1);
        Expr later = Expr.scan(first, previous, (variance, shock) -> a0.plus(a1.times(shock.square()))
                .plus(b1.times(variance)));
        m.observe("y", normal(0, Expr.concatenate(first, later).sqrt()), y);
        requireSound(m.build());
    }

    @Test
    void gaussianProcesses() {
        double[] x = {-1, 0, 0.5, 2};
        double[] y = {0.2, 1, 1.3, -0.4};
        ModelBuilder m = Model.named("gaussian process");
        Expr amplitude = m.parameter("amplitude", halfNormal(2));
        Expr lengthScale = m.parameter("length_scale", logNormal(0, 1));
        Expr sigma = m.parameter("sigma", exponential(1));
        Expr distances = m.data("distances", Covariances.distances(x, x));
        Expr covariance = Covariances.squaredExponential(distances, amplitude, lengthScale)
                .plus(Covariances.onDiagonal(sigma.square(), x.length));
        m.observe("y", multivariateNormal(Expr.constant(0), covariance.cholesky()), y);
        requireSound(m.build());
    }

    @Test
    void valuesLearntAndNotInferred() {
        double[][] inputs = {{0.1, 0.2}, {-1, 0.5}, {0.4, 2}};
        int[] label = {0, 1, 1};
        double[] start = {0.1, -0.2, 0.3, 0.4, -0.5, 0.6};
        ModelBuilder m = Model.named("network");
        Expr hidden = m.optimised("hidden", 2, 3, start);
        Expr output = m.parameter("output", normal(0, 1), 3);
        Rows rows = m.rows(label.length);
        Expr features = rows.data("inputs", inputs).matmul(hidden).tanh();
        rows.observe("label", bernoulliLogit(features.matmul(output)), label);
        requireSound(m.build());
    }

    @Test
    void evaluation() {
        Model model = eightSchools();
        int lanes = 8;
        DMatrixRMaj points = new DMatrixRMaj(model.dimension(), lanes);
        double[] logDensity = new double[lanes];
        DMatrixRMaj gradient = new DMatrixRMaj(model.dimension(), lanes);
        model.density(Kernels.preferred(), 1).evaluate(points, logDensity, gradient);
        assertThat(logDensity).doesNotContain(0);

        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        DMatrixRMaj prior = model.priorDraws(1000, random);
        DMatrixRMaj replicated = model.predict("effect", prior, random);
        DMatrixRMaj pointwise = model.pointwiseLogLikelihood("effect", prior);
        assertThat(replicated.numRows).isEqualTo(pointwise.numRows).isEqualTo(8);
        assertThat(replicated.numCols).isEqualTo(pointwise.numCols).isEqualTo(1000);
    }

    @Test
    void otherData() {
        Model model = radon(3, COUNTY, FLOOR, LOG_RADON);
        DMatrixRMaj draws = model.priorDraws(10, RandomGenerator.of("L64X128MixRandom"));
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        Model elsewhere = model.with(Data.declared()
                .with("county", new int[] {2, 2})
                .with("floor", new double[] {0, 1})
                .with("log_radon", new double[2]));
        DMatrixRMaj predicted = elsewhere.predict("log_radon", draws, random);
        assertThat(predicted.numRows).isEqualTo(2);
    }

    @Test
    void readyMadeWithPredictions() {
        double[][] x = {{1, 2}, {3, 5}, {4, 1}, {0, 1}, {2, 2}};
        double[] y = {1, 2, 4, 3, 2.5};
        double[][] newX = {{1, 1}, {2, 3}};
        LinearRegression regression = LinearRegression.builder()
                .predictors(x)
                .outcome(y)
                .priorScale(2.5)
                .build();
        Fit fit = VariationalInference.of(regression.model()).seed(20260101).run();
        DMatrixRMaj expected = regression.expected(fit.posterior(), newX); // M x S, a column per posterior draw
        DMatrixRMaj outcomes = regression.predict(fit.posterior(), newX, 1); // with the noise of single outcomes
        assertThat(expected.numRows).isEqualTo(outcomes.numRows).isEqualTo(2);
        assertThat(expected.numCols)
                .isEqualTo(outcomes.numCols)
                .isEqualTo(fit.posterior().size());
    }

    @Test
    void readyMade() {
        double[][] x = {{1, 2}, {3, 5}, {4, 1}, {0, 1}};
        double[] y = {1, 2, 4, 3};
        Model model = LinearRegression.of(x, y);
        requireSound(model);
    }
}

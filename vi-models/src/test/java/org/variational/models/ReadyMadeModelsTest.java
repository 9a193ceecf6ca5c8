package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.commons.math3.distribution.AbstractRealDistribution;
import org.apache.commons.math3.distribution.CauchyDistribution;
import org.apache.commons.math3.distribution.ExponentialDistribution;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.distribution.LogNormalDistribution;
import org.apache.commons.math3.distribution.MultivariateNormalDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.variational.density.GradientCheck;
import org.variational.model.Model;

/**
 * Each ready-made model against its formula, computed apart from it; its names; its gradient; the prior it draws from.
 */
class ReadyMadeModelsTest {

    private static final RandomGenerator RANDOM =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20260101);

    private static final int N = 12;
    private static final double[][] X = new double[N][3];
    private static final double[] Y = new double[N];
    private static final int[] BINARY = new int[N];
    private static final int[] COUNTS = new int[N];
    private static final double[] EXPOSURE = new double[N];
    private static final int[] GROUP = new int[N];

    static {
        for (int n = 0; n < N; n++) {
            X[n] = new double[] {RANDOM.nextGaussian(), 5 + 2 * RANDOM.nextGaussian(), 100 * RANDOM.nextDouble()};
            Y[n] = 10 + 2 * X[n][0] - X[n][1] + RANDOM.nextGaussian();
            BINARY[n] = RANDOM.nextInt(2);
            COUNTS[n] = RANDOM.nextInt(9);
            EXPOSURE[n] = 0.5 + RANDOM.nextDouble();
            GROUP[n] = n % 4;
        }
    }

    private static final Map<String, Model> MODELS = Map.ofEntries(
            Map.entry("linear", LinearRegression.of(X, Y)),
            Map.entry("logistic", LogisticRegression.of(X, BINARY)),
            Map.entry("Poisson", PoissonRegression.of(X, COUNTS, EXPOSURE)),
            Map.entry("negative binomial", NegativeBinomialRegression.of(X, COUNTS, EXPOSURE)),
            Map.entry("varying intercepts", VaryingIntercepts.of(X, GROUP, 5, Y)),
            Map.entry("mixture", GaussianMixture.of(Y, 3)),
            Map.entry("local level", LocalLevel.of(Y)),
            Map.entry("autoregression", Autoregression.of(Y, 2)),
            Map.entry("GARCH", Garch11.of(Y)),
            Map.entry("Gaussian process", GaussianProcessRegression.of(X, Y, new double[][] {{0, 5, 50}, {1, 4, 20}})),
            Map.entry("horseshoe", HorseshoeRegression.of(X, Y, 1)));

    // ---- independent formulas ---------------------------------------------------------------------------------------

    private static double log(AbstractRealDistribution distribution, double... values) {
        return Arrays.stream(values).map(distribution::logDensity).sum();
    }

    private static double normal(double mean, double sd, double... values) {
        return log(new NormalDistribution(null, mean, sd), values);
    }

    /** The exponential prior of a scale, with the Jacobian of its logarithm. */
    private static double scalePrior(double mean, double value) {
        return log(new ExponentialDistribution(null, mean), value) + Math.log(value);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private static double sd(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values).map(v -> Math.pow(v - mean, 2)).sum() / (values.length - 1));
    }

    private static double sdOfColumn(int k) {
        return sd(Arrays.stream(X).mapToDouble(row -> row[k]).toArray());
    }

    private static double meanOfColumn(int k) {
        return mean(Arrays.stream(X).mapToDouble(row -> row[k]).toArray());
    }

    /** The linear predictor of row n. */
    private static double linear(At at, double level, int n) {
        double sum = level;
        for (int k = 0; k < X[n].length; k++) {
            sum += at.values("coefficients")[k] * (X[n][k] - meanOfColumn(k));
        }
        return sum;
    }

    /** The standardised coordinates of level and coefficients. */
    private static double standardisedPriors(At at) {
        return normal(0, 1, at.coordinates("level")) + normal(0, 1, at.coordinates("coefficients"));
    }

    private static void requireFormula(At at, double formula) {
        assertThat(at.logDensity()).isCloseTo(formula, within(1e-10 * (1 + Math.abs(formula))));
    }

    private static void requireScales(At at, double location, double scale) {
        assertThat(at.value("level"))
                .isCloseTo(
                        location + 2.5 * scale * at.coordinates("level")[0], within(1e-12 * (1 + Math.abs(location))));
        for (int k = 0; k < X[0].length; k++) {
            assertThat(at.values("coefficients")[k])
                    .isCloseTo(2.5 * scale / sdOfColumn(k) * at.coordinates("coefficients")[k], within(1e-12));
        }
        double atZero = at.value("level");
        for (int k = 0; k < X[0].length; k++) {
            atZero -= meanOfColumn(k) * at.values("coefficients")[k];
        }
        assertThat(at.value("intercept")).isCloseTo(atZero, within(1e-11 * (1 + Math.abs(atZero))));
    }

    @Test
    void linearRegression() {
        At at = At.random(MODELS.get("linear"), 1.5, 1);
        requireScales(at, mean(Y), sd(Y));
        double sum = standardisedPriors(at) + scalePrior(sd(Y), at.value("sigma"));
        for (int n = 0; n < N; n++) {
            sum += normal(linear(at, at.value("level"), n), at.value("sigma"), Y[n]);
        }
        requireFormula(at, sum);
    }

    /** Given sigma the model is conjugate: its integral over the rest is the density of y with the rest summed out. */
    @Test
    void linearRegressionHasTheEvidenceOfConjugacyGivenItsNoise() {
        Model model = MODELS.get("linear");
        double sigma = 1.7;
        int free = 4;
        double[] origin = new double[5];
        int noise = model.layout().coordinateNames().indexOf("sigma");
        origin[noise] = Math.log(sigma);
        RealVector gradient = without(At.point(model, origin).gradient(), noise);
        RealMatrix precision = MatrixUtils.createRealMatrix(free, free);
        for (int j = 0, column = 0; j < 5; j++) {
            if (j != noise) {
                double[] moved = origin.clone();
                moved[j] += 1;
                RealVector there = without(At.point(model, moved).gradient(), noise);
                precision.setColumnVector(column, gradient.subtract(there));
                column++;
            }
        }
        LUDecomposition factors = new LUDecomposition(precision);
        double quadratic = gradient.dotProduct(factors.getSolver().solve(gradient));
        double integral = At.point(model, origin).logDensity()
                + quadratic / 2
                + free / 2.0 * Math.log(2 * Math.PI)
                - Math.log(factors.getDeterminant()) / 2;

        double[][] covariance = new double[N][N];
        double s = sd(Y);
        for (int a = 0; a < N; a++) {
            for (int b = 0; b < N; b++) {
                double sum = 1;
                for (int k = 0; k < 3; k++) {
                    sum += (X[a][k] - meanOfColumn(k)) * (X[b][k] - meanOfColumn(k)) / Math.pow(sdOfColumn(k), 2);
                }
                covariance[a][b] = Math.pow(2.5 * s, 2) * sum + (a == b ? sigma * sigma : 0);
            }
        }
        double[] means = new double[N];
        Arrays.fill(means, mean(Y));
        double evidence = Math.log(new MultivariateNormalDistribution(null, means, covariance).density(Y));
        assertThat(integral - scalePrior(s, sigma)).isCloseTo(evidence, within(1e-8));
    }

    private static RealVector without(DMatrixRMaj gradient, int excluded) {
        double[] rest = new double[gradient.numRows - 1];
        for (int d = 0, i = 0; d < gradient.numRows; d++) {
            if (d != excluded) {
                rest[i++] = gradient.get(d, 0);
            }
        }
        return new ArrayRealVector(rest);
    }

    @Test
    void logisticRegression() {
        At at = At.random(MODELS.get("logistic"), 1.5, 2);
        requireScales(at, 0, 1);
        double sum = standardisedPriors(at);
        for (int n = 0; n < N; n++) {
            double probability = 1 / (1 + Math.exp(-linear(at, at.value("level"), n)));
            sum += Math.log(BINARY[n] == 1 ? probability : 1 - probability);
        }
        requireFormula(at, sum);
    }

    private static double averageLogRate() {
        return Math.log(
                (Arrays.stream(COUNTS).sum() + 0.5) / Arrays.stream(EXPOSURE).sum());
    }

    @Test
    void poissonRegression() {
        At at = At.random(MODELS.get("Poisson"), 0.5, 3);
        requireScales(at, averageLogRate(), 1);
        double sum = standardisedPriors(at);
        for (int n = 0; n < N; n++) {
            double rate = EXPOSURE[n] * Math.exp(linear(at, at.value("level"), n));
            sum += COUNTS[n] * Math.log(rate) - rate - Gamma.logGamma(COUNTS[n] + 1);
        }
        requireFormula(at, sum);
    }

    @Test
    void equalExposuresAreOne() {
        double[] ones = new double[N];
        Arrays.fill(ones, 1);
        assertThat(At.random(PoissonRegression.of(X, COUNTS), 0.5, 4).logDensity())
                .isEqualTo(
                        At.random(PoissonRegression.of(X, COUNTS, ones), 0.5, 4).logDensity());
        assertThat(At.random(NegativeBinomialRegression.of(X, COUNTS), 0.5, 4).logDensity())
                .isEqualTo(At.random(NegativeBinomialRegression.of(X, COUNTS, ones), 0.5, 4)
                        .logDensity());
    }

    @Test
    void negativeBinomialRegression() {
        At at = At.random(MODELS.get("negative binomial"), 0.5, 5);
        requireScales(at, averageLogRate(), 1);
        double phi = at.value("dispersion");
        double sum = standardisedPriors(at) + log(new GammaDistribution(null, 2, 10), phi) + Math.log(phi);
        for (int n = 0; n < N; n++) {
            double rate = EXPOSURE[n] * Math.exp(linear(at, at.value("level"), n));
            int y = COUNTS[n];
            sum += Gamma.logGamma(y + phi)
                    - Gamma.logGamma(phi)
                    - Gamma.logGamma(y + 1)
                    + phi * Math.log(phi / (phi + rate))
                    + y * Math.log(rate / (phi + rate));
        }
        requireFormula(at, sum);
    }

    @Test
    void varyingIntercepts() {
        At at = At.random(MODELS.get("varying intercepts"), 1, 6);
        double sum = standardisedPriors(at)
                + normal(0, 1, at.coordinates("intercepts"))
                + scalePrior(sd(Y), at.value("group_sd"))
                + scalePrior(sd(Y), at.value("sigma"));
        for (int n = 0; n < N; n++) {
            double intercept = at.value("level") + at.value("group_sd") * at.coordinates("intercepts")[GROUP[n]];
            assertThat(at.values("intercepts")[GROUP[n]]).isCloseTo(intercept, within(1e-12));
            sum += normal(linear(at, intercept, n), at.value("sigma"), Y[n]);
        }
        requireFormula(at, sum);
    }

    @Test
    void gaussianMixture() {
        At at = At.random(MODELS.get("mixture"), 1, 7);
        double[] weights = at.values("weights");
        double[] means = at.values("means");
        double[] sds = at.values("sds");
        assertThat(means).isSorted();
        assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-14));
        double sum = normal(mean(Y), 2 * sd(Y), means) + at.coordinates("means")[1] + at.coordinates("means")[2];
        for (double sd : sds) {
            sum += log(new LogNormalDistribution(null, Math.log(sd(Y) / 2), 1), sd) + Math.log(sd);
        }
        sum += Gamma.logGamma(6) - 3 * Gamma.logGamma(2);
        for (double weight : weights) {
            sum += Math.log(weight);
        }
        double[] u = at.coordinates("weights");
        double first = weights[0];
        sum += Math.log(first * (1 - first));
        double fraction = weights[1] / (1 - first);
        sum += Math.log((1 - first) * fraction * (1 - fraction));
        assertThat(u).hasSize(2);
        for (double y : Y) {
            double density = 0;
            for (int k = 0; k < 3; k++) {
                density += weights[k] * Math.exp(normal(means[k], sds[k], y));
            }
            sum += Math.log(density);
        }
        requireFormula(at, sum);
    }

    @Test
    void localLevel() {
        At at = At.random(MODELS.get("local level"), 1, 8);
        double sum = normal(0, 1, at.coordinates("initial"))
                + normal(0, 1, at.coordinates("steps"))
                + scalePrior(sd(Y), at.value("level_sd"))
                + scalePrior(sd(Y), at.value("sigma"));
        double level = at.value("initial");
        assertThat(level).isCloseTo(mean(Y) + 2.5 * sd(Y) * at.coordinates("initial")[0], within(1e-12));
        for (int t = 0; t < N; t++) {
            if (t > 0) {
                level += at.value("level_sd") * at.values("steps")[t - 1];
            }
            assertThat(at.values("level")[t]).isCloseTo(level, within(1e-12));
            sum += normal(level, at.value("sigma"), Y[t]);
        }
        requireFormula(at, sum);
    }

    @Test
    void autoregression() {
        At at = At.random(MODELS.get("autoregression"), 1, 9);
        double[] phi = at.values("coefficients");
        double sum = normal(0, 1, at.coordinates("level")) + normal(0, 0.5, phi) + scalePrior(sd(Y), at.value("sigma"));
        for (int t = 2; t < N; t++) {
            double expected = at.value("level") + phi[0] * (Y[t - 1] - mean(Y)) + phi[1] * (Y[t - 2] - mean(Y));
            sum += normal(expected, at.value("sigma"), Y[t]);
        }
        requireFormula(at, sum);
        assertThat(at.value("intercept")).isCloseTo(at.value("level") - (phi[0] + phi[1]) * mean(Y), within(1e-12));
    }

    @Test
    void garch11() {
        At at = At.random(MODELS.get("GARCH"), 1, 10);
        double a1 = at.value("alpha1");
        double b1 = at.value("beta1");
        double persistence = at.value("persistence");
        double share = at.value("shock_share");
        assertThat(a1).isCloseTo(persistence * share, within(1e-14));
        assertThat(b1).isCloseTo(persistence * (1 - share), within(1e-14));
        double sum = normal(0, 1, at.coordinates("mu"))
                + normal(Math.log(sd(Y)), 1, at.coordinates("long_run_sd"))
                + Math.log(persistence * (1 - persistence))
                + Math.log(share * (1 - share));
        double a0 = Math.pow(at.value("long_run_sd"), 2) * (1 - persistence);
        assertThat(at.value("alpha0")).isCloseTo(a0, within(1e-12 * a0));
        double variance = Math.pow(sd(Y), 2);
        for (int t = 0; t < N; t++) {
            if (t > 0) {
                variance = a0 + a1 * Math.pow(Y[t - 1] - at.value("mu"), 2) + b1 * variance;
            }
            assertThat(at.values("volatility")[t]).isCloseTo(Math.sqrt(variance), within(1e-12 * variance));
            sum += normal(at.value("mu"), Math.sqrt(variance), Y[t]);
        }
        requireFormula(at, sum);
    }

    private static double covariance(At at, double[] a, double[] b) {
        double square = 0;
        for (int k = 0; k < a.length; k++) {
            square += Math.pow((a[k] - b[k]) / sdOfColumn(k), 2);
        }
        return Math.pow(at.value("amplitude"), 2) * Math.exp(-square / 2 / Math.pow(at.value("length_scale"), 2));
    }

    @Test
    void gaussianProcessRegression() {
        At at = At.random(MODELS.get("Gaussian process"), 0.7, 11);
        double amplitude = at.value("amplitude");
        double sigma = at.value("sigma");
        double sum = normal(0, 1, at.coordinates("level"))
                + Math.log(2)
                + normal(0, 2 * sd(Y), amplitude)
                + Math.log(amplitude)
                + normal(-0.5, 1, at.coordinates("length_scale"))
                + scalePrior(sd(Y), sigma);
        RealMatrix k = MatrixUtils.createRealMatrix(N, N);
        for (int a = 0; a < N; a++) {
            for (int b = 0; b < N; b++) {
                double noise = a == b ? sigma * sigma + 1e-9 * amplitude * amplitude : 0;
                k.setEntry(a, b, covariance(at, X[a], X[b]) + noise);
            }
        }
        LUDecomposition factors = new LUDecomposition(k);
        RealVector residual = new ArrayRealVector(Y).mapSubtract(at.value("level"));
        RealVector weights = factors.getSolver().solve(residual);
        sum -= (residual.dotProduct(weights) + Math.log(factors.getDeterminant()) + N * Math.log(2 * Math.PI)) / 2;
        requireFormula(at, sum);

        double[][] wanted = {{0, 5, 50}, {1, 4, 20}};
        for (int j = 0; j < wanted.length; j++) {
            RealVector cross = new ArrayRealVector(N);
            for (int n = 0; n < N; n++) {
                cross.setEntry(n, covariance(at, X[n], wanted[j]));
            }
            double mean = at.value("level") + cross.dotProduct(weights);
            double variance =
                    amplitude * amplitude - cross.dotProduct(factors.getSolver().solve(cross));
            assertThat(at.values("prediction")[j]).isCloseTo(mean, within(1e-9 * (1 + Math.abs(mean))));
            assertThat(at.values("prediction_sd")[j]).isCloseTo(Math.sqrt(variance), within(1e-9));
        }
    }

    @Test
    void horseshoeRegression() {
        At at = At.random(MODELS.get("horseshoe"), 1, 12);
        double sigma = at.value("sigma");
        double tau = at.value("tau");
        double slab = at.value("slab_squared");
        double slabScale = 2 * Math.pow(2.5 * sd(Y), 2);
        double sum = normal(0, 1, at.coordinates("level"))
                + normal(0, 1, at.coordinates("z"))
                + scalePrior(sd(Y), sigma)
                + Math.log(2)
                + log(new CauchyDistribution(null, 0, 1 / (2 * Math.sqrt(N))), tau)
                + Math.log(tau)
                + 2 * Math.log(slabScale)
                - 3 * Math.log(slab)
                - slabScale / slab
                + Math.log(slab);
        for (int k = 0; k < 3; k++) {
            double lambda = at.values("lambda")[k];
            sum += Math.log(2) + log(new CauchyDistribution(null, 0, 1), lambda) + Math.log(lambda);
            double shrunk = Math.sqrt(slab) * lambda / Math.sqrt(slab + Math.pow(tau * sigma * lambda, 2));
            double coefficient = at.values("z")[k] * shrunk * tau * sigma / sdOfColumn(k);
            assertThat(at.values("coefficients")[k])
                    .isCloseTo(coefficient, within(1e-12 * (1 + Math.abs(coefficient))));
        }
        for (int n = 0; n < N; n++) {
            sum += normal(linear(at, at.value("level"), n), sigma, Y[n]);
        }
        requireFormula(at, sum);
    }

    // ---- all models -------------------------------------------------------------------------------------------------

    @TestFactory
    List<DynamicTest> gradientsMatchFiniteDifferences() {
        return MODELS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Model model = entry.getValue();
                    DMatrixRMaj points = new DMatrixRMaj(model.dimension(), 6);
                    RandomGenerator random =
                            RandomGeneratorFactory.of("L64X128MixRandom").create(3);
                    for (int s = 0; s < points.numCols; s++) {
                        double spread = s < 3 ? 0.3 : 1;
                        for (int d = 0; d < points.numRows; d++) {
                            points.set(d, s, spread * random.nextGaussian());
                        }
                    }
                    assertThat(GradientCheck.worst(model.density(), model.layout(), points))
                            .isEmpty();
                }))
                .toList();
    }

    /** Prior draws have finite densities, so priors are proper and their supports are those of the transforms. */
    @TestFactory
    List<DynamicTest> priorsCanBeDrawnAndPredictFrom() {
        return MODELS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Model model = entry.getValue();
                    RandomGenerator random =
                            RandomGeneratorFactory.of("L64X128MixRandom").create(4);
                    DMatrixRMaj draws = model.priorDraws(20, random);
                    assertThat(draws.numRows).isEqualTo(model.dimension());
                    assertThat(model.observations()).containsExactly("y");
                    DMatrixRMaj replicated = model.predict("y", draws, random);
                    assertThat(replicated.numCols).isEqualTo(20);
                    assertThat(replicated.data).doesNotContain(Double.NaN);
                    assertThat(model.density().rowCount() == 0
                                    || replicated.numRows == model.density().rowCount())
                            .isTrue();
                }))
                .toList();
    }

    @Test
    void quantitiesHaveTheNamesDocumented() {
        assertThat(At.parameterNames(MODELS.get("linear"))).containsExactly("level", "coefficients", "sigma");
        assertThat(At.quantityNames(MODELS.get("linear")))
                .containsExactly("level", "coefficients", "sigma", "intercept");
        assertThat(At.quantityNames(MODELS.get("logistic"))).containsExactly("level", "coefficients", "intercept");
        assertThat(At.quantityNames(MODELS.get("Poisson"))).containsExactly("level", "coefficients", "intercept");
        assertThat(At.quantityNames(MODELS.get("negative binomial")))
                .containsExactly("dispersion", "level", "coefficients", "intercept");
        assertThat(At.quantityNames(MODELS.get("varying intercepts")))
                .containsExactly("level", "coefficients", "group_sd", "sigma", "intercepts");
        assertThat(At.quantityNames(MODELS.get("mixture"))).containsExactly("weights", "means", "sds");
        assertThat(At.quantityNames(MODELS.get("local level")))
                .containsExactly("initial", "level_sd", "sigma", "level", "steps");
        assertThat(At.quantityNames(MODELS.get("autoregression")))
                .containsExactly("level", "coefficients", "sigma", "intercept");
        assertThat(At.quantityNames(MODELS.get("GARCH")))
                .containsExactly(
                        "mu", "long_run_sd", "persistence", "shock_share", "alpha0", "alpha1", "beta1", "volatility");
        assertThat(At.quantityNames(MODELS.get("Gaussian process")))
                .containsExactly("level", "amplitude", "length_scale", "sigma", "prediction", "prediction_sd");
        assertThat(At.quantityNames(MODELS.get("horseshoe")))
                .containsExactly("level", "sigma", "tau", "coefficients", "intercept", "lambda", "slab_squared", "z");
    }
}

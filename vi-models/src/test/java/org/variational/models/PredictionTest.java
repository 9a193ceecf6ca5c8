package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.models.LatentModelsTest.COUNTS;
import static org.variational.models.LatentModelsTest.EXPOSURE;
import static org.variational.models.LatentModelsTest.GROUP;
import static org.variational.models.LatentModelsTest.X;
import static org.variational.models.LatentModelsTest.Y;
import static org.variational.models.LatentModelsTest.mean;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.special.Gamma;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/**
 * Predictions of the ready-made models against closed forms. The draws of a posterior at one point are independent
 * given it, so their averages are normal about what is expected: five standard errors are exceeded once in a million
 * and a half comparisons, and fewer than two hundred are made, with seeds that are fixed.
 */
class PredictionTest {

    private static final int S = 20_000;
    private static final double[][] NEW_X = {{4}, {7}, {4}};
    private static final int[] OUTCOMES = {1, 0, 1, 1, 0, 0, 1, 0, 1};

    private static double[] coordinates(Model model, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] u = new double[model.dimension()];
        Arrays.setAll(u, d -> 0.4 * (2 * random.nextDouble() - 1));
        return u;
    }

    /** A posterior that is certain of one point. */
    private static Posterior certain(Model model, double[] u, int draws) {
        DMatrixRMaj points = new DMatrixRMaj(u.length, draws);
        for (int d = 0; d < u.length; d++) {
            Arrays.fill(points.data, d * draws, (d + 1) * draws, u[d]);
        }
        return Posterior.of(model.layout(), points, new double[draws]);
    }

    private static double[] row(DMatrixRMaj matrix, int row) {
        return Arrays.copyOfRange(matrix.data, row * matrix.numCols, (row + 1) * matrix.numCols);
    }

    private static void requireMean(String what, double[] draws, double expected) {
        double error = LatentModelsTest.sd(draws) / Math.sqrt(draws.length);
        assertThat(mean(draws)).as(what).isCloseTo(expected, within(5 * error));
    }

    /** The mean of squared deviations from what is expected. */
    private static void requireVariance(String what, double[] draws, double expected, double variance) {
        double[] squares =
                Arrays.stream(draws).map(y -> (y - expected) * (y - expected)).toArray();
        requireMean("variance of " + what, squares, variance);
    }

    private static double centred(double x) {
        return x - mean(LatentModelsTest.x());
    }

    private static double linear(At at, double x) {
        return at.value("level") + at.value("coefficients") * centred(x);
    }

    /** Expected outcomes by formula, those drawn by their averages, and both for any number of draws that differ. */
    private static void requireRegression(Regression regression, BiFunction<At, Double, Double> expected, long seed) {
        Model model = regression.model();
        double[] u = coordinates(model, seed);
        At at = At.point(model, u);
        Posterior posterior = certain(model, u, S);
        DMatrixRMaj means = regression.expected(posterior, NEW_X);
        DMatrixRMaj draws = regression.predict(posterior, NEW_X, seed);
        assertThat(means.numRows).isEqualTo(draws.numRows).isEqualTo(NEW_X.length);
        assertThat(means.numCols).isEqualTo(draws.numCols).isEqualTo(S);
        for (int n = 0; n < NEW_X.length; n++) {
            double exact = expected.apply(at, NEW_X[n][0]);
            assertThat(means.get(n, 5)).isCloseTo(exact, within(1e-9 * (1 + Math.abs(exact))));
            requireMean(model.name(), row(draws, n), exact);
        }
        assertThat(regression.predict(posterior, NEW_X, seed).data).isEqualTo(draws.data);
        assertThat(regression.predict(posterior, NEW_X, seed + 1).data).isNotEqualTo(draws.data);
        assertThat(regression.expected(posterior, new double[0][]).numRows).isZero();
    }

    @Test
    void regressions() {
        LinearRegression linear =
                LinearRegression.builder().predictors(X).outcome(Y).build();
        requireRegression(linear, PredictionTest::linear, 1);
        double[] u = coordinates(linear.model(), 1);
        At at = At.point(linear.model(), u);
        double[] draws = row(linear.predict(certain(linear.model(), u, S), NEW_X, 1), 1);
        requireVariance("linear", draws, linear(at, 7), Math.pow(at.value("sigma"), 2));
        requireRegression(
                LogisticRegression.builder().predictors(X).outcome(OUTCOMES).build(),
                (a, x) -> 1 / (1 + Math.exp(-linear(a, x))),
                2);
        requireRegression(
                PoissonRegression.builder()
                        .predictors(X)
                        .outcome(COUNTS)
                        .exposure(EXPOSURE)
                        .build(),
                (a, x) -> Math.exp(linear(a, x)),
                3);
        requireRegression(
                NegativeBinomialRegression.builder()
                        .predictors(X)
                        .outcome(COUNTS)
                        .build(),
                (a, x) -> Math.exp(linear(a, x)),
                4);
        requireRegression(
                WeibullSurvival.builder()
                        .predictors(X)
                        .times(LatentModelsTest.TIME, LatentModelsTest.EVENT)
                        .build(),
                (a, x) -> Math.exp(linear(a, x) + Gamma.logGamma(1 + 1 / a.value("shape"))),
                5);
        double[][] wide = LatentModelsTest.WIDE;
        HorseshoeRegression horseshoe = HorseshoeRegression.builder()
                .predictors(wide)
                .outcome(Y)
                .expectedNonzero(1)
                .build();
        Model model = horseshoe.model();
        At point = At.point(model, coordinates(model, 6));
        double[] b = point.values("coefficients");
        Posterior posterior = certain(model, coordinates(model, 6), 2);
        double expected = point.value("intercept") + 3 * b[0] + 50 * b[1];
        assertThat(horseshoe.expected(posterior, new double[][] {{3, 50}}).get(0, 1))
                .isCloseTo(expected, within(1e-10 * (1 + Math.abs(expected))));
    }

    @Test
    void exposuresMultiplyCounts() {
        PoissonRegression regression =
                PoissonRegression.builder().predictors(X).outcome(COUNTS).build();
        Model model = regression.model();
        Posterior posterior = certain(model, coordinates(model, 1), S);
        DMatrixRMaj once = regression.expected(posterior, NEW_X);
        double[] exposure = {1, 2, 30};
        DMatrixRMaj more = regression.expected(posterior, NEW_X, exposure);
        DMatrixRMaj draws = regression.predict(posterior, NEW_X, exposure, 2);
        for (int n = 0; n < 3; n++) {
            assertThat(more.get(n, 0)).isCloseTo(exposure[n] * once.get(n, 0), within(1e-12 * more.get(n, 0)));
            requireMean("counts", row(draws, n), more.get(n, 0));
            requireVariance("counts", row(draws, n), more.get(n, 0), more.get(n, 0));
        }
    }

    @Test
    void drawsOfDifferentPointsKeepTheirColumns() {
        LinearRegression regression =
                LinearRegression.builder().predictors(X).outcome(Y).build();
        DMatrixRMaj points = new DMatrixRMaj(3, 2, true, 0.1, -0.3, 0.2, 0.7, -1, 0.5);
        Posterior posterior = Posterior.of(regression.model().layout(), points, new double[2]);
        DMatrixRMaj expected = regression.expected(posterior, NEW_X);
        for (int s = 0; s < 2; s++) {
            At at = At.point(regression.model(), points.get(0, s), points.get(1, s), points.get(2, s));
            assertThat(expected.get(1, s)).isCloseTo(linear(at, 7), within(1e-11));
        }
    }

    @Test
    void groupsSeenAndNew() {
        VaryingIntercepts model = VaryingIntercepts.builder()
                .predictors(X)
                .group(GROUP, 4)
                .outcome(Y)
                .build();
        double[] u = coordinates(model.model(), 1);
        At at = At.point(model.model(), u);
        Posterior posterior = certain(model.model(), u, S);
        int[] group = {2, 4, 4};
        double[][] same = {{6}, {6}, {6}};
        double slope = at.value("coefficients") * centred(6);
        DMatrixRMaj expected = model.expected(posterior, same, group);
        DMatrixRMaj draws = model.predict(posterior, same, group, 3);
        double known = at.values("intercepts")[2] + slope;
        double fresh = at.value("level") + slope;
        double noise = Math.pow(at.value("sigma"), 2);
        assertThat(expected.get(0, 0)).isCloseTo(known, within(1e-12));
        assertThat(expected.get(1, 0)).isCloseTo(fresh, within(1e-12));
        requireMean("known", row(draws, 0), known);
        requireVariance("known", row(draws, 0), known, noise);
        requireMean("new", row(draws, 1), fresh);
        requireVariance("new", row(draws, 1), fresh, noise + Math.pow(at.value("group_sd"), 2));
        double[] difference = new double[S];
        Arrays.setAll(difference, s -> draws.get(1, s) - draws.get(2, s));
        requireVariance("rows of one new group", difference, 0, 2 * noise);
        assertThat(model.predict(posterior, same, group, 3).data).isEqualTo(draws.data);
    }

    @Test
    void slopesOfGroupsSeenAndNew() {
        VaryingSlopes model = LatentModelsTest.SLOPES;
        double[] u = coordinates(model.model(), 2);
        At at = At.point(model.model(), u);
        Posterior posterior = certain(model.model(), u, S);
        DMatrixRMaj draws = model.predict(posterior, new double[][] {{8}, {8}}, new int[] {3, 7}, 4);
        double known = at.values("effects")[6] + at.values("effects")[7] * centred(8);
        assertThat(model.expected(posterior, new double[][] {{8}}, new int[] {3})
                        .get(0, 0))
                .isCloseTo(known, within(1e-12));
        assertThat(model.expected(posterior, new double[][] {{8}}, new int[] {9})
                        .get(0, 0))
                .isCloseTo(linear(at, 8), within(1e-12));
        double[] sd = at.values("group_sd");
        double r = at.values("correlation")[1];
        double c = centred(8);
        double spread = sd[0] * sd[0] + 2 * c * r * sd[0] * sd[1] + c * c * sd[1] * sd[1];
        double noise = Math.pow(at.value("sigma"), 2);
        requireMean("known", row(draws, 0), known);
        requireMean("new", row(draws, 1), linear(at, 8));
        requireVariance("new", row(draws, 1), linear(at, 8), spread + noise);
    }

    @Test
    void autoregressionGoesOn() {
        Autoregression series = Autoregression.builder().series(Y).order(2).build();
        double[] u = coordinates(series.model(), 1);
        At at = At.point(series.model(), u);
        DMatrixRMaj draws = series.forecast(certain(series.model(), u, S), 3, 5);
        double[] phi = at.values("coefficients");
        double noise = Math.pow(at.value("sigma"), 2);
        double one = at.value("intercept") + phi[0] * Y[8] + phi[1] * Y[7];
        double two = at.value("intercept") + phi[0] * one + phi[1] * Y[8];
        double three = at.value("intercept") + phi[0] * two + phi[1] * one;
        double later = phi[0] * phi[0] + phi[1];
        requireMean("first", row(draws, 0), one);
        requireVariance("first", row(draws, 0), one, noise);
        requireMean("second", row(draws, 1), two);
        requireVariance("second", row(draws, 1), two, noise * (1 + phi[0] * phi[0]));
        requireMean("third", row(draws, 2), three);
        requireVariance("third", row(draws, 2), three, noise * (1 + phi[0] * phi[0] + later * later));
    }

    @Test
    void localLevelGoesOn() {
        LocalLevel series = LocalLevel.builder().series(Y).build();
        double[] u = coordinates(series.model(), 1);
        At at = At.point(series.model(), u);
        DMatrixRMaj draws = series.forecast(certain(series.model(), u, S), 4, 5);
        double level = at.values("level")[8];
        for (int t = 0; t < 4; t++) {
            requireMean("level", row(draws, t), level);
            double variance = (t + 1) * Math.pow(at.value("level_sd"), 2) + Math.pow(at.value("sigma"), 2);
            requireVariance("level", row(draws, t), level, variance);
        }
    }

    @Test
    void volatilityGoesOn() {
        Garch11 series = Garch11.builder().series(Y).build();
        double[] u = coordinates(series.model(), 1);
        At at = At.point(series.model(), u);
        DMatrixRMaj draws = series.forecast(certain(series.model(), u, S), 3, 6);
        double mu = at.value("mu");
        double variance = at.value("alpha0")
                + at.value("alpha1") * Math.pow(Y[8] - mu, 2)
                + at.value("beta1") * Math.pow(at.values("volatility")[8], 2);
        for (int t = 0; t < 3; t++) {
            requireMean("return", row(draws, t), mu);
            requireVariance("return", row(draws, t), mu, variance);
            variance = at.value("alpha0") + at.value("persistence") * variance;
        }
    }

    /** By summing the densities of all paths of states. */
    @Test
    void statesAndTheirFuture() {
        HiddenMarkov series = LatentModelsTest.MARKOV;
        double[] y = LatentModelsTest.SERIES;
        double[] u = coordinates(series.model(), 3);
        At at = At.point(series.model(), u);
        double[] densities = LatentModelsTest.pathDensities(at, y);
        double total = Arrays.stream(densities).sum();
        Posterior posterior = certain(series.model(), u, S);
        Posterior few = certain(series.model(), u, 2);
        DMatrixRMaj smoothed = series.stateProbabilities(few);
        for (int t = 0; t < y.length; t++) {
            double second = 0;
            for (int path = 0; path < densities.length; path++) {
                second += (path >> t) % 2 == 1 ? densities[path] / total : 0;
            }
            assertThat(smoothed.get(t, 1)).isCloseTo(second, within(1e-12));
            assertThat(smoothed.get(t, 0)).isCloseTo(1 - second, within(1e-12));
        }
        DMatrixRMaj filtered = series.filteredProbabilities(few);
        double[] start = LatentModelsTest.pathDensities(at, Arrays.copyOf(y, 3));
        double upToThird = 0;
        for (int path = 4; path < 8; path++) {
            upToThird += start[path] / Arrays.stream(start).sum();
        }
        assertThat(filtered.get(2, 1)).isCloseTo(upToThird, within(1e-12));
        assertThat(filtered.get(5, 1)).isCloseTo(smoothed.get(5, 1), within(1e-12));

        DMatrixRMaj draws = series.forecast(posterior, 2, 7);
        double second = filtered.get(5, 1);
        double[] p = at.values("transition");
        for (int t = 0; t < 2; t++) {
            second = (1 - second) * p[1] + second * p[3];
            double[] means = at.values("means");
            requireMean("future", row(draws, t), (1 - second) * means[0] + second * means[1]);
        }
    }

    @Test
    void mixtures() {
        GaussianMixture mixture =
                GaussianMixture.builder().observations(Y).components(2).build();
        double[] u = coordinates(mixture.model(), 4);
        At at = At.point(mixture.model(), u);
        double[] w = at.values("weights");
        double[] m = at.values("means");
        double[] sd = at.values("sds");
        DMatrixRMaj draws = mixture.predict(certain(mixture.model(), u, S), 2, 8);
        double expected = w[0] * m[0] + w[1] * m[1];
        double square = w[0] * (m[0] * m[0] + sd[0] * sd[0]) + w[1] * (m[1] * m[1] + sd[1] * sd[1]);
        requireMean("mixture", row(draws, 0), expected);
        requireVariance("mixture", row(draws, 1), expected, square - expected * expected);
        double y = 0.7;
        double[] density = new double[2];
        for (int k = 0; k < 2; k++) {
            density[k] = w[k] / sd[k] * Math.exp(-Math.pow((y - m[k]) / sd[k], 2) / 2);
        }
        DMatrixRMaj probabilities =
                mixture.componentProbabilities(certain(mixture.model(), u, 3), new double[] {y, 1e6});
        assertThat(probabilities.get(0, 1)).isCloseTo(density[1] / (density[0] + density[1]), within(1e-13));
        assertThat(probabilities.get(1, 0) + probabilities.get(1, 1)).isCloseTo(1, within(1e-13));
    }

    /** Two inputs that are near have outcomes that vary together. */
    @Test
    void gaussianProcess() {
        double[][] wanted = {{4}, {4.5}};
        GaussianProcessRegression regression = GaussianProcessRegression.builder()
                .inputs(X)
                .outcome(Y)
                .reportAt(wanted)
                .build();
        double[] u = coordinates(regression.model(), 5);
        At at = At.point(regression.model(), u);
        int draws = 4000;
        Posterior posterior = certain(regression.model(), u, draws);
        DMatrixRMaj expected = regression.expected(posterior, wanted);
        DMatrixRMaj outcomes = regression.predict(posterior, wanted, 9);
        double noise = Math.pow(at.value("sigma"), 2);
        for (int n = 0; n < 2; n++) {
            double mean = at.values("prediction")[n];
            assertThat(expected.get(n, 17)).isCloseTo(mean, within(1e-9));
            requireMean("outcome", row(outcomes, n), mean);
            requireVariance("outcome", row(outcomes, n), mean, noise + Math.pow(at.values("prediction_sd")[n], 2));
        }
        RealVector[] cross = {cross(at, 4), cross(at, 4.5)};
        var known = LatentModelsTest.covariances(at);
        for (int n = 0; n < known.getRowDimension(); n++) {
            known.setEntry(n, n, LatentModelsTest.covariance(at, 0, 0) * (1 + 1e-9) + noise);
        }
        double together = LatentModelsTest.covariance(at, 4, 4.5)
                - cross[0].dotProduct(new LUDecomposition(known).getSolver().solve(cross[1]));
        double[] products = new double[draws];
        Arrays.setAll(
                products, s -> (outcomes.get(0, s) - expected.get(0, s)) * (outcomes.get(1, s) - expected.get(1, s)));
        requireMean("covariance", products, together);
    }

    private static RealVector cross(At at, double x) {
        return new ArrayRealVector(Arrays.stream(X)
                .mapToDouble(row -> LatentModelsTest.covariance(at, row[0], x))
                .toArray());
    }

    @Test
    void poissonGaussianProcess() {
        PoissonGaussianProcess process = LatentModelsTest.COX;
        double[] u = coordinates(process.model(), 6);
        At at = At.point(process.model(), u);
        Posterior posterior = certain(process.model(), u, 4000);
        var solver = new LUDecomposition(LatentModelsTest.covariances(at)).getSolver();
        DMatrixRMaj counts = process.predict(posterior, NEW_X, 10);
        for (int n = 0; n < NEW_X.length; n++) {
            RealVector cross = cross(at, NEW_X[n][0]);
            double mean = cross.dotProduct(solver.solve(new ArrayRealVector(at.values("f"))));
            double variance = Math.pow(at.value("amplitude"), 2) - cross.dotProduct(solver.solve(cross));
            double expected = Math.exp(at.value("level") + mean + Math.max(0, variance) / 2);
            assertThat(process.expected(posterior, NEW_X).get(n, 3)).isCloseTo(expected, within(1e-6 * expected));
            requireMean("counts", row(counts, n), expected);
        }
    }

    @Test
    void survival() {
        WeibullSurvival survival = LatentModelsTest.WEIBULL;
        double[] u = coordinates(survival.model(), 7);
        At at = At.point(survival.model(), u);
        Posterior posterior = certain(survival.model(), u, S);
        double shape = at.value("shape");
        double time = Math.exp(linear(at, 4));
        DMatrixRMaj beyond = survival.survival(posterior, NEW_X, time);
        DMatrixRMaj times = survival.predict(posterior, NEW_X, 11);
        for (int n = 0; n < NEW_X.length; n++) {
            double exact = Math.exp(-Math.pow(time / Math.exp(linear(at, NEW_X[n][0])), shape));
            assertThat(beyond.get(n, 0)).isCloseTo(exact, within(1e-12));
            double[] later =
                    Arrays.stream(row(times, n)).map(t -> t > time ? 1 : 0).toArray();
            requireMean("later", later, exact);
        }
    }

    @Test
    void answers() {
        ItemResponse items = LatentModelsTest.ITEMS;
        double[] u = coordinates(items.model(), 8);
        At at = At.point(items.model(), u);
        Posterior posterior = certain(items.model(), u, S);
        int[] person = {3, 0};
        int[] item = {1, 2};
        DMatrixRMaj probability = items.expected(posterior, person, item);
        DMatrixRMaj draws = items.predict(posterior, person, item, 12);
        for (int n = 0; n < 2; n++) {
            double logOdds = at.values("discrimination")[item[n]]
                    * (at.values("ability")[person[n]] - at.values("difficulty")[item[n]]);
            double exact = 1 / (1 + Math.exp(-logOdds));
            assertThat(probability.get(n, 0)).isCloseTo(exact, within(1e-14));
            requireMean("answer", row(draws, n), exact);
        }
    }

    /** The medians of log normal populations are the solution that goes on. */
    @Test
    void populationsGoOn() {
        LotkaVolterra hares = LatentModelsTest.HARES;
        double[] u = coordinates(hares.model(), 9);
        At at = At.point(hares.model(), u);
        DMatrixRMaj draws = hares.forecast(certain(hares.model(), u, S), 2, 13);
        double[] z = Arrays.copyOfRange(at.values("populations"), 8, 10);
        for (int t = 0; t < 2; t++) {
            z = LatentModelsTest.after(at, z, 0.5);
            for (int i = 0; i < 2; i++) {
                double[] logs =
                        Arrays.stream(row(draws, 2 * t + i)).map(Math::log).toArray();
                requireMean("population", logs, Math.log(z[i]));
                requireVariance("population", logs, Math.log(z[i]), Math.pow(at.values("sigma")[i], 2));
            }
        }
    }

    // ---- misuse -----------------------------------------------------------------------------------------------------

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContainingAll(parts);
    }

    @Test
    void predictionsRefuseWhatDoesNotFit() {
        LinearRegression regression =
                LinearRegression.builder().predictors(X).outcome(Y).build();
        Posterior posterior = certain(regression.model(), new double[3], 2);
        Posterior other = certain(LatentModelsTest.ITEMS.model(), new double[12], 2);
        refused(() -> regression.expected(other, NEW_X), "12 coordinates", "linear-regression", "3", "model()");
        refused(() -> regression.expected(posterior, new double[][] {{1, 2}}), "newX[0]", "2 entries", "1 columns");
        refused(() -> regression.predict(posterior, new double[][] {{1}, {Double.NaN}}, 1), "newX[1][0]", "NaN");
        LocalLevel level = LocalLevel.builder().series(Y).build();
        Posterior ofLevel = certain(level.model(), new double[level.model().dimension()], 2);
        refused(() -> level.forecast(ofLevel, 0, 1), "steps", "0");
        PoissonRegression counts =
                PoissonRegression.builder().predictors(X).outcome(COUNTS).build();
        Posterior ofCounts = certain(counts.model(), new double[2], 2);
        refused(() -> counts.expected(ofCounts, NEW_X, new double[] {1}), "newX has 3", "newExposure has 1");
        refused(() -> counts.expected(ofCounts, NEW_X, new double[] {1, 0, 1}), "newExposure[1]", "positive");
        VaryingSlopes slopes = LatentModelsTest.SLOPES;
        Posterior ofSlopes = certain(slopes.model(), new double[slopes.model().dimension()], 2);
        refused(() -> slopes.expected(ofSlopes, NEW_X, new int[] {0, 1}), "newGroup has 2", "newX has 3");
        refused(() -> slopes.expected(ofSlopes, NEW_X, new int[] {0, -1, 2}), "newGroup[1]", "-1");
        Posterior ofItems = certain(LatentModelsTest.ITEMS.model(), new double[12], 2);
        refused(() -> LatentModelsTest.ITEMS.expected(ofItems, new int[] {0}, new int[] {3}), "item[0]", "3", "0 to 2");
    }

    @Test
    void buildersRefuseWhatIsMissingOrDoesNotFit() {
        assertThatIllegalStateException()
                .isThrownBy(() -> LinearRegression.builder().outcome(Y).build())
                .withMessageContaining("predictors(x)");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> VaryingSlopes.builder().predictors(X).outcome(Y).build())
                .withMessageContaining("group(group, groups)");
        refused(
                () -> PoissonRegression.builder()
                        .predictors(X)
                        .outcome(COUNTS)
                        .exposure(new double[2])
                        .build(),
                "exposure has 2",
                "y has 9");
        refused(() -> LinearRegression.builder().priorScale(-1), "priorScale", "-1");
        refused(
                () -> VaryingSlopes.builder()
                        .predictors(X)
                        .group(new int[3], 2)
                        .outcome(Y)
                        .build(),
                "group has 3",
                "y has 9");
        refused(() -> HiddenMarkov.of(Y, 1), "states", "2", "1");
        refused(() -> HiddenMarkov.of(new double[] {1, 2}, 2), "2 values", "3");
        refused(() -> ItemResponse.of(new int[][] {{1, 0}, {1}}), "row 1", "1 answers", "2");
        refused(() -> WeibullSurvival.of(X, new double[] {1, 2, 3, 4, 5, 6, 7, 0, 9}, OUTCOMES), "time[7]", "positive");
        refused(() -> WeibullSurvival.of(X, Y, new int[2]), "event has 2", "9");
        refused(() -> LotkaVolterra.of(new double[][] {{1, 2}, {1, 2}, {1}}), "populations[2]", "1 numbers", "2");
        refused(() -> LotkaVolterra.of(new double[][] {{1, 2}, {1, 0}, {1, 1}}), "populations[1][1]", "positive");
    }
}

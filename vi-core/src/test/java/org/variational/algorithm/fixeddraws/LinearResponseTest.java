package org.variational.algorithm.fixeddraws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Targets;
import org.variational.algorithm.Task;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.BlockGaussian;
import org.variational.family.Families;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * For a Gaussian posterior the covariance by linear response is the posterior's, whatever the family and whatever the
 * fixed draws, because a tilted Gaussian is the same Gaussian moved. The differences of gradients behind it are
 * accurate to about 1e-9, and optima to the square of the Newton tolerance; conditioning costs up to a few digits.
 */
class LinearResponseTest {

    private static final Limits UNLIMITED = Limits.ofEvaluations(Long.MAX_VALUE);

    /** A Gaussian with random mean, scales from 0.01 to 100, and correlations. */
    record Posterior(double[] mean, DMatrixRMaj covariance, LogDensity density) {
        static Posterior random(int d, long seed) {
            RandomGenerator random = RandomStreams.of(seed).generator("posterior", d);
            DMatrixRMaj factor = new DMatrixRMaj(d, d);
            double[] mean = new double[d];
            for (int i = 0; i < d; i++) {
                double scale = Math.pow(10, 4 * random.nextDouble() - 2);
                mean[i] = scale * 3 * random.nextGaussian();
                for (int j = 0; j <= i; j++) {
                    factor.set(i, j, scale * (i == j ? 1 : 0.7 * random.nextGaussian() / Math.sqrt(i)));
                }
            }
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multOuter(factor, covariance);
            DMatrixRMaj inverse = new DMatrixRMaj(d, d);
            CommonOps_DDRM.invert(covariance, inverse);
            double[][] precision = new double[d][d];
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    precision[i][j] = 0.5 * (inverse.get(i, j) + inverse.get(j, i));
                }
            }
            return new Posterior(mean, covariance, Targets.gaussian(mean, precision, 0, 0));
        }

        double[] conditionalDeviations() {
            DMatrixRMaj inverse = new DMatrixRMaj(mean.length, mean.length);
            CommonOps_DDRM.invert(covariance.copy(), inverse);
            double[] sd = new double[mean.length];
            for (int i = 0; i < sd.length; i++) {
                sd[i] = 1 / Math.sqrt(inverse.get(i, i));
            }
            return sd;
        }
    }

    static VariationalFamily family(String name, int d) {
        return switch (name) {
            case "mean-field" -> MeanFieldGaussian.of(d);
            case "full-rank" -> FullRankGaussian.of(d);
            case "low-rank" -> LowRankGaussian.of(d, Math.min(2, d));
            case "blocks" ->
                BlockGaussian.of(
                        List.of(new BlockGaussian.Block((d + 1) / 2, false), new BlockGaussian.Block(d / 2, false)));
            case "locals" ->
                BlockGaussian.of(List.of(
                        new BlockGaussian.Block(1, true),
                        new BlockGaussian.Block((d - 1) / 2, false),
                        new BlockGaussian.Block(d - 1 - (d - 1) / 2, true)));
            default -> throw new IllegalArgumentException(name);
        };
    }

    static void assertCovariance(DMatrixRMaj actual, DMatrixRMaj expected, double tolerance) {
        for (int i = 0; i < expected.numRows; i++) {
            for (int j = 0; j < expected.numCols; j++) {
                double unit = Math.sqrt(expected.get(i, i) * expected.get(j, j));
                assertThat(actual.get(i, j) / unit)
                        .as("covariance (%d, %d)", i, j)
                        .isCloseTo(expected.get(i, j) / unit, within(tolerance));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mean-field, 1",
        "mean-field, 2",
        "mean-field, 5",
        "mean-field, 20",
        "low-rank, 2",
        "low-rank, 5",
        "low-rank, 20",
        "blocks, 2",
        "blocks, 5",
        "blocks, 20",
        "locals, 4",
        "locals, 9",
        "full-rank, 1",
        "full-rank, 2",
        "full-rank, 5",
        "full-rank, 20"
    })
    void isTheCovarianceOfAGaussianPosterior(String name, int d) {
        Posterior posterior = Posterior.random(d, 11);
        VariationalFamily family = family(name, d);
        LinearResponse response =
                LinearResponse.of(posterior.density, ParameterLayout.unnamed(d), start(family, posterior), 0, 3);
        assertThat(response.problem()).isEmpty();
        assertCovariance(response.covariance().orElseThrow(), posterior.covariance, 1e-6);
    }

    /** Without the term of J by the mean of the draws the covariance would be off by some 7 % at 30 draws. */
    @ParameterizedTest
    @ValueSource(strings = {"mean-field", "low-rank", "blocks", "full-rank"})
    void isExactForDrawsWhoseMomentsAreNotMatched(String name) {
        int d = 3;
        Posterior posterior = Posterior.random(d, 5);
        VariationalFamily family = family(name, d);
        FixedDrawObjective objective = objective(posterior.density, family, 30, false);
        TrustRegionNewton newton =
                optimum(objective, family.initialParameters(posterior.mean, posterior.conditionalDeviations()));
        double[] optimum = newton.parameters();
        for (int solves : new int[] {d, 1000}) {
            OptimumCurvature curvature = OptimumCurvature.at(objective, optimum, newton.gradient(), solves);
            DMatrixRMaj covariance = LinearResponse.at(objective, optimum, curvature)
                    .covariance()
                    .orElseThrow();
            assertCovariance(covariance, posterior.covariance, 1e-6);
        }
    }

    @Test
    void isTheSpreadOfAFunction() {
        Posterior posterior = Posterior.random(5, 2);
        LinearResponse response = LinearResponse.of(
                posterior.density, ParameterLayout.unnamed(5), start(MeanFieldGaussian.of(5), posterior), 0, 1);
        double[] slope = {1 / posterior.mean[0], -2 / posterior.mean[1], 0, 1 / posterior.mean[3], 3};
        double variance = 0;
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                variance += slope[i] * slope[j] * posterior.covariance.get(i, j);
            }
        }
        assertThat(response.standardDeviation(slope).orElseThrow() / Math.sqrt(variance))
                .isCloseTo(1, within(1e-6));
        assertThatThrownBy(() -> response.standardDeviation(new double[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5");
        assertThatThrownBy(() -> response.standardDeviation(new double[] {0, Double.NaN, 0, 0, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slope[1]");
    }

    private static GaussianDistribution start(VariationalFamily family, Posterior posterior) {
        return (GaussianDistribution)
                family.member(family.initialParameters(posterior.mean, posterior.conditionalDeviations()));
    }

    @Test
    void manyCoordinatesHaveFunctionsButNoMatrix() {
        int d = 1500;
        double[] sd = new double[d];
        for (int i = 0; i < d; i++) {
            sd[i] = 1 + i % 3;
        }
        MeanFieldGaussian family = MeanFieldGaussian.of(d);
        LinearResponse response = LinearResponse.of(
                Targets.independent(new double[d], sd),
                ParameterLayout.unnamed(d),
                family.member(family.initialParameters(new double[d], sd)),
                0,
                1);
        double[] slope = new double[d];
        java.util.Arrays.fill(slope, 1);
        assertThat(response.standardDeviation(slope).orElseThrow())
                .isCloseTo(Math.sqrt(500 * (1 + 4 + 9)), within(1e-4));
        assertThatThrownBy(response::covariance)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1500")
                .hasMessageContaining("standardDeviation(slope)");
    }

    /** The answer of another algorithm is moved to the optimum of the fixed draws, and it is said how far. */
    @Test
    void servesFitsOfOtherAlgorithms() {
        LogDensity target = Targets.correlated(0.9, 0);
        Fit fit = VariationalInference.of(target)
                .family(Families.meanField())
                .seed(4)
                .run();
        ParameterLayout layout = ParameterLayout.unnamed(2);
        GaussianDistribution q = (GaussianDistribution) fit.distribution();
        LinearResponse response = LinearResponse.of(target, layout, q, 0, 4);
        assertThat(response.moved()).isLessThan(0.06);
        FullRankGaussian.Member corrected = response.corrected(q.mean()).orElseThrow();
        assertThat(corrected.mean()).isEqualTo(q.mean());
        assertThat(corrected.covariance().get(0, 0)).isCloseTo(1, within(1e-6));
        assertThat(corrected.covariance().get(0, 1)).isCloseTo(0.9, within(1e-6));
        MeanFieldGaussian family = MeanFieldGaussian.of(2);
        LinearResponse far = LinearResponse.of(
                target,
                layout,
                family.member(family.initialParameters(new double[] {4, 4}, new double[] {0.1, 0.1})),
                0,
                4);
        assertThat(far.problem()).isEmpty();
        assertThat(far.moved()).isGreaterThan(3);
    }

    @Test
    void whereThereIsNoMinimumThereIsNoAnswer() {
        LogDensity flat = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = 0;
            return -0.5 * u[0] * u[0];
        });
        MeanFieldGaussian family = MeanFieldGaussian.of(2);
        GaussianDistribution q = family.member(new double[4]);
        LinearResponse response = LinearResponse.of(flat, ParameterLayout.unnamed(2), q, 0, 1);
        assertThat(response.problem()).contains("no optimum");
        assertThat(response.covariance()).isEmpty();
        assertThat(response.corrected(new double[2])).isEmpty();
        assertThat(response.standardDeviation(new double[] {1, 0})).isEmpty();

        LogDensity throwing = LogDensities.of(2, (u, g) -> {
            throw new IllegalStateException("out of order");
        });
        assertThat(LinearResponse.of(throwing, ParameterLayout.unnamed(2), q, 0, 1)
                        .problem())
                .contains("out of order");
    }

    /** Between the modes of a mixture the bound curves downwards: by both ways of solving, no covariance. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void indefiniteCurvatureIsFound(int solves) {
        int d = 3;
        LogDensity bimodal = LogDensities.of(d, (u, g) -> {
            double t = Math.tanh(3 * u[0]);
            double value = Math.log(Math.cosh(3 * u[0]));
            for (int i = 0; i < d; i++) {
                g[i] = -u[i] + (i == 0 ? 3 * t : 0);
                value -= 0.5 * u[i] * u[i];
            }
            return value;
        });
        MeanFieldGaussian family = MeanFieldGaussian.of(d);
        FixedDrawObjective objective = objective(bimodal, family, 20, true);
        double[] between = family.initialParameters(new double[d], new double[] {0.1, 1, 1});
        double[] gradient = new double[between.length];
        objective.evaluate(between, gradient);
        OptimumCurvature curvature = OptimumCurvature.at(objective, between, gradient, solves);
        LinearResponse response = LinearResponse.at(objective, between, curvature);
        assertThat(response.covariance()).isEmpty();
        assertThat(response.problem()).contains("downwards");
    }

    @Test
    void limitsAreKept() {
        Posterior posterior = Posterior.random(12, 2);
        Task task =
                FixedDrawIdentitiesTest.task(posterior.density, posterior.mean, posterior.conditionalDeviations(), 1);
        GaussianDistribution q = start(MeanFieldGaussian.of(12), posterior);
        long needed = LinearResponse.of(task, q, 0, UNLIMITED).evaluations();
        for (long budget : new long[] {10, needed / 2, needed - 50}) {
            LinearResponse response = LinearResponse.of(task, q, 0, Limits.ofEvaluations(budget));
            assertThat(response.covariance()).isEmpty();
            assertThat(response.problem()).contains("limits");
            assertThat(response.evaluations()).isLessThanOrEqualTo(budget + 60);
        }
    }

    @Test
    void whatCannotBeServedIsRefused() {
        ParameterLayout layout = ParameterLayout.unnamed(2);
        GaussianDistribution q = FullRankGaussian.of(2).member(new double[5]);
        assertThatThrownBy(() ->
                        LinearResponse.of(LogDensities.ofValues(2, u -> -u[0] * u[0] - u[1] * u[1]), layout, q, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gradient");
        assertThatThrownBy(() -> LinearResponse.of(Targets.correlated(0.5, 0), layout, q, 4, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 6");
        assertThatThrownBy(() -> LinearResponse.of(Targets.equicorrelated(3, 0.5), ParameterLayout.unnamed(3), q, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 coordinates, the family 2");
    }

    static FixedDrawObjective objective(LogDensity density, VariationalFamily family, int draws, boolean matched) {
        ParameterLayout layout = ParameterLayout.unnamed(family.dimension());
        double[] ones = new double[family.dimension()];
        java.util.Arrays.fill(ones, 1);
        GaussianDistribution member =
                (GaussianDistribution) family.member(family.initialParameters(new double[family.dimension()], ones));
        FixedNoise source = new FixedNoise(DrawScheme.independent(), matched);
        return new FixedDrawObjective(
                new GuardedDensity(density, CoordinateSplit.of(layout)),
                family,
                source.set(RandomStreams.of(7), member, draws, 0),
                new Meter(UNLIMITED));
    }

    static TrustRegionNewton optimum(FixedDrawObjective objective, double[] start) {
        TrustRegionNewton newton = new TrustRegionNewton(objective, 1e-7, start);
        assertThat(newton.begin()).isTrue();
        for (int iteration = 0; iteration < 200; iteration++) {
            TrustRegionNewton.Result result = newton.iterate();
            if (result == TrustRegionNewton.Result.CONVERGED) {
                return newton;
            }
            assertThat(result).isNotEqualTo(TrustRegionNewton.Result.STALLED);
        }
        throw new AssertionError("no optimum within 200 iterations, last step " + newton.lastStep());
    }
}

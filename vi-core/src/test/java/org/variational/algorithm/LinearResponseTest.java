package org.variational.algorithm;

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
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.BlockGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.MeanFieldStudentT;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * For a Gaussian posterior the covariance by linear response is the posterior's, whatever the family and whatever the fixed
 * draws, because a tilted Gaussian is the same Gaussian moved. The differences of gradients behind it are accurate to about
 * 1e-9, and optima to the square of the Newton tolerance; conditioning costs up to a few digits.
 */
class LinearResponseTest {

    private static final Limits UNLIMITED = new TestLimits(Long.MAX_VALUE);

    /** Limits of evaluations alone. */
    record TestLimits(long evaluations) implements Limits {
        @Override
        public boolean ended() {
            return false;
        }

        @Override
        public Budget budget() {
            return new Budget(Long.MAX_VALUE, evaluations, Budget.FOREVER);
        }
    }

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
                BlockGaussian.of(List.of(new BlockGaussian.Block((d + 1) / 2, false), new BlockGaussian.Block(d / 2, false)));
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
        "mean-field, 1", "mean-field, 2", "mean-field, 5", "mean-field, 20",
        "low-rank, 2", "low-rank, 5", "low-rank, 20",
        "blocks, 2", "blocks, 5", "blocks, 20",
        "locals, 4", "locals, 9",
        "full-rank, 1", "full-rank, 2", "full-rank, 5", "full-rank, 20"
    })
    void isTheCovarianceOfAGaussianPosterior(String name, int d) {
        Posterior posterior = Posterior.random(d, 11);
        VariationalFamily family = family(name, d);
        GaussianDistribution start = (GaussianDistribution)
                family.member(family.initialParameters(posterior.mean, posterior.conditionalDeviations()));
        LinearResponse response =
                LinearResponse.of(posterior.density, ParameterLayout.unnamed(d), start, 0, 3);
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
        TrustRegionNewton newton = optimum(
                objective, family.initialParameters(posterior.mean, posterior.conditionalDeviations()));
        double[] optimum = newton.parameters();
        for (int solves : new int[] {d, 1000}) {
            OptimumCurvature curvature = OptimumCurvature.at(objective, optimum, newton.gradient(), solves);
            DMatrixRMaj covariance =
                    LinearResponse.at(objective, optimum, curvature).covariance().orElseThrow();
            assertCovariance(covariance, posterior.covariance, 1e-6);
        }
    }

    static FixedDrawObjective objective(LogDensity density, VariationalFamily family, int draws, boolean matched) {
        ParameterLayout layout = ParameterLayout.unnamed(family.dimension());
        double[] ones = new double[family.dimension()];
        java.util.Arrays.fill(ones, 1);
        GaussianDistribution member = (GaussianDistribution)
                family.member(family.initialParameters(new double[family.dimension()], ones));
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

package org.variational.algorithm.fixeddraws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.algorithm.fixeddraws.LinearResponseTest.family;
import static org.variational.algorithm.fixeddraws.LinearResponseTest.objective;
import static org.variational.algorithm.fixeddraws.LinearResponseTest.optimum;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Targets;
import org.variational.algorithm.Task;
import org.variational.algorithm.fixeddraws.LinearResponseTest.Posterior;
import org.variational.density.CountedDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.Objective;
import org.variational.family.GaussianDistribution;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/** Optima for fixed draws of Gaussian posteriors in closed form, and the mathematics behind them. */
class FixedDrawIdentitiesTest {

    private static double[] start(VariationalFamily family, Posterior posterior) {
        return family.initialParameters(posterior.mean(), posterior.conditionalDeviations());
    }

    private static DMatrixRMaj inverse(DMatrixRMaj matrix) {
        DMatrixRMaj inverse = matrix.copy();
        CommonOps_DDRM.invert(inverse);
        return inverse;
    }

    /**
     * With the sample mean a and covariance C of the noise the mean-field optimum has {@code mu = m - sigma a}
     * entrywise and {@code sum over j of Lambda_ij C_ij sigma_i sigma_j = 1} for every i.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 12})
    void meanFieldOptimumKnowsTheMomentsOfTheNoise(int d) {
        Posterior posterior = Posterior.random(d, 3);
        FixedDrawObjective objective = objective(posterior.density(), MeanFieldGaussian.of(d), 30, false);
        double[] optimum =
                optimum(objective, start(objective.family(), posterior)).parameters();
        DMatrixRMaj noise = objective.noise();
        DMatrixRMaj precision = inverse(posterior.covariance());
        double[] a = new double[d];
        for (int i = 0; i < d; i++) {
            for (int s = 0; s < 30; s++) {
                a[i] += noise.get(i, s) / 30;
            }
        }
        for (int i = 0; i < d; i++) {
            double sigma = Math.exp(optimum[d + i]);
            assertThat((optimum[i] - posterior.mean()[i]) / sigma).isCloseTo(-a[i], within(1e-6));
            double sum = 0;
            for (int j = 0; j < d; j++) {
                double c = 0;
                for (int s = 0; s < 30; s++) {
                    c += (noise.get(i, s) - a[i]) * (noise.get(j, s) - a[j]) / 30;
                }
                sum += precision.get(i, j) * c * sigma * Math.exp(optimum[d + j]);
            }
            assertThat(sum).isCloseTo(1, within(1e-6));
        }
    }

    /** Draws with mean 0 and covariance I leave no error: the optimum is that of the exact evidence lower bound. */
    @ParameterizedTest
    @CsvSource({"mean-field, 6", "blocks, 6", "full-rank, 1", "full-rank, 6", "full-rank, 12"})
    void whitenedDrawsAreExactForAGaussianPosterior(String name, int d) {
        Posterior posterior = Posterior.random(d, 8);
        VariationalFamily family = family(name, d);
        FixedDrawObjective objective = objective(posterior.density(), family, 2 * d + 1, true);
        GaussianDistribution q =
                objective.member(optimum(objective, start(family, posterior)).parameters());
        DMatrixRMaj precision = inverse(posterior.covariance());
        double[] mean = q.mean();
        double[] sd = q.standardDeviation();
        for (int i = 0; i < d; i++) {
            assertThat((mean[i] - posterior.mean()[i]) / sd[i]).isCloseTo(0, within(1e-7));
            if (name.equals("mean-field")) {
                assertThat(sd[i] * sd[i] * precision.get(i, i)).isCloseTo(1, within(1e-7));
            }
        }
        if (name.equals("full-rank")) {
            LinearResponseTest.assertCovariance(q.covariance(), posterior.covariance(), 1e-7);
        }
        if (name.equals("blocks")) {
            for (int from : new int[] {0, 3}) {
                DMatrixRMaj conditional = inverse(CommonOps_DDRM.extract(precision, from, from + 3, from, from + 3));
                DMatrixRMaj fitted = CommonOps_DDRM.extract(q.covariance(), from, from + 3, from, from + 3);
                LinearResponseTest.assertCovariance(fitted, conditional, 1e-7);
            }
        }
    }

    /** In whitened coordinates the Hessian at a full-rank optimum of a Gaussian posterior is the identity. */
    @ParameterizedTest
    @ValueSource(ints = {3, 30})
    void whiteningTakesTheCurvatureOut(int d) {
        Posterior posterior = Posterior.random(d, 8);
        VariationalFamily family = family("full-rank", d);
        FixedDrawObjective objective = objective(posterior.density(), family, 3 * d, true);
        double[] exact = ((org.variational.family.FullRankGaussian) family)
                .parametersOf(posterior.mean(), posterior.covariance());
        TrustRegionNewton newton = optimum(objective, exact);
        Whitening whitening = Whitening.of(objective.member(newton.parameters()));
        double[] vector = new double[exact.length];
        RandomGenerator random = RandomStreams.of(1).generator("vector", 0);
        for (int k = 0; k < vector.length; k++) {
            vector[k] = random.nextGaussian();
        }
        double[] product = new double[vector.length];
        assertThat(objective.hessianProduct(newton.parameters(), newton.gradient(), whitening, vector, product))
                .isTrue();
        // noise of differences, in units of a vector of norm sqrt(n)
        for (int k = 0; k < vector.length; k++) {
            assertThat(product[k]).isCloseTo(vector[k], within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mean-field", "low-rank", "blocks", "locals", "full-rank"})
    void pullIsTheTransposeOfPush(String name) {
        RandomGenerator random = RandomStreams.of(2).generator("vectors", 0);
        VariationalFamily family = family(name, 9);
        double[] parameters = new double[family.parameterCount()];
        double[] v = new double[parameters.length];
        double[] g = new double[parameters.length];
        for (int k = 0; k < v.length; k++) {
            parameters[k] = 0.5 * random.nextGaussian();
            v[k] = random.nextGaussian();
            g[k] = random.nextGaussian();
        }
        Whitening whitening = Whitening.of((GaussianDistribution) family.member(parameters));
        double[] delta = new double[v.length];
        double[] pulled = new double[v.length];
        whitening.push(v, delta);
        whitening.pull(g, pulled);
        double forward = FixedDrawObjective.dot(g, delta);
        assertThat(FixedDrawObjective.dot(pulled, v))
                .isCloseTo(forward, within(1e-12 * v.length * Math.abs(forward) + 1e-12));
    }

    /**
     * The gradient is that of the values, and solutions by the table of second derivatives invert differenced products.
     */
    @ParameterizedTest
    @ValueSource(strings = {"mean-field", "low-rank", "blocks", "locals", "full-rank"})
    void derivativesBelongToEachOther(String name) {
        int d = 5;
        VariationalFamily family = family(name, d);
        FixedDrawObjective objective = objective(Targets.funnel(d, 1), family, 60, false);
        double[] ones = {0.7, 0.7, 0.7, 0.7, 0.7};
        TrustRegionNewton newton = optimum(objective, family.initialParameters(new double[d], ones));
        double[] at = newton.parameters();
        for (int k = 0; k < at.length; k++) {
            at[k] += 0.1 * Math.sin(k + 1);
        }
        double[] gradient = new double[at.length];
        double[] unused = new double[at.length];
        assertThat(objective.evaluate(at, gradient)).isTrue();
        for (int k = 0; k < at.length; k++) {
            double step = 1e-5;
            double[] shifted = at.clone();
            shifted[k] += step;
            objective.evaluate(shifted, unused);
            double above = objective.value();
            shifted[k] -= 2 * step;
            objective.evaluate(shifted, unused);
            assertThat((above - objective.value()) / (2 * step)).isCloseTo(gradient[k], within(1e-8));
        }
        double[] optimum = newton.parameters();
        OptimumCurvature curvature = OptimumCurvature.at(objective, optimum, newton.gradient(), 1000);
        assertThat(curvature.failure()).isEmpty();
        double[] vector = new double[at.length];
        for (int k = 0; k < vector.length; k++) {
            vector[k] = Math.cos(k);
        }
        double[] product = new double[at.length];
        double[] solution = new double[at.length];
        double[] again = new double[at.length];
        objective.hessianProduct(optimum, newton.gradient(), curvature.whitening(), vector, product);
        assertThat(curvature.solve(product, solution)).isTrue();
        // where the low-rank family is nearly flat the vector itself is not determined, but its product is
        objective.hessianProduct(optimum, newton.gradient(), curvature.whitening(), solution, again);
        for (int k = 0; k < vector.length; k++) {
            assertThat(again[k]).isCloseTo(product[k], within(1e-6));
        }
    }

    /**
     * The error reported is the error made. For a Gaussian posterior with independent coordinates the mean of the
     * optimum for a set of N independent draws is off by {@code sigma / sqrt(N)}, and that of the average of 8 sets by
     * {@code sigma / sqrt(8 N)}, up to relative terms of order 1 / N. Over 200 seeds and 20 coordinates the mean square
     * of the standardised errors has the standard deviation sqrt(2 / 4000) = 0.022, and that of the reported errors
     * sqrt(2 / 28000) = 0.0085; the bounds are 5.5 of them (false alarm about 1e-7) plus 5 / N.
     */
    @Test
    void reportedErrorIsTheErrorMade() {
        int d = 20;
        int draws = 100;
        int seeds = 200;
        double[] mean = new double[d];
        double[] sd = new double[d];
        for (int i = 0; i < d; i++) {
            mean[i] = i;
            sd[i] = 1 + i;
        }
        FixedDraws algorithm = FixedDraws.create()
                .withDrawScheme(DrawScheme.independent(), false)
                .withDraws(draws, draws)
                .withMonteCarloError(Double.POSITIVE_INFINITY);
        double made = 0;
        double reported = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Algorithm.Outcome outcome = run(algorithm, task(Targets.independent(mean, sd), mean, sd, seed));
            List<double[]> replicates = outcome.replicates();
            assertThat(replicates).hasSize(8);
            for (int i = 0; i < d; i++) {
                double unit = sd[i] / Math.sqrt(8.0 * draws);
                double error = (outcome.parameters()[i] - mean[i]) / unit;
                made += error * error / (d * seeds);
                double square = 0;
                for (double[] replicate : replicates) {
                    double deviation = (replicate[i] - outcome.parameters()[i]) / unit;
                    square += deviation * deviation / (7 * 8.0);
                }
                reported += square / (d * seeds);
            }
        }
        assertThat(made).isCloseTo(1, within(0.12 + 5.0 / draws));
        assertThat(reported).isCloseTo(1, within(0.05 + 5.0 / draws));
    }

    /** Without matched moments the variances have the expectation N / (N - 3) of the true ones, with them no error. */
    @Test
    void matchedMomentsTakeTheBiasOfTheScalesOut() {
        int d = 200;
        double[] ones = new double[d];
        java.util.Arrays.fill(ones, 1);
        List<Double> ratios = new ArrayList<>();
        for (boolean matched : new boolean[] {false, true}) {
            FixedDrawObjective objective =
                    objective(Targets.independent(new double[d], ones), MeanFieldGaussian.of(d), 20, matched);
            double[] optimum = optimum(objective, objective.family().initialParameters(new double[d], ones))
                    .parameters();
            double mean = 0;
            for (int i = 0; i < d; i++) {
                mean += Math.exp(2 * optimum[d + i]) / d;
            }
            ratios.add(mean);
        }
        // the variance of N / chi-squared(N - 1) is 0.17 at N = 20, so that 5 standard errors are 0.15
        assertThat(ratios.get(0)).isCloseTo(20.0 / 17, within(0.15)).isGreaterThan(1.02);
        assertThat(ratios.get(1)).isCloseTo(1, within(1e-8));
    }

    static Task task(org.variational.density.LogDensity density, double[] mean, double[] sd, long seed) {
        int d = density.dimension();
        CountedDensity target = CountedDensity.of(density);
        ParameterLayout layout = ParameterLayout.unnamed(d);
        Objective objective =
                Objective.of(target, layout, MeanFieldGaussian.of(d)).build();
        return new Task("test", target, layout, objective, null, 0, new Task.Start(mean, sd), seed);
    }

    static Algorithm.Outcome run(FixedDraws algorithm, Task task) {
        FixedDraws.State state = algorithm.start(task, Limits.ofEvaluations(Long.MAX_VALUE));
        for (int step = 0; step < 1000; step++) {
            if (algorithm.step(state).stop() != null) {
                return algorithm.result(state);
            }
        }
        throw new AssertionError("no end within 1000 steps");
    }
}

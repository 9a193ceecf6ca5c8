package org.variational.algorithm.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Targets;
import org.variational.algorithm.Task;
import org.variational.density.CountedDensity;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.distribution.Distributions;
import org.variational.divergence.Divergences;
import org.variational.estimator.Objective;
import org.variational.expression.Expr;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.GaussianKl;
import org.variational.family.LowRankScaleGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.Mixture;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

class PathfinderTest {

    private static final Limits UNLIMITED = Limits.ofEvaluations(Long.MAX_VALUE);

    private static Task task(LogDensity density, long seed) {
        CountedDensity target = CountedDensity.of(density);
        ParameterLayout layout = ParameterLayout.unnamed(density.dimension());
        Objective objective = Objective.of(target, layout, MeanFieldGaussian.of(density.dimension()))
                .build();
        return new Task("test", target, layout, objective, null, 0, null, seed);
    }

    /** Runs to the end. */
    private static Pathfinder.State ended(Pathfinder algorithm, LogDensity density, long seed) {
        Pathfinder.State state = algorithm.start(task(density, seed), UNLIMITED);
        while (algorithm.step(state).stop() == null) {
            assertThat(algorithm.result(state).parameters()).doesNotContain(Double.NaN);
        }
        return state;
    }

    private static Fit fit(Pathfinder algorithm, LogDensity density, long seed) {
        return VariationalInference.of(density).algorithm(algorithm).seed(seed).run();
    }

    private static GaussianDistribution exact(double[] mean, double[][] covariance) {
        FullRankGaussian family = FullRankGaussian.of(mean.length);
        return family.member(family.parametersOf(mean, new DMatrixRMaj(covariance)));
    }

    /** J of at least D conjugate pairs determine a Gaussian, up to the inexactness of the line search. */
    @Test
    void isNearlyExactOnAGaussian() {
        GaussianDistribution truth = exact(new double[] {1, -2}, new double[][] {{1, 0.9}, {0.9, 1}});
        Pathfinder algorithm = Pathfinder.create();
        Pathfinder.State state = ended(algorithm, Targets.correlated(0.9, 0), 1);
        assertThat(state.paths()).hasSize(4);
        for (Pathfinder.Path path : state.paths()) {
            assertThat(path.failure()).isEmpty();
            assertThat(path.converged()).isTrue();
            assertThat(path.end()).containsExactly(new double[] {1, -2}, within(1e-3));
            assertThat(GaussianKl.divergence(path.distribution(), truth)).isLessThan(0.05);
            // of a normalised density the bound is minus the divergence: within 6 of its standard errors
            assertThat(path.elbo()).isCloseTo(0, within(0.05 + 6 * path.elboError()));
        }
        assertThat(algorithm.result(state).family()).isInstanceOf(Mixture.class);
    }

    @Test
    void oneCoordinate() {
        Fit fit = fit(Pathfinder.create(), Targets.independent(new double[] {40}, new double[] {0.01}), 3);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(fit.distribution().mean()[0]).isCloseTo(40, within(1e-4));
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(0.01, within(1e-4));
    }

    @Test
    void aThousandCoordinates() {
        int d = 1000;
        double[] mean = new double[d];
        double[] sd = new double[d];
        Arrays.setAll(mean, i -> Math.sin(i));
        Arrays.setAll(sd, i -> 0.1 * (1 + i % 2));
        Pathfinder algorithm = Pathfinder.create().withPaths(2);
        Pathfinder.State state = ended(algorithm, Targets.independent(mean, sd), 4);
        for (Pathfinder.Path path : state.paths()) {
            assertThat(path.converged()).isTrue();
            assertThat(path.distribution()).isInstanceOf(LowRankScaleGaussian.Member.class);
            double[] center = path.distribution().mean();
            double squares = 0;
            for (int i = 0; i < d; i++) {
                squares += Math.pow((center[i] - mean[i]) / sd[i], 2);
            }
            // a Newton decrement of 1e-8 with variances that the inverse Hessian has right within a factor of 100
            assertThat(Math.sqrt(squares)).isLessThan(1e-3);
            // of a normalised density the bound is minus the divergence, and no Gaussian can have a positive one
            assertThat(path.elbo()).isBetween(-250.0, 6 * path.elboError());
        }
    }

    /** The Gaussian of a path has the covariance H, by dense matrices, and the mean x - H g; dense and sparse. */
    @Test
    void gaussianHasTheInverseHessianAsCovariance() {
        int history = 3;
        for (int d : new int[] {1, 2, 5, 6, 7, 20}) {
            BatchedLbfgsTest.Pairs pairs = BatchedLbfgsTest.Pairs.random(d, history, 17);
            double[] point = new double[d];
            double[] gradient = new double[d];
            Arrays.setAll(point, i -> 0.3 * i - 1);
            Arrays.setAll(gradient, i -> Math.cos(i));
            double[] parameters = pairs.inverse().gaussian(point, gradient, history);
            GaussianDistribution q =
                    (GaussianDistribution) InverseBfgs.family(d, history).member(parameters);
            assertThat(q instanceof LowRankScaleGaussian.Member).isEqualTo(d > 2 * history);
            DMatrixRMaj h = pairs.dense();
            double size = CommonOps_DDRM.elementMaxAbs(h);
            assertThat(q.covariance().data).containsExactly(h.data, within(1e-10 * size));
            double[] mean = q.mean();
            for (int i = 0; i < d; i++) {
                double step = 0;
                for (int j = 0; j < d; j++) {
                    step += h.get(i, j) * gradient[j];
                }
                assertThat(mean[i]).isCloseTo(point[i] - step, within(1e-10 * size * d));
            }
            double[] standardDeviation = q.standardDeviation();
            for (int i = 0; i < d; i++) {
                assertThat(standardDeviation[i]).isCloseTo(Math.sqrt(h.get(i, i)), within(1e-10 * size));
            }
            assertThat(2 * (q.entropy() - 0.5 * d * (1 + Math.log(2 * Math.PI))))
                    .isCloseTo(Math.log(CommonOps_DDRM.det(h)), within(1e-8));
            assertLogDensity(q, h);
        }
    }

    /** Against the quadratic form with the inverse of H, at a few draws. */
    private static void assertLogDensity(GaussianDistribution q, DMatrixRMaj h) {
        int d = h.numRows;
        FullRankGaussian full = FullRankGaussian.of(d);
        FullRankGaussian.Member p = full.member(full.parametersOf(q.mean(), h));
        DMatrixRMaj noise = new DMatrixRMaj(d, 8);
        DrawScheme.independent().draws(d, RandomStreams.of(3)).fill(0, noise);
        DMatrixRMaj points = new DMatrixRMaj(d, 8);
        q.sample(noise, points);
        double[] ofQ = new double[8];
        double[] ofP = new double[8];
        q.logDensity(points, ofQ);
        p.logDensity(points, ofP);
        assertThat(ofQ).containsExactly(ofP, within(1e-7));
    }

    /**
     * Peers' defect 15: draws by the upper factor have another covariance than H. The covariance of 40,000 draws: an
     * entry has standard error at most sqrt(2 h_ii h_jj / 40,000); 6 of them on 36 + 64 entries are exceeded with
     * probability 2e-7.
     */
    @Test
    void drawsHaveTheInverseHessianAsCovariance() {
        int history = 3;
        int draws = 40_000;
        for (int d : new int[] {6, 8}) {
            BatchedLbfgsTest.Pairs pairs = BatchedLbfgsTest.Pairs.random(d, history, 23);
            GaussianDistribution q = (GaussianDistribution) InverseBfgs.family(d, history)
                    .member(pairs.inverse().gaussian(new double[d], new double[d], history));
            DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), draws);
            DrawScheme.independent()
                    .draws(q.noiseDimension(), RandomStreams.of(29))
                    .fill(0, noise);
            DMatrixRMaj points = new DMatrixRMaj(d, draws);
            q.sample(noise, points);
            DMatrixRMaj sampled = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multTransB(1.0 / draws, points, points, sampled);
            DMatrixRMaj h = pairs.dense();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    double error = Math.sqrt(2 * h.get(i, i) * h.get(j, j) / draws);
                    assertThat(sampled.get(i, j)).isCloseTo(h.get(i, j), within(6 * error));
                }
            }
        }
    }

    /**
     * Peers' defect 16: the product of a thousand diagonal entries of 1e-6 underflows, the sum of their logarithms does
     * not.
     */
    @Test
    void logDeterminantIsASumOfLogarithms() {
        int d = 1000;
        double[] diagonal = new double[d];
        Arrays.fill(diagonal, 1e-6);
        double[] parameters = new InverseBfgs(diagonal, List.of(), List.of()).gaussian(new double[d], new double[d], 5);
        GaussianDistribution q = (GaussianDistribution) InverseBfgs.family(d, 5).member(parameters);
        assertThat(q.entropy())
                .isCloseTo(0.5 * d * (1 + Math.log(2 * Math.PI)) - 0.5 * d * Math.log(1e6), within(1e-8));
    }

    @Test
    void sameSeedSameBits() {
        LogDensity target = Targets.funnel(4, 1.5);
        Fit first = fit(Pathfinder.create(), target, 5);
        assertThat(fit(Pathfinder.create(), target, 5).distribution().parameters())
                .containsExactly(first.distribution().parameters());
        assertThat(fit(Pathfinder.create(), target, 6).distribution().parameters())
                .isNotEqualTo(first.distribution().parameters());
    }

    /** The order in which a path's Gaussians stand does not change by a constant, nor does the end of the search. */
    @Test
    void aConstantChangesNothingThatMatters() {
        LogDensity plain = Targets.correlated(0.5, 0);
        LogDensity shifted = Targets.correlated(0.5, 1e6);
        Fit first = fit(Pathfinder.create(), plain, 5);
        Fit second = fit(Pathfinder.create(), shifted, 5);
        assertThat(second.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(second.stop().iteration()).isEqualTo(first.stop().iteration());
        // a gradient difference computed from nearly the same point differs by rounding alone
        assertThat(second.distribution().parameters())
                .containsExactly(first.distribution().parameters(), within(1e-5));
        assertThat(second.elbo() - 1e6).isCloseTo(first.elbo(), within(1e-4));
    }

    /** Two equal modes: each path finds one, and the mixture has both. */
    @Test
    void pathsToTwoModesMakeAMixtureOfBoth() {
        LogDensity bimodal = LogDensities.of(1, (u, g) -> {
            double left = -0.5 * (u[0] + 5) * (u[0] + 5);
            double right = -0.5 * (u[0] - 5) * (u[0] - 5);
            double max = Math.max(left, right);
            double a = Math.exp(left - max);
            double b = Math.exp(right - max);
            g[0] = -(a * (u[0] + 5) + b * (u[0] - 5)) / (a + b);
            return max + Math.log(a + b);
        });
        Fit fit = fit(Pathfinder.create().withPaths(8), bimodal, 2);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution().standardDeviation()[0]).isGreaterThan(4);
        assertThat(fit.kHat()).isLessThan(0.5);
        // of draws with weights by the mixture: log of 2 sqrt(2 pi), the mass of both
        WeightedSample reweighted = WeightedSample.of(
                fit.posterior().draws(fit.posterior().scalarNames().get(0)),
                ParetoSmoothing.of(fit.approximation().logWeights()).weights());
        // 4,000 draws of standard deviation 5.1: 6 standard errors
        assertThat(reweighted.mean()).isCloseTo(0, within(6 * 5.1 / Math.sqrt(4000)));
    }

    /** A path that runs into a region that cannot be evaluated takes shorter steps, and draws there do not count. */
    @Test
    void survivesARegionOfNaN() {
        LogDensity walled = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = -u[1];
            return u[0] > 6 ? Double.NaN : -0.5 * (u[0] * u[0] + u[1] * u[1]);
        });
        Fit fit = fit(Pathfinder.create().withInitialRange(5.9), walled, 9);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution().mean()).containsExactly(new double[] {0, 0}, within(0.05));
        assertThat(fit.distribution().standardDeviation()).containsExactly(new double[] {1, 1}, within(0.1));
    }

    /**
     * A part of the start box where the density has no gradient: paths from there are not to be had, the others go on.
     */
    @Test
    void failedPathsAreLeftOutAndReported() {
        LogDensity half = LogDensities.of(1, (u, g) -> {
            // a plateau, on which nothing is learned, and a parabola
            g[0] = u[0] < 0 ? 0 : -(u[0] - 1) / 0.01;
            return u[0] < 0 ? -50 : -0.5 * (u[0] - 1) * (u[0] - 1) / 0.01;
        });
        Fit fit = fit(Pathfinder.create().withPaths(6), half, 3);
        Verdict.Finding reason = fit.verdict().findings().stream()
                .filter(r -> r.code() == Verdict.Code.FAILED_STARTS)
                .findFirst()
                .orElseThrow();
        assertThat(reason.text()).containsPattern("[1-5] of 6 paths").contains("gradient is zero");
        assertThat(reason.level()).isEqualTo(Verdict.Level.REWEIGHTED);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution().mean()[0]).isCloseTo(1, within(0.01));
    }

    @Test
    void saysSoIfAllPathsFail() {
        LogDensity flat = LogDensities.of(2, (u, g) -> {
            g[0] = 0;
            g[1] = 0;
            return -1;
        });
        Fit fit = fit(Pathfinder.create(), flat, 1);
        assertThat(fit.stop().status()).isEqualTo(Status.DIVERGED);
        assertThat(fit.stop().reason())
                .contains("no path led to an approximation")
                .contains("gradient is zero");
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
    }

    @Test
    void failsIfNoStartCanBeUsed() {
        LogDensity nowhere = LogDensities.of(2, (u, g) -> Double.NaN);
        assertThatThrownBy(() -> fit(Pathfinder.create(), nowhere, 1))
                .isInstanceOf(FitException.class)
                .hasMessageContaining("none of 100 trial points in [-2, 2]^D");
    }

    /** An improper density without a mode: the paths go on for ever, and this is not called converged. */
    @Test
    void withoutAModeItHasNotConverged() {
        LogDensity slope = LogDensities.of(1, (u, g) -> {
            g[0] = 1;
            return u[0];
        });
        Fit fit = fit(Pathfinder.create().withMaxIterations(50), slope, 1);
        assertThat(fit.stop().status()).isNotEqualTo(Status.CONVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
    }

    @Test
    void respectsBudgetAndCancellation() {
        LogDensity target = Targets.funnel(10, 3);
        Fit limited = VariationalInference.of(target)
                .algorithm(Pathfinder.create())
                .evaluationBudget(30)
                .seed(1)
                .run();
        assertThat(limited.stop().status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(limited.distribution().mean()).doesNotContain(Double.NaN);
        Cancellation cancellation = new Cancellation();
        Fit cancelled = VariationalInference.of(target)
                .algorithm(Pathfinder.create())
                .cancellation(cancellation)
                .callback(progress -> {
                    if (progress.iteration() == 2) {
                        cancellation.cancel();
                    }
                })
                .seed(1)
                .run();
        assertThat(cancelled.stop().status()).isEqualTo(Status.CANCELLED);
        assertThat(cancelled.stop().iteration()).isEqualTo(2);
    }

    /** The density can be evaluated near the given start alone. */
    @Test
    void startsAroundTheGivenPoint() {
        LogDensity far = LogDensities.of(1, (u, g) -> {
            g[0] = 500 - u[0];
            return Math.abs(u[0] - 500) > 30 ? Double.NaN : -0.5 * (u[0] - 500) * (u[0] - 500);
        });
        Fit fit = VariationalInference.of(far)
                .algorithm(Pathfinder.create())
                .start(new double[] {495}, new double[] {4})
                .seed(1)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution().mean()[0]).isCloseTo(500, within(1e-3));
        assertThat(fit.verdict().findings()).noneMatch(reason -> reason.code() == Verdict.Code.FAILED_STARTS);
    }

    @Test
    void countsEvaluations() {
        CountedDensity counted = CountedDensity.of(Targets.banana(1, 0.3));
        Task task = task(counted, 3);
        Pathfinder algorithm = Pathfinder.create();
        Pathfinder.State state = algorithm.start(task, UNLIMITED);
        Algorithm.Report report = algorithm.step(state);
        while (report.stop() == null) {
            report = algorithm.step(state);
        }
        assertThat(report.count().made()).isEqualTo(counted.gradientEvaluations() + counted.valueEvaluations());
        assertThat(report.count().rejected()).isZero();
    }

    @Test
    void refusesWhatItCannotServe() {
        LogDensity noGradient = LogDensities.ofValues(1, u -> -0.5 * u[0] * u[0]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(Pathfinder.create(), noGradient, 1))
                .withMessageContaining("gradient")
                .withMessageContaining("StochasticGradient");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariationalInference.of(Targets.correlated(0.5, 0))
                        .algorithm(Pathfinder.create())
                        .minimise(Divergences.forwardKl())
                        .run())
                .withMessageContaining("minimise");
        ParameterLayout layout = ParameterLayout.unnamed(2);
        CountedDensity target = CountedDensity.of(Targets.correlated(0.5, 0));
        Objective objective =
                Objective.of(target, layout, MeanFieldGaussian.of(2)).build();
        Task minibatch = new Task("test", target, layout, objective, null, 10, null, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().start(minibatch, UNLIMITED))
                .withMessageContaining("10 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().withPaths(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().withHistory(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().withMaxIterations(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().withElboDraws(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pathfinder.create().withInitialRange(-1));
    }

    @Test
    void modelsWithOptimisedValuesAreRefused() {
        ModelBuilder builder = Model.named("optimised");
        Expr mu = builder.parameter("mu", Distributions.normal(0, 1));
        Expr shift = builder.optimised("shift", 1, 1, new double[] {0}).element(0, 0);
        builder.observe("y", Distributions.normal(mu.plus(shift), 1), new double[] {0.5});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariationalInference.of(builder.build())
                        .algorithm(Pathfinder.create())
                        .run())
                .withMessageContaining("1 of this model are to be optimised");
    }
}

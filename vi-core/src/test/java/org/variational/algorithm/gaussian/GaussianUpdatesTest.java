package org.variational.algorithm.gaussian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.Matrix;
import org.variational.algorithm.Targets;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.divergence.Divergences;
import org.variational.family.Families;
import org.variational.family.FullRankGaussian;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.random.RandomStreams;

/** One-step identities, fixed points, whole fits, refusals and faults of the Gaussian updates. */
class GaussianUpdatesTest {

    private static final double[] MEAN = {100, -0.02, 3e4};
    private static final double[] SD = {1, 1e-4, 1e4};

    static Stream<GaussianUpdates> algorithms() {
        return Stream.of(
                BatchAndMatch.create(),
                GaussianScoreMatching.create(),
                NaturalGradient.create(),
                BuresWasserstein.create());
    }

    static Stream<GaussianUpdates> robust() {
        return Stream.of(BatchAndMatch.create(), NaturalGradient.create());
    }

    static Stream<GaussianUpdates> local() {
        return Stream.of(GaussianScoreMatching.create(), BuresWasserstein.create());
    }

    private static DMatrixRMaj normals(int rows, int columns, long seed) {
        RandomGenerator random = RandomStreams.of(seed).generator("test", 0);
        DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
        Arrays.setAll(matrix.data, i -> random.nextGaussian());
        return matrix;
    }

    private static DMatrixRMaj identity(int d) {
        return Matrix.identity(d).data();
    }

    private static ScoreBatch batch(int d, int n, long seed) {
        return ScoreBatch.of(normals(d, n, seed), normals(d, n, seed + 1), identity(d));
    }

    private static Matrix covariance(GaussianUpdates.Move move) {
        return Matrix.of(move.factor()).crossProduct();
    }

    @Test
    void gaussianScoreMatchingOfOneDrawMatchesItsScore() {
        for (int seed = 0; seed < 20; seed++) {
            ScoreBatch batch = batch(4, 1, 10 * seed);
            GaussianUpdates.Move move =
                    Objects.requireNonNull(GaussianScoreMatching.create().move(batch, 1));
            Matrix score =
                    covariance(move).inverse().times(Matrix.column(move.shift()).minus(Matrix.of(batch.eps())));
            assertThat(score.minus(Matrix.of(batch.scores())).norm()).isLessThan(1e-10);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 6, 20})
    void batchAndMatchSolvesItsEquationInTheLowRankFormAndTheDense(int n) {
        int d = 5;
        ScoreBatch batch = batch(d, n, n);
        for (double lambda : new double[] {0.1, 1, 30}) {
            Matrix eps = Matrix.of(batch.eps());
            Matrix scores = Matrix.of(batch.scores());
            Matrix ones = Matrix.column(ones(n)).times(1.0 / n);
            Matrix zbar = eps.times(ones);
            Matrix gbar = scores.times(ones);
            double share = lambda / (1 + lambda);
            Matrix u = scores.times(scores.transposed())
                    .times(1.0 / n)
                    .minus(gbar.times(gbar.transposed()))
                    .times(lambda)
                    .plus(gbar.times(gbar.transposed()).times(share));
            Matrix v = eps.times(eps.transposed())
                    .times(1.0 / n)
                    .minus(zbar.times(zbar.transposed()))
                    .times(lambda)
                    .plus(zbar.times(zbar.transposed()).times(share))
                    .plus(Matrix.identity(d));
            GaussianUpdates.Move move = Objects.requireNonNull(BatchAndMatch.match(batch, lambda));
            Matrix s = covariance(move);
            assertThat(s.times(u).times(s).plus(s).minus(v).norm() / v.norm()).isLessThan(1e-12);
            Matrix mean = s.times(gbar).plus(zbar).times(share);
            assertThat(Matrix.column(move.shift()).minus(mean).norm()).isLessThan(1e-12 * (1 + mean.norm()));
        }
    }

    /** {@code mean_b |S'^-1 (z_b - m') + g_b|^2_S' + (2 / lambda) KL(N(0, I) || N(m', S'))}. */
    private static double objective(ScoreBatch batch, double lambda, Matrix mean, Matrix s) {
        int d = batch.dimension();
        Matrix precision = s.inverse();
        double sum = 0;
        for (int b = 0; b < batch.size(); b++) {
            Matrix z = Matrix.of(batch.eps()).columns(b, b + 1);
            Matrix g = Matrix.of(batch.scores()).columns(b, b + 1);
            Matrix mismatch = precision.times(z.minus(mean)).plus(g);
            sum += mismatch.transposed().times(s).times(mismatch).value() / batch.size();
        }
        double kl = 0.5
                * (precision.trace()
                        + mean.transposed().times(precision).times(mean).value()
                        - d
                        + Math.log(s.determinant()));
        return sum + 2 / lambda * kl;
    }

    @Test
    void batchAndMatchMinimisesItsObjective() {
        int d = 4;
        ScoreBatch batch = batch(d, 7, 3);
        double lambda = 2;
        GaussianUpdates.Move move = Objects.requireNonNull(BatchAndMatch.match(batch, lambda));
        Matrix s = covariance(move);
        Matrix mean = Matrix.column(move.shift());
        double least = objective(batch, lambda, mean, s);
        for (int seed = 0; seed < 50; seed++) {
            Matrix direction = Matrix.of(normals(d, d + 1, 100 + seed)).times(0.02);
            Matrix tilt = Matrix.identity(d).plus(direction.columns(0, d));
            double other = objective(
                    batch,
                    lambda,
                    mean.plus(direction.columns(d, d + 1)),
                    tilt.times(s).times(tilt.transposed()));
            assertThat(other).isGreaterThan(least);
        }
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void theTargetItselfIsAFixedPoint(GaussianUpdates algorithm) {
        int d = 4;
        DMatrixRMaj eps = normals(d, 20, 8);
        DMatrixRMaj factor =
                Matrix.of(normals(d, d, 9)).plus(Matrix.identity(d).times(3)).data();
        DMatrixRMaj scores = Matrix.of(eps).times(-1).data();
        GaussianUpdates.Move move = Objects.requireNonNull(algorithm.move(
                ScoreBatch.of(eps, scores, factor), algorithm.settings().step()));
        assertThat(covariance(move).minus(Matrix.identity(d)).norm()).isLessThan(1e-9);
        assertThat(Matrix.column(move.shift()).norm()).isLessThan(1e-9);
    }

    @Test
    void asymmetryIsZeroForGaussiansAndOneForNoise() {
        int d = 6;
        DMatrixRMaj eps = normals(d, 12, 1);
        Matrix root = Matrix.of(normals(d, d, 2));
        Matrix precision = root.times(root.transposed());
        DMatrixRMaj linear = precision.times(Matrix.of(eps)).times(-1).data();
        assertThat(BatchAndMatch.asymmetry(ScoreBatch.of(eps, linear, identity(d))))
                .isLessThan(1e-25);
        DMatrixRMaj rising = precision.times(Matrix.of(eps)).data();
        assertThat(BatchAndMatch.asymmetry(ScoreBatch.of(eps, rising, identity(d))))
                .isEqualTo(1);
        assertThat(BatchAndMatch.asymmetry(batch(d, 3, 5))).isEqualTo(1);
    }

    private static VariationalInference fit(LogDensity target, GaussianUpdates algorithm) {
        return VariationalInference.of(target)
                .family(Families.fullRank())
                .algorithm(algorithm)
                .evaluationBudget(40_000)
                .seed(7);
    }

    private static double[] parameters(Fit fit) {
        return ((FullRankGaussian.Member) fit.distribution()).parameters();
    }

    @ParameterizedTest
    @MethodSource("robust")
    void gaussiansOfAnyScaleAreFoundFromFarAway(GaussianUpdates algorithm) {
        Fit fit = fit(Targets.independent(MEAN, SD), algorithm)
                .start(new double[3], new double[] {1, 1, 1})
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        double[] mean = fit.distribution().mean();
        double[] sd = fit.distribution().standardDeviation();
        for (int i = 0; i < 3; i++) {
            // the stated test bounds both errors by the tolerance near the target; twice that for the noise of its
            // estimate
            assertThat((mean[i] - MEAN[i]) / SD[i]).isCloseTo(0, within(0.04));
            assertThat(sd[i] / SD[i]).isCloseTo(1, within(0.04));
        }
    }

    @ParameterizedTest
    @MethodSource("local")
    void wellConditionedGaussiansAreFoundByTheOthers(GaussianUpdates algorithm) {
        Fit fit = fit(Targets.correlated(0.5, 0), algorithm).run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        double[] mean = fit.distribution().mean();
        assertThat(mean[0]).isCloseTo(1, within(0.04));
        assertThat(mean[1]).isCloseTo(-2, within(0.04));
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1, within(0.04));
    }

    @Test
    void batchAndMatchNeedsDPlusOneScoresOfAGaussian() {
        int d = 20;
        Fit fit = fit(Targets.equicorrelated(d, 0.9), BatchAndMatch.create())
                .start(new double[d], ones(d))
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        // two batches of D + 1, and a few for the start and for the examination of the density
        assertThat(fit.provenance().cost().gradientEvaluations()).isLessThan(3 * (d + 1));
    }

    private static double[] ones(int d) {
        double[] ones = new double[d];
        Arrays.fill(ones, 1);
        return ones;
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void sameSeedSameBitsAndConstantsDoNotMatter(GaussianUpdates algorithm) {
        Supplier<VariationalInference> plain = () -> fit(Targets.betaBinomial(3, 9, 1, 1), algorithm);
        double[] first = parameters(plain.get().run());
        assertThat(parameters(plain.get().run())).isEqualTo(first);
        LogDensity target = Targets.betaBinomial(3, 9, 1, 1);
        double[] start = {-0.5};
        double[] sd = {0.7};
        double[] low = parameters(fit(target, algorithm).start(start, sd).run());
        double[] high = parameters(
                fit(shifted(target, 1e10), algorithm).start(start, sd).run());
        assertThat(high).isEqualTo(low);
    }

    private static LogDensity shifted(LogDensity target, double by) {
        return new LogDensity() {
            @Override
            public int dimension() {
                return target.dimension();
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] values, DMatrixRMaj gradient) {
                target.evaluate(points, values, gradient);
                for (int s = 0; s < points.numCols; s++) {
                    values[s] += by;
                }
            }
        };
    }

    @Test
    void batchAndMatchOfANonGaussianTendsToItsOwnOptimum() {
        // E_q g = 0 and E_q g^2 = 1 / s^2, which a quadrature-free Monte-Carlo average over 200,000 draws of the answer
        // checks;
        // its standard error is below .004 in these units, the tolerance of the fit .02
        LogDensity target = Targets.betaBinomial(3, 9, 1, 1);
        Fit fit = fit(target, BatchAndMatch.create()).run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        double m = fit.distribution().mean()[0];
        double sd = fit.distribution().standardDeviation()[0];
        DMatrixRMaj z = normals(1, 200_000, 77);
        for (int s = 0; s < z.numCols; s++) {
            z.data[s] = m + sd * z.data[s];
        }
        DMatrixRMaj g = new DMatrixRMaj(1, z.numCols);
        target.evaluate(z, new double[z.numCols], g);
        double mean = 0;
        double square = 0;
        for (double score : g.data) {
            mean += sd * score / g.numCols;
            square += sd * sd * score * score / g.numCols;
        }
        assertThat(mean).isCloseTo(0, within(0.06));
        assertThat(square).isCloseTo(1, within(0.12));
    }

    static List<LogDensity> difficult() {
        return List.of(
                LogDensities.of(3, (u, g) -> {
                    double q = 0;
                    for (double x : u) {
                        q += x * x;
                    }
                    for (int i = 0; i < 3; i++) {
                        g[i] = -4 * u[i] / (1 + q);
                    }
                    return -2 * Math.log1p(q);
                }),
                LogDensities.of(2, (u, g) -> {
                    double p = Math.exp(-u[0]);
                    g[0] = -u[0] / 9 + 0.5 * u[1] * u[1] * p - 0.5;
                    g[1] = -u[1] * p;
                    return -u[0] * u[0] / 18 - 0.5 * u[1] * u[1] * p - 0.5 * u[0];
                }));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void difficultTargetsEndFiniteAndHonest(GaussianUpdates algorithm) {
        for (LogDensity target : difficult()) {
            Fit fit = fit(target, algorithm).evaluationBudget(5_000).run();
            assertThat(parameters(fit)).matches(p -> Arrays.stream(p).allMatch(Double::isFinite));
            if (fit.stop().status() != Status.CONVERGED) {
                assertThat(fit.stop().reason()).isNotBlank();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void anImproperDensityIsNeverConverged(GaussianUpdates algorithm) {
        LogDensity flat = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = 0;
            return -0.5 * u[0] * u[0];
        });
        assertThat(fit(flat, algorithm).evaluationBudget(5_000).run().stop().converged())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void lanesThatCannotBeUsedAreLeftOut(GaussianUpdates algorithm) {
        AtomicInteger calls = new AtomicInteger();
        LogDensity faulty = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = -u[1];
            if (calls.incrementAndGet() % 97 == 0) {
                throw new IllegalStateException("now and then");
            }
            double value = -0.5 * (u[0] * u[0] + u[1] * u[1]);
            return u[0] > 1.5 ? Double.NaN : u[1] > 1.5 ? Double.NEGATIVE_INFINITY : value;
        });
        Fit fit = fit(faulty, algorithm)
                .start(new double[2], new double[] {0.5, 0.5})
                .evaluationBudget(5_000)
                .run();
        assertThat(parameters(fit)).matches(p -> Arrays.stream(p).allMatch(Double::isFinite));
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
    }

    @Test
    void whereNothingCanBeUsedAnyMoreTheFitDiverges() {
        AtomicInteger calls = new AtomicInteger();
        LogDensity dying = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0] * u[0] * u[0];
            g[1] = -u[1];
            return calls.incrementAndGet() > 100 ? Double.NaN : -0.25 * Math.pow(u[0], 4) - 0.5 * u[1] * u[1];
        });
        Fit fit = fit(dying, BatchAndMatch.create()).run();
        assertThat(fit.stop().status()).isEqualTo(Status.DIVERGED);
        assertThat(fit.stop().reason()).contains("usable draws");
    }

    @Test
    void budgetsAndCancellationEndAFit() {
        LogDensity target = Targets.betaBinomial(3, 9, 1, 1);
        GaussianUpdates endless = BatchAndMatch.create().withTolerance(0);
        assertThat(fit(target, endless).evaluationBudget(500).run().stop().status())
                .isEqualTo(Status.EVALUATION_LIMIT);
        Cancellation cancellation = new Cancellation();
        Fit cancelled = fit(target, endless)
                .cancellation(cancellation)
                .callback(progress -> {
                    if (progress.iteration() == 5) {
                        cancellation.cancel();
                    }
                })
                .run();
        assertThat(cancelled.stop().status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void whatCannotBeServedIsRefusedWithARemedy() {
        LogDensity target = Targets.correlated(0.5, 0);
        GaussianUpdates algorithm = BatchAndMatch.create();
        assertThatThrownBy(() ->
                        fit(target, algorithm).family(Families.meanField()).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mean-field")
                .hasMessageContaining("use fullRank()");
        assertThatThrownBy(() ->
                        fit(target, algorithm).minimise(Divergences.forwardKl()).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave minimise(...) out");
        assertThatThrownBy(() -> fit(LogDensities.ofValues(2, u -> -u[0] * u[0] - u[1] * u[1]), algorithm)
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gradient");
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> BatchAndMatch.create().withBatchSize(0)).hasMessageContaining("at least 1, got 0");
        assertThatThrownBy(() -> BatchAndMatch.create().withLargestStep(1e11)).hasMessageContaining("at most 1.0E10");
        assertThatThrownBy(() -> NaturalGradient.create().withStep(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> BuresWasserstein.create().withStep(1)).hasMessageContaining("at most 0.9");
        assertThatThrownBy(() -> GaussianScoreMatching.create().withTolerance(-1))
                .hasMessageContaining("got -1");
        assertThat(BatchAndMatch.create()
                        .withBatchSize(8)
                        .withLargestStep(2)
                        .withTolerance(0.1)
                        .name())
                .isEqualTo("batch and match, lambda at most 2.0, batches of 8, tolerance 0.1");
    }
}

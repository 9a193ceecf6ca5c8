package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.family.Families.fullRank;
import static org.variational.family.Families.meanField;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Targets;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.diagnostic.Verdict.Level;
import org.variational.fit.Fit;
import org.variational.optimizer.Optimizers;

/** Densities and settings that misbehave; the numbers in the names are those of the list of faults. */
class FitFaultsTest {

    private static VariationalInference short_(LogDensity density) {
        return VariationalInference.of(density)
                .maxIterations(2000)
                .posteriorDraws(1000)
                .seed(7);
    }

    private static LogDensity gaussianExcept(java.util.function.Predicate<double[]> bad, double value, double slope) {
        return LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = -u[1];
            double normal = -0.5 * (u[0] * u[0] + u[1] * u[1]);
            if (bad.test(u)) {
                g[1] = slope;
                return value;
            }
            return normal;
        });
    }

    private static void assertFinite(Fit fit) {
        for (double parameter : fit.distribution().parameters()) {
            assertThat(parameter).isFinite();
        }
    }

    private static boolean has(Fit fit, Verdict.Code code) {
        return fit.verdict().findings().stream().anyMatch(reason -> reason.code() == code);
    }

    @Test
    void fault01_nanEverywhereIsAnInvalidModelAtAPoint() {
        FitException failure =
                catchThrowableOfType(FitException.class, () -> short_(gaussianExcept(u -> true, Double.NaN, 0))
                        .run());
        assertThat(failure.stop().status()).isEqualTo(Status.INVALID_MODEL);
        assertThat(failure).hasMessageContaining("NaN").hasMessageContaining("at [" + failure.point()[0] + ", ");
        assertThat(failure.point()).hasSize(2);
    }

    @Test
    void fault02_nanInAHalfSpaceIsCounted() {
        Fit fit = short_(gaussianExcept(u -> u[0] > 1, Double.NaN, 0)).run();
        assertFinite(fit);
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
        assertThat(has(fit, Verdict.Code.REJECTED_DRAWS)).isTrue();
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
    }

    @Test
    void fault03_nanNowAndThenIsCounted() {
        AtomicLong calls = new AtomicLong();
        Fit fit = short_(gaussianExcept(u -> calls.incrementAndGet() % 500 == 499, Double.NaN, 0))
                .run();
        assertFinite(fit);
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
        assertThat(has(fit, Verdict.Code.REJECTED_DRAWS)).isTrue();
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1, within(0.05));
    }

    @Test
    void fault04_massOutsideTheSupportMakesTheBoundMinusInfinity() {
        LogDensity uniform =
                LogDensities.of(1, (u, g) -> Math.abs(u[0]) > 1 ? Double.NEGATIVE_INFINITY : Math.log(0.5));
        Fit fit = short_(uniform).run();
        assertFinite(fit);
        assertThat(fit.elbo()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(fit.elboStandardError()).isNaN();
        assertThat(has(fit, Verdict.Code.SUPPORT_MISMATCH)).isTrue();
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
    }

    @Test
    void fault05_plusInfinityIsNotTheBestPoint() {
        Fit fit = short_(gaussianExcept(u -> Math.abs(u[0] - 2) < 0.05, Double.POSITIVE_INFINITY, 0))
                .run();
        assertFinite(fit);
        assertThat(fit.distribution().mean()[0]).isCloseTo(0, within(0.1));
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
        assertThat(fit.elbo()).isFinite();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void fault06And07_aGradientThatIsNotFiniteIsNamed(double slope) {
        Fit fit = short_(gaussianExcept(u -> u[0] > 1.5, -1, slope)).run();
        assertFinite(fit);
        assertThat(fit.stop().rejectedEvaluations()).isPositive();
        FitException failure =
                catchThrowableOfType(FitException.class, () -> short_(gaussianExcept(u -> true, -1, slope))
                        .run());
        assertThat(failure).hasMessageContaining("x[1]").hasMessageContaining(Double.toString(slope));
    }

    @Test
    void fault08_hugeValuesDoNotOverflow() {
        LogDensity huge = LogDensities.of(1, (u, g) -> {
            g[0] = -u[0];
            return 1e308 - 0.5 * u[0] * u[0];
        });
        Fit fit = short_(huge).run();
        assertFinite(fit);
        assertThat(fit.elbo()).isNotNaN();
    }

    @Test
    void fault09_aConstantChangesNothing() {
        double[] mean = {0.5, 0.5};
        double[] sd = {2, 2};
        Fit plain = VariationalInference.of(Targets.correlated(0.8, 0))
                .start(mean, sd)
                .run();
        Fit plainSearched = VariationalInference.of(Targets.correlated(0.8, 0)).run();
        for (double offset : new double[] {1e10, -1e10}) {
            Fit shifted = VariationalInference.of(Targets.correlated(0.8, offset))
                    .start(mean, sd)
                    .run();
            assertThat(shifted.distribution().parameters())
                    .containsExactly(plain.distribution().parameters());
            assertThat(shifted.stop().iteration()).isEqualTo(plain.stop().iteration());
            Fit searched =
                    VariationalInference.of(Targets.correlated(0.8, offset)).run();
            assertThat(searched.distribution().mean()[0])
                    .isCloseTo(plainSearched.distribution().mean()[0], within(1e-4));
            assertThat(searched.distribution().standardDeviation()[1])
                    .isCloseTo(plainSearched.distribution().standardDeviation()[1], within(1e-4));
        }
    }

    @Test
    void fault10_aDiscontinuousDensityIsFittedToTheEnd() {
        LogDensity step = LogDensities.of(1, (u, g) -> {
            g[0] = -u[0];
            return -0.5 * u[0] * u[0] + (u[0] > 0 ? 2 : 0);
        });
        Fit fit = short_(step).run();
        assertFinite(fit);
        assertThat(fit.elbo()).isFinite();
    }

    /** The sd of the Laplace distribution is {@code sqrt(2)}; of 3,000 draws its error is .02. */
    @Test
    void fault11_aKinkIsHarmless() {
        LogDensity laplace = LogDensities.of(1, (u, g) -> {
            g[0] = -Math.signum(u[0]);
            return -Math.abs(u[0]) - Math.log(2);
        });
        Fit fit = short_(laplace).run();
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(Math.sqrt(2), within(0.1));
    }

    @Test
    void fault12_aFlatDirectionDivergesByName() {
        LogDensity flat = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            return -0.5 * u[0] * u[0];
        });
        for (Fit fit :
                new Fit[] {short_(flat).run(), short_(flat).family(meanField()).run()}) {
            assertThat(fit.stop().status()).isEqualTo(Status.DIVERGED);
            assertThat(fit.stop().coordinates()).containsExactly("x[1]");
            assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
            assertFinite(fit);
        }
    }

    @Test
    void fault13_anUnboundedDensityIsNotGood() {
        LogDensity unbounded = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0] * Math.exp(-2 * u[1]);
            g[1] = u[0] * u[0] * Math.exp(-2 * u[1]) - 3;
            return -0.5 * u[0] * u[0] * Math.exp(-2 * u[1]) - 3 * u[1];
        });
        Fit fit = short_(unbounded).run();
        assertFinite(fit);
        assertThat(fit.stop().converged()).isFalse();
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
    }

    /** a + b = 1 is known to 0.1 and a, b have N(0, 10) priors: 1 / Lambda_ii = 1 / (100 + 0.01). */
    @Test
    void fault14_aRidgeHasTheMeanFieldOptimum() {
        LogDensity ridge =
                Targets.gaussian(new double[] {0.49998, 0.49998}, new double[][] {{100.01, 100}, {100, 100.01}}, 0, 0);
        Fit fit = VariationalInference.of(ridge).family(meanField()).run();
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1 / Math.sqrt(100.01), within(0.003));
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
        Fit full = VariationalInference.of(ridge).family(fullRank()).run();
        assertThat(full.distribution().standardDeviation()[0]).isCloseTo(Math.sqrt(50 + 0.0025), within(0.5));
    }

    @Test
    void fault18_scalesFromTinyToHuge() {
        double[] mean = {3e-8, 0, -2e8};
        double[] sd = {1e-8, 1, 1e8};
        for (boolean full : new boolean[] {true, false}) {
            Fit fit = VariationalInference.of(Targets.independent(mean, sd))
                    .family(full ? fullRank() : meanField())
                    .run();
            for (int i = 0; i < 3; i++) {
                boolean accurate = Math.abs(fit.distribution().standardDeviation()[i] / sd[i] - 1) < 0.02
                        && Math.abs(fit.distribution().mean()[i] - mean[i]) < 0.02 * sd[i];
                assertThat(accurate || !fit.stop().converged())
                        .as("coordinate %d", i)
                        .isTrue();
            }
            assertThat(fit.stop().converged()).isTrue();
        }
    }

    @Test
    void fault20_theTimeLimitHoldsWithinAnEvaluation() {
        LogDensity slow = LogDensities.of(1, (u, g) -> {
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            g[0] = -u[0];
            return -0.5 * u[0] * u[0];
        });
        long begin = System.nanoTime();
        Fit fit = VariationalInference.of(slow)
                .start(new double[1], new double[] {3})
                .timeLimit(Duration.ofMillis(200))
                .run();
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertThat(fit.stop().status()).isEqualTo(Status.TIME_LIMIT);
        assertThat(fit.posterior().size()).isEqualTo(4000);
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertThat(millis).isLessThan(5000);
    }

    @Test
    void fault21_noCoordinates() {
        LogDensity empty = new LogDensity() {
            @Override
            public int dimension() {
                return 0;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                throw new AssertionError("must not be called");
            }
        };
        assertThatThrownBy(() -> VariationalInference.of(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing to infer");
    }

    /** 100,000 independent groups: the bound is the sum of the groups' bounds. */
    @Test
    void fault23_manyCoordinates() {
        int d = 100_000;
        double[] sd = new double[d];
        Arrays.setAll(sd, i -> 0.5 + i % 7);
        LogDensity wide = new LogDensity() {
            @Override
            public int dimension() {
                return d;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                int lanes = points.numCols;
                Arrays.fill(logDensity, 0, lanes, 0);
                for (int i = 0; i < d; i++) {
                    for (int s = 0; s < lanes; s++) {
                        double z = points.data[i * lanes + s] / sd[i];
                        logDensity[s] -= 0.5 * z * z;
                        if (gradient != null) {
                            gradient.data[i * lanes + s] = -z / sd[i];
                        }
                    }
                }
            }
        };
        double[] zeros = new double[d];
        Fit fit = VariationalInference.of(wide)
                .start(zeros, sd)
                .maxIterations(45)
                .draws(4)
                .run();
        assertThat(fit.provenance().options()).containsEntry("family", "mean-field Gaussian");
        assertFinite(fit);
        assertThat(fit.posterior().size()).isEqualTo(120);
    }

    @Test
    void fault24_fullRankInHighDimensionIsRefusedWithItsSize() {
        LogDensity wide = LogDensities.of(100_000, (u, g) -> 0);
        assertThatThrownBy(
                        () -> VariationalInference.of(wide).family(fullRank()).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes")
                .hasMessageContaining("meanField()");
    }

    @Test
    void fault26And52_badStartingPoints() {
        VariationalInference fit = VariationalInference.of(Targets.correlated(0.5, 0));
        assertThatThrownBy(() -> fit.start(new double[3]))
                .hasMessageContaining("2 means")
                .hasMessageContaining("got 3");
        assertThatThrownBy(() -> fit.start(new double[2], new double[1])).hasMessageContaining("got 1");
        assertThatThrownBy(() -> fit.start(new double[] {0, Double.NaN})).hasMessageContaining("mean[1]");
        assertThatThrownBy(() -> fit.start(new double[2], new double[] {1, 0}))
                .hasMessageContaining("standard deviation[1] must be positive");
        FitException failure =
                catchThrowableOfType(FitException.class, () -> short_(gaussianExcept(u -> u[0] > 3, Double.NaN, 0))
                        .start(new double[] {4, 0})
                        .run());
        assertThat(failure.stop().status()).isEqualTo(Status.INVALID_MODEL);
        assertThat(failure.point()).containsExactly(4, 0);
    }

    /** The gradient of one lane is lost whenever the batch throws, and the rest goes on. */
    @Test
    void fault35_anExceptionNowAndThenIsSurvived() {
        AtomicLong calls = new AtomicLong();
        Fit fit = short_(gaussianExcept(
                        u -> {
                            if (calls.incrementAndGet() % 1000 == 999) {
                                throw new ArithmeticException("now and then");
                            }
                            return false;
                        },
                        0,
                        0))
                .run();
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1, within(0.05));
    }

    @Test
    void fault36_anExceptionEveryTimeIsTheCause() {
        LogDensity throwing = LogDensities.of(1, (u, g) -> {
            throw new ArithmeticException("always");
        });
        FitException failure =
                catchThrowableOfType(FitException.class, () -> short_(throwing).run());
        assertThat(failure.stop().status()).isEqualTo(Status.FAILED);
        assertThat(failure).hasRootCauseInstanceOf(ArithmeticException.class).hasMessageContaining("always");
    }

    @Test
    void fault36_anExceptionFromSomePointOnFails() {
        AtomicLong calls = new AtomicLong();
        Fit fit = short_(gaussianExcept(
                        u -> {
                            if (calls.incrementAndGet() > 3000) {
                                throw new ArithmeticException("from here on");
                            }
                            return false;
                        },
                        0,
                        0))
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.FAILED);
        assertThat(fit.stop().cause()).hasMessage("from here on");
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertFinite(fit);
    }

    @Test
    void fault37_errorsAreNotSwallowed() {
        LogDensity broken = LogDensities.of(1, (u, g) -> {
            throw new StackOverflowError("deep");
        });
        assertThatThrownBy(() -> short_(broken).run()).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void fault39And40_argumentsMayBeChangedAndKept() {
        LogDensity inner = Targets.correlated(0.5, 0);
        LogDensity rude = new LogDensity() {
            private double[] kept = {};

            @Override
            public int dimension() {
                return 2;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                inner.evaluate(points, logDensity, gradient);
                Arrays.fill(kept, Double.NaN);
                Arrays.fill(points.data, Double.NaN);
                kept = points.data;
            }
        };
        assertThat(short_(rude).run().distribution().parameters())
                .containsExactly(short_(inner).run().distribution().parameters());
    }

    @Test
    void fault53_noDrawInTheSupportEndsTheFit() {
        LogDensity narrow = LogDensities.of(2, (u, g) -> Math.abs(u[0]) > 1e-9 ? Double.NEGATIVE_INFINITY : 0);
        Fit fit = short_(narrow)
                .minimise(forwardKl())
                .start(new double[2], new double[] {1, 1})
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.DIVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertFinite(fit);
    }

    @Test
    void fault54To58_settingsAreCheckedWhenTheyAreMade() {
        VariationalInference fit = VariationalInference.of(Targets.correlated(0.5, 0));
        assertThatThrownBy(() -> fit.optimizer(Optimizers.adam(0))).hasMessageContaining("rate must be positive");
        assertThatThrownBy(() -> fit.maxIterations(-1))
                .hasMessageContaining("maxIterations must be at least 0, got -1");
        assertThatThrownBy(() -> fit.draws(0)).hasMessageContaining("draws must be at least 1, got 0");
        assertThatThrownBy(() -> fit.draws(1_000_000_000)).hasMessageContaining("bytes");
        assertThatThrownBy(() -> fit.posteriorDraws(1_000_000_000)).hasMessageContaining("bytes");
        assertThatThrownBy(() -> fit.tolerance(-1)).hasMessageContaining("tolerance");
        assertThatThrownBy(() -> fit.tolerance(Double.NaN)).hasMessageContaining("tolerance");
        assertThatThrownBy(() -> fit.evaluationBudget(0)).hasMessageContaining("evaluation budget");
        assertThatThrownBy(() -> fit.timeLimit(Duration.ZERO)).hasMessageContaining("time limit");
        assertThatThrownBy(() -> fit.minibatch(0)).hasMessageContaining("at least 1 row");
        assertThatThrownBy(() -> fit.threads(0)).hasMessageContaining("threads");
        assertThatThrownBy(() -> fit.minibatch(5).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("minibatch");
    }

    @Test
    void fault55_noIterationsReturnTheStart() {
        double[] mean = {0.25, -0.5};
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .start(mean, new double[] {2, 3})
                .maxIterations(0)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.MAX_ITERATIONS);
        assertThat(fit.distribution().mean()).containsExactly(mean);
        assertThat(fit.trace().losses()).isEmpty();
        assertThat(fit.summary().row("x[0]").mcse()).isNaN();
        assertThat(fit.verdict().level()).as("off by a standard deviation").isEqualTo(Level.UNRELIABLE);
    }

    @Test
    void fault58_toleranceZeroSpendsTheBudget() {
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .tolerance(0)
                .maxIterations(700)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.MAX_ITERATIONS);
        assertThat(fit.stop().iteration()).isEqualTo(700);
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, Long.MIN_VALUE, Long.MAX_VALUE})
    void fault59And60_everySeedIsGoodAndRepeatable(long seed) {
        LogDensity target = Targets.banana(1, 0.5);
        Fit first = short_(target).seed(seed).run();
        Fit second = short_(target).seed(seed).run();
        assertThat(second.distribution().parameters())
                .containsExactly(first.distribution().parameters());
        assertThat(second.posterior().draws("x[0]"))
                .containsExactly(first.posterior().draws("x[0]"));
        assertThat(second.elbo()).isEqualTo(first.elbo());
        assertThat(short_(target).seed(seed + 1).run().distribution().parameters())
                .isNotEqualTo(first.distribution().parameters());
    }

    /** A plateau: nothing changes far from the mode, and nothing is called converged there. */
    @Test
    void fault72_aPlateauIsNotConvergence() {
        LogDensity plateau = LogDensities.of(1, (u, g) -> {
            double z = (u[0] - 50) / 1e-3;
            double p = 1 / (1 + z * z);
            g[0] = -2 * z * p / 1e-3 * 1e-6;
            return Math.log1p(1e6 * p) * 1e-6;
        });
        Fit fit = short_(plateau).run();
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
        assertThat(fit.stop().converged()).isFalse();
    }

    private static String reason(Fit fit, Verdict.Code code) {
        return fit.verdict().findings().stream()
                .filter(reason -> reason.code() == code && reason.level() == Level.UNRELIABLE)
                .map(Verdict.Finding::text)
                .findFirst()
                .orElse("");
    }

    /** A normal in {@code dimension} coordinates, of whose slopes the last is multiplied. */
    private static LogDensity wrongLastSlope(int dimension, double factor) {
        return LogDensities.of(dimension, (u, g) -> {
            double value = 0;
            for (int i = 0; i < dimension; i++) {
                g[i] = -u[i];
                value -= 0.5 * u[i] * u[i];
            }
            g[dimension - 1] *= factor;
            return value;
        });
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0.5, 1.5, 2})
    void fault33_aWrongGradientIsNamed(double factor) {
        Fit wrong = short_(wrongLastSlope(2, factor)).maxIterations(200).run();
        assertThat(reason(wrong, Verdict.Code.WRONG_GRADIENT))
                .startsWith("gradient row 1 (\"x[1]\") is ")
                .contains("central differences of the log density give");
        assertThat(wrong.verdict().level()).isEqualTo(Level.UNRELIABLE);
        Fit one = short_(wrongLastSlope(1, factor)).maxIterations(200).run();
        assertThat(has(one, Verdict.Code.WRONG_GRADIENT)).isTrue();
    }

    @Test
    void fault33_aMissingTermIsNamed() {
        LogDensity missing = LogDensities.of(2, (u, g) -> {
            g[0] = -u[0];
            g[1] = -(u[1] - 1);
            return -0.5 * u[0] * u[0] - 0.5 * (u[1] - 1.3) * (u[1] - 1.3);
        });
        assertThat(reason(short_(missing).run(), Verdict.Code.WRONG_GRADIENT)).contains("x[1]");
    }

    /** Right gradients, of which the first has values rounded to 1e-6, are not accused. */
    @ParameterizedTest
    @ValueSource(doubles = {1e10, 1e5, 0})
    void fault33_aRightGradientIsNotAccused(double offset) {
        for (LogDensity right : List.of(
                Targets.correlated(0.99, offset),
                Targets.funnel(5, 3),
                Targets.studentT(2),
                wrongLastSlope(60, 1),
                Targets.independent(new double[] {1e3, 0, -1}, new double[] {1e-4, 1, 1e5}))) {
            Fit fit = short_(right).maxIterations(5).posteriorDraws(10).run();
            assertThat(has(fit, Verdict.Code.WRONG_GRADIENT))
                    .as(fit.verdict().explain())
                    .isFalse();
            assertThat(has(fit, Verdict.Code.NON_DETERMINISTIC)).isFalse();
        }
    }

    @Test
    void fault33_theCheckIsCheapInManyCoordinates() {
        AtomicLong calls = new AtomicLong();
        LogDensity counted = LogDensities.of(500, (u, g) -> {
            calls.incrementAndGet();
            double value = 0;
            for (int i = 0; i < u.length; i++) {
                g[i] = -u[i];
                value -= 0.5 * u[i] * u[i];
            }
            return value;
        });
        double[] ones = new double[500];
        Arrays.fill(ones, 1);
        AtomicLong ofTheCheck = new AtomicLong();
        Fit fit = short_(counted)
                .family(meanField())
                .start(new double[500], ones)
                .maxIterations(0)
                .callback(progress -> {
                    if (progress.phase().equals("examination: draws") && progress.fraction() == 0) {
                        ofTheCheck.set(calls.get());
                    }
                })
                .run();
        assertThat(has(fit, Verdict.Code.WRONG_GRADIENT)).isFalse();
        assertThat(ofTheCheck.get()).isBetween(1L, 300L);
    }

    @Test
    void fault43_aRandomDensityIsNamed() {
        AtomicLong calls = new AtomicLong();
        LogDensity random = LogDensities.of(1, (u, g) -> {
            g[0] = -u[0];
            return -0.5 * u[0] * u[0] + 1e-3 * Math.sin(calls.incrementAndGet());
        });
        Fit fit = short_(random).maxIterations(200).run();
        assertThat(reason(fit, Verdict.Code.NON_DETERMINISTIC)).contains("at the same point");
        assertThat(has(fit, Verdict.Code.WRONG_GRADIENT)).isFalse();
    }

    @Test
    void fault04_theCoordinateWithoutSupportIsNamed() {
        for (double bound : new double[] {0.5, -3}) {
            LogDensity cut = LogDensities.of(2, (u, g) -> {
                g[0] = -u[0];
                g[1] = -u[1];
                boolean outside = bound > 0 ? u[1] > bound : Math.abs(u[1]) > 1;
                return outside ? Double.NEGATIVE_INFINITY : -0.5 * (u[0] * u[0] + u[1] * u[1]);
            });
            assertThat(reason(short_(cut).run(), Verdict.Code.SUPPORT_MISMATCH))
                    .contains("draws, which differ most from the others in x[1], so that");
        }
    }

    @Test
    void rejectedDrawsMakeTheBoundTooHighAndItIsSaid() {
        Fit fit = short_(gaussianExcept(u -> u[0] > 2.6, Double.NaN, 0)).run();
        assertThat(fit.verdict().explain())
                .containsPattern(
                        "could not be evaluated at \\d+ of \\d+ draws, which are left out: the evidence lower bound"
                                + " is too high if");
        assertThat(fit.verdict().level()).isNotEqualTo(Level.GOOD);
    }
}

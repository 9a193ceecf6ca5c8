package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.positive;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.estimator.GradientEstimators.closedFormEntropy;
import static org.variational.family.Families.fullRank;
import static org.variational.family.Families.meanField;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Targets;
import org.variational.algorithm.automatic.AutomaticInference;
import org.variational.algorithm.fixeddraws.FixedDraws;
import org.variational.algorithm.gaussian.BatchAndMatch;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.algorithm.search.Laplace;
import org.variational.algorithm.search.Pathfinder;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.density.RowLogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.expression.Expr;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.fit.Progress;
import org.variational.model.ConstrainedDensity;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.optimizer.Averaging;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.Optimizers;

/** Running, stopping, optimised coordinates, minibatches, choice of parts. */
class FitControlTest {

    /** A fit that would never end by itself. */
    private static VariationalInference endless() {
        return VariationalInference.of(Targets.banana(1, 0.5)).tolerance(0).maxIterations(Long.MAX_VALUE);
    }

    /** Fault 63. */
    @Test
    void cancellingReturnsTheLastGoodState() {
        Cancellation handle = new Cancellation();
        List<Long> iterations = new ArrayList<>();
        Fit fit = endless()
                .cancellation(handle)
                .callback(progress -> {
                    iterations.add(progress.iteration());
                    if (progress.iteration() == 300) {
                        handle.cancel();
                    }
                })
                .run();
        assertThat(handle.isCancelled()).isTrue();
        assertThat(fit.stop().status()).isEqualTo(Status.CANCELLED);
        assertThat(fit.stop().iteration()).isEqualTo(300);
        assertThat(iterations).hasSize(300).startsWith(1L, 2L, 3L).endsWith(300L);
        assertThat(fit.posterior().size()).isEqualTo(4000);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** Fault 63: the flag is still set when the fit returns. */
    @Test
    void interruptingKeepsTheFlag() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> flag = thread.submit(() -> {
                Fit fit = endless()
                        .callback(progress -> {
                            if (progress.iteration() == 100) {
                                Thread.currentThread().interrupt();
                            }
                        })
                        .run();
                assertThat(fit.stop().status()).isEqualTo(Status.CANCELLED);
                return Thread.currentThread().isInterrupted();
            });
            assertThat(flag.get(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            thread.shutdownNow();
        }
    }

    /** Fault 64. */
    @Test
    void theTimeLimitEndsTheFit() {
        Fit fit = endless().timeLimit(Duration.ofMillis(300)).run();
        assertThat(fit.stop().status()).isEqualTo(Status.TIME_LIMIT);
        assertThat(fit.stop().reason()).contains("within 0.3 s");
        assertThat(fit.provenance().cost().elapsed()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(20));
    }

    private static final LogDensity UNUSABLE = LogDensities.of(1, (u, g) -> Double.NaN);

    static List<Algorithm<?>> algorithms() {
        return List.of(
                StochasticGradient.create(),
                AutomaticInference.create(),
                FixedDraws.create(),
                BatchAndMatch.create(),
                Pathfinder.create(),
                Laplace.create());
    }

    private static Stop failedStart(VariationalInference fit, Algorithm<?> algorithm) {
        return catchThrowableOfType(
                        FitException.class,
                        () -> fit.family(fullRank()).algorithm(algorithm).run())
                .stop();
    }

    /** Without a starting point there is nothing to return; the status says which limit ended the search. */
    @ParameterizedTest
    @MethodSource("algorithms")
    void theLimitThatEndsTheSearchForAStartIsNamed(Algorithm<?> algorithm) throws Exception {
        VariationalInference fit = VariationalInference.of(UNUSABLE);

        Cancellation handle = new Cancellation();
        handle.cancel();
        Stop cancelled = failedStart(fit.cancellation(handle).evaluationBudget(3), algorithm);
        assertThat(cancelled.status()).isEqualTo(Status.CANCELLED);
        assertThat(cancelled.reason()).isEqualTo("the fit was cancelled before a starting point was found");

        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Stop interrupted = thread.submit(() -> {
                        Thread.currentThread().interrupt();
                        return failedStart(fit, algorithm);
                    })
                    .get(60, TimeUnit.SECONDS);
            assertThat(interrupted.status()).isEqualTo(Status.CANCELLED);
        } finally {
            thread.shutdownNow();
        }

        Stop spent = failedStart(fit.evaluationBudget(3), algorithm);
        assertThat(spent.status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(spent.reason())
                .startsWith("no starting point was found within 3 density evaluations; the first point that could not");
        assertThat(spent.rejectedEvaluations()).isBetween(3L, 8L);

        LogDensity slow = LogDensities.of(1, (u, g) -> {
            LockSupport.parkNanos(5_000_000);
            return Double.NaN;
        });
        Stop late = failedStart(VariationalInference.of(slow).timeLimit(Duration.ofMillis(1)), algorithm);
        assertThat(late.status()).isEqualTo(Status.TIME_LIMIT);
        assertThat(late.reason()).startsWith("no starting point was found within 0.001 s");

        assertThat(failedStart(fit, algorithm).status()).isEqualTo(Status.INVALID_MODEL);
    }

    /** Fixed draws also fail where the start can be evaluated and no draw around it: 20 draws for every halving. */
    @Test
    void theLimitThatEndsTheSearchForUsableDrawsIsNamed() {
        LogDensity needle = LogDensities.of(1, (u, g) -> u[0] == 0 ? 0 : Double.NaN);
        VariationalInference fit = VariationalInference.of(needle).start(new double[1], new double[] {1});
        Stop spent = failedStart(fit.evaluationBudget(100), FixedDraws.create());
        assertThat(spent.status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(spent.reason()).startsWith("no starting point was found within 100 density evaluations");
        Stop invalid = failedStart(fit, FixedDraws.create());
        assertThat(invalid.status()).isEqualTo(Status.INVALID_MODEL);
        assertThat(invalid.reason()).startsWith("the density could not be evaluated at all draws around");
    }

    /** The paths of the search for a start end with the budget too. */
    @Test
    void theSearchForAStartKeepsTheBudget() {
        Fit fit = VariationalInference.of(Targets.banana(1, 0.5))
                .family(meanField())
                .evaluationBudget(60)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(fit.provenance().cost().gradientEvaluations()).isLessThan(60 + 4 + 16 + 1);
    }

    @Test
    void theEvaluationBudgetEndsTheFit() {
        Fit fit = endless().evaluationBudget(5000).run();
        assertThat(fit.stop().status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(fit.provenance().cost().evaluations()).isBetween(5000L + 4000, 5000L + 4000 + 64 + 16);
    }

    /** Fault 71. */
    @Test
    void aCallbackThatThrowsEndsTheFitWithItsCause() {
        Fit fit = endless()
                .callback(progress -> {
                    if (progress.iteration() == 50) {
                        throw new IllegalStateException("from the callback");
                    }
                })
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.FAILED);
        assertThat(fit.stop().cause()).hasMessage("from the callback");
        assertThat(fit.stop().iteration()).isEqualTo(50);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        for (double parameter : fit.distribution().parameters()) {
            assertThat(parameter).isFinite();
        }
    }

    /** An exception in the examination loses nothing of the fit. */
    @Test
    void aCallbackThatThrowsInTheExaminationKeepsTheAnswer() {
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .callback(progress -> {
                    if (progress.phase().equals("examination: search for missed modes") && progress.fraction() > 0.2) {
                        throw new IllegalStateException("from the callback");
                    }
                })
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.FAILED);
        assertThat(fit.stop().cause()).hasMessage("from the callback");
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.distribution().mean()[0]).isCloseTo(1, within(0.05));
    }

    /** A density that counts the points that it is given after somebody has ended the fit. */
    private static LogDensity slow(Duration aPoint, Cancellation end, AtomicInteger late) {
        return LogDensities.of(2, (u, g) -> {
            late.addAndGet(end.isCancelled() ? 1 : 0);
            LockSupport.parkNanos(aPoint.toNanos());
            g[0] = -u[0];
            g[1] = -u[1];
            return -(u[0] * u[0] + u[1] * u[1]) / 2;
        });
    }

    private static void cancelSoon(Cancellation handle, int milliseconds) {
        new Thread(() -> {
                    LockSupport.parkNanos(1_000_000L * milliseconds);
                    handle.cancel();
                })
                .start();
    }

    /** Of a density with 20 ms a point, a step evaluates 8 points or more: after the end come at most 3, of 50 ms. */
    @Test
    void aSlowDensityDoesNotOutliveItsEnd() {
        Cancellation handle = new Cancellation();
        AtomicInteger late = new AtomicInteger();
        Fit fit = VariationalInference.of(slow(Duration.ofMillis(20), handle, late))
                .cancellation(handle)
                .callback(progress -> {
                    if (progress.iteration() == 3) {
                        cancelSoon(handle, 30);
                    }
                })
                .run();
        assertThat(late.get()).isLessThanOrEqualTo(3);
        assertThat(fit.stop().status()).isEqualTo(Status.CANCELLED);
        assertThat(fit.stop().rejectedEvaluations()).isZero();
        assertThat(fit.verdict().headline()).contains("the fit was cancelled before the answer had been examined");
    }

    /** Of a density with 2 ms a point, a transition of 128 chains evaluates 128 points or more at once. */
    @Test
    void aSlowExaminationEndsWithACancellation() {
        Cancellation handle = new Cancellation();
        AtomicInteger late = new AtomicInteger();
        Fit fit = VariationalInference.of(slow(Duration.ofMillis(2), handle, late))
                .family(meanField())
                .maxIterations(2)
                .cancellation(handle)
                .callback(progress -> {
                    if (progress.phase().equals("examination: draws") && progress.fraction() == 0) {
                        cancelSoon(handle, 100);
                    }
                })
                .run();
        assertThat(late.get()).isLessThanOrEqualTo(64);
        assertThat(fit.verdict().explain()).contains("NOT_EXAMINED");
        assertThat(fit.stop().rejectedEvaluations()).isZero();
    }

    /** What the limits leave out of the examination is said, whichever limit it was. */
    @Test
    void anExaminationThatIsCutShortIsSaid() {
        Cancellation handle = new Cancellation();
        Fit cancelled = VariationalInference.of(Targets.correlated(0.5, 0))
                .cancellation(handle)
                .callback(progress -> {
                    if (progress.phase().equals("examination: search for missed modes")) {
                        handle.cancel();
                    }
                })
                .run();
        Duration limit = Duration.ofSeconds(4);
        Fit late = VariationalInference.of(Targets.correlated(0.5, 0))
                .timeLimit(limit)
                .callback(progress -> {
                    if (progress.phase().equals("examination: search for missed modes") && progress.fraction() > 0.2) {
                        LockSupport.parkNanos(limit.minus(progress.elapsed()).toNanos());
                    }
                })
                .run();
        Fit withoutGradient = VariationalInference.of(LogDensities.ofValues(1, u -> -u[0] * u[0] / 2))
                .run();
        Fit little = VariationalInference.of(Targets.correlated(0.5, 0))
                .evaluationBudget(15_000)
                .run();
        for (Fit fit : List.of(cancelled, late, little, withoutGradient)) {
            assertThat(fit.verdict().explain()).contains("NOT_EXAMINED");
            assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.REWEIGHTED);
            assertThat(fit.verdict().advice()).startsWith("But know that neither Markov chains");
        }
    }

    /** k-hat, verdict and their draws are those of 4,000 draws, however few are wanted. */
    @Test
    void theVerdictDoesNotDependOnTheNumberOfDrawsWanted() {
        VariationalInference base =
                VariationalInference.of(Targets.correlated(0.5, 0)).family(meanField());
        Fit few = base.posteriorDraws(10).run();
        Fit many = base.run();
        assertThat(few.posterior().size()).isEqualTo(10);
        assertThat(few.verdict()).isEqualTo(many.verdict());
        assertThat(few.kHat()).isEqualTo(many.kHat());
    }

    /** Weighted draws that are drawn on, twice and more, are never the same. */
    @Test
    void drawsThatAreDrawnOnAreAllDifferent() {
        for (long seed = 1; seed <= 4; seed++) {
            Fit fit = VariationalInference.of(Targets.correlated(0.65, 0))
                    .family(meanField())
                    .posteriorDraws(4001)
                    .seed(seed)
                    .run();
            double[] draws = fit.approximation().draws("x[0]");
            assertThat(Arrays.stream(draws).distinct().count()).isEqualTo(draws.length);
        }
    }

    @Test
    void theCallbackSeesTheFit() {
        List<Progress> seen = new ArrayList<>();
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .callback(seen::add)
                .run();
        List<Progress> examination = seen.stream()
                .filter(progress -> progress.phase().startsWith("examination"))
                .toList();
        assertThat(seen).hasSize((int) fit.stop().iteration() + examination.size());
        Progress last = seen.get(seen.size() - 1);
        assertThat(seen.get(0).loss().getAsDouble()).isFinite();
        assertThat(last.evaluations()).isPositive();
        assertThat(seen).allSatisfy(progress -> {
            assertThat(progress.fraction()).isBetween(0.0, 1.0);
            assertThat(progress.loss().orElse(0)).isNotNaN();
        });
        assertThat(seen.stream().map(Progress::phase).distinct())
                .containsExactly(
                        "search", "importance", "modes", "examination: draws", "examination: search for missed modes");
        for (String phase : List.of("draws", "search for missed modes")) {
            List<Double> fractions = examination.stream()
                    .filter(progress -> progress.phase().endsWith(phase))
                    .map(Progress::fraction)
                    .toList();
            assertThat(fractions).hasSizeGreaterThan(3).isSorted();
        }
        assertThat(fit.trace().iterations()).last().isEqualTo(fit.stop().iteration());
        assertThat(fit.trace().losses()).hasSameSizeAs(fit.trace().iterations());
    }

    /** Fault 70: many fits at once equal the fit alone, and leave no thread behind. */
    @Test
    void thirtyTwoFitsAtOnce() throws Exception {
        int threadsBefore = Thread.activeCount();
        double[] alone = VariationalInference.of(Targets.banana(1, 0.5))
                .maxIterations(600)
                .run()
                .distribution()
                .parameters();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<double[]>> fits = new ArrayList<>();
            for (int k = 0; k < 32; k++) {
                fits.add(() -> VariationalInference.of(Targets.banana(1, 0.5))
                        .maxIterations(600)
                        .run()
                        .distribution()
                        .parameters());
            }
            for (Future<double[]> fit : pool.invokeAll(fits)) {
                assertThat(fit.get()).containsExactly(alone);
            }
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
        for (int wait = 0; wait < 100 && Thread.activeCount() > threadsBefore; wait++) {
            Thread.sleep(50);
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threadsBefore);
    }

    static List<Optimizer> optimizers() {
        return List.of(
                Optimizers.adam(0.05),
                Optimizers.amsGrad(0.05),
                Optimizers.rmsProp(0.05),
                Optimizers.adaGrad(0.3),
                Optimizers.sgd(0.2),
                Optimizers.sgd(0.2).withMomentum(0.9),
                Optimizers.doG(),
                Optimizers.doWG(),
                Optimizers.clipped(Optimizers.adam(0.05), 10),
                Optimizers.cocob());
    }

    /** 0.1 is five times the tolerance: optimisers without a step size to halve are only asked to come close. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void everyOptimiserFitsAGaussian(Optimizer optimizer) {
        Fit fit = VariationalInference.of(Targets.correlated(0.7, 0))
                .optimizer(optimizer)
                .averaging(Averaging.polynomial(8))
                .maxIterations(6000)
                .run();
        assertThat(fit.distribution().mean()[0]).as(optimizer.name()).isCloseTo(1, within(0.1));
        assertThat(fit.distribution().standardDeviation()[1])
                .as(optimizer.name())
                .isCloseTo(1, within(0.1));
        assertThat(fit.provenance().options().get("algorithm")).contains(optimizer.name());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void proximalEntropyStepsFitAGaussian(boolean full) {
        VariationalInference fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .family(full ? fullRank() : meanField())
                .optimizer(Optimizers.proximalEntropy(Optimizers.sgd(0.05)));
        Fit result = fit.estimator(closedFormEntropy()).maxIterations(6000).run();
        double sd = full ? 1 : Math.sqrt(0.75);
        assertThat(result.distribution().mean()[0]).isCloseTo(1, within(0.1));
        assertThat(result.distribution().standardDeviation()[0]).isCloseTo(sd, within(0.05));
        assertThatThrownBy(fit::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("closedFormEntropy()");
    }

    /** y_i ~ N(theta + w, 1) with theta ~ N(0, 1) and w learnt: the evidence is largest where w is the mean of y. */
    private record Data(double[] y) implements RowLogDensity {

        @Override
        public int dimension() {
            return 2;
        }

        @Override
        public int rowCount() {
            return y.length;
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            int[] all = new int[y.length];
            Arrays.setAll(all, i -> i);
            evaluateRows(all, all.length, points, logDensity, gradient);
        }

        @Override
        public void evaluateRows(int[] rows, int count, DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            int lanes = points.numCols;
            double scale = (double) y.length / count;
            for (int s = 0; s < lanes; s++) {
                double theta = points.data[s];
                double w = points.data[lanes + s];
                double value = -0.5 * theta * theta - 0.5 * Math.log(2 * Math.PI);
                double slope = 0;
                for (int k = 0; k < count; k++) {
                    double r = y[rows[k]] - theta - w;
                    value -= scale * 0.5 * (r * r + Math.log(2 * Math.PI));
                    slope += scale * r;
                }
                logDensity[s] = value;
                if (gradient != null) {
                    gradient.data[s] = slope - theta;
                    gradient.data[lanes + s] = slope;
                }
            }
        }
    }

    private record Learnt() implements ParameterLayout {

        @Override
        public int dimension() {
            return 2;
        }

        @Override
        public List<String> coordinateNames() {
            return List.of("theta", "w");
        }

        @Override
        public List<Block> blocks() {
            return List.of(new Block("theta", 0, 1, Role.INFERRED, false), new Block("w", 1, 1, Role.OPTIMISED, false));
        }

        @Override
        public List<Quantity> quantities() {
            return List.of(Quantity.scalar("theta", Role.INFERRED), Quantity.scalar("w", Role.OPTIMISED));
        }

        @Override
        public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
            values.setTo(points);
        }
    }

    private static final double[] Y = {1.5, 2.5, 3.5, 2.0, 3.0, 2.2, 2.8, 1.9, 3.1, 2.5};

    @Test
    void optimisedCoordinatesAreLearntAndReported() {
        Fit fit = VariationalInference.of(new Data(Y), new Learnt())
                .named("learnt")
                .run();
        assertThat(fit.optimised()[0]).isCloseTo(2.5, within(0.1));
        assertThat(fit.distribution().mean()[0]).isCloseTo(0, within(0.1));
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1 / Math.sqrt(11), within(0.01));
        assertThat(fit.posterior().draws("w")).containsOnly(fit.optimised()[0]);
        assertThat(fit.summary().row("w").sd()).isZero();
        assertThat(fit.summary().toString())
                .startsWith("learnt: " + fit.verdict().level());
    }

    /** With w fixed at 0 by a layout that infers both, the posterior of theta + w is known. */
    @Test
    void minibatchesAreRescaled() {
        Fit fit = VariationalInference.of(new Data(Y), new Learnt())
                .minibatch(5)
                .maxIterations(8000)
                .tolerance(0.05)
                .run();
        assertThat(fit.optimised()[0] + fit.distribution().mean()[0]).isCloseTo(2.5, within(0.1));
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1 / Math.sqrt(11), within(0.03));
        assertThat(fit.provenance().options()).containsEntry("minibatch", "5");
    }

    @Test
    void aDensityKnownByItsValuesAlone() {
        LogDensity values = LogDensities.ofValues(2, u -> -0.5 * (u[0] - 1) * (u[0] - 1) - 0.125 * u[1] * u[1]);
        Fit fit = VariationalInference.of(values)
                .family(meanField())
                .tolerance(0.05)
                .maxIterations(4000)
                .run();
        assertThat(fit.distribution().mean()[0]).isCloseTo(1, within(0.1));
        assertThat(fit.distribution().standardDeviation()[1]).isCloseTo(2, within(0.2));
    }

    @Test
    void provenanceIsEnoughToRepeatTheFit() {
        VariationalInference request = VariationalInference.of(Targets.correlated(0.5, 0))
                .named("pair")
                .family(fullRank())
                .seed(99)
                .posteriorDraws(500);
        Fit fit = request.run();
        assertThat(fit.provenance().model()).isEqualTo("pair");
        assertThat(fit.provenance().seed()).isEqualTo(99);
        assertThat(fit.provenance().dimension()).isEqualTo(2);
        assertThat(fit.provenance().cost().iterations()).isEqualTo(fit.stop().iteration());
        assertThat(fit.provenance().software().java())
                .isEqualTo(Runtime.version().toString());
        assertThat(fit.provenance().software().kernels()).isNotEmpty();
        assertThat(fit.provenance().options()).containsEntry("data", "unknown, as the density is a function");
        assertThat(fit.provenance().options())
                .containsEntry("family", "full-rank Gaussian")
                .containsEntry("divergence", "reverse KL")
                .containsEntry("posteriorDraws", "500")
                .containsKeys("estimator", "draws", "algorithm");
        assertThat(request.run().distribution().parameters())
                .containsExactly(fit.distribution().parameters());
    }

    /** Every setting returns a new object. */
    @Test
    void aRequestIsImmutable() {
        VariationalInference base =
                VariationalInference.of(Targets.correlated(0.5, 0)).maxIterations(3);
        base.seed(5);
        base.family(meanField());
        assertThat(base.run().provenance().seed()).isEqualTo(1);
        assertThat(base.run().provenance().options()).containsEntry("family", "full-rank Gaussian");
    }

    /**
     * The error in the summary is what repeated fits show: at most 3 of 30 outside 2.5 combined errors of the truth.
     */
    @Test
    void theReportedErrorIsHonest() {
        int outside = 0;
        for (int seed = 0; seed < 15; seed++) {
            Fit fit = VariationalInference.of(Targets.correlated(0.9, 0))
                    .family(meanField())
                    .drawScheme(org.variational.random.DrawScheme.independent())
                    .posteriorDraws(4000)
                    .seed(seed)
                    .run();
            for (int i = 0; i < 2; i++) {
                var row = fit.summary().row("x[" + i + "]");
                outside += Math.abs(row.mean() - (i == 0 ? 1 : -2)) > 2.5 * row.mcse() ? 1 : 0;
            }
        }
        assertThat(outside).isLessThanOrEqualTo(3);
    }

    /**
     * Fits of one base, whose derived quantities are computed by an evaluator with scratch space, do not disturb each
     * other.
     */
    @Test
    void aBaseServesFitsInParallel() throws Exception {
        ModelBuilder m = Model.named("shared");
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr theta = m.parameter("theta", normal(Expr.constant(0), tau).nonCentered(), 8);
        m.derived("exponential", theta.exp());
        m.observe("y", normal(theta, 1), new double[8]);
        VariationalInference base =
                VariationalInference.of(m.build()).maxIterations(30).posteriorDraws(400);
        List<double[]> serial = new ArrayList<>();
        for (int seed = 0; seed < 24; seed++) {
            serial.add(exponentials(base.seed(seed).run()));
        }
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<double[]>> fits = new ArrayList<>();
            for (int seed = 0; seed < 24; seed++) {
                VariationalInference seeded = base.seed(seed);
                fits.add(() -> exponentials(seeded.run()));
            }
            List<Future<double[]>> results = pool.invokeAll(fits);
            for (int seed = 0; seed < 24; seed++) {
                assertThat(results.get(seed).get()).containsExactly(serial.get(seed));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static double[] exponentials(Fit fit) {
        return fit.posterior().drawsOf("exponential").data;
    }

    @Test
    void aConstrainedDensityBringsItsNames() {
        LogDensity constrained = ConstrainedDensity.on(LogDensities.of(1, (x, g) -> {
                    g[0] = -1 + 1 / x[0];
                    return Math.log(x[0]) - x[0];
                }))
                .parameter("rate", positive())
                .build();
        Fit fit = VariationalInference.of(constrained).maxIterations(50).run();
        assertThat(fit.posterior().scalarNames()).containsExactly("rate");
        assertThat(Arrays.stream(fit.posterior().draws("rate")).min().orElseThrow())
                .isPositive();
    }
}

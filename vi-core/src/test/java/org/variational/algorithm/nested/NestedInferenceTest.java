package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Budget;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.CountedDensity;
import org.variational.density.Interactions;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.divergence.Divergences;
import org.variational.estimator.Objective;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.family.NestedGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.structure.ModelStructures;
import org.variational.structure.Structure;
import org.variational.weights.ParetoSmoothing;

/** Nested inference against exact answers, and what ends it. */
class NestedInferenceTest {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    static Task task(LogDensity density, ParameterLayout layout, long seed) {
        CountedDensity target = CountedDensity.of(density);
        Objective objective = Objective.of(target, layout, Families.meanField().forLayout(layout))
                .build();
        return new Task("test", target, layout, objective, null, 0, null, seed);
    }

    static Task task(Model model) {
        return task(model.density(1), model.layout(), 1);
    }

    /** What a run came to. */
    private record Run(Algorithm.Outcome outcome, Stop stop, List<String> phases, long evaluations) {
        VariationalDistribution q() {
            return outcome.distribution();
        }
    }

    private static Run run(Task task) {
        NestedInference algorithm = NestedInference.create();
        NestedInference.State state = algorithm.start(task, Limits.ofEvaluations(Long.MAX_VALUE));
        List<String> phases = new ArrayList<>();
        while (true) {
            Algorithm.Report report = algorithm.step(state);
            phases.add(report.phase());
            assertThat(report.count().made()).isEqualTo(task.target().evaluations());
            if (report.stop() != null) {
                return new Run(
                        algorithm.result(state),
                        report.stop(),
                        phases,
                        report.count().made());
            }
        }
    }

    /** Log weights of fresh draws. */
    private static double[] logWeights(VariationalDistribution q, LogDensity density, int count) {
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), count);
        DrawScheme.independent().draws(q.noiseDimension(), RandomStreams.of(77)).fill(0, noise);
        DMatrixRMaj points = new DMatrixRMaj(q.family().dimension(), count);
        q.sample(noise, points);
        double[] logQ = new double[count];
        double[] logP = new double[count];
        q.logDensity(points, logQ);
        density.evaluate(points, logP, null);
        Arrays.setAll(logP, s -> logP[s] - logQ[s]);
        return logP;
    }

    private static double sd(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        return Math.sqrt(Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(Double.NaN));
    }

    private static double logMean(double[] logs) {
        double max = Arrays.stream(logs).max().orElse(0);
        return max
                + Math.log(Arrays.stream(logs)
                        .map(l -> Math.exp(l - max))
                        .average()
                        .orElse(0));
    }

    // ---------------------------------------------------------------- no scales

    /**
     * Counts with a log-linear rate: nothing scales anything, and the Gaussian at the mode is the answer, for a few
     * Newton steps. Its mean is the maximum, where the gradient is zero.
     */
    @Test
    void withoutScalesThereIsOneGaussianAtTheMode() {
        ModelBuilder m = Model.named("counts");
        Expr level = m.parameter("level", normal(0, 5));
        Expr slope = m.parameter("slope", normal(0, 5));
        double[] x = new double[200];
        double[] counts = new double[200];
        Arrays.setAll(x, i -> (i - 100) / 100.0);
        Arrays.setAll(counts, i -> Math.rint(Math.exp(3 + x[i])));
        Rows rows = m.rows(200);
        rows.observe("count", poissonLog(level.plus(slope.times(rows.data("x", x)))), counts);
        Model model = m.build();
        Fit fit = VariationalInference.of(model)
                .algorithm(NestedInference.create())
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution()).isInstanceOf(SparseGaussian.Member.class);
        assertThat(fit.provenance().cost().gradientEvaluations()).isLessThan(300);
        DMatrixRMaj mode = new DMatrixRMaj(2, 1, true, fit.distribution().mean());
        DMatrixRMaj gradient = new DMatrixRMaj(2, 1);
        model.density().evaluate(mode, new double[1], gradient);
        double[] sd = fit.distribution().standardDeviation();
        // a decrement of 1e-7 is a distance of 3e-4 sds
        assertThat(gradient.get(0) * sd[0]).isCloseTo(0, within(1e-3));
        assertThat(gradient.get(1) * sd[1]).isCloseTo(0, within(1e-3));
    }

    // ---------------------------------------------------------------- conditionally Gaussian models

    /**
     * The evidence by quadrature of the closed-form density of tau is -31.3113. With log weights of sd .02, that of
     * 4,000 draws has a standard error of .0003.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eightSchoolsHasConstantWeights(boolean centred) {
        Model model = ModelStructures.eightSchools(centred);
        Run run = run(task(model));
        assertThat(run.phases).containsExactly("search", "nodes", "nodes", "weights");
        assertThat(run.stop.status()).isEqualTo(Status.CONVERGED);
        assertThat(run.evaluations).isLessThan(2500);
        double[] logWeights = logWeights(run.q(), model.density(1), 4000);
        assertThat(logMean(logWeights)).isCloseTo(-31.3113, within(0.003));
        assertThat(sd(logWeights)).isLessThan(0.02);
    }

    /** The same posterior whether effects are declared as they are or standardised: moments of tau and mu to 1e-3. */
    @Test
    void bothDeclarationsHaveOneAnswer() {
        VariationalDistribution centred =
                run(task(ModelStructures.eightSchools(true))).q();
        VariationalDistribution standardised =
                run(task(ModelStructures.eightSchools(false))).q();
        for (int i = 0; i < 2; i++) {
            double sd = centred.standardDeviation()[i];
            assertThat(standardised.mean()[i]).isCloseTo(centred.mean()[i], within(1e-3 * sd));
            assertThat(standardised.standardDeviation()[i]).isCloseTo(sd, within(1e-3 * sd));
        }
    }

    private static double[] walk(int n) {
        RandomGenerator random = RandomStreams.of(9).generator("walk", 0);
        double[] y = new double[n];
        double level = 1;
        for (int i = 0; i < n; i++) {
            level += 0.4 * random.nextGaussian();
            y[i] = level + 0.9 * random.nextGaussian();
        }
        return y;
    }

    /** The log density of the logarithms of both scales with the levels integrated out, by the Kalman filter. */
    private static double kalman(double[] y, double logWalk, double logNoise) {
        double walk = Math.exp(logWalk);
        double noise = Math.exp(logNoise);
        double value = Math.log(4) - LOG_TWO_PI - 0.5 * (walk * walk + noise * noise) + logWalk + logNoise;
        double mean = 0;
        double variance = 4;
        for (int i = 0; i < y.length; i++) {
            variance += i == 0 ? 0 : walk * walk;
            double total = variance + noise * noise;
            double error = y[i] - mean;
            value += -0.5 * (LOG_TWO_PI + Math.log(total) + error * error / total);
            mean += variance / total * error;
            variance *= noise * noise / total;
        }
        return value;
    }

    @Test
    void aLocalLevelAgreesWithTheKalmanFilter() {
        double[] y = walk(60);
        Model model = ModelStructures.localLevel(y);
        Run run = run(task(model));
        assertThat(run.stop.status()).isEqualTo(Status.CONVERGED);
        // the trapezoidal rule on a grid of which the ends have no mass
        double step = 0.05;
        double sum = 0;
        double mean = 0;
        for (double a = -9; a < 3; a += step) {
            for (double b = -4; b < 3; b += step) {
                double density = Math.exp(kalman(y, a, b) + 100) * step * step;
                sum += density;
                mean += a * density;
            }
        }
        double[] logWeights = logWeights(run.q(), model.density(1), 4000);
        assertThat(logMean(logWeights)).isCloseTo(Math.log(sum) - 100, within(0.01));
        assertThat(run.q().mean()[0])
                .isCloseTo(mean / sum, within(0.05 * run.q().standardDeviation()[0]));
    }

    // ---------------------------------------------------------------- others

    private static int[] counts(int n, int groups) {
        RandomGenerator random = RandomStreams.of(4).generator("counts", 0);
        double[] effects = new double[groups];
        Arrays.setAll(effects, g -> 0.6 * random.nextGaussian() + 0.5);
        int[] counts = new int[n];
        for (int i = 0; i < n; i++) {
            double limit = Math.exp(-Math.exp(effects[i * groups / n]));
            double product = random.nextDouble();
            while (product > limit) {
                counts[i]++;
                product *= random.nextDouble();
            }
        }
        return counts;
    }

    /** The evidence by quadrature over mean, scale and, for each group on its own, its effect; no slope. */
    private static double evidenceOfGroups(int[] counts, int groups) {
        int rows = counts.length / groups;
        double[] totals = new double[groups];
        double constant = 0;
        for (int i = 0; i < counts.length; i++) {
            totals[i * groups / counts.length] += counts[i];
            constant -= Gamma.logGamma(counts[i] + 1);
        }
        double h = 0.1;
        double sum = 0;
        for (double mu = -2; mu < 3; mu += h) {
            for (double logTau = -8; logTau < 2; logTau += h) {
                double tau = Math.exp(logTau);
                double value = -0.5 * LOG_TWO_PI - Math.log(2) - mu * mu / 8;
                value += Math.log(2) - 0.5 * LOG_TWO_PI - tau * tau / 2 + logTau;
                for (double total : totals) {
                    double inner = 0;
                    for (double z = -6; z <= 6; z += 0.25) {
                        double eta = mu + tau * z;
                        inner += Math.exp(total * eta - rows * Math.exp(eta) - 0.5 * z * z) * 0.25;
                    }
                    value += Math.log(inner) - 0.5 * LOG_TWO_PI;
                }
                sum += Math.exp(value + constant + 150) * h * h;
            }
        }
        return Math.log(sum) - 150;
    }

    @Test
    void poissonGroupsAgreeWithQuadrature() {
        int[] counts = counts(80, 20);
        // no covariate: the slope keeps its prior, and the evidence is that without it
        Model model = ModelStructures.varyingIntercepts(counts, new double[80], 20);
        Run run = run(task(model));
        assertThat(run.stop.status()).isEqualTo(Status.CONVERGED);
        double[] logWeights = logWeights(run.q(), model.density(1), 4000);
        double exact = evidenceOfGroups(counts, 20);
        double error = 4 * sd(logWeights) / Math.sqrt(4000) + 1e-3;
        assertThat(error).isLessThan(0.05);
        assertThat(logMean(logWeights)).isCloseTo(exact, within(error));
    }

    @Test
    void refinementMakesVolatilityBetter() {
        Model model = ModelStructures.volatility(50, RandomStreams.of(3).generator("returns", 0));
        Task task = task(model);
        NestedInference algorithm = NestedInference.create();
        NestedInference.State state = algorithm.start(task, Limits.ofEvaluations(Long.MAX_VALUE));
        Algorithm.Report report = algorithm.step(state);
        while (!report.phase().equals("weights")) {
            report = algorithm.step(state);
        }
        assertThat(report.stop()).isNull();
        double[] before = logWeights(algorithm.result(state).distribution(), model.density(1), 2000);
        report = algorithm.step(state);
        assertThat(report.phase()).isEqualTo("refine");
        assertThat(report.stop().status()).isEqualTo(Status.CONVERGED);
        double[] after = logWeights(algorithm.result(state).distribution(), model.density(1), 2000);
        double worth = ParetoSmoothing.of(after).effectiveSampleSize();
        assertThat(worth).isGreaterThan(1.1 * ParetoSmoothing.of(before).effectiveSampleSize());
        assertThat(worth).isGreaterThan(1000);
    }

    // ---------------------------------------------------------------- refusals, faults, limits

    /** A scale and three effects, of which the density, known or not, is what is asked for. */
    private static class Effects implements LogDensity {
        boolean broken(double[] x) {
            return false;
        }

        @Override
        public int dimension() {
            return 4;
        }

        @Override
        public Interactions interactions() {
            return Interactions.of(4, List.of(new int[] {0, 1}, new int[] {0, 2}, new int[] {0, 3}))
                    .withScales(0);
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            int lanes = points.numCols;
            for (int s = 0; s < lanes; s++) {
                double t = points.get(0, s);
                double precision = Math.exp(-2 * t);
                double value = -0.5 * t * t;
                double byT = -t;
                double[] x = {t, points.get(1, s), points.get(2, s), points.get(3, s)};
                for (int i = 1; i < 4; i++) {
                    value += -t - 0.5 * precision * x[i] * x[i] - 0.5 * (x[i] - i) * (x[i] - i);
                    byT += -1 + precision * x[i] * x[i];
                    if (gradient != null) {
                        gradient.set(i, s, -precision * x[i] - (x[i] - i));
                    }
                }
                logDensity[s] = broken(x) ? Double.NaN : value;
                if (gradient != null) {
                    gradient.set(0, s, byT);
                }
            }
        }
    }

    private static Task effects(LogDensity density, long seed) {
        return task(density, ParameterLayout.unnamed(4), seed);
    }

    @Test
    void whatHasNoKnownStructureIsRefused() {
        String sentence = "nested inference needs a model with a gradient in which at most 8 coordinates scale others;"
                + " print model.structure() to see what it has, and leave algorithm(...) out to let the default"
                + " choose";
        LogDensity unknown = new Effects() {
            @Override
            public Interactions interactions() {
                return null;
            }
        };
        LogDensity withoutGradient = new Effects() {
            @Override
            public boolean hasGradient() {
                return false;
            }
        };
        for (LogDensity density : List.of(unknown, withoutGradient)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            NestedInference.create().start(effects(density, 1), Limits.ofEvaluations(Long.MAX_VALUE)))
                    .withMessage(sentence);
        }
        Structure ofMore = ModelStructures.eightSchools(true).structure();
        for (Structure structure : List.of(ofMore)) {
            assertThatIllegalArgumentException()
                    .as("a structure that is handed in must serve too")
                    .isThrownBy(() -> NestedInference.create()
                            .withStructure(structure)
                            .start(effects(new Effects(), 1), Limits.ofEvaluations(Long.MAX_VALUE)))
                    .withMessage(sentence);
        }
    }

    @Test
    void whatItCannotDoIsRefused() {
        VariationalInference schools =
                VariationalInference.of(ModelStructures.eightSchools(true)).algorithm(NestedInference.create());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> schools.minimise(Divergences.forwardKl()).run())
                .withMessage("nested inference cannot minimise forward KL: leave minimise(...) out");
        int[] counts = counts(40, 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariationalInference.of(ModelStructures.varyingIntercepts(counts, new double[40], 20))
                        .algorithm(NestedInference.create())
                        .minibatch(10)
                        .run())
                .withMessageContaining("minibatches of 10 rows were asked for: leave minibatch(...) out");
        ModelBuilder m = Model.named("a location to be optimised");
        Expr location = m.optimised("location", 1);
        Expr tau = m.parameter("tau", halfNormal(1));
        m.observe("y", normal(m.parameter("x", normal(location.element(0), tau), 5), 1), new double[5]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariationalInference.of(m.build())
                        .algorithm(NestedInference.create())
                        .run())
                .withMessageContaining("but 1 of this model are to be optimised: give them a prior");
    }

    /** A third of the space is not known, by NaN or by an exception: the fit says what it did, and stays finite. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDensityThatFailsInPlaces(boolean byException) {
        int[] failures = {0};
        LogDensity density = new Effects() {
            @Override
            boolean broken(double[] x) {
                boolean broken = x[1] + x[2] > 3.5;
                failures[0] += broken ? 1 : 0;
                if (broken && byException) {
                    throw new IllegalStateException("not here");
                }
                return broken;
            }
        };
        Run run = run(effects(density, 1));
        assertThat(failures[0]).isPositive();
        assertThat(run.stop.rejectedEvaluations()).isPositive();
        assertThat(run.q().parameters()).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
    }

    @Test
    void aDensityThatIsNowhereKnownFindsNothing() {
        Run run = run(effects(
                new Effects() {
                    @Override
                    boolean broken(double[] x) {
                        return true;
                    }
                },
                1));
        assertThat(run.stop.status()).isEqualTo(Status.STALLED);
        assertThat(run.stop.reason()).isEqualTo("nested inference: no mode of the outer coordinates was found");
        assertThat(run.evaluations).isLessThan(1000);
    }

    /** An improper density of the scale has no end: constant weights of draws from a part of it prove nothing. */
    @Test
    void aTailWithoutEndIsRefused() {
        Run run = run(effects(
                new Effects() {
                    @Override
                    public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                        super.evaluate(points, logDensity, gradient);
                        for (int s = 0; s < points.numCols; s++) {
                            // without the prior of the scale, and without what its normalisation takes away
                            double t = points.get(0, s);
                            logDensity[s] += 0.5 * t * t + 3 * Math.max(t, 0);
                        }
                    }
                },
                1));
        assertThat(run.stop.status()).isEqualTo(Status.STALLED);
        assertThat(run.stop.reason())
                .isEqualTo(
                        "nested inference: the density of the outer coordinates does not fall far enough on all sides");
        assertThat(run.evaluations).isLessThan(20_000);
    }

    private static Limits limits(long evaluations, LogDensity counted, long endAt) {
        return new Limits() {
            @Override
            public boolean ended() {
                return ((CountedDensity) counted).evaluations() >= endAt;
            }

            @Override
            public Budget budget() {
                return new Budget(Long.MAX_VALUE, evaluations, Budget.FOREVER);
            }
        };
    }

    /** The budget is kept to the evaluation wherever it ends, within steps too; what was found stays. */
    @Test
    void theBudgetIsKeptWithinSteps() {
        Model model = ModelStructures.volatility(12, RandomStreams.of(3).generator("returns", 0));
        long all = run(task(model)).evaluations;
        for (long budget = 1; budget < all; budget += 1 + all / 23) {
            Task task = task(model);
            NestedInference algorithm = NestedInference.create();
            NestedInference.State state = algorithm.start(task, limits(budget, task.target(), Long.MAX_VALUE));
            long made = 0;
            int steps = 0;
            while (made < budget) {
                Algorithm.Report report = algorithm.step(state);
                assertThat(report.stop()).as("budget " + budget).isNull();
                made = report.count().made();
                assertThat(++steps).isLessThan(10);
            }
            assertThat(task.target().evaluations()).isEqualTo(budget);
            assertThat(algorithm.step(state).stop()).isNull();
            assertThat(task.target().evaluations()).isEqualTo(budget);
            assertThat(algorithm.result(state).parameters()).doesNotContain(Double.NaN);
        }
    }

    /** After the end, by time or by hand, no more than the batch in hand is evaluated, and nothing is concluded. */
    @Test
    void theEndIsSeenWithinSteps() {
        Model model = ModelStructures.volatility(12, RandomStreams.of(3).generator("returns", 0));
        long all = run(task(model)).evaluations;
        for (long end = 1; end < all; end += 1 + all / 23) {
            Task task = task(model);
            NestedInference algorithm = NestedInference.create();
            NestedInference.State state = algorithm.start(task, limits(Long.MAX_VALUE, task.target(), end));
            Algorithm.Report report = algorithm.step(state);
            while (task.target().evaluations() < end) {
                report = algorithm.step(state);
            }
            // the step that ran into the end, unless it had just come to its own
            boolean whole = report.stop() != null;
            assertThat(whole && task.target().evaluations() < all - 64).isFalse();
            assertThat(task.target().evaluations()).isLessThan(end + 64);
            long before = task.target().evaluations();
            algorithm.step(state);
            assertThat(task.target().evaluations()).isEqualTo(before);
            assertThat(algorithm.result(state).parameters()).doesNotContain(Double.NaN);
        }
    }

    // ---------------------------------------------------------------- adaptation

    /**
     * Four scales without data: each is half-normal, with a mean of sqrt(2/pi) and a variance of 1 - 2/pi, and its
     * logarithm has a long tail to the left, which no t distribution around the mode has. Given the scales all is
     * Gaussian. With 1,000 effective draws of 4,000 a mean has a standard error of .032 sds, and an sd of .023.
     */
    @Test
    void longTailsOfManyScalesAreAdaptedTo() {
        ModelBuilder m = Model.named("tails");
        for (String name : List.of("a", "b", "c", "d")) {
            m.parameter("of_" + name, normal(0, m.parameter(name, halfNormal(1))), 3);
        }
        Model model = m.build();
        Run run = run(task(model));
        assertThat(run.stop.status()).isEqualTo(Status.CONVERGED);
        double[] logWeights = logWeights(run.q(), model.density(), 4000);
        ParetoSmoothing weights = ParetoSmoothing.of(logWeights);
        assertThat(weights.shape()).isLessThan(0.7);
        assertThat(weights.effectiveSampleSize()).isGreaterThan(1000);
        Fit fit = VariationalInference.of(model)
                .algorithm(NestedInference.create())
                .run();
        assertThat(fit.verdict().level()).isNotEqualTo(Verdict.Level.UNRELIABLE);
        for (String name : List.of("a", "b", "c", "d")) {
            double[] draws = fit.posterior().draws(name);
            double sd = Math.sqrt(1 - 2 / Math.PI);
            assertThat(Arrays.stream(draws).average().orElseThrow())
                    .as(name)
                    .isCloseTo(Math.sqrt(2 / Math.PI), within(4 * 0.032 * sd));
            assertThat(sd(draws)).as(name).isCloseTo(sd, within(4 * 0.023 * sd));
        }
    }

    // ---------------------------------------------------------------- determinism

    @Test
    void oneSeedGivesOneAnswer() {
        Model model = ModelStructures.eightSchools(false);
        VariationalInference fit = VariationalInference.of(model).algorithm(NestedInference.create());
        Fit first = fit.seed(5).run();
        Fit threads = fit.seed(5).threads(3).run();
        assertThat(first.distribution()).isInstanceOf(NestedGaussian.Member.class);
        assertThat(threads.distribution().parameters())
                .isEqualTo(first.distribution().parameters());
        assertThat(threads.posterior().draws("theta[3]"))
                .isEqualTo(first.posterior().draws("theta[3]"));
        assertThat(threads.kHat()).isEqualTo(first.kHat());
        Fit other = fit.seed(6).run();
        assertThat(other.posterior().draws("mu")).isNotEqualTo(first.posterior().draws("mu"));
    }

    /**
     * Two slowly moving coefficients with a long tail of small scales, where the inside is too wide by orders of
     * magnitude far from all nodes: one such draw of thousands would take up to millions from the bound.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void drawsFarFromAllNodesDoNotDecideTheBound(long seed) {
        int length = 60;
        RandomGenerator random = RandomStreams.of(5).generator("series", 0);
        double[] x = new double[length];
        double[] y = new double[length];
        double level = 50;
        for (int t = 0; t < length; t++) {
            level += 0.5 * random.nextGaussian();
            x[t] = 10 * random.nextGaussian();
            y[t] = level + x[t] + 4 * random.nextGaussian();
        }
        ModelBuilder m = Model.named("two coefficients");
        Expr ofLevel = m.parameter("scale of level", halfNormal(2));
        Expr ofSlope = m.parameter("scale of slope", halfNormal(0.5));
        Expr noise = m.parameter("noise", halfNormal(10));
        Expr levels = m.parameter("level", flat(), length);
        Expr slopes = m.parameter("slope", flat(), length);
        m.addLogDensity(normal(levels.slice(0, length - 1), ofLevel)
                .logDensity(levels.slice(1, length))
                .sum());
        m.addLogDensity(normal(slopes.slice(0, length - 1), ofSlope)
                .logDensity(slopes.slice(1, length))
                .sum());
        m.addLogDensity(normal(50, 20).logDensity(levels.element(0)));
        m.addLogDensity(normal(0, 5).logDensity(slopes.element(0)));
        m.observe("y", normal(levels.plus(slopes.times(Expr.constant(x))), noise), y);
        Fit fit = VariationalInference.of(m.build()).seed(seed).run();
        assertThat(fit.verdict().level()).isNotEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.elbo())
                .isBetween(
                        fit.evidence().logZ().value() - 1, fit.evidence().logZ().value() + 0.02);
        assertThat(fit.elboStandardError()).isLessThan(0.1);
    }
}

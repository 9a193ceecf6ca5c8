package org.variational;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Budget;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Task;
import org.variational.algorithm.automatic.AutomaticInference;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.density.CountedDensity;
import org.variational.density.GuardedLayout;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.density.RowLogDensity;
import org.variational.divergence.Divergence;
import org.variational.divergence.DivergenceSchedule;
import org.variational.divergence.Divergences;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GradientEstimator;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.fit.Cancellation;
import org.variational.fit.Driver;
import org.variational.fit.Fit;
import org.variational.fit.Progress;
import org.variational.model.ConstrainedDensity;
import org.variational.model.Model;
import org.variational.optimizer.Averaging;
import org.variational.optimizer.Optimizer;
import org.variational.random.DrawScheme;

/**
 * Fits a model: the front door of the library.
 *
 * <pre>{@code
 *   Fit fit = VariationalInference.of(model)
 *           .family(fullRank())
 *           .minimise(reverseKl())
 *           .seed(20260101)
 *           .run();
 *   System.out.println(fit.summary());
 * }</pre>
 *
 * <p>With nothing chosen: {@link AutomaticInference} with all Gaussians up to 200 coordinates; beyond, Gaussians with
 * the sparse precision that the density's interactions give, where its factor has less than a quarter of a dense one's
 * entries, and otherwise all Gaussians up to 500 coordinates; Gaussians with independent coordinates where none of
 * these serves, or the budget has fewer than 20 evaluations for each coordinate that is learnt together; seed 1. If
 * you choose a family, a divergence or any part of the optimisation, it is used by {@link StochasticGradient}, unless
 * you name another algorithm: reverse KL and sticking-the-landing gradients unless set. Settings are checked when they
 * are made, and what does not fit together is refused by {@link #run} before the first step, with a remedy.
 *
 * <p>Immutable: every setting returns a new object, so that one can be the base of several fits. A {@link Model} may be
 * shared between threads by fits of its own; a bare {@link LogDensity} is used by one fit at a time.
 */
public final class VariationalInference {

    private static final long MAX_NUMBERS = 1L << 28;

    /** The most numbers of a start that provenance shows. */
    private static final int MOST_SHOWN = 64;

    private static final double ANNEALING_FRACTION = 0.1;

    private final Source source;
    private final Settings settings;

    private VariationalInference(Source source, Settings settings) {
        this.source = source;
        this.settings = settings;
    }

    /** The schedule of a divergence that was asked for without one. */
    private record DefaultAnnealing(DivergenceSchedule alpha) implements DivergenceSchedule {

        @Override
        public Divergence goal() {
            return alpha.goal();
        }

        @Override
        public double initialLevel() {
            return alpha.initialLevel();
        }

        @Override
        public Divergence at(double level) {
            return alpha.at(level);
        }

        @Override
        public double next(double level, long step, double effectiveSampleFraction) {
            return alpha.next(level, step, effectiveSampleFraction);
        }

        @Override
        public String report(double level) {
            return alpha.report(level);
        }

        @Override
        public String name() {
            return alpha.goal().name();
        }

        @Override
        public boolean isReverseKl() {
            return alpha.isReverseKl();
        }

        @Override
        public boolean changesPowerOnly() {
            return alpha.changesPowerOnly();
        }
    }

    /**
     * What is fitted; {@code densities} makes a density for a number of threads, {@code layouts} a layout for one fit.
     */
    private record Source(
            String name,
            int dimension,
            Supplier<ParameterLayout> layouts,
            Densities densities,
            Supplier<String> fingerprint) {}

    @FunctionalInterface
    private interface Densities {
        LogDensity with(int threads);
    }

    /** All settings, each with its default. */
    private static final class Settings implements Cloneable {
        private VariationalFamily.@Nullable Factory family;
        private DivergenceSchedule divergence = DivergenceSchedule.constant(Divergences.reverseKl());
        private boolean divergenceChosen;
        private @Nullable GradientEstimator estimator;
        private @Nullable Optimizer optimizer;
        private @Nullable Averaging averaging;
        private @Nullable Algorithm<?> algorithm;
        private @Nullable DrawScheme drawScheme;
        private int draws;
        private int minibatch;
        private int threads = 1;
        private int posteriorDraws;
        private long seed = 1;
        private double tolerance = Double.NaN;
        private long maxIterations = 20_000;
        private long evaluationBudget = Long.MAX_VALUE;
        private Duration timeLimit = Budget.FOREVER;
        private Cancellation cancellation = new Cancellation();
        private Progress.@Nullable Listener callback;
        private Task.@Nullable Start start;

        private Settings copy() {
            try {
                return (Settings) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @FunctionalInterface
    private interface Change {
        void apply(Settings settings);
    }

    private VariationalInference with(Change change) {
        Settings changed = settings.copy();
        change.apply(changed);
        return new VariationalInference(source, changed);
    }

    /**
     * Prepares the fit of a declared model.
     *
     * @return a fit with default settings
     */
    public static VariationalInference of(Model model) {
        Objects.requireNonNull(model, "model");
        return new VariationalInference(
                new Source(model.name(), model.dimension(), model::layout, model::density, model::dataFingerprint),
                new Settings());
    }

    /**
     * Prepares the fit of a bare density, whose coordinates are called {@code x[0]}, {@code x[1]}, ...; a
     * {@link ConstrainedDensity} brings names and transforms of its own.
     *
     * @param density the log density on the unconstrained scale
     * @return a fit with default settings
     */
    public static VariationalInference of(LogDensity density) {
        int dimension = checkedDimension(density);
        return of(
                density,
                density instanceof ConstrainedDensity constrained
                        ? constrained.layout()
                        : ParameterLayout.unnamed(dimension));
    }

    private static int checkedDimension(LogDensity density) {
        int dimension = Objects.requireNonNull(density, "density").dimension();
        if (dimension < 1) {
            throw new IllegalArgumentException("the log density has " + dimension
                    + " coordinates: there is nothing to infer; at least 1 is needed");
        }
        return dimension;
    }

    /**
     * Prepares the fit of a bare density with names and transforms.
     *
     * @param density the log density on the unconstrained scale
     * @param layout the meaning of its coordinates
     * @return a fit with default settings
     * @throws IllegalArgumentException if their dimensions differ
     */
    public static VariationalInference of(LogDensity density, ParameterLayout layout) {
        if (checkedDimension(density) != layout.dimension()) {
            throw new IllegalArgumentException(
                    "the log density has " + density.dimension() + " coordinates, its layout " + layout.dimension());
        }
        return new VariationalInference(
                new Source(
                        "density",
                        layout.dimension(),
                        () -> layout,
                        threads -> density,
                        () -> "unknown, as the density is a function"),
                new Settings());
    }

    /** Sets the name under which the model is reported. */
    public VariationalInference named(String name) {
        return new VariationalInference(
                new Source(
                        Objects.requireNonNull(name, "name"),
                        source.dimension,
                        source.layouts,
                        source.densities,
                        source.fingerprint),
                settings);
    }

    /**
     * Sets the variational family.
     *
     * @param family a factory such as {@code fullRank()}
     */
    public VariationalInference family(VariationalFamily.Factory family) {
        Objects.requireNonNull(family, "family");
        return with(s -> s.family = family);
    }

    /**
     * Sets the divergence to be minimised.
     *
     * <p>Forward KL, the alpha family with a positive alpha and the chi upper bounds are weakened towards reverse KL
     * while fewer than 1 in 10 draws carry the weight, and the verdict says so if that is still the case at the end.
     * {@link #minimise(DivergenceSchedule)} with {@link DivergenceSchedule#constant} insists.
     *
     * @param divergence such as {@code reverseKl()} or {@code forwardKl()}
     */
    public VariationalInference minimise(Divergence divergence) {
        Objects.requireNonNull(divergence, "divergence");
        return minimise(new DefaultAnnealing(DivergenceSchedule.annealed(divergence, ANNEALING_FRACTION)));
    }

    /**
     * Sets a rule that chooses the divergence of each step.
     *
     * @param schedule the rule
     */
    public VariationalInference minimise(DivergenceSchedule schedule) {
        Objects.requireNonNull(schedule, "schedule");
        return with(s -> {
            s.divergence = schedule;
            s.divergenceChosen = true;
        });
    }

    /**
     * Sets the gradient estimator.
     *
     * @param estimator such as {@code stickingTheLanding()}
     */
    public VariationalInference estimator(GradientEstimator estimator) {
        Objects.requireNonNull(estimator, "estimator");
        return with(s -> s.estimator = estimator);
    }

    /**
     * Sets the optimiser of the stochastic gradient algorithm.
     *
     * @param optimizer such as {@code adam(0.05)}
     */
    public VariationalInference optimizer(Optimizer optimizer) {
        Objects.requireNonNull(optimizer, "optimizer");
        return with(s -> s.optimizer = optimizer);
    }

    /**
     * Sets how the iterates of a stage are averaged.
     *
     * @param averaging such as {@code polynomial(8)}
     */
    public VariationalInference averaging(Averaging averaging) {
        Objects.requireNonNull(averaging, "averaging");
        return with(s -> s.averaging = averaging);
    }

    /**
     * Sets the algorithm, in place of the stochastic gradient; optimiser, averaging and tolerance are then its own
     * affair.
     */
    public VariationalInference algorithm(Algorithm<?> algorithm) {
        Objects.requireNonNull(algorithm, "algorithm");
        return with(s -> s.algorithm = algorithm);
    }

    /**
     * Sets the number of draws from the approximation in each step.
     *
     * @param draws at least 1
     * @throws IllegalArgumentException if {@code draws} is less than 1, or the draws would not fit into memory
     */
    public VariationalInference draws(int draws) {
        checkCount("draws", draws);
        return with(s -> s.draws = draws);
    }

    private void checkCount(String what, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of " + what + " must be at least 1, got " + count);
        }
        if ((long) count * source.dimension > MAX_NUMBERS) {
            throw new IllegalArgumentException(count + " " + what + " of " + source.dimension
                    + " coordinates take " + 8L * count * source.dimension + " bytes at once: use at most "
                    + MAX_NUMBERS / source.dimension);
        }
    }

    /**
     * Sets how draws depend on each other: in antithetic pairs unless set where each draw stands for itself, as under
     * reverse KL, and independent otherwise.
     *
     * @param scheme such as {@code DrawScheme.antithetic()}
     */
    public VariationalInference drawScheme(DrawScheme scheme) {
        Objects.requireNonNull(scheme, "scheme");
        return with(s -> s.drawScheme = scheme);
    }

    /**
     * Sets the seed from which all randomness comes; 1 unless set. The same seed and settings give the same bits,
     * whatever the number of threads.
     *
     * @param seed any number
     */
    public VariationalInference seed(long seed) {
        return with(s -> s.seed = seed);
    }

    /**
     * Sets the error that the stopping test allows: of a mean in standard deviations, of a standard deviation
     * relatively; 0.02 unless set.
     *
     * @param tolerance at least 0; 0 goes on until the budget is spent
     * @throws IllegalArgumentException if {@code tolerance} is negative or not finite
     */
    public VariationalInference tolerance(double tolerance) {
        StochasticGradient.create().withTolerance(tolerance);
        return with(s -> s.tolerance = tolerance);
    }

    /**
     * Sets the largest number of iterations; 20,000 unless set.
     *
     * @param iterations at least 0; 0 returns the starting point with status MAX_ITERATIONS
     * @throws IllegalArgumentException if it is negative
     */
    public VariationalInference maxIterations(long iterations) {
        return with(s -> s.maxIterations = new Budget(iterations, 1, Budget.FOREVER).maxIterations());
    }

    /**
     * Sets the largest number of density evaluations of the fit, those for the check of the gradient and the final
     * diagnostics not included; unlimited unless set.
     *
     * @param evaluations at least 1
     * @throws IllegalArgumentException if it is less than 1
     */
    public VariationalInference evaluationBudget(long evaluations) {
        return with(s -> s.evaluationBudget = new Budget(0, evaluations, Budget.FOREVER).maxEvaluations());
    }

    /**
     * Sets the longest wall-clock time; unlimited unless set. A fit that reaches it returns what it has; diagnostics
     * that would need more evaluations are left out, and the verdict says so.
     *
     * @param limit a positive duration
     * @throws IllegalArgumentException if it is not positive
     */
    public VariationalInference timeLimit(Duration limit) {
        return with(s -> s.timeLimit = new Budget(0, 1, limit).timeLimit());
    }

    /** Sets the handle by which another thread can cancel the fit. */
    public VariationalInference cancellation(Cancellation handle) {
        Objects.requireNonNull(handle, "handle");
        return with(s -> s.cancellation = handle);
    }

    /**
     * Sets a listener that is told of every iteration and of the final examination, on the fitting thread. An exception
     * it throws ends the fit with status FAILED.
     */
    public VariationalInference callback(Progress.Listener listener) {
        Objects.requireNonNull(listener, "listener");
        return with(s -> s.callback = listener);
    }

    /**
     * Sets the number of draws of the posterior; 4,000 unless set, fewer beyond 3,000 coordinates. The diagnostics use
     * at least that many draws of their own, so that the verdict does not depend on a smaller number.
     *
     * @param draws at least 1
     * @throws IllegalArgumentException if {@code draws} is less than 1, or the draws would not fit into memory
     */
    public VariationalInference posteriorDraws(int draws) {
        checkCount("posterior draws", draws);
        return with(s -> s.posteriorDraws = draws);
    }

    /**
     * Sets the point from which a good starting place is searched.
     *
     * @param mean one finite number per unconstrained coordinate; copied
     * @throws IllegalArgumentException if the length or a number is wrong
     */
    public VariationalInference start(double[] mean) {
        checkLength("means", mean);
        Task.Start place = Task.Start.around(mean);
        return with(s -> s.start = place);
    }

    /**
     * Sets the place where the fit starts, without a search.
     *
     * @param mean one finite number per unconstrained coordinate; copied
     * @param standardDeviation one positive number per unconstrained coordinate; copied
     * @throws IllegalArgumentException if a length or a number is wrong
     */
    public VariationalInference start(double[] mean, double[] standardDeviation) {
        checkLength("means", mean);
        checkLength("standard deviations", standardDeviation);
        Task.Start place = new Task.Start(mean, standardDeviation);
        return with(s -> s.start = place);
    }

    private void checkLength(String what, double[] values) {
        if (values.length != source.dimension) {
            throw new IllegalArgumentException("the start needs " + source.dimension + " " + what
                    + ", one per unconstrained coordinate, got " + values.length);
        }
    }

    /**
     * Evaluates the density on a random subset of the data rows in each step, rescaled to the full data. The final
     * diagnostics use all rows.
     *
     * @param rows from 1 to the number of data rows
     * @throws IllegalArgumentException if {@code rows} is less than 1, or more than there are
     */
    public VariationalInference minibatch(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("a minibatch needs at least 1 row, got " + rows);
        }
        if (source.densities.with(1) instanceof RowLogDensity density && rows > density.rowCount()) {
            throw new IllegalArgumentException(
                    "a minibatch of " + rows + " rows was asked for, the data have " + density.rowCount());
        }
        return with(s -> s.minibatch = rows);
    }

    /**
     * Sets the number of threads that evaluate a declared model; 1 unless set. A bare density is evaluated on the
     * fitting thread.
     *
     * @param threads at least 1
     * @throws IllegalArgumentException if {@code threads} is less than 1
     */
    public VariationalInference threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("the number of threads must be at least 1, got " + threads);
        }
        return with(s -> s.threads = threads);
    }

    /**
     * Fits.
     *
     * <p>The gradient of a bare density is compared with differences of its values near the starting point, at up to 24
     * coordinates, and its values with those of a second evaluation; the verdict tells of a mismatch.
     *
     * @return the fit, whatever its status: read its verdict first
     * @throws IllegalArgumentException if the settings do not fit together, with the reason and a remedy
     * @throws FitException if no starting point with a finite log density and gradient was found, so that there is
     *     nothing to return; that includes a fit cancelled, its thread interrupted, or its time or evaluations spent
     *     before one was found (status CANCELLED, EVALUATION_LIMIT or TIME_LIMIT)
     */
    public Fit run() {
        CountedDensity target = CountedDensity.of(source.densities.with(settings.threads));
        ParameterLayout layout = GuardedLayout.of(source.layouts.get(), target);
        ParameterLayout inferred = CoordinateSplit.of(layout).inferredLayout();
        VariationalFamily family = settings.family == null
                ? DefaultFamily.of(inferred, settings.evaluationBudget)
                : settings.family.forLayout(inferred);
        Objective objective = objective(target, layout, family, settings.divergence, settings.draws);
        Objective approach = null;
        if (needsApproach(target, family)) {
            approach = objective(
                    target, layout, family, DivergenceSchedule.constant(Divergences.reverseKl()), settings.draws);
        }
        Algorithm<?> algorithm = algorithm(target);
        int posteriorDraws =
                settings.posteriorDraws > 0 ? settings.posteriorDraws : Driver.defaultDraws(layout.dimension());
        Driver driver = new Driver(
                new Budget(settings.maxIterations, settings.evaluationBudget, settings.timeLimit),
                settings.cancellation,
                settings.callback,
                posteriorDraws,
                options(target, objective, algorithm, posteriorDraws));
        Task task = new Task(
                source.name, target, layout, objective, approach, settings.minibatch, settings.start, settings.seed);
        return driver.run(algorithm, task);
    }

    /** Divergences other than reverse KL need weights, which are all on one draw far from the posterior. */
    private boolean needsApproach(LogDensity target, VariationalFamily family) {
        boolean placed = settings.start != null && settings.start.standardDeviation() != null;
        return !placed
                && settings.minibatch == 0
                && target.hasGradient()
                && isReparameterised(family)
                && settings.divergence.goal().coupling() != Divergence.Coupling.OWN_DRAW;
    }

    private Objective objective(
            LogDensity target,
            ParameterLayout layout,
            VariationalFamily family,
            DivergenceSchedule schedule,
            int draws) {
        Divergence goal = schedule.goal();
        GradientEstimator estimator = settings.estimator;
        if (estimator == null || schedule != settings.divergence) {
            estimator = hasPathGradient(target, family, goal)
                    ? GradientEstimators.stickingTheLanding()
                    : GradientEstimators.automatic();
        }
        // Markov chains draw from the posterior and not by weights, so that forward KL need not be weakened for them.
        boolean insists = schedule instanceof DefaultAnnealing && estimator.needsOneDivergence();
        return Objective.of(target, layout, family)
                .schedule(insists ? DivergenceSchedule.constant(goal) : schedule)
                .estimator(estimator)
                .draws(draws > 0 ? draws : defaultDraws(target, family, goal))
                .drawScheme(drawScheme(target, family, goal))
                .minibatch(settings.minibatch)
                .build();
    }

    /** Antithetic pairs, which take the noise out of everything linear, where draws may depend on each other. */
    private DrawScheme drawScheme(LogDensity target, VariationalFamily family, Divergence goal) {
        if (settings.drawScheme != null) {
            return settings.drawScheme;
        }
        return settings.estimator == null
                        && hasPathGradient(target, family, goal)
                        && goal.coupling() == Divergence.Coupling.OWN_DRAW
                ? DrawScheme.antithetic()
                : DrawScheme.independent();
    }

    private static boolean hasPathGradient(LogDensity target, VariationalFamily family, Divergence goal) {
        return target.hasGradient() && goal.hasPathForm() && isReparameterised(family);
    }

    private static boolean isReparameterised(VariationalFamily family) {
        double[] ones = new double[family.dimension()];
        Arrays.fill(ones, 1);
        return family.member(family.initialParameters(new double[family.dimension()], ones))
                instanceof VariationalDistribution.Reparameterised;
    }

    /**
     * Enough draws for a stable step: half as many as there are coordinates where each draw stands for itself, and many
     * where weights are normalised over the draws, whose bias falls with their number.
     */
    private static int defaultDraws(LogDensity target, VariationalFamily family, Divergence divergence) {
        int draws = Math.max(16, Math.min(64, family.dimension() / 16 * 8));
        if (divergence.coupling() != Divergence.Coupling.OWN_DRAW || !target.hasGradient()) {
            draws = 256;
        }
        draws = Math.max(draws, divergence.minimumDraws());
        int group = Math.max(1, divergence.groupSize());
        return (draws + group - 1) / group * group;
    }

    /** Whether nothing is chosen that the default algorithm would have to decide itself. */
    private boolean leavesAllToTheDefault() {
        return settings.family == null
                && !settings.divergenceChosen
                && settings.estimator == null
                && settings.optimizer == null
                && settings.averaging == null
                && settings.drawScheme == null
                && settings.draws == 0
                && settings.minibatch == 0
                && Double.isNaN(settings.tolerance);
    }

    private Algorithm<?> algorithm(LogDensity target) {
        if (settings.algorithm instanceof AutomaticInference automatic && settings.family != null) {
            return automatic.keepingFamily();
        }
        if (settings.algorithm != null) {
            return settings.algorithm;
        }
        if (leavesAllToTheDefault() && target.hasGradient()) {
            return AutomaticInference.create();
        }
        StochasticGradient algorithm = StochasticGradient.create();
        if (settings.optimizer != null) {
            algorithm = algorithm.withOptimizer(settings.optimizer);
        }
        if (settings.averaging != null) {
            algorithm = algorithm.withAveraging(settings.averaging);
        }
        if (!Double.isNaN(settings.tolerance)) {
            algorithm = algorithm.withTolerance(settings.tolerance);
        }
        return algorithm;
    }

    /** The start to the last digit, so that the fit can be made again; of very many numbers their hash. */
    private String start() {
        Task.Start start = settings.start;
        if (start == null) {
            return "search";
        }
        double[] deviations = start.standardDeviation();
        if (start.mean().length > MOST_SHOWN) {
            return start.mean().length + " numbers with the hash " + start.hashCode();
        }
        return "mean " + Arrays.toString(start.mean())
                + (deviations == null ? ", search" : ", standard deviation " + Arrays.toString(deviations));
    }

    private Map<String, String> options(
            LogDensity target, Objective objective, Algorithm<?> algorithm, int posteriorDraws) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("data", source.fingerprint.get());
        options.put("family", objective.family().name());
        options.put("divergence", settings.divergence.goal().name());
        options.put("schedule", objective.schedule().name());
        options.put("algorithm", algorithm.name());
        if (settings.averaging != null) {
            options.put("averaging", settings.averaging.name());
        }
        options.put("start", start());
        options.put("draws", Integer.toString(objective.draws()));
        options.put(
                "drawScheme",
                drawScheme(target, objective.family(), settings.divergence.goal())
                        .label());
        options.put("minibatch", Integer.toString(settings.minibatch));
        options.put("threads", Integer.toString(settings.threads));
        options.put("maxIterations", Long.toString(settings.maxIterations));
        if (settings.evaluationBudget < Long.MAX_VALUE) {
            options.put("evaluationBudget", Long.toString(settings.evaluationBudget));
        }
        if (!settings.timeLimit.equals(Budget.FOREVER)) {
            options.put("timeLimit", settings.timeLimit.toString());
        }
        options.put("posteriorDraws", Integer.toString(posteriorDraws));
        return options;
    }
}

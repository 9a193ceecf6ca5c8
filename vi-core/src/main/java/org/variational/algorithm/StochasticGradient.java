package org.variational.algorithm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.divergence.Divergence;
import org.variational.estimator.Estimate;
import org.variational.estimator.GradientEstimators;
import org.variational.estimator.Objective;
import org.variational.estimator.ObjectiveState;
import org.variational.estimator.Rejection;
import org.variational.family.CouplingFlow;
import org.variational.family.FullRankGaussian;
import org.variational.family.VariationalFamily;
import org.variational.optimizer.Adam;
import org.variational.optimizer.Averaging;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.optimizer.ProximalEntropy;
import org.variational.optimizer.Sgd;
import org.variational.random.RandomStreams;

/**
 * Stochastic gradient descent in stages of decreasing step size, with averaged iterates and a stopping test.
 *
 * <p>Within a stage the step size is constant. The stage ends when its iterates are stationary (the means of both halves of a
 * window agree) and their average is known accurately enough (batch means). The next stage starts at that average with half
 * the step size. The fit has converged when
 * <ol>
 *   <li>the iterates are stationary,
 *   <li>the Monte-Carlo error of the average is at most the tolerance, and
 *   <li>halving the step size has not moved the average by more than the tolerance and the errors of both averages, which
 *       bounds what the step size itself does to the answer,
 * </ol>
 * each for the mean of every coordinate in units of its standard deviation, and for every standard deviation in relative
 * terms. The test looks at the approximation only, never at the value of the loss, so that a constant added to the log
 * density changes nothing.
 *
 * <p>For Gaussian families steps are taken in the coordinates of the approximation's own scale, where the Fisher information
 * is the identity: the speed does not depend on the scales of the posterior, and for the full-rank family not on its
 * correlations either. For other families every parameter is scaled by its own Fisher information.
 *
 * <p>The scheme of stages is that of Welandawe et al. (2022), with batch means in place of the history of iterates.
 *
 * @see <a href="https://arxiv.org/abs/2203.15945">Welandawe, Andersen, Vehtari and Huggins (2022), A framework for improving
 *     the reliability of black-box variational inference</a>
 * @see <a href="https://arxiv.org/abs/1703.09194">Roeder, Wu and Duvenaud (2017), Sticking the landing</a>
 */
public final class StochasticGradient implements Algorithm<StochasticGradient.State> {

    private static final int RELAXATIONS_PER_BATCH = 2;
    private static final double DEFAULT_ADAM_RATE = 0.1;
    private static final double NETWORK_ADAM_RATE = 0.02;
    private static final int ADAM_RELAXATION = 10;
    private static final int MAX_UNUSABLE = 50;
    private static final int MAX_STAGES = 14;
    private static final int MAX_RESTARTS = 20;
    private static final double RUNAWAY_LOG_SCALE = 27;
    private static final double MATERIAL_DRIFT = 0.2;
    private static final double LARGE_WOBBLE = 0.3;
    private static final double LARGE_RESCALING = 0.7;

    private final @Nullable Optimizer optimizer;
    private final @Nullable Averaging averaging;
    private final double tolerance;

    private StochasticGradient(@Nullable Optimizer optimizer, @Nullable Averaging averaging, double tolerance) {
        this.optimizer = optimizer;
        this.averaging = averaging;
        this.tolerance = tolerance;
    }

    /**
     * The algorithm with its defaults: natural gradient steps for the full-rank family if nothing is optimised beside it, Adam
     * otherwise, plain averages over
     * the stationary window, tolerance 0.02.
     *
     * @return the algorithm
     */
    public static StochasticGradient create() {
        return new StochasticGradient(null, null, 0.02);
    }

    /**
     * The same with another optimiser.
     *
     * @param newOptimizer the optimiser; its steps are scaled down by half from stage to stage
     * @return a new algorithm
     */
    public StochasticGradient withOptimizer(Optimizer newOptimizer) {
        return new StochasticGradient(Objects.requireNonNull(newOptimizer, "newOptimizer"), averaging, tolerance);
    }

    /**
     * The same with another average of the iterates of a stage.
     *
     * @param newAveraging the average, over all iterates of a stage
     * @return a new algorithm
     */
    public StochasticGradient withAveraging(Averaging newAveraging) {
        return new StochasticGradient(optimizer, Objects.requireNonNull(newAveraging, "newAveraging"), tolerance);
    }

    /**
     * The same with another tolerance.
     *
     * @param newTolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to go
     *     on until the budget is spent
     * @return a new algorithm
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public StochasticGradient withTolerance(double newTolerance) {
        if (!(newTolerance >= 0) || Double.isInfinite(newTolerance)) {
            throw new IllegalArgumentException("tolerance must be at least 0 and finite, got " + newTolerance);
        }
        return new StochasticGradient(optimizer, averaging, newTolerance);
    }

    @Override
    public String name() {
        return "stochastic gradient"
                + (optimizer == null ? "" : ", " + optimizer.name())
                + String.format(Locale.ROOT, ", tolerance %s", tolerance);
    }

    /** Everything a run remembers; mutable, for one thread. */
    public static final class State {
        private final Task task;
        private final Chart chart;
        private final Optimizer optimizer;
        private RandomStreams streams;
        private final double firstScale;
        private final long relaxation;
        private final IterateWindow.Monitored origin;
        private Objective objective;
        private ObjectiveState objectiveState;
        private OptimizerState optimizerState;
        private boolean approaching;
        private boolean natural;
        private boolean weightedNatural;
        private double[] parameters;
        private final double[] gradient;
        private final double[] local;
        private final double[] travelled;
        private final double[] before;
        private final double[] candidate;
        private double scale;
        private IterateWindow window;
        private Averaging.@Nullable RunningMean running;
        private IterateWindow.@Nullable Test previous;
        private IterateWindow.@Nullable Test latest;
        private IterateWindow.@Nullable Test converged;
        private double @Nullable [] bestParameters;
        private double @Nullable [] scales;
        private double bestLoss = Double.POSITIVE_INFINITY;
        private double bestLossError;
        private int stage;
        private int restarts;
        private int unusable;
        private long iteration;
        private long evaluations;
        private long rejected;
        private @Nullable Rejection firstRejection;

        private State(
                Task task, Optimizer optimizer, Chart chart, double firstScale, long relaxation, double[] parameters) {
            this.task = task;
            this.optimizer = optimizer;
            this.firstScale = firstScale;
            this.relaxation = relaxation;
            this.streams = RandomStreams.of(task.seed()).child(task.approach() != null ? "approach" : "fit", 0);
            this.parameters = parameters;
            this.approaching = task.approach() != null;
            this.objective = task.approach() != null ? task.approach() : task.objective();
            this.objectiveState = objective.initialState();
            this.chart = chart;
            int n = parameters.length;
            this.gradient = new double[n];
            this.local = new double[n];
            this.travelled = new double[n];
            chart.locate(parameters, travelled);
            this.before = new double[n];
            this.candidate = new double[n];
            this.scale = firstScale;
            this.optimizerState = optimizer.start(travelled);
            this.window = new IterateWindow(objective, batchLength());
            this.origin = IterateWindow.monitor(objective, parameters);
        }

        private void updateWeighted() {
            weightedNatural = natural && objective.schedule().goal().coupling() != Divergence.Coupling.OWN_DRAW;
        }

        private long batchLength() {
            return (long) Math.ceil(RELAXATIONS_PER_BATCH * relaxation * firstScale / scale);
        }
    }

    @Override
    public State start(Task task, Limits limits) {
        StartSearch search = new StartSearch(task, RandomStreams.of(task.seed()).generator("start", 0), limits::ended);
        Task.Start place = search.find();
        double[] scale = Objects.requireNonNull(place.standardDeviation());
        Objective objective = task.objective();
        double[] parameters = objective.initialParameters(place.mean(), scale);
        VariationalFamily family = objective.family();
        Optimizer chosen = optimizer;
        double firstScale = 1;
        long relaxation = ADAM_RELAXATION;
        // optimised coordinates have a scale of their own, which plain steps do not know
        boolean natural = chosen == null
                && family instanceof FullRankGaussian
                && objective.coordinates().optimisedCount() == 0;
        if (chosen == null) {
            if (natural) {
                chosen = Sgd.of(1);
                firstScale = naturalStep(family.dimension(), objective.draws());
                relaxation = (long) Math.ceil(1 / firstScale);
            } else {
                chosen = Adam.of(family instanceof CouplingFlow ? NETWORK_ADAM_RATE : DEFAULT_ADAM_RATE);
            }
        }
        Chart chart = Chart.of(family);
        if (chosen instanceof ProximalEntropy proximal) {
            Chart.Proximal raw = proximalChart(objective);
            chart = raw;
            chosen = proximal.at(raw.scales());
        }
        State state = new State(task, chosen, chart, firstScale, relaxation, parameters);
        state.natural = natural;
        state.updateWeighted();
        state.running = averaging == null ? null : averaging.start(parameters.length);
        state.evaluations = search.evaluations();
        return state;
    }

    /** The coordinates of the proximal entropy step, where it makes sense. */
    private static Chart.Proximal proximalChart(Objective objective) {
        Chart.Proximal chart = Chart.Proximal.of(objective.family());
        String estimator = GradientEstimators.closedFormEntropy().name();
        if (chart == null
                || !objective.schedule().goal().isLinearInLogDensity()
                || !objective.estimatorName().equals(estimator)) {
            throw new IllegalArgumentException("The proximal entropy step needs a mean-field or full-rank Gaussian,"
                    + " reverseKl() and the estimator closedFormEntropy(), but the family is "
                    + objective.family().name() + ", the divergence "
                    + objective.schedule().goal().name()
                    + " and the estimator " + objective.estimatorName());
        }
        return chart;
    }

    /**
     * Half of the step at which the second moment of the error of a factor shrinks fastest near a Gaussian target,
     * {@code 1 / (1 + (D + 1) / S)}.
     */
    private static double naturalStep(int dimension, double draws) {
        return 0.5 / (1 + (dimension + 1.0) / draws);
    }

    /** A factor on natural steps that accounts for weights, which leave fewer draws than were made. */
    private static double caution(State s, Estimate estimate) {
        double worth = estimate.effectiveSampleSize();
        if (!s.weightedNatural || Double.isNaN(worth)) {
            return 1;
        }
        int dimension = s.objective.family().dimension();
        return naturalStep(dimension, Math.max(1, worth)) / naturalStep(dimension, s.objective.draws());
    }

    @Override
    public Report step(State s) {
        Estimate estimate = s.objective.evaluate(s.parameters, s.streams, s.objectiveState, s.gradient);
        s.iteration++;
        s.evaluations += estimate.evaluations();
        s.rejected += estimate.rejectedDraws();
        if (s.firstRejection == null) {
            s.firstRejection = estimate.firstRejection();
        }
        boolean supported = estimate.unsupportedDraws() < estimate.drawsUsed();
        boolean moved = estimate.isUsable() && supported && move(s, caution(s, estimate));
        Stop stop = moved ? afterMove(s, estimate) : afterFailure(s);
        return new Report(
                moved ? estimate.value() : Double.NaN,
                s.evaluations,
                s.rejected,
                (s.approaching ? "approach" : "stage " + (s.stage + 1)),
                stop);
    }

    /** Takes a step unless it leads to a number that is not finite. */
    private static boolean move(State s, double caution) {
        int n = s.parameters.length;
        s.chart.refresh(s.parameters, s.streams, s.iteration);
        s.chart.pull(s.parameters, s.gradient, s.local);
        for (double g : s.local) {
            if (!Double.isFinite(g)) {
                return false;
            }
        }
        System.arraycopy(s.travelled, 0, s.before, 0, n);
        s.optimizer.step(s.travelled, s.local, s.scale * caution, s.optimizerState);
        for (int i = 0; i < n; i++) {
            s.local[i] = s.travelled[i] - s.before[i];
        }
        s.chart.limit(s.local);
        System.arraycopy(s.parameters, 0, s.candidate, 0, n);
        s.chart.move(s.candidate, s.local);
        for (double x : s.candidate) {
            if (!Double.isFinite(x)) {
                System.arraycopy(s.before, 0, s.travelled, 0, n);
                return false;
            }
        }
        for (int i = 0; i < n; i++) {
            s.travelled[i] = s.before[i] + s.local[i];
        }
        System.arraycopy(s.candidate, 0, s.parameters, 0, n);
        return true;
    }

    private @Nullable Stop afterFailure(State s) {
        s.unusable++;
        if (s.unusable < MAX_UNUSABLE) {
            if (s.unusable % 10 == 0) {
                s.parameters = (s.bestParameters == null ? s.parameters : s.bestParameters).clone();
                shorten(s);
            }
            return null;
        }
        Rejection rejection = s.firstRejection;
        Throwable cause = rejection == null ? null : rejection.cause();
        return stop(
                s,
                cause == null ? Status.DIVERGED : Status.FAILED,
                MAX_UNUSABLE + " steps in a row had no usable draw"
                        + (rejection == null ? "" : "; the first rejection: " + rejection),
                List.of(),
                cause);
    }

    private @Nullable Stop afterMove(State s, Estimate estimate) {
        s.unusable = 0;
        if (s.running != null) {
            s.running.add(s.parameters);
        }
        if (!s.window.add(s.parameters, estimate.value(), estimate.effectiveSampleSize(), s.objectiveState.level())) {
            return null;
        }
        IterateWindow.Batch batch = s.window.last();
        Stop runaway = runaway(s, batch.monitored());
        if (runaway != null) {
            return runaway;
        }
        if (worse(s, batch)) {
            return restart(s);
        }
        forgetOtherScales(s, batch.monitored());
        if (s.window.batches() < IterateWindow.FEWEST || s.window.batches() % 2 != 0) {
            return null;
        }
        double wanted = Math.max(tolerance, 0.1 * Math.pow(0.5, s.stage));
        IterateWindow.Test test = s.window.test(tolerance);
        s.latest = test;
        if (test.collapsed() && s.window.batchLength() >= 4 * s.batchLength()) {
            return stop(
                    s,
                    Status.STALLED,
                    "the importance weights of a step are worth "
                            + String.format(Locale.ROOT, "%.1f", test.sampleSize()) + " of " + s.objective.draws()
                            + " draws: the gradient of "
                            + s.objective.schedule().goal().name()
                            + " cannot be estimated; make more draws, or anneal with DivergenceSchedule.annealedAlpha",
                    List.of(),
                    null);
        }
        if (!test.stationary()) {
            boolean bouncing = test.wobble() > LARGE_WOBBLE && s.window.batchLength() >= 4 * s.batchLength();
            return bouncing ? nextStage(s, test, null) : null;
        }
        if (s.approaching) {
            reach(s, test);
            return null;
        }
        return test.error() <= wanted ? nextStage(s, test, s.previous) : null;
    }

    /**
     * Detects an approximation that widens without end, to 5e11 times where it started (or times 1, if it started below): the
     * density does not fall off in some direction.
     */
    private static @Nullable Stop runaway(State s, IterateWindow.Monitored now) {
        int worst = -1;
        double growth = RUNAWAY_LOG_SCALE;
        for (int i = 0; i < now.logScale().length && i < s.origin.logScale().length; i++) {
            double grown = now.logScale()[i] - Math.max(0, s.origin.logScale()[i]);
            if (grown > growth) {
                growth = grown;
                worst = i;
            }
        }
        if (worst < 0) {
            return null;
        }
        String name = name(s, worst);
        return stop(
                s,
                Status.DIVERGED,
                String.format(
                        Locale.ROOT,
                        "the standard deviation of %s has grown from %.3g to %.3g and keeps growing: the density does not fall"
                                + " off in that direction, so that the posterior is improper or the parameter is not"
                                + " identified; give it a proper prior",
                        name,
                        Math.exp(s.origin.logScale()[worst]),
                        Math.exp(now.logScale()[worst])),
                List.of(name),
                null);
    }

    /** Squares of gradients that an optimiser remembers are void once a scale has changed by a large factor. */
    private static void forgetOtherScales(State s, IterateWindow.Monitored now) {
        double[] before = s.scales;
        double[] after = now.logScale();
        s.scales = after;
        if (before == null || before.length != after.length) {
            return;
        }
        for (int i = 0; i < after.length; i++) {
            if (Math.abs(after[i] - before[i]) > LARGE_RESCALING) {
                s.optimizerState = s.optimizer.start(s.travelled);
                return;
            }
        }
    }

    /** Whether the loss has become clearly worse than it was before, which a step size that is too large does. */
    private static boolean worse(State s, IterateWindow.Batch batch) {
        if (!Double.isFinite(batch.loss()) || batch.loss() < s.bestLoss) {
            if (Double.isFinite(batch.loss())) {
                s.bestLoss = batch.loss();
                s.bestLossError = batch.lossError();
                s.bestParameters = batch.mean();
            }
            return false;
        }
        double margin = 3 + 0.5 * s.objective.family().dimension();
        return batch.loss() > s.bestLoss + margin + 8 * Math.hypot(batch.lossError(), s.bestLossError);
    }

    private @Nullable Stop restart(State s) {
        if (++s.restarts > MAX_RESTARTS) {
            return stop(
                    s,
                    Status.STALLED,
                    "the loss kept rising although the step size was halved " + MAX_RESTARTS
                            + " times: the gradient may be wrong (check it with GradientCheck) or the loss may have no"
                            + " minimum",
                    List.of(),
                    null);
        }
        s.parameters = Objects.requireNonNull(s.bestParameters).clone();
        shorten(s);
        return null;
    }

    /** Halves the step size and forgets the window. */
    private void shorten(State s) {
        s.scale *= 0.5;
        s.chart.locate(s.parameters, s.travelled);
        s.optimizerState = s.optimizer.start(s.travelled);
        s.window = new IterateWindow(s.objective, s.batchLength());
        s.running = averaging == null ? null : averaging.start(s.parameters.length);
    }

    /** Goes over from the approach to the objective proper. */
    private void reach(State s, IterateWindow.Test test) {
        s.approaching = false;
        s.streams = RandomStreams.of(s.task.seed()).child("fit", 0);
        s.objective = s.task.objective();
        s.objectiveState = s.objective.initialState();
        s.updateWeighted();
        s.parameters = test.average().clone();
        s.bestLoss = Double.POSITIVE_INFINITY;
        s.bestParameters = null;
        s.scale = 2 * s.firstScale;
        shorten(s);
    }

    private @Nullable Stop nextStage(State s, IterateWindow.Test test, IterateWindow.@Nullable Test earlier) {
        if (earlier != null && tolerance > 0) {
            double[] change = IterateWindow.change(earlier.monitored(), test.monitored());
            boolean agree = test.error() <= tolerance;
            double largest = 0;
            for (int j = 0; j < change.length; j++) {
                double noise = Math.hypot(test.errors()[j], Math.min(earlier.errors()[j], 2 * tolerance));
                agree &= Math.abs(change[j]) <= tolerance + 2 * noise;
                largest = Math.max(largest, Math.abs(change[j]));
            }
            if (agree) {
                s.converged = test;
                return stop(
                        s,
                        Status.CONVERGED,
                        String.format(
                                Locale.ROOT,
                                "stationary, with a Monte-Carlo error of at most %.2g, and changed by at most %.2g when the"
                                        + " step size was halved (tolerance %s, in standard deviations)",
                                test.error(),
                                largest,
                                tolerance),
                        List.of(),
                        null);
            }
        }
        if (++s.stage >= MAX_STAGES) {
            return stop(
                    s,
                    Status.STALLED,
                    "after " + MAX_STAGES + " halvings of the step size the average still changes with it: "
                            + describe(s, test),
                    List.of(name(s, test.drift())),
                    null);
        }
        s.previous = test.stationary() ? test : null;
        s.parameters = average(s, test);
        shorten(s);
        return null;
    }

    private static double[] average(State s, IterateWindow.Test test) {
        return s.running == null ? test.average().clone() : s.running.mean();
    }

    private static Stop stop(
            State s, Status status, String reason, List<String> coordinates, @Nullable Throwable cause) {
        return new Stop(status, reason, s.iteration, coordinates, s.rejected, cause);
    }

    /** The name of a monitored number's coordinate. */
    private static String name(State s, int number) {
        int inferred = s.objective.coordinates().inferredCount();
        int optimised = s.objective.coordinates().optimisedCount();
        if (number < inferred) {
            return s.objective.coordinates().name(s.objective.coordinates().inferredIndex(number));
        }
        if (number < inferred + optimised) {
            return s.objective.coordinates().name(s.objective.coordinates().optimisedIndex(number - inferred));
        }
        int scale = number - inferred - optimised;
        return scale < inferred
                ? s.objective.coordinates().name(s.objective.coordinates().inferredIndex(scale))
                : "variational parameter " + number;
    }

    private static String describe(State s, IterateWindow.Test test) {
        return String.format(
                Locale.ROOT,
                "Monte-Carlo error of the average %.2g, largest drift %.2g (%.1f standard errors, %s), effective"
                        + " sample size of a step %.1f",
                test.error(),
                test.driftSize(),
                test.driftZ(),
                name(s, test.drift()),
                test.sampleSize());
    }

    @Override
    public Outcome result(State s) {
        IterateWindow.Test test = s.converged;
        List<String> drifting = new ArrayList<>();
        List<double[]> replicates = List.of();
        double[] parameters = s.parameters;
        String found = "the stopping test needs a longer run";
        if (test != null) {
            parameters = average(s, test);
            replicates = test.replicates();
            found = describe(s, test);
        } else if (s.latest != null) {
            found = describe(s, s.latest);
            if (s.window.batches() >= 4) {
                IterateWindow.Test now = s.window.test(tolerance);
                parameters = average(s, now);
                replicates = now.replicates();
            }
            if (!s.latest.stationary()
                    && s.latest.driftSize() > MATERIAL_DRIFT
                    && s.latest.driftZ() > 4
                    && s.window.batches() >= IterateWindow.FEWEST) {
                drifting.add(name(s, s.latest.drift()));
            }
        }
        return new Outcome(
                s.objective.family(),
                parameters.clone(),
                replicates,
                drifting,
                s.evaluations,
                s.rejected,
                s.objective.schedule().report(s.objectiveState.level()),
                found,
                List.of());
    }
}

package org.variational.algorithm.gaussian;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.IterateWindow;
import org.variational.algorithm.Limits;
import org.variational.algorithm.StageTest;
import org.variational.algorithm.Task;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.algorithm.search.Initialisation;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Objective;
import org.variational.estimator.Rejection;
import org.variational.family.FullRankGaussian;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.NormalDraws;
import org.variational.random.RandomStreams;

/**
 * Algorithms that fit a full-rank Gaussian {@code q = N(m, L L')} by closed-form updates of mean and covariance from
 * the scores {@code g = grad log p} at a batch of draws {@code z = m + L eps}.
 *
 * <p>Only scores are used, so that a constant added to the log density changes nothing, not even a bit. What is watched
 * is the <em>mismatch</em> of scores in units of q,
 * <pre>{@code F = mean_b |eps_b + L' g_b|^2},</pre>
 * an estimate of the score-based divergence {@code E_q |grad log q - grad log p|^2_Cov(q)}, from draws that no update
 * has seen. For a Gaussian target F is 0 at the target only; near it, the error of every mean in standard deviations
 * and the relative error of every standard deviation are at most {@code sqrt(F)}.
 *
 * <p>A fit has converged when one of two tests is passed:
 * <ol>
 *   <li><em>The scores match:</em> consecutive batches of together at least {@code max(D + 1, 16)} fresh draws (a whole
 *       batch under a sparse pattern) have a mismatch of at most the squared tolerance each. This is what ends the fit
 *       of a Gaussian.
 *   <li><em>Stationarity in stages,</em> as {@link StochasticGradient} tests it: the iterates of a stage are
 *       stationary, the Monte-Carlo error of their average is at most the tolerance, and a stage with half the step has
 *       an average that agrees within the tolerance and the errors. Means are compared in standard deviations, standard
 *       deviations in relative terms. This is what ends the fit of any other target, at which the iterates fluctuate;
 *       the average is the answer, and the batch means of the stage are its replicates.
 * </ol>
 *
 * <p>An update that leads to where no draw can be used, or to a mismatch ten times as large, is taken back and repeated
 * with a smaller step. Draws that cannot be evaluated, or at which the density is zero, are left out of the batch.
 *
 * <p>The algorithms serve the full-rank family, and {@link NaturalGradient} sparse Gaussians too, without minibatches
 * (the updates are not linear in the scores, so that noisy scores bias them), without optimised coordinates, and only
 * where no divergence but reverse KL, the default, was asked for: each has its own objective, which its documentation
 * states.
 *
 * <p>Configurations are immutable and thread-safe.
 */
public abstract sealed class GaussianUpdates implements Algorithm<GaussianUpdates.State>
        permits BatchAndMatch, GaussianScoreMatching, NaturalGradient, BuresWasserstein {

    /** The most draws of a batch that is chosen by the algorithm. */
    static final int LARGEST_DEFAULT_BATCH = 512;

    private static final double DEFAULT_TOLERANCE = 0.02;
    private static final int MAX_UNUSABLE = 50;
    private static final int MAX_REVERSALS = 50;
    private static final int STEPS_PER_BATCH = 2;
    private static final double WILD_GROWTH = 10;

    private final Settings settings;

    /** What all these algorithms can be told; a batch size of 0 stands for the algorithm's own choice. */
    record Settings(int batchSize, double step, double tolerance) {

        static Settings withStep(double step) {
            return new Settings(0, step, DEFAULT_TOLERANCE);
        }

        Settings batchSize(int size) {
            if (size < 1) {
                throw new IllegalArgumentException("the batch size must be at least 1, got " + size);
            }
            return new Settings(size, step, tolerance);
        }

        Settings step(String name, double newStep, double largest) {
            if (!(newStep > 0 && newStep <= largest)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "the %s must be positive and at most %s, got %s", name, largest, newStep));
            }
            return new Settings(batchSize, newStep, tolerance);
        }

        Settings tolerance(double newTolerance) {
            if (!(newTolerance >= 0) || Double.isInfinite(newTolerance)) {
                throw new IllegalArgumentException("tolerance must be at least 0 and finite, got " + newTolerance);
            }
            return new Settings(batchSize, step, newTolerance);
        }
    }

    GaussianUpdates(Settings settings) {
        this.settings = settings;
    }

    final Settings settings() {
        return settings;
    }

    /** The name without the settings that all share. */
    abstract String label();

    /** The batch size unless one is set. */
    abstract int defaultBatch(int dimension);

    /**
     * The update from a batch, with a step of at most {@code largestStep}; null if it leads to no Gaussian.
     */
    abstract @Nullable Move move(ScoreBatch batch, double largestStep);

    /**
     * A new Gaussian in units of the old one: mean {@code shift}, covariance {@code factor factor'}.
     *
     * @param shift D numbers
     * @param factor D x D, not necessarily triangular
     * @param step the step that was made
     */
    record Move(double[] shift, DMatrixRMaj factor, double step) {}

    @Override
    public final String name() {
        return label()
                + (settings.batchSize == 0 ? "" : ", batches of " + settings.batchSize)
                + String.format(Locale.ROOT, ", tolerance %s", settings.tolerance);
    }

    /** A Gaussian as the algorithm leaves it, and the mismatch found there. */
    private record Place(double[] parameters, double mismatch) {}

    /** The state of a run; mutable, for one thread. */
    public static final class State {
        private final Objective objective;
        private final GuardedDensity target;
        private final GaussianIterate iterate;
        private final StageTest stageTest;
        private @Nullable Place before;
        private double stageStep;
        private double step;
        private double lastStep;
        private IterateWindow window;
        private IterateWindow.@Nullable Test previous;
        private IterateWindow.@Nullable Test latest;
        private IterateWindow.@Nullable Test converged;
        private double mismatch = Double.NaN;
        private int matched;
        private boolean scoresMatch;
        private int stage;
        private int unusable;
        private int reversals;
        private long iteration;
        private long evaluations;
        private long rejected;
        private @Nullable Rejection firstRejection;

        private State(Task task, GaussianIterate iterate, double step, double tolerance) {
            this.objective = task.objective();
            this.target = new GuardedDensity(task.target(), objective.coordinates());
            this.iterate = iterate;
            this.stageStep = step;
            this.step = step;
            this.window = new IterateWindow(objective, stepsPerBatch());
            this.stageTest = new StageTest(objective, iterate.parameters(), tolerance);
        }

        private EvaluationCount count() {
            return new EvaluationCount(evaluations, rejected);
        }

        private long stepsPerBatch() {
            return (long) Math.ceil(STEPS_PER_BATCH / Math.min(1, stageStep));
        }

        private void adopt(double[] parameters) {
            iterate.adopt(parameters);
            before = null;
        }
    }

    @Override
    public final State start(Task task, Limits limits) {
        refuse(task);
        Initialisation search =
                new Initialisation(task, RandomStreams.of(task.seed()).generator("start", 0), limits);
        Task.Start place = search.find();
        RandomStreams streams = RandomStreams.of(task.seed()).child("fit", 0);
        State state = new State(task, iterate(task.objective(), place, streams), settings.step, settings.tolerance);
        state.evaluations = search.count().made();
        state.rejected = search.count().rejected();
        return state;
    }

    /** Whether the algorithm is for a family. */
    boolean serves(VariationalFamily family) {
        return family instanceof FullRankGaussian;
    }

    /** The families that it is for, as they are asked for. */
    String served() {
        return "fullRank()";
    }

    /**
     * The draws of a batch: the size that was set, or the algorithm's own.
     *
     * @param objective what is to be minimised, by a family that the algorithm serves
     */
    public int batchSize(Objective objective) {
        return settings.batchSize == 0 ? defaultBatch(objective.family().dimension()) : settings.batchSize;
    }

    /**
     * The Gaussian at a place.
     *
     * @param streams those of the fit
     * @throws IllegalArgumentException if the settings do not suit the family
     */
    GaussianIterate iterate(Objective objective, Task.Start place, RandomStreams streams) {
        FullRankGaussian family = (FullRankGaussian) objective.family();
        NormalDraws draws = DrawScheme.independent().draws(family.dimension(), streams);
        return new FullRankIterate(family, place, this::move, draws, batchSize(objective));
    }

    private void refuse(Task task) {
        Objective objective = task.objective();
        VariationalFamily family = objective.family();
        String what = label();
        if (!serves(family)) {
            throw new IllegalArgumentException(
                    what + " updates the mean and the covariance of a full-rank Gaussian, but the family is "
                            + family.name() + ": use " + served() + ", or StochasticGradient for this family");
        }
        if (!objective.schedule().isReverseKl()) {
            throw new IllegalArgumentException(what + " has an objective of its own and cannot minimise "
                    + objective.schedule().name() + ": leave minimise(...) out, or use StochasticGradient");
        }
        if (objective.coordinates().optimisedCount() > 0) {
            throw new IllegalArgumentException(what + " needs a prior on every parameter, but \""
                    + objective.coordinates().name(objective.coordinates().optimisedIndex(0))
                    + "\" is optimised: give it a prior, or use StochasticGradient");
        }
        if (!task.target().hasGradient()) {
            throw new IllegalArgumentException(
                    what + " works with gradients, which this density does not give: give it a gradient, or use"
                            + " StochasticGradient with the estimator scoreFunction()");
        }
        if (task.minibatch() > 0) {
            throw new IllegalArgumentException(what + " is biased by the noise of minibatches, and this task takes "
                    + task.minibatch() + " rows at a time: leave minibatch(...) out, or use StochasticGradient");
        }
    }

    @Override
    public final Report step(State s) {
        s.iteration++;
        s.iterate.draw(s.iteration, s.target);
        s.evaluations += s.target.evaluations();
        s.rejected += s.target.rejected();
        if (s.firstRejection == null) {
            s.firstRejection = s.target.firstRejection();
        }
        Stop stop;
        double loss = Double.NaN;
        if (s.iterate.isUsable()) {
            s.unusable = 0;
            loss = s.iterate.mismatch();
            stop = afterBatch(s, loss);
        } else {
            stop = afterFailure(s);
        }
        return new Report(loss, s.count(), "stage " + (s.stage + 1), stop);
    }

    /** Goes back to where draws could be used, or, if that is here, comes closer to the mean. */
    private static @Nullable Stop afterFailure(State s) {
        s.matched = 0;
        if (++s.unusable >= MAX_UNUSABLE) {
            Rejection rejection = s.firstRejection;
            Throwable cause = rejection == null ? null : rejection.cause();
            return stop(
                    s,
                    cause == null ? Status.DIVERGED : Status.FAILED,
                    MAX_UNUSABLE + " batches in a row had too few usable draws"
                            + (rejection == null ? "" : "; the first rejection: " + rejection),
                    List.of(),
                    cause);
        }
        if (s.before != null) {
            reverse(s, s.before);
        } else {
            s.iterate.narrow();
        }
        return null;
    }

    private static void reverse(State s, Place place) {
        s.adopt(place.parameters);
        s.mismatch = place.mismatch;
        s.step = smaller(s.lastStep, 0.25);
    }

    /** Steps above 1 differ little from each other. */
    private static double smaller(double step, double by) {
        return step > 1 ? 1 : by * step;
    }

    private @Nullable Stop afterBatch(State s, double mismatch) {
        int d = s.objective.family().dimension();
        Place place = s.before;
        if (place != null && mismatch > WILD_GROWTH * Math.max(place.mismatch, d)) {
            s.matched = 0;
            reverse(s, place);
            return ++s.reversals < MAX_REVERSALS
                    ? null
                    : stop(
                            s,
                            Status.STALLED,
                            MAX_REVERSALS
                                    + " updates in a row made the mismatch of scores ten times as large, however small"
                                    + " the step: the gradient may be wrong (check it with GradientCheck) or the"
                                    + " density far from a Gaussian",
                            List.of(),
                            null);
        }
        s.reversals = 0;
        s.mismatch = mismatch;
        s.step = Math.min(s.stageStep, 4 * s.step);
        s.matched = mismatch <= settings.tolerance * settings.tolerance ? s.matched + s.iterate.size() : 0;
        if (s.matched >= s.iterate.fewestMatched()) {
            s.scoresMatch = true;
            return stop(
                    s,
                    Status.CONVERGED,
                    String.format(
                            Locale.ROOT,
                            "the scores match at %d fresh draws, with a mismatch of %.2g (tolerance %s, in standard"
                                    + " deviations, squared)",
                            s.matched,
                            mismatch,
                            settings.tolerance),
                    List.of(),
                    null);
        }
        update(s);
        return s.window.add(s.iterate.parameters(), mismatch, Double.NaN, 0) ? afterWindow(s) : null;
    }

    private static void update(State s) {
        Place here = new Place(s.iterate.parameters(), s.mismatch);
        double made = s.iterate.move(s.step);
        if (Double.isNaN(made)) {
            s.step = smaller(s.step, 0.25);
        } else {
            s.before = here;
            s.lastStep = made;
        }
    }

    private @Nullable Stop afterWindow(State s) {
        Stop runaway = s.stageTest.runaway(s.window.last().monitored(), s.iteration, s.count());
        if (runaway != null) {
            return runaway;
        }
        if (s.window.batches() < IterateWindow.FEWEST || s.window.batches() % 2 != 0) {
            return null;
        }
        IterateWindow.Test test = s.window.test(settings.tolerance);
        s.latest = test;
        if (!test.stationary()) {
            return null;
        }
        return test.error() <= s.stageTest.wantedError(s.stage) ? nextStage(s, test) : null;
    }

    private @Nullable Stop nextStage(State s, IterateWindow.Test test) {
        IterateWindow.Test earlier = s.previous;
        if (earlier != null && test.error() <= settings.tolerance) {
            OptionalDouble change = s.stageTest.agreement(earlier, test);
            if (change.isPresent()) {
                s.converged = test;
                return stop(
                        s,
                        Status.CONVERGED,
                        StageTest.converged(test, s.stageTest.agreed("step", change.getAsDouble())),
                        List.of(),
                        null);
            }
        }
        if (++s.stage >= StageTest.MAX_STAGES) {
            return stop(
                    s,
                    Status.STALLED,
                    s.stageTest.stalled("step", test) + measured(s),
                    List.of(s.stageTest.name(test.drift().number())),
                    null);
        }
        s.previous = test;
        s.adopt(test.average().parameters());
        s.stageStep = smaller(s.stageStep, 0.5);
        s.step = s.stageStep;
        s.window = new IterateWindow(s.objective, s.stepsPerBatch());
        return null;
    }

    private static String describe(State s, IterateWindow.Test test) {
        return s.stageTest.describe(test) + measured(s);
    }

    private static String measured(State s) {
        return String.format(Locale.ROOT, ", mismatch of scores %.2g", s.mismatch);
    }

    private static Stop stop(
            State s, Status status, String reason, List<String> coordinates, @Nullable Throwable cause) {
        return new Stop(status, reason, s.iteration, coordinates, s.rejected, cause);
    }

    @Override
    public final Outcome result(State s) {
        Outcome current = Outcome.of(s.objective.family(), s.iterate.parameters(), s.count());
        if (s.scoresMatch) {
            return current;
        }
        if (s.converged != null) {
            return averaged(s, s.converged).withTest(describe(s, s.converged));
        }
        if (s.latest == null) {
            return current.withTest(StageTest.TOO_SHORT);
        }
        boolean averages = s.window.batches() >= 4;
        return (averages ? averaged(s, s.window.test(settings.tolerance)) : current)
                .withDrifting(s.stageTest.drifting(s.latest))
                .withTest(describe(s, s.latest));
    }

    private static Outcome averaged(State s, IterateWindow.Test test) {
        return Outcome.of(s.objective.family(), test.average().parameters(), s.count())
                .withReplicates(test.average().replicates());
    }
}

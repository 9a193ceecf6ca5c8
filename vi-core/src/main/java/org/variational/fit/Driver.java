package org.variational.fit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Budget;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;

/**
 * Runs an algorithm to its end: budget, clock, callback, cancellation and the final examination of the answer.
 *
 * <p>The loop asks before every iteration whether the fit is to end, so that no fit outlives its limits by more than
 * one step of the algorithm: a few evaluations of the density at a batch of points. Immutable and thread-safe; every
 * {@link #run} stands alone.
 */
public final class Driver {

    private static final int DEFAULT_DRAWS = 4000;
    private static final int FEWEST_DEFAULT_DRAWS = 120;
    private static final int MAX_NUMBERS = 12_000_000;

    private final Budget budget;
    private final Cancellation cancellation;
    private final Progress.@Nullable Listener listener;
    private final int posteriorDraws;
    private final Map<String, String> options;

    /**
     * A driver.
     *
     * @param budget what a fit may spend
     * @param cancellation the handle by which others stop it
     * @param listener told of every iteration, or null
     * @param posteriorDraws the number of draws from the answer, at least 1
     * @param options the settings to be recorded in the provenance
     * @throws IllegalArgumentException if {@code posteriorDraws} is less than 1
     */
    public Driver(
            Budget budget,
            Cancellation cancellation,
            Progress.@Nullable Listener listener,
            int posteriorDraws,
            Map<String, String> options) {
        this.budget = Objects.requireNonNull(budget, "budget");
        this.cancellation = Objects.requireNonNull(cancellation, "cancellation");
        this.listener = listener;
        if (posteriorDraws < 1) {
            throw new IllegalArgumentException(
                    "the number of posterior draws must be at least 1, got " + posteriorDraws);
        }
        this.posteriorDraws = posteriorDraws;
        this.options = new LinkedHashMap<>(options);
    }

    /** The clock, the cancellation and the listener of one run. */
    private final class Watch implements Limits, Examination.Listener {

        private final long begin = System.nanoTime();
        private long iteration;
        private long evaluations;
        private long rejected;
        private final LongSupplier allEvaluations;
        private boolean silent;
        private @Nullable RuntimeException failure;

        Watch(LongSupplier allEvaluations) {
            this.allEvaluations = allEvaluations;
        }

        Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - begin);
        }

        boolean timeUp() {
            return elapsed().compareTo(budget.timeLimit()) >= 0;
        }

        @Override
        public boolean cancelled() {
            return cancellation.isCancelled() || Thread.currentThread().isInterrupted();
        }

        @Override
        public boolean ended() {
            return cancelled() || timeUp() || failure != null;
        }

        /** The largest share of the budget that is spent. */
        private double spent() {
            double share = Math.max(
                    (double) iteration / Math.max(1, budget.maxIterations()),
                    (double) evaluations / budget.maxEvaluations());
            return Math.min(
                    1,
                    Math.max(
                            share,
                            (double) elapsed().toNanos() / budget.timeLimit().toNanos()));
        }

        void made(Algorithm.Report report, long rejectedSoFar) {
            iteration++;
            rejected = rejectedSoFar;
            evaluations = report.count().made();
            double loss = report.loss();
            tell(report.phase(), spent(), Double.isNaN(loss) ? OptionalDouble.empty() : OptionalDouble.of(loss));
        }

        /** Tells the listener of the examination, which it can end but not lose. */
        @Override
        public void examining(String phase, double fraction) {
            try {
                evaluations = allEvaluations.getAsLong();
                tell("examination: " + phase, fraction, OptionalDouble.empty());
            } catch (RuntimeException e) {
                failure = e;
                silent = true;
            }
        }

        @Override
        public @Nullable RuntimeException failure() {
            return failure;
        }

        private void tell(String phase, double fraction, OptionalDouble loss) {
            if (listener != null && !silent) {
                listener.onProgress(new Progress(phase, fraction, iteration, loss, evaluations, rejected, elapsed()));
            }
        }

        @Override
        public Budget budget() {
            return budget;
        }
    }

    /** The number of draws that a posterior has unless another is set: 4,000, fewer where they take much memory. */
    public static int defaultDraws(int dimension) {
        return Math.max(FEWEST_DEFAULT_DRAWS, Math.min(DEFAULT_DRAWS, MAX_NUMBERS / dimension));
    }

    /**
     * Fits.
     *
     * @param algorithm how
     * @param task what
     * @param <S> the type of the algorithm's state
     * @return the fit, whatever its status; an exception thrown by the callback or the algorithm ends it with status
     *     FAILED
     * @throws FitException if no usable starting point was found, so that there is nothing to return; its status is
     *     CANCELLED, EVALUATION_LIMIT or TIME_LIMIT if a limit was reached before one was found
     */
    public <S> Fit run(Algorithm<S> algorithm, Task task) {
        Watch limits = new Watch(task.target()::evaluations);
        task.target().endWhen(limits::ended);
        Examined first = fit(algorithm, task, limits);
        double[] elsewhere = first.mainPart;
        boolean affordable = limits.evaluations < budget.maxEvaluations() / 2 && !limits.ended();
        if (elsewhere == null || !algorithm.startsAnew() || !affordable) {
            return first.fit;
        }
        Fit second = fit(algorithm, task.startingAt(Task.Start.around(elsewhere)), limits).fit;
        boolean better = second.verdict().level().compareTo(first.fit.verdict().level()) < 0;
        return better ? second : first.fit;
    }

    /** A fit, and where most of the mass lies if that is elsewhere. */
    private record Examined(Fit fit, double @Nullable [] mainPart) {}

    private <S> Examined fit(Algorithm<S> algorithm, Task task, Watch limits) {
        LossTrace.Recorder trace = new LossTrace.Recorder();
        S state = algorithm.start(task, limits);
        long gradientsOfFit = task.target().gradientEvaluations();
        Inspection inspection = Inspection.of(task, algorithm.result(state), limits::ended);
        gradientsOfFit -= task.target().gradientEvaluations();
        Stop stop = null;
        while (stop == null) {
            stop = limitReached(limits);
            if (stop != null) {
                break;
            }
            try {
                Algorithm.Report report = algorithm.step(state);
                // what a step makes of points that were left out after the end says nothing
                stop = task.target().cutShort() ? limitReached(limits) : report.stop();
                trace.add(report.loss());
                limits.made(report, task.target().rejectedEvaluations());
            } catch (FitException e) {
                stop = e.stop();
            } catch (RuntimeException e) {
                limits.silent = true;
                stop = new Stop(
                        Status.FAILED,
                        "an exception ended the fit after " + limits.iteration + " iterations: " + e,
                        limits.iteration,
                        List.of(),
                        limits.rejected,
                        e);
            }
        }
        gradientsOfFit += task.target().gradientEvaluations();
        Algorithm.Outcome outcome = algorithm.result(state);
        Examination examination = new Examination(task, outcome, explained(stop, outcome), inspection, limits, limits);
        Fit fit = examination.fit(posteriorDraws, gradientsOfFit, trace.trace(), options, limits::elapsed);
        return new Examined(fit, examination.mainPart());
    }

    private @Nullable Stop limitReached(Watch limits) {
        Status limit = limits.reached(limits.evaluations);
        if (limit != Status.CANCELLED && limits.iteration >= budget.maxIterations()) {
            limit = Status.MAX_ITERATIONS;
        }
        if (limit == null) {
            return null;
        }
        String reason = limit == Status.CANCELLED
                ? "the fit was cancelled"
                : "the stopping test was not passed within " + budget.allowed(limit);
        return new Stop(limit, reason, limits.iteration, List.of(), limits.rejected, null);
    }

    /** The stop with what the algorithm knows about the state it was ended in. */
    private static Stop explained(Stop stop, Algorithm.Outcome outcome) {
        if (stop.converged()) {
            return stop;
        }
        return new Stop(
                stop.status(),
                outcome.test().isEmpty() ? stop.reason() : stop.reason() + "; " + outcome.test(),
                stop.iteration(),
                stop.coordinates().isEmpty() ? outcome.drifting() : stop.coordinates(),
                stop.rejectedEvaluations(),
                stop.cause());
    }
}

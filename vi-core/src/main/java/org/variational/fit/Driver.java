package org.variational.fit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** The clock and the cancellation of one run. */
    private final class Watch implements Limits {

        private final long begin = System.nanoTime();

        Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - begin);
        }

        boolean timeUp() {
            return elapsed().compareTo(budget.timeLimit()) >= 0;
        }

        boolean cancelled() {
            return cancellation.isCancelled() || Thread.currentThread().isInterrupted();
        }

        @Override
        public boolean ended() {
            return cancelled() || timeUp();
        }

        @Override
        public Budget budget() {
            return budget;
        }
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
     *     CANCELLED or TIME_LIMIT if the fit was ended before one was found
     */
    public <S> Fit run(Algorithm<S> algorithm, Task task) {
        Watch limits = new Watch();
        LossTrace.Recorder trace = new LossTrace.Recorder();
        S state = started(algorithm, task, limits);
        long gradientsOfFit = task.target().gradientEvaluations();
        Inspection inspection = Inspection.of(task, algorithm.result(state), limits::ended);
        gradientsOfFit -= task.target().gradientEvaluations();
        Stop stop = null;
        long iteration = 0;
        long evaluations = 0;
        long rejected = 0;
        while (stop == null) {
            stop = limitReached(limits, iteration, evaluations, rejected);
            if (stop != null) {
                break;
            }
            try {
                Algorithm.Report report = algorithm.step(state);
                iteration++;
                evaluations = report.evaluations();
                rejected = task.target().rejectedEvaluations();
                stop = report.stop();
                trace.add(report.loss());
                if (listener != null) {
                    listener.onIteration(new Progress(
                            iteration, report.loss(), evaluations, rejected, limits.elapsed(), report.phase()));
                }
            } catch (FitException e) {
                stop = e.stop();
            } catch (RuntimeException e) {
                stop = new Stop(
                        Status.FAILED,
                        "an exception ended the fit after " + iteration + " iterations: " + e,
                        iteration,
                        List.of(),
                        rejected,
                        e);
            }
        }
        gradientsOfFit += task.target().gradientEvaluations();
        Algorithm.Outcome outcome = algorithm.result(state);
        return new Examination(task, outcome, explained(stop, outcome), inspection, limits)
                .fit(posteriorDraws, gradientsOfFit, trace.trace(), options, limits::elapsed);
    }

    private <S> S started(Algorithm<S> algorithm, Task task, Watch limits) {
        try {
            return algorithm.start(task, limits);
        } catch (FitException e) {
            if (e.stop().status() != Status.CANCELLED || limits.cancelled()) {
                throw e;
            }
            throw new FitException(
                    limit(
                            Status.TIME_LIMIT,
                            "no starting point was found within " + budget.timeLimit(),
                            0,
                            e.stop().rejectedEvaluations()),
                    null);
        }
    }

    private @Nullable Stop limitReached(Watch limits, long iteration, long evaluations, long rejected) {
        if (limits.cancelled()) {
            return limit(Status.CANCELLED, "the fit was cancelled", iteration, rejected);
        }
        if (iteration >= budget.maxIterations()) {
            return limit(
                    Status.MAX_ITERATIONS,
                    "the stopping test was not passed within " + budget.maxIterations() + " iterations",
                    iteration,
                    rejected);
        }
        if (evaluations >= budget.maxEvaluations()) {
            return limit(
                    Status.EVALUATION_LIMIT,
                    "the stopping test was not passed within " + budget.maxEvaluations() + " density evaluations",
                    iteration,
                    rejected);
        }
        if (limits.timeUp()) {
            return limit(
                    Status.TIME_LIMIT,
                    "the stopping test was not passed within " + budget.timeLimit(),
                    iteration,
                    rejected);
        }
        return null;
    }

    private static Stop limit(Status status, String reason, long iteration, long rejected) {
        return new Stop(status, reason, iteration, List.of(), rejected, null);
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

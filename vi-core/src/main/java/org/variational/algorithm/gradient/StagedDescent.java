package org.variational.algorithm.gradient;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.IterateWindow;
import org.variational.algorithm.StageTest;
import org.variational.algorithm.Task;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.Estimate;
import org.variational.estimator.Objective;
import org.variational.estimator.ObjectiveState;
import org.variational.estimator.Rejection;
import org.variational.optimizer.Averaging;
import org.variational.random.RandomStreams;

/** A run of {@link StochasticGradient}: its stages, and the tests that end them. Mutable, for one thread. */
final class StagedDescent {

    private static final int RELAXATIONS_PER_BATCH = 2;
    private static final int MAX_UNUSABLE = 50;
    private static final int MAX_RESTARTS = 20;
    private static final double LARGE_BATCH_SPREAD = 0.3;
    private static final double LARGE_RESCALING = 0.7;
    private static final String NOISE = "noise of the steps";

    private final Task task;
    private final StochasticGradient.Settings settings;
    private final StepPlan plan;
    private final ChartedWalk walk;
    private final GradientSignal signal;
    private final StageHistory history;
    private final StageTest stageTest;
    private final int firstDraws;
    private RandomStreams streams;
    private Objective objective;
    private ObjectiveState objectiveState;
    private boolean approaching;
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

    /**
     * A run about to make its first step.
     *
     * @param objective the task's objective with the number of draws to begin with
     * @param start the parameters to begin with
     * @param evaluations those already made
     */
    StagedDescent(
            Task task,
            StochasticGradient.Settings settings,
            StepPlan plan,
            Objective objective,
            double[] start,
            long evaluations) {
        this.task = task;
        this.settings = settings;
        this.plan = plan;
        this.approaching = task.approach() != null;
        this.streams = RandomStreams.of(task.seed()).child(approaching ? "approach" : "fit", 0);
        this.objective = task.approach() != null ? task.approach() : objective;
        this.objectiveState = this.objective.initialState();
        this.firstDraws = objective.draws();
        this.walk = new ChartedWalk(plan, start);
        this.signal = new GradientSignal(start.length);
        this.history = new StageHistory(RandomStreams.of(task.seed()).child("forecast", 0));
        this.scale = plan.firstScale();
        this.window = new IterateWindow(this.objective, batchLength());
        this.running = startRunning();
        this.stageTest = new StageTest(this.objective, start, settings.tolerance());
        this.evaluations = evaluations;
    }

    private Averaging.@Nullable RunningMean startRunning() {
        Averaging averaging = settings.averaging();
        return averaging == null ? null : averaging.start(walk.parameters().length);
    }

    private long batchLength() {
        return (long) Math.ceil(RELAXATIONS_PER_BATCH * plan.relaxation() * plan.firstScale() / scale);
    }

    /**
     * The step size over the first one's, and over the draws as a multiple of the first ones: both divide the noise.
     */
    private double noiseScale() {
        return scale / plan.firstScale() * firstDraws / objective.draws();
    }

    Algorithm.Report step() {
        Estimate estimate = objective.evaluate(walk.parameters(), streams, objectiveState, walk.gradient());
        iteration++;
        history.work((double) objective.draws() / firstDraws);
        evaluations += estimate.evaluations();
        rejected += estimate.draws().rejected();
        if (firstRejection == null) {
            firstRejection = estimate.firstRejection();
        }
        boolean supported = estimate.draws().unsupported() < estimate.draws().used();
        boolean moved = estimate.isUsable()
                && supported
                && walk.move(scale * plan.caution(objective, estimate), streams, iteration, signal);
        Stop stop = moved ? afterMove(estimate) : afterFailure();
        return new Algorithm.Report(moved ? estimate.value() : Double.NaN, count(), phase(), stop);
    }

    private EvaluationCount count() {
        return new EvaluationCount(evaluations, rejected);
    }

    private String phase() {
        String stageName = approaching ? "approach" : "stage " + (stage + 1);
        return settings.draws() == null ? stageName : stageName + ", " + objective.draws() + " draws";
    }

    private @Nullable Stop afterFailure() {
        unusable++;
        if (unusable < MAX_UNUSABLE) {
            if (unusable % 10 == 0) {
                shorten(bestParameters == null ? walk.parameters() : bestParameters);
            }
            return null;
        }
        Rejection rejection = firstRejection;
        Throwable cause = rejection == null ? null : rejection.cause();
        return stop(
                cause == null ? Status.DIVERGED : Status.FAILED,
                MAX_UNUSABLE + " steps in a row had no usable draw"
                        + (rejection == null ? "" : "; the first rejection: " + rejection),
                List.of(),
                cause);
    }

    private @Nullable Stop afterMove(Estimate estimate) {
        unusable = 0;
        if (running != null) {
            running.add(walk.parameters());
        }
        if (!window.add(walk.parameters(), estimate.value(), estimate.effectiveSampleSize(), objectiveState.level())) {
            return null;
        }
        signal.endBatch();
        IterateWindow.Batch batch = window.last();
        Stop runaway = stageTest.runaway(batch.monitored(), iteration, count());
        if (runaway != null) {
            return runaway;
        }
        if (worse(batch)) {
            return restart();
        }
        forgetOtherScales(batch.monitored());
        walk.refit(signal.meanSquare());
        boolean testable = window.batches() >= IterateWindow.FEWEST
                && window.batches() % 2 == 0
                && (!plan.tuningFree() || signal.vanishes(settings.tolerance()));
        return testable ? afterTest(test()) : null;
    }

    private IterateWindow.Test test() {
        IterateWindow.Test test = window.test(settings.tolerance());
        double iterates = (double) test.average().replicates().size() * window.batchLength();
        return running == null ? test : test.discounted(running.effectiveCount() / iterates);
    }

    private @Nullable Stop afterTest(IterateWindow.Test test) {
        latest = test;
        if (test.collapsed() && window.batchLength() >= 4 * batchLength()) {
            return stop(
                    Status.STALLED,
                    "the importance weights of a step are worth "
                            + String.format(Locale.ROOT, "%.1f", test.sampleSize()) + " of " + objective.draws()
                            + " draws: the gradient of "
                            + objective.schedule().goal().name()
                            + " cannot be estimated; make more draws, or anneal with DivergenceSchedule.annealedAlpha",
                    List.of(),
                    null);
        }
        if (!test.stationary()) {
            boolean bouncing = test.batchSpread() > LARGE_BATCH_SPREAD && window.batchLength() >= 4 * batchLength();
            return bouncing ? nextStage(test, null) : null;
        }
        if (approaching) {
            reach(test);
            return null;
        }
        return test.isAccurate(stageTest.wantedError(stage)) ? nextStage(test, previous) : null;
    }

    /** Whether the noise of the next stage is to be halved by more draws and not by smaller steps. */
    private boolean needsMoreDraws() {
        AdaptiveDraws draws = settings.draws();
        return draws != null && signal.belowNoise() && 2 * objective.draws() <= draws.most();
    }

    /** Doubles the draws of a step and begins a window with them, from parameters near the optimum. */
    private void moreDraws(double[] from) {
        Objective larger = objective.withDraws(2 * objective.draws());
        objectiveState = larger.continuing(objectiveState);
        objective = larger;
        newWindow(from);
    }

    /** The squared gradients of an optimiser's state are void once a scale has changed by a large factor. */
    private void forgetOtherScales(IterateWindow.Monitored now) {
        double[] before = scales;
        double[] after = now.logScale();
        scales = after;
        if (before == null || before.length != after.length) {
            return;
        }
        for (int i = 0; i < after.length; i++) {
            if (Math.abs(after[i] - before[i]) > LARGE_RESCALING) {
                walk.forget();
                return;
            }
        }
    }

    /** Whether the loss has become clearly worse than it was before, which a step size that is too large does. */
    private boolean worse(IterateWindow.Batch batch) {
        if (!Double.isFinite(batch.loss()) || batch.loss() < bestLoss) {
            if (Double.isFinite(batch.loss())) {
                bestLoss = batch.loss();
                bestLossError = batch.lossError();
                bestParameters = batch.mean();
            }
            return false;
        }
        double margin = 3 + 0.5 * objective.family().dimension();
        return batch.loss() > bestLoss + margin + 8 * Math.hypot(batch.lossError(), bestLossError);
    }

    private @Nullable Stop restart() {
        if (++restarts > MAX_RESTARTS) {
            return stop(
                    Status.STALLED,
                    "the loss kept rising although the step size was halved " + MAX_RESTARTS
                            + " times: the gradient may be wrong (check it with GradientCheck) or the loss may have no"
                            + " minimum",
                    List.of(),
                    null);
        }
        shorten(Objects.requireNonNull(bestParameters));
        return null;
    }

    /** Halves the step size and goes on from other parameters. */
    private void shorten(double[] from) {
        scale *= 0.5;
        newWindow(from);
    }

    private void newWindow(double[] from) {
        walk.restart(from);
        signal.forget();
        window = new IterateWindow(objective, batchLength());
        running = startRunning();
    }

    /** Goes over from the approach to the objective proper. */
    private void reach(IterateWindow.Test test) {
        approaching = false;
        streams = RandomStreams.of(task.seed()).child("fit", 0);
        objective = settings.begin(task.objective());
        objectiveState = objective.initialState();
        bestLoss = Double.POSITIVE_INFINITY;
        bestParameters = null;
        scale = 2 * plan.firstScale();
        shorten(test.average().parameters());
    }

    private @Nullable Stop nextStage(IterateWindow.Test test, IterateWindow.@Nullable Test earlier) {
        if (test.stationary()) {
            history.add(objective, average(test), test, noiseScale());
        } else {
            history.interrupt();
        }
        Stop passed = test.isAccurate(settings.tolerance()) ? passed(test, earlier) : null;
        if (passed != null) {
            return passed;
        }
        if (test.stationary() && history.doesNotPay(settings.stopping())) {
            return stop(
                    Status.STALLED,
                    "another stage is predicted not to pay (" + settings.stopping() + "): " + describe(test),
                    List.of(),
                    null);
        }
        if (++stage >= StageTest.MAX_STAGES) {
            return stop(
                    Status.STALLED,
                    stageTest.stalled(NOISE, test) + measured(test),
                    List.of(stageTest.name(test.drift().number())),
                    null);
        }
        previous = test.stationary() ? test : null;
        if (needsMoreDraws()) {
            moreDraws(average(test));
        } else {
            shorten(average(test));
        }
        return null;
    }

    /** The stop of a fit whose stage agrees with the one before, or is predicted to be close to the optimum. */
    private @Nullable Stop passed(IterateWindow.Test test, IterateWindow.@Nullable Test earlier) {
        if (earlier != null) {
            OptionalDouble change = stageTest.agreement(earlier, test);
            if (change.isPresent()) {
                return converged(test, stageTest.agreed(NOISE, change.getAsDouble()));
            }
        }
        if (history.isAccurate(settings.stopping())) {
            return converged(
                    test,
                    String.format(
                            Locale.ROOT,
                            "predicted to be close enough to the optimum (tolerance %s, %s)%s",
                            settings.tolerance(),
                            settings.stopping(),
                            history.describe()));
        }
        return null;
    }

    private Stop converged(IterateWindow.Test test, String why) {
        converged = test;
        return stop(Status.CONVERGED, StageTest.converged(test, why), List.of(), null);
    }

    private double[] average(IterateWindow.Test test) {
        return running == null ? test.average().parameters().clone() : running.mean();
    }

    private Stop stop(Status status, String reason, List<String> coordinates, @Nullable Throwable cause) {
        return new Stop(status, reason, iteration, coordinates, rejected, cause);
    }

    private String describe(IterateWindow.Test test) {
        return stageTest.describe(test) + measured(test);
    }

    /** What a run knows beyond the test of a stage, beginning with a comma. */
    private String measured(IterateWindow.Test test) {
        return String.format(
                Locale.ROOT,
                ", effective sample size of a step %.1f, signal-to-noise ratio of the gradient of %d draws %.2g%s",
                test.sampleSize(),
                objective.draws(),
                signal.ratio(),
                history.describe());
    }

    Algorithm.Outcome outcome() {
        IterateWindow.Test test = converged;
        List<String> drifting = List.of();
        List<double[]> replicates = List.of();
        double[] parameters = walk.parameters();
        String found = StageTest.TOO_SHORT;
        if (test != null) {
            parameters = average(test);
            replicates = test.average().replicates();
            found = describe(test);
        } else if (latest != null) {
            found = describe(latest);
            if (window.batches() >= 4) {
                IterateWindow.Test now = test();
                parameters = average(now);
                replicates = now.average().replicates();
            }
            if (window.batches() >= IterateWindow.FEWEST) {
                drifting = stageTest.drifting(latest);
            }
        }
        return Algorithm.Outcome.of(objective.family(), parameters.clone(), count())
                .withReplicates(replicates)
                .withDrifting(drifting)
                .withGoalReport(objective.schedule().report(objectiveState.level()))
                .withTest(found);
    }
}

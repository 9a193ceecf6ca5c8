package org.variational.algorithm.automatic;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;

/**
 * A stage of {@link AutomaticInference}, with what it has found so far, and the evaluations of this stage and of those
 * before it. Mutable, for one thread.
 */
abstract sealed class Stage permits AcceptedStage, AlgorithmStage, CheckStage, CorrectionStage, ImportanceStage {

    private final Run run;
    private final EvaluationCount before;
    private @Nullable Stop stop;

    /**
     * A stage about to make its first step.
     *
     * @param before the evaluations of the stages before
     */
    Stage(Run run, EvaluationCount before) {
        this.run = run;
        this.before = before;
    }

    /** The name of the phase that progress reports show. */
    abstract String label();

    /** Makes a step; returns the stage that comes next, this one if it is not done. */
    abstract Stage step();

    /** The answer so far, whatever its count. */
    abstract Algorithm.Outcome found();

    /** The evaluations of this stage alone. */
    abstract EvaluationCount own();

    /** The noisy loss of the last step; NaN if it has none. */
    double loss() {
        return Double.NaN;
    }

    final Run run() {
        return run;
    }

    /** The evaluations of the stages before. */
    final EvaluationCount before() {
        return before;
    }

    /** The evaluations of this stage and those before. */
    final EvaluationCount count() {
        return before.plus(own());
    }

    /** The answer so far. */
    final Algorithm.Outcome answer() {
        return found().withCount(count());
    }

    /** Why the fit ends here; null while it goes on. */
    final @Nullable Stop stop() {
        return stop;
    }

    /** Ends the fit; returns this stage. */
    final Stage end(Status status, String reason, List<String> coordinates, @Nullable Throwable cause) {
        stop = new Stop(status, reason, run.steps(), coordinates, count().rejected(), cause);
        return this;
    }
}

package org.variational.algorithm.automatic;

import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.diagnostic.Stop;

/** A stage that is another algorithm's run, step by step. */
abstract sealed class AlgorithmStage<S> extends Stage permits NestedStage, SearchStage, ConditionalStage, DescentStage {

    private final Algorithm<S> algorithm;
    private final S state;
    private Algorithm.Report report = new Algorithm.Report(Double.NaN, EvaluationCount.NONE, "", null);

    /**
     * A stage whose algorithm has been started.
     *
     * @param task what the algorithm is given
     * @param before the evaluations of the stages before
     */
    AlgorithmStage(Run run, Algorithm<S> algorithm, Task task, EvaluationCount before) {
        this(run, algorithm, task, run.limits(), before);
    }

    /** The same within limits of its own. */
    AlgorithmStage(Run run, Algorithm<S> algorithm, Task task, Limits limits, EvaluationCount before) {
        super(run, before);
        this.algorithm = algorithm;
        this.state = algorithm.start(task, limits);
    }

    final S state() {
        return state;
    }

    /** Makes a step of the algorithm; returns why it ends, or null if it goes on. */
    final @Nullable Stop advance() {
        report = algorithm.step(state);
        return report.stop();
    }

    /** The algorithm's own answer. */
    final Algorithm.Outcome result() {
        return algorithm.result(state);
    }

    @Override
    EvaluationCount own() {
        return report.count();
    }

    @Override
    final double loss() {
        return report.loss();
    }
}

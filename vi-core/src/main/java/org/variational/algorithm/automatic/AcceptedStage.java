package org.variational.algorithm.automatic;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.diagnostic.Status;

/** The end of a fit with an answer of nested inference that was accepted, and that a later stage did not better. */
final class AcceptedStage extends Stage {

    /**
     * An answer that was accepted.
     *
     * @param outcome the answer
     * @param reason why it was
     */
    record Accepted(Algorithm.Outcome outcome, String reason) {}

    private final Accepted accepted;

    private AcceptedStage(Run run, Accepted accepted, EvaluationCount before) {
        super(run, before);
        this.accepted = accepted;
    }

    /** The end of the fit if an answer was accepted before, else another stage. */
    static Stage or(Run run, EvaluationCount before, Supplier<Stage> other) {
        @Nullable Accepted accepted = run.accepted();
        return accepted == null
                ? other.get()
                : new AcceptedStage(run, accepted, before).end(Status.CONVERGED, accepted.reason, List.of(), null);
    }

    @Override
    String label() {
        return "nested";
    }

    @Override
    Stage step() {
        return this;
    }

    @Override
    Algorithm.Outcome found() {
        return accepted.outcome;
    }

    @Override
    EvaluationCount own() {
        return EvaluationCount.NONE;
    }
}

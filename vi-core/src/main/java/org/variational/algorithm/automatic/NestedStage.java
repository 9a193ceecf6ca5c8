package org.variational.algorithm.automatic;

import java.util.List;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Budget;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.algorithm.nested.NestedInference;
import org.variational.diagnostic.Stop;
import org.variational.structure.Structure;

/** The stage before all others, where the structure of the model allows it: nested inference, if its weights agree. */
final class NestedStage extends AlgorithmStage<NestedInference.State> {

    /** The part of the budget that it may take. */
    private static final int PART = 2;

    NestedStage(Run run, Structure structure) {
        super(
                run,
                NestedInference.create().withStructure(structure),
                run.task(),
                new Part(run.limits()),
                EvaluationCount.NONE);
    }

    /** The limits of the whole fit, with a part of its evaluations. */
    private record Part(Limits whole) implements Limits {

        @Override
        public boolean ended() {
            return whole.ended();
        }

        @Override
        public boolean cancelled() {
            return whole.cancelled();
        }

        @Override
        public Budget budget() {
            Budget budget = whole.budget();
            return new Budget(budget.maxIterations(), Math.max(1, budget.maxEvaluations() / PART), budget.timeLimit());
        }
    }

    @Override
    String label() {
        return "nested";
    }

    @Override
    Stage step() {
        Stop stop = advance();
        if (stop == null) {
            return count().made() < run().limits().budget().maxEvaluations() / PART
                    ? this
                    : new SearchStage(run(), count());
        }
        if (stop.converged() && !canBeBettered()) {
            return end(stop.status(), stop.reason(), List.of(), null);
        }
        if (stop.converged()) {
            run().accept(new AcceptedStage.Accepted(result(), stop.reason()));
        }
        return new SearchStage(run(), count());
    }

    /**
     * Whether importance sampling from a mixture does better than an answer whose weights matter: where there are few
     * coordinates, it gets the shape right.
     */
    private boolean canBeBettered() {
        return !state().isSteady() && ImportanceStage.serves(run(), count());
    }

    @Override
    Algorithm.Outcome found() {
        return result();
    }
}

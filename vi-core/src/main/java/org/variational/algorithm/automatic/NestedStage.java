package org.variational.algorithm.automatic;

import java.util.List;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.nested.NestedInference;
import org.variational.diagnostic.Stop;
import org.variational.structure.Structure;

/** The stage before all others, where the structure of the model allows it: nested inference, if its weights agree. */
final class NestedStage extends AlgorithmStage<NestedInference.State> {

    /** The part of the budget that it may take. */
    private static final int PART = 2;

    NestedStage(Run run, Structure structure) {
        super(run, NestedInference.create().withStructure(structure), run.task(), EvaluationCount.NONE);
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
        return stop.converged() ? end(stop.status(), stop.reason(), List.of(), null) : new SearchStage(run(), count());
    }

    @Override
    Algorithm.Outcome found() {
        return result();
    }
}

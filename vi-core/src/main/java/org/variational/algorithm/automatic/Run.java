package org.variational.algorithm.automatic;

import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.chain.ChainCheck;

/** What all stages of a run share: the task, the limits, and how many steps were made. Mutable, for one thread. */
final class Run {

    private static final int MOST_CHAINS = 128;

    /** With fewer chains the errors are too large to see what matters. */
    private static final int FEWEST_CHAINS = 64;

    /** About the evaluations per chain that a check takes. */
    private static final int EVALUATIONS_OF_CHECK = 120;

    /** The part of the budget that a check may take. */
    private static final int PART_OF_CHECK = 4;

    private final Task task;
    private final Limits limits;
    private final boolean keepsFamily;
    private final int chains;
    private long steps;
    private AcceptedStage.@Nullable Accepted accepted;

    Run(Task task, Limits limits, boolean keepsFamily) {
        this.task = task;
        this.limits = limits;
        this.keepsFamily = keepsFamily;
        long affordable = limits.budget().maxEvaluations() / PART_OF_CHECK / EVALUATIONS_OF_CHECK;
        long fitting = ChainCheck.MAX_NUMBERS / task.objective().coordinates().inferredCount();
        this.chains = (int) Math.min(MOST_CHAINS, Math.min(affordable, fitting));
    }

    Task task() {
        return task;
    }

    Limits limits() {
        return limits;
    }

    /** Whether the answer must be of the family of the task. */
    boolean keepsFamily() {
        return keepsFamily;
    }

    /** The answer that stands unless a later stage betters it; null if there is none. */
    AcceptedStage.@Nullable Accepted accepted() {
        return accepted;
    }

    void accept(AcceptedStage.Accepted answer) {
        accepted = answer;
    }

    /** The number of Markov chains of a check. */
    int chains() {
        return chains;
    }

    /** Whether budget and memory allow chains enough for a check. */
    boolean affordsCheck() {
        return chains >= FEWEST_CHAINS;
    }

    /** The steps made, the one in progress included. */
    long steps() {
        return steps;
    }

    void countStep() {
        steps++;
    }
}

package org.variational.algorithm.automatic;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Task;
import org.variational.algorithm.gaussian.NaturalGradient;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.Objective;

/** The second stage: descent on reverse KL, for at most 800 steps or half the budget if a check can follow. */
final class DescentStage<S> extends AlgorithmStage<S> {

    /** Steps of a sparse Gaussian, whose regressions leave little noise. */
    private static final double STEP_OF_SPARSE = 0.5;

    /** The steps before the answer of the descent is better than that of the search. */
    private static final long SETTLING_STEPS = 64;

    private static final long MAX_STEPS = 800;

    private final Algorithm.@Nullable Outcome searched;
    private long steps;

    /**
     * A descent about to make its first step.
     *
     * @param placed the task with the place to start
     * @param searched the answer of the search, or null if there was none
     */
    static Stage of(Run run, Task placed, Algorithm.@Nullable Outcome searched) {
        NaturalGradient natural = NaturalGradient.create().withStep(STEP_OF_SPARSE);
        return suits(natural, placed.objective())
                ? new DescentStage<>(run, natural, placed, searched)
                : new DescentStage<>(run, StochasticGradient.create(), placed, searched);
    }

    /** Whether the family is sparse, and its regressions take no more draws than a step of the stochastic gradient. */
    private static boolean suits(NaturalGradient natural, Objective objective) {
        return NaturalGradient.suitsPattern(objective)
                && objective.coordinates().optimisedCount() == 0
                && natural.batchSize(objective) <= objective.draws();
    }

    private DescentStage(Run run, Algorithm<S> algorithm, Task placed, Algorithm.@Nullable Outcome searched) {
        super(run, algorithm, placed, searched == null ? EvaluationCount.NONE : searched.count());
        this.searched = searched;
    }

    @Override
    String label() {
        return "fit";
    }

    @Override
    Stage step() {
        Stop stop = advance();
        steps++;
        boolean broken = stop != null && stop.status() != Status.CONVERGED && stop.status() != Status.STALLED;
        long half = run().limits().budget().maxEvaluations() / 2;
        boolean done = stop != null || steps >= MAX_STEPS || count().made() >= half;
        if (done && !broken && isChecked()) {
            return new CheckStage(run(), searchStands() == null ? answer() : unsettled(answer()));
        }
        // without a check the descent goes on until its own test is passed
        return stop == null ? this : end(stop.status(), stop.reason(), stop.coordinates(), stop.cause());
    }

    /**
     * The answer of the search with what is to be said of it: chains that start from it may be too slow to show how
     * wrong it is.
     */
    private Algorithm.Outcome unsettled(Algorithm.Outcome answer) {
        String text = String.format(
                Locale.ROOT,
                "half of the budget of %s was spent before the fit had made %d steps, so that the answer rests on"
                        + " the Gaussian of the search and not on the minimum of reverse KL in the %s family",
                run().limits().budget().allowed(Status.EVALUATION_LIMIT),
                SETTLING_STEPS,
                run().task().objective().family().name());
        return answer.withFindings(List.of(new Verdict.Finding(
                Verdict.Code.GOAL_NOT_REACHED,
                Verdict.Level.UNRELIABLE,
                text,
                "raise evaluationBudget(...), or give a start with standard deviations")));
    }

    private boolean isChecked() {
        Algorithm.Outcome standing = searchStands();
        return run().affordsCheck()
                && MomentProjection.serves(run().task().objective().family())
                && (standing == null || MomentProjection.serves(standing.family()));
    }

    /** The answer of the search while it is the better one, else null. */
    private Algorithm.@Nullable Outcome searchStands() {
        return steps < SETTLING_STEPS ? searched : null;
    }

    @Override
    Algorithm.Outcome found() {
        Algorithm.Outcome standing = searchStands();
        return standing != null ? standing : result();
    }
}

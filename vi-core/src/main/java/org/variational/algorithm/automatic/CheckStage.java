package org.variational.algorithm.automatic;

import java.util.List;
import java.util.Locale;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.EvaluationCount;
import org.variational.chain.ChainCheck;
import org.variational.diagnostic.Status;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.random.RandomStreams;

/** The third stage: short Markov chains from draws of the answer, which stay with it where it is right. */
final class CheckStage extends Stage {

    private static final double MATERIAL = 0.1;

    private final Algorithm.Outcome answer;
    private final ChainCheck check;

    /**
     * A check about to make its first step.
     *
     * @param answer the answer to be checked, of whatever Gaussian family, with the evaluations so far
     */
    CheckStage(Run run, Algorithm.Outcome answer) {
        super(run, answer.count());
        this.answer = answer;
        CoordinateSplit split = run.task().objective().coordinates();
        this.check = new ChainCheck(
                new GuardedDensity(run.task().target(), split),
                split,
                answer.distribution(),
                answer.optimised(),
                run.chains(),
                RandomStreams.of(run.task().seed()).child("check", 0));
    }

    @Override
    String label() {
        return "check";
    }

    @Override
    Stage step() {
        if (!check.step()) {
            return this;
        }
        if (check.departure().material(MATERIAL) || check.unmixed() >= 0) {
            return new CorrectionStage(run(), answer, check.chains(), check.moments());
        }
        String reason = String.format(
                Locale.ROOT,
                "Markov chains from the approximation stayed with it: no mean or standard deviation, nor all together,"
                        + " is seen to be off by more than %.2g",
                MATERIAL);
        return end(Status.CONVERGED, reason, List.of(), null);
    }

    @Override
    Algorithm.Outcome found() {
        return answer;
    }

    @Override
    EvaluationCount own() {
        return new EvaluationCount(check.chains().evaluations(), check.chains().rejected());
    }
}

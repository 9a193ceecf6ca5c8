package org.variational.estimator;

import org.jspecify.annotations.Nullable;
import org.variational.estimator.MixedEstimator.MixedKernel;

/** The least noisy estimator that serves the problem. */
final class AutomaticEstimator extends GradientEstimator {
    private static final GradientEstimator PATH = GradientEstimators.stickingTheLanding();
    private static final GradientEstimator SCORE = GradientEstimators.scoreFunction();

    AutomaticEstimator() {
        super("automatic");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        String path = PATH.refusal(problem);
        if (path == null) {
            return null;
        }
        String score = SCORE.refusal(problem);
        return score == null ? null : "no gradient estimator serves this problem: " + path + "; and " + score;
    }

    @Override
    boolean needsIndependentDraws(Problem problem) {
        return PATH.refusal(problem) != null && SCORE.needsIndependentDraws(problem);
    }

    @Override
    Kernel bind(Problem problem) {
        if (PATH.refusal(problem) != null) {
            return SCORE.bind(problem);
        }
        PathEstimator.Form partner = MixedEstimator.partner(problem);
        return partner == null ? PATH.bind(problem) : new MixedKernel(partner, problem);
    }
}

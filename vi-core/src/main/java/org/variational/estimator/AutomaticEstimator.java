package org.variational.estimator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.estimator.MixedEstimator.MixedKernel;

/** The least noisy estimator that serves the problem. */
final class AutomaticEstimator extends GradientEstimator {
    private static final GradientEstimator PATH = GradientEstimators.stickingTheLanding();
    private static final GradientEstimator SCORE = GradientEstimators.scoreFunction();
    private static final List<GradientEstimator> BEST_FIRST =
            List.of(GradientEstimators.exactEnumeration(), PATH, GradientEstimators.stratifiedPath(), SCORE);

    AutomaticEstimator() {
        super("automatic");
    }

    @Override
    @Nullable
    String refusal(Problem problem) {
        if (choice(problem) != null) {
            return null;
        }
        return "no gradient estimator serves this problem: " + PATH.refusal(problem) + "; and "
                + SCORE.refusal(problem);
    }

    private static @Nullable GradientEstimator choice(Problem problem) {
        for (GradientEstimator candidate : BEST_FIRST) {
            if (candidate.refusal(problem) == null) {
                return candidate;
            }
        }
        return null;
    }

    @Override
    boolean needsIndependentDraws(Problem problem) {
        GradientEstimator choice = choice(problem);
        return choice != null && choice.needsIndependentDraws(problem);
    }

    @Override
    BoundEstimator bind(Problem problem) {
        GradientEstimator choice = choice(problem);
        if (choice == null) {
            throw new IllegalStateException("bound to a problem that was refused");
        }
        PathEstimator.Form partner = choice == PATH ? MixedEstimator.partner(problem) : null;
        return partner == null ? choice.bind(problem) : new MixedKernel(partner, problem);
    }
}

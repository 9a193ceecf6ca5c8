package org.variational.estimator;

import org.jspecify.annotations.Nullable;

/**
 * A way to estimate the gradient of a divergence by q's parameters from draws. {@link GradientEstimators} lists them.
 *
 * <p>Immutable and thread-safe; what an estimator remembers from step to step is in the {@link ObjectiveState}.
 */
public abstract class GradientEstimator {
    private final String name;

    GradientEstimator(String name) {
        this.name = name;
    }

    /** The name used in reports, such as {@code "sticking the landing"}. */
    public final String name() {
        return name;
    }

    /**
     * Whether the gradient is that of one divergence alone, so that a schedule may change the power of the target and
     * nothing else; true for {@link GradientEstimators#markovChains}.
     *
     * @return false unless overridden
     */
    public boolean needsOneDivergence() {
        return false;
    }

    /** Why this estimator cannot serve a problem, with a remedy, or null if it can. */
    abstract @Nullable String refusal(Problem problem);

    /** The estimator at work on a problem it does not refuse. */
    abstract BoundEstimator bind(Problem problem);

    /** Whether the coefficients of one draw depend on the others beyond what the divergence does. */
    boolean needsIndependentDraws(Problem problem) {
        return false;
    }

    @Override
    public final String toString() {
        return name;
    }
}

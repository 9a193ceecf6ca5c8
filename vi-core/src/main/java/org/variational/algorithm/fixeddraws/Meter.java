package org.variational.algorithm.fixeddraws;

import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Limits;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Rejection;

/** Counts the evaluations of a fit, and says when its limits are reached. */
final class Meter {

    private final Limits limits;
    private long evaluations;
    private long rejected;
    private @Nullable Rejection firstRejection;

    Meter(Limits limits) {
        this.limits = limits;
    }

    void add(long moreEvaluations, long moreRejected) {
        evaluations += moreEvaluations;
        rejected += moreRejected;
    }

    /** Takes note of the last evaluation of a density. */
    void add(GuardedDensity density) {
        add(density.evaluations(), density.rejected());
        if (firstRejection == null) {
            firstRejection = density.firstRejection();
        }
    }

    long evaluations() {
        return evaluations;
    }

    long rejected() {
        return rejected;
    }

    @Nullable
    Rejection firstRejection() {
        return firstRejection;
    }

    boolean exhausted() {
        return limits.ended() || evaluations >= limits.budget().maxEvaluations();
    }
}

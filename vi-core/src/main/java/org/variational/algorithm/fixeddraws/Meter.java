package org.variational.algorithm.fixeddraws;

import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Budget;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.diagnostic.Status;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Rejection;

/** Counts the evaluations of a fit, and says when its limits are reached. */
final class Meter {

    private final Limits limits;
    private EvaluationCount count = EvaluationCount.NONE;
    private @Nullable Rejection firstRejection;

    Meter(Limits limits) {
        this.limits = limits;
    }

    void add(EvaluationCount more) {
        count = count.plus(more);
    }

    /** Takes note of the last evaluation of a density. */
    void add(GuardedDensity density) {
        add(new EvaluationCount(density.evaluations(), density.rejected()));
        if (firstRejection == null) {
            firstRejection = density.firstRejection();
        }
    }

    EvaluationCount count() {
        return count;
    }

    @Nullable
    Rejection firstRejection() {
        return firstRejection;
    }

    /** The limit that ends the fit now, null if none does. */
    @Nullable
    Status reached() {
        return limits.reached(count.made());
    }

    boolean exhausted() {
        return reached() != null;
    }

    /** What the whole fit may spend. */
    Budget budget() {
        return limits.budget();
    }
}

package org.variational.algorithm;

import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Status;

/**
 * What bounds a fit in progress. The driver looks before every step; an algorithm whose start or steps make
 * many evaluations looks in between, and plans by the budget.
 */
public interface Limits {

    /**
     * Whether the fit is to end now, because its time is up or somebody cancelled it.
     *
     * @return true from then on
     */
    boolean ended();

    /** What the whole fit may spend. */
    Budget budget();

    /**
     * Whether somebody has cancelled the fit.
     *
     * @return false unless overridden
     */
    default boolean cancelled() {
        return false;
    }

    /**
     * The limit that ends a fit now: a cancellation before the evaluations, and these before the time.
     *
     * @param evaluations the density evaluations it has made
     * @return CANCELLED, EVALUATION_LIMIT or TIME_LIMIT; null if the fit may go on
     */
    default @Nullable Status reached(long evaluations) {
        if (cancelled()) {
            return Status.CANCELLED;
        }
        if (evaluations >= budget().maxEvaluations()) {
            return Status.EVALUATION_LIMIT;
        }
        return ended() ? Status.TIME_LIMIT : null;
    }

    /**
     * No limit but the number of density evaluations.
     *
     * @param most at least 1
     * @throws IllegalArgumentException if it is less
     */
    static Limits ofEvaluations(long most) {
        Budget budget = new Budget(Long.MAX_VALUE, most, Budget.FOREVER);
        return new Limits() {
            @Override
            public boolean ended() {
                return false;
            }

            @Override
            public Budget budget() {
                return budget;
            }
        };
    }
}

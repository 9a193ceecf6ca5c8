package org.variational.algorithm;

import org.variational.fit.Driver;

/**
 * What bounds a fit in progress. The {@link Driver} looks before every step; an algorithm whose start or steps make
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
}

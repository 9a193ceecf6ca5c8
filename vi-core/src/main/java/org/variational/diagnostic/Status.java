package org.variational.diagnostic;

/** Why a fit stopped. */
public enum Status {
    /** The stated stopping test was passed. */
    CONVERGED,
    /** The largest number of iterations was made before the stopping test was passed. */
    MAX_ITERATIONS,
    /** The largest number of density evaluations was made before the stopping test was passed. */
    EVALUATION_LIMIT,
    /** The time was up before the stopping test was passed. */
    TIME_LIMIT,
    /** Someone cancelled the fit or interrupted its thread. */
    CANCELLED,
    /** The approximation ran away, or its gradient could no longer be computed anywhere it went. */
    DIVERGED,
    /** Smaller and smaller steps brought no stationary behaviour. */
    STALLED,
    /** No starting point could be found at which the density and its gradient are finite. */
    INVALID_MODEL,
    /** Code of the user, a density or a callback, threw an exception. */
    FAILED
}

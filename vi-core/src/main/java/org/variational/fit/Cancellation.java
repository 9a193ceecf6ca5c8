package org.variational.fit;

/**
 * A handle by which another thread stops a fit.
 *
 * <p>The fit returns after the iteration in progress, with its last good state. Interrupting the fitting thread does
 * the same and leaves the thread's interrupt flag set. Thread-safe; a cancelled handle stays cancelled.
 */
public final class Cancellation {

    private volatile boolean cancelled;

    /** A handle not yet cancelled. */
    public Cancellation() {}

    /** Asks the fits that hold this handle to stop. */
    public void cancel() {
        cancelled = true;
    }

    /**
     * Whether {@link #cancel} has been called.
     *
     * @return whether the handle is cancelled
     */
    public boolean isCancelled() {
        return cancelled;
    }
}

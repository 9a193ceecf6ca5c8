package org.variational.examples;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.fit.Cancellation;
import org.variational.fit.Progress;

/**
 * How an example is run.
 *
 * @param fitChoice the family and the divergence, or null for the library's own choice
 * @param draws the number of draws from the fitted approximation, 0 for the library's own choice
 * @param listener told of every iteration of every fit
 * @param cancellation ends the run: with the best answer so far if there is one
 */
public record RunOptions(
        @Nullable FitChoice fitChoice, long seed, int draws, Progress.Listener listener, Cancellation cancellation) {

    /** A seed, and the library's own choices; nobody listens or cancels. */
    public static RunOptions seeded(long seed) {
        return new RunOptions(null, seed, 0, progress -> {}, new Cancellation());
    }

    /** A fit with these options, the choice of family and divergence excepted. */
    public VariationalInference applyTo(VariationalInference inference) {
        VariationalInference watched = inference.seed(seed).callback(listener).cancellation(cancellation);
        return draws == 0 ? watched : watched.posteriorDraws(draws);
    }

    /**
     * For examples of many parts, which have no result before the last one.
     *
     * @throws CancellationException if the run was cancelled
     */
    public void requireNotCancelled() {
        if (cancellation.isCancelled()) {
            throw new CancellationException("the run was cancelled before it had a result");
        }
    }
}

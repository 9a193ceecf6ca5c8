package org.variational.diagnostic;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a fit ended.
 *
 * @param status why it stopped
 * @param reason a sentence for people: what was tested, what came out, what to do
 * @param iteration the number of iterations made
 * @param coordinates the names of the coordinates at fault, worst first; often empty
 * @param rejectedEvaluations how many evaluations of the density could not be used (NaN, {@code +Infinity}, a gradient
 *     that is not finite, an exception)
 * @param cause the exception that ended the fit or that the density threw, or null
 */
public record Stop(
        Status status,
        String reason,
        long iteration,
        List<String> coordinates,
        long rejectedEvaluations,
        @Nullable Throwable cause) {

    /** Copies the list. */
    public Stop {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(reason, "reason");
        coordinates = List.copyOf(coordinates);
    }

    /**
     * Whether the stated stopping test was passed.
     *
     * @return whether the status is {@link Status#CONVERGED}
     */
    public boolean converged() {
        return status == Status.CONVERGED;
    }
}

package org.variational.algorithm;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.Rejection;

/**
 * Thrown when a fit ends without any approximation to return: no usable starting point was found, or none before a
 * limit was reached.
 *
 * <p>{@link #stop()} says why, {@link #point()} where.
 */
public final class FitException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Stop stop;
    private final double @Nullable [] point;

    /**
     * A fit that came to nothing.
     *
     * @param stop how it ended
     * @param point the point, on the unconstrained scale, at which the model could not be evaluated; copied; null if no
     *     single point is to blame
     */
    public FitException(Stop stop, double @Nullable [] point) {
        super(stop.status() + ": " + stop.reason(), stop.cause());
        this.stop = stop;
        this.point = point == null ? null : point.clone();
    }

    /**
     * Says that a limit ended the search for a starting point before one was found.
     *
     * @param limit CANCELLED, EVALUATION_LIMIT or TIME_LIMIT, as {@link Limits#reached} gives it
     * @param budget what the fit might have spent
     * @param count what the search has spent
     * @param first the first evaluation that could not be used, or null if there was none
     */
    public static FitException beforeStart(
            Status limit, Budget budget, EvaluationCount count, @Nullable Rejection first) {
        String reason = limit == Status.CANCELLED
                ? "the fit was cancelled before a starting point was found"
                : "no starting point was found within " + budget.allowed(limit);
        return new FitException(
                new Stop(
                        limit,
                        first == null ? reason : reason + "; the first point that could not be used: " + first,
                        0,
                        List.of(),
                        count.rejected(),
                        null),
                first == null ? null : first.point());
    }

    /**
     * How the fit ended.
     *
     * @return the status, reason and cause
     */
    public Stop stop() {
        return stop;
    }

    /**
     * The point, on the unconstrained scale, at which the model could not be evaluated.
     *
     * @return a copy, or null if no single point is to blame
     */
    public double @Nullable [] point() {
        return point == null ? null : Arrays.copyOf(point, point.length);
    }
}

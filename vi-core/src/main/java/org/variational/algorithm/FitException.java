package org.variational.algorithm;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Stop;

/**
 * Thrown when a fit ends without any approximation to return: no usable starting point was found.
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

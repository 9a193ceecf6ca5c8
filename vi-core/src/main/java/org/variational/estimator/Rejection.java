package org.variational.estimator;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why an evaluation of the target was rejected, and where.
 *
 * <p>Immutable; the point is copied in and out.
 */
public final class Rejection {
    private final String description;
    private final double[] point;
    private final @Nullable RuntimeException cause;

    Rejection(String description, double[] point, @Nullable RuntimeException cause) {
        this.description = Objects.requireNonNull(description, "description");
        this.point = point.clone();
        this.cause = cause;
    }

    /**
     * What was wrong, naming the coordinate and the draw, such as {@code gradient row 3 ("tau") is NaN at draw 5}.
     *
     * @return a sentence without a full stop
     */
    public String description() {
        return description;
    }

    /**
     * The point at which it happened, on the unconstrained scale.
     *
     * @return a copy, D long
     */
    public double[] point() {
        return point.clone();
    }

    /**
     * The exception thrown by the target, if one was.
     *
     * @return the exception, or null
     */
    public @Nullable RuntimeException cause() {
        return cause;
    }

    @Override
    public String toString() {
        return description + ", at " + (point.length <= 20 ? Arrays.toString(point) : point.length + " coordinates");
    }
}

package org.variational.algorithm;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import org.variational.diagnostic.Status;

/**
 * What a fit may spend.
 *
 * @param maxIterations the largest number of iterations, at least 0; 0 returns the starting point
 * @param maxEvaluations the largest number of density evaluations during the fit, at least 1
 * @param timeLimit the longest wall-clock time, positive; checked before every iteration, so that it is exceeded by no
 *     more than one
 */
public record Budget(long maxIterations, long maxEvaluations, Duration timeLimit) {

    /** A time limit that is never reached. */
    public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Budget {
        Objects.requireNonNull(timeLimit, "timeLimit");
        if (maxIterations < 0) {
            throw new IllegalArgumentException("maxIterations must be at least 0, got " + maxIterations);
        }
        if (maxEvaluations < 1) {
            throw new IllegalArgumentException("the evaluation budget must be at least 1, got " + maxEvaluations);
        }
        if (timeLimit.isNegative() || timeLimit.isZero()) {
            throw new IllegalArgumentException("the time limit must be positive, got " + timeLimit);
        }
    }

    /**
     * What a limit allows, such as {@code "5000 density evaluations"}.
     *
     * @param limit MAX_ITERATIONS, EVALUATION_LIMIT or TIME_LIMIT
     * @throws IllegalArgumentException if it is another status
     */
    public String allowed(Status limit) {
        return switch (limit) {
            case MAX_ITERATIONS -> maxIterations + " iterations";
            case EVALUATION_LIMIT -> maxEvaluations + " density evaluations";
            case TIME_LIMIT -> seconds(timeLimit);
            default -> throw new IllegalArgumentException(limit + " is not a limit of the budget");
        };
    }

    private static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}

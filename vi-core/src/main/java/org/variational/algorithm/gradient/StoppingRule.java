package org.variational.algorithm.gradient;

import java.util.Locale;

/**
 * When the stages of {@link StochasticGradient} end.
 *
 * <p>Under every rule a fit has converged only if its iterates are stationary, the window is worth enough independent
 * batches, the Monte-Carlo error is within the tolerance, and either halving the noise of the steps has not moved the
 * average, or, with {@link #forecast}, the average is predicted to be close to the optimum. Immutable and thread-safe.
 */
public final class StoppingRule {

    /** The accuracy under which nothing is predicted to be close. */
    private static final double NEVER = 0;

    private final double accuracy;
    private final double inefficiency;

    private StoppingRule(double accuracy, double inefficiency) {
        this.accuracy = accuracy;
        this.inefficiency = inefficiency;
    }

    /**
     * Ends when two stages agree: the default.
     *
     * @return the rule
     */
    public static StoppingRule agreement() {
        return new StoppingRule(NEVER, Double.POSITIVE_INFINITY);
    }

    /**
     * Ends when two stages agree, or by what the stages so far predict of the next, once there have been three.
     *
     * <p>The root of the symmetrised Kullback-Leibler divergence between a stage's average and the optimum is taken to
     * be {@code sqrt(c) gamma^kappa} with the step size gamma. The fit has converged if that is below the accuracy with
     * a posterior probability of 95 %. It is STALLED if the next stage does not pay: if {@code (rho^kappa + accuracy /
     * (sqrt(c) gamma^kappa)) * K' / (K + 1000)} exceeds the inefficiency, with rho the factor from step size to step
     * size, K the iterations of the stage and K' those predicted of the next.
     *
     * @param accuracy the root of the symmetrised divergence from the optimum that is close enough, positive and
     *     finite; 0.1 is a shift of one mean by 0.1 standard deviations
     * @param inefficiency the relative inaccuracy times relative work from which another stage does not pay, positive;
     *     1 is usual, infinity never stops for it
     * @return the rule
     * @throws IllegalArgumentException if a number is out of range
     * @see <a href="https://arxiv.org/abs/2203.15945">Welandawe, Andersen, Vehtari and Huggins (2022), section 4</a>;
     *     they return the average in both cases without telling them apart
     */
    public static StoppingRule forecast(double accuracy, double inefficiency) {
        if (!(accuracy > 0) || Double.isInfinite(accuracy)) {
            throw new IllegalArgumentException("the accuracy must be positive and finite, got " + accuracy);
        }
        if (!(inefficiency > 0)) {
            throw new IllegalArgumentException("the inefficiency must be positive, got " + inefficiency);
        }
        return new StoppingRule(accuracy, inefficiency);
    }

    /** Whether the average is close enough to the optimum. */
    boolean isAccurate(AccuracyForecast.Forecast forecast) {
        return forecast.upperDistance() <= accuracy;
    }

    /** Whether the next stage, with a step size smaller by {@code ratio}, costs more than it brings. */
    boolean doesNotPay(AccuracyForecast forecasts, double step, double ratio, double extraWork) {
        double relativeWork = forecasts.workAt(ratio * step) / (forecasts.lastWork() + extraWork);
        return forecasts.at(step).relativeAccuracy(ratio, accuracy) * relativeWork > inefficiency;
    }

    /** The largest distance from the optimum that counts as close; 0 if none does. */
    double accuracy() {
        return accuracy;
    }

    @Override
    public String toString() {
        return accuracy == NEVER
                ? "agreement"
                : String.format(Locale.ROOT, "forecast(accuracy %s, inefficiency %s)", accuracy, inefficiency);
    }
}

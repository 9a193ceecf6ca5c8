package org.variational.algorithm;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.Objective;

/**
 * The tests of a fit in stages, each with less noise than the one before: when a stage has been long enough, whether
 * its average agrees with that of the stage before, and whether the approximation runs away. Immutable.
 *
 * @see IterateWindow for the test of a single stage
 */
public final class StageTest {

    /** The most stages before a fit has stalled. */
    public static final int MAX_STAGES = 14;

    /** What is to be said of a fit that ended before its first test. */
    public static final String TOO_SHORT = "the stopping test needs a longer run";

    /** A standard deviation that has grown by a factor of 5e11 has left every proper posterior behind. */
    private static final double RUNAWAY_LOG_SCALE = 27;

    private static final double MATERIAL_DRIFT = 0.2;
    private static final double CLEAR_DRIFT = 4;
    private static final double FIRST_WANTED = 0.1;

    private final CoordinateSplit split;
    private final IterateWindow.Monitored origin;
    private final double tolerance;

    /**
     * The tests of a fit.
     *
     * @param objective what is fitted
     * @param start the parameters with which the fit begins
     * @param tolerance the largest error of a mean, in standard deviations, and of a standard deviation, relative; 0 to
     *     pass no test
     */
    public StageTest(Objective objective, double[] start, double tolerance) {
        this.split = objective.coordinates();
        this.origin = IterateWindow.monitor(objective, start);
        this.tolerance = tolerance;
    }

    /**
     * The Monte-Carlo error that ends a stage: 0.1 in the first and half as much in each later one, but never less than
     * the tolerance.
     */
    public double wantedError(int stage) {
        return Math.max(tolerance, FIRST_WANTED * Math.pow(0.5, stage));
    }

    /** The name of a monitored number's coordinate. */
    public String name(int number) {
        int inferred = split.inferredCount();
        int optimised = split.optimisedCount();
        if (number < inferred) {
            return split.name(split.inferredIndex(number));
        }
        if (number < inferred + optimised) {
            return split.name(split.optimisedIndex(number - inferred));
        }
        int scaleOf = number - inferred - optimised;
        return scaleOf < inferred ? split.name(split.inferredIndex(scaleOf)) : "variational parameter " + number;
    }

    /**
     * The largest change from a stage to the next, if both averages agree: no change may exceed the tolerance by more
     * than two standard errors of the averages, of which those of the earlier stage count for at most twice the
     * tolerance.
     *
     * @return empty if the averages do not agree, or the tolerance is 0
     */
    public OptionalDouble agreement(IterateWindow.Test earlier, IterateWindow.Test now) {
        double[] change = IterateWindow.change(
                earlier.average().monitored(), now.average().monitored());
        boolean agree = tolerance > 0;
        double largest = 0;
        for (int j = 0; j < change.length; j++) {
            double noise = Math.hypot(now.errors()[j], Math.min(earlier.errors()[j], 2 * tolerance));
            agree &= Math.abs(change[j]) <= tolerance + 2 * noise;
            largest = Math.max(largest, Math.abs(change[j]));
        }
        return agree ? OptionalDouble.of(largest) : OptionalDouble.empty();
    }

    /**
     * Why a fit whose stages agree has converged.
     *
     * @param halved what was halved from one stage to the next
     * @param change the largest change from {@link #agreement}
     */
    public String agreed(String halved, double change) {
        return String.format(
                Locale.ROOT,
                "changed by at most %.2g when the %s was halved (tolerance %s, in standard deviations)",
                change,
                halved,
                tolerance);
    }

    /** What a stage that is stationary has found, and why that is the end of the fit. */
    public static String converged(IterateWindow.Test test, String why) {
        return String.format(
                Locale.ROOT, "stationary, with a Monte-Carlo error of at most %.2g, and %s", test.error(), why);
    }

    /** Why a fit is given up after the last stage. */
    public String stalled(String halved, IterateWindow.Test test) {
        return "after " + MAX_STAGES + " halvings of the " + halved + " the average still changes with it: "
                + describe(test);
    }

    /**
     * Detects an approximation that widens without end, to 5e11 times where it started (or times 1, if it started
     * below): the density does not fall off in some direction.
     *
     * @param count the evaluations so far
     * @return why the fit ends, or null if the approximation does not run away
     */
    public @Nullable Stop runaway(IterateWindow.Monitored now, long iteration, EvaluationCount count) {
        int worst = -1;
        double growth = RUNAWAY_LOG_SCALE;
        for (int i = 0; i < now.logScale().length && i < origin.logScale().length; i++) {
            double grown = now.logScale()[i] - Math.max(0, origin.logScale()[i]);
            if (grown > growth) {
                growth = grown;
                worst = i;
            }
        }
        if (worst < 0) {
            return null;
        }
        String reason = String.format(
                Locale.ROOT,
                "the standard deviation of %s has grown from %.3g to %.3g and keeps growing: the density does not fall"
                        + " off in that direction, so that the posterior is improper or the parameter is not"
                        + " identified; give it a proper prior",
                name(worst),
                Math.exp(origin.logScale()[worst]),
                Math.exp(now.logScale()[worst]));
        return new Stop(Status.DIVERGED, reason, iteration, List.of(name(worst)), count.rejected(), null);
    }

    /** The coordinate in which the latest test has seen the average move, materially and not by chance; or none. */
    public List<String> drifting(IterateWindow.Test test) {
        boolean drifts = !test.stationary()
                && test.drift().size() > MATERIAL_DRIFT
                && test.drift().z() > CLEAR_DRIFT;
        return drifts ? List.of(name(test.drift().number())) : List.of();
    }

    /** What a test found, in words. */
    public String describe(IterateWindow.Test test) {
        return String.format(
                Locale.ROOT,
                "Monte-Carlo error of the average %.2g, worth %.1f independent batches, largest drift %.2g (%.1f"
                        + " standard errors, %s)",
                test.error(),
                test.independentBatches(),
                test.drift().size(),
                test.drift().z(),
                name(test.drift().number()));
    }
}

package org.variational.algorithm.gradient;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.IterateWindow;
import org.variational.estimator.Objective;
import org.variational.family.VariationalDistribution;
import org.variational.random.RandomStreams;

/**
 * The averages of a run's stages, how far apart they are, and what follows from it. Mutable, for one thread.
 *
 * <p>Monte-Carlo error alone sets averages apart. Its expected symmetrised divergence, from the spread of each stage's
 * batch means, is taken off, down to about two standard errors of that expectation.
 */
final class StageHistory {

    private static final double FREE_WORK = 1000;
    private static final double NEXT = 0.5;

    private final RandomStreams streams;
    private final AccuracyForecast forecasts = new AccuracyForecast();
    private @Nullable VariationalDistribution last;
    private double lastNoise;
    private double step = Double.NaN;
    private double work;

    StageHistory(RandomStreams streams) {
        this.streams = streams;
    }

    /** Counts the work of an iteration, relative to one of the first. */
    void work(double amount) {
        work += amount;
    }

    /**
     * Takes in a stage that is stationary.
     *
     * @param average the average of the stage
     * @param test what its window looks like
     * @param newStep its step size, or whatever else its noise is proportional to
     */
    void add(Objective objective, double[] average, IterateWindow.Test test, double newStep) {
        VariationalDistribution member = objective.distribution(average);
        double noise = noise(objective, member, test);
        forecasts.addStage(newStep, work);
        VariationalDistribution before = last;
        if (before != null && newStep < step) {
            double divergence = SymmetrisedKl.between(before, member, streams);
            double expected = noise + lastNoise;
            double detectable = 2 * Math.sqrt(2.0 / average.length) * expected;
            double beyond = Math.max(Math.max(divergence - expected, detectable), Double.MIN_NORMAL);
            if (Double.isFinite(beyond)) {
                forecasts.addDifference(newStep, newStep / step, beyond);
            }
        }
        last = member;
        lastNoise = noise;
        step = newStep;
        work = 0;
    }

    /** Leaves out a stage that was given up. */
    void interrupt() {
        last = null;
        work = 0;
    }

    /** The symmetrised divergence that the Monte-Carlo error of an average is expected to make. */
    private double noise(Objective objective, VariationalDistribution average, IterateWindow.Test test) {
        double sum = 0;
        for (double[] replicate : test.average().replicates()) {
            sum += SymmetrisedKl.between(objective.distribution(replicate), average, streams);
        }
        return Math.max(0, sum / test.average().replicates().size() / Math.max(1, test.independentBatches()));
    }

    private boolean known() {
        return last != null && forecasts.known();
    }

    /** Whether the last stage's average is predicted to be close to the optimum. */
    boolean isAccurate(StoppingRule rule) {
        return rule.accuracy() > 0 && known() && rule.isAccurate(forecasts.at(step));
    }

    /** Whether the next stage is predicted to cost more than it brings. */
    boolean doesNotPay(StoppingRule rule) {
        return rule.accuracy() > 0 && known() && rule.doesNotPay(forecasts, step, NEXT, FREE_WORK);
    }

    /** The estimated distance from the optimum, beginning with a comma; empty if nothing is known. */
    String describe() {
        if (!known()) {
            return "";
        }
        AccuracyForecast.Forecast forecast = forecasts.at(step);
        return String.format(
                Locale.ROOT,
                ", estimated root of the symmetrised divergence from the optimum %.2g (95 %%: below %.2g)",
                forecast.distance(),
                forecast.upperDistance());
    }
}

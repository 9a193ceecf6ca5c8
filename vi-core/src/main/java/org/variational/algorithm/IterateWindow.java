package org.variational.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.variational.divergence.Divergence;
import org.variational.estimator.Objective;
import org.variational.family.VariationalDistribution;

/**
 * The iterates of a stage in consecutive batches of equal length, of which only the means are kept: enough to average
 * them, to test whether they are stationary, and to estimate the Monte-Carlo error of the average. When there are too
 * many batches, neighbours are joined, so that memory does not grow with the number of iterates.
 *
 * <p>What is tested are the <em>monitored</em> numbers of a batch mean, in the units that matter to a user: every
 * coordinate's mean in standard deviations, the logarithm of every standard deviation, and the optimised coordinates.
 * For families without moments they are the parameters themselves.
 */
public final class IterateWindow {

    /** The most batches kept. */
    static final int CAPACITY = 32;

    /** The fewest batches in a test. */
    public static final int FEWEST = 16;

    private static final double LARGEST_CORRELATION = 0.95;

    /** The divergence may not move further than this, in units of its schedule's level, from one half to the other. */
    private static final double LARGEST_LEVEL_CHANGE = 0.02;

    /** Below this effective sample size, a gradient with normalised weights is that of a few draws and says nothing. */
    private static final double FEWEST_WEIGHTED = 5;

    /** A half's mean may differ from the other's by this many standard errors in any one number. */
    private static final double LARGEST_Z = 6;

    private final Objective objective;
    private final boolean weighted;
    private final double fewestWeighted;
    private final List<Batch> batches = new ArrayList<>();
    private long batchLength;
    private double[] sum;
    private double lossSum;
    private double lossSquares;
    private double sampleSizes;
    private long count;
    private double levelSum;

    /** The mean of a run of consecutive iterates. */
    public record Batch(
            double[] mean, double loss, double lossError, double sampleSize, double level, Monitored monitored) {}

    /** The moments of a member; {@code sd} is null where parameters are monitored instead. */
    public record Monitored(double[] location, double[] logScale) {}

    /**
     * The monitored number with the clearest difference between the halves of a window.
     *
     * @param number which of the monitored numbers
     * @param size the difference, in standard deviations or relative
     * @param z the difference in standard errors
     */
    public record Drift(int number, double size, double z) {}

    /**
     * The average of a window.
     *
     * @param parameters the mean of the window's iterates
     * @param monitored its monitored numbers
     * @param replicates the batch means, of which it is the mean
     */
    public record Average(double[] parameters, Monitored monitored, List<double[]> replicates) {}

    /**
     * What a test found.
     *
     * @param stationary whether both halves of the window agree
     * @param drift the clearest difference between them
     * @param errors the Monte-Carlo error of every monitored number of the average
     * @param independentBatches how many independent batches the window is worth by the correlation of neighbours: the
     *     fewest for a number whose error matters, the number of batches if none does
     * @param collapsed whether normalised weights leave too few draws for a gradient
     * @param sampleSize the mean effective sample size of a step; NaN without weights
     * @param batchSpread the largest standard deviation of a number from batch to batch, without trends (von Neumann's,
     *     from successive differences)
     * @param average the average of the window
     */
    public record Test(
            boolean stationary,
            Drift drift,
            double[] errors,
            double independentBatches,
            boolean collapsed,
            double sampleSize,
            double batchSpread,
            Average average) {

        /** The fewest independent batches from which an error can be told. */
        private static final double FEWEST_INDEPENDENT = 4;

        /** The largest Monte-Carlo error of the average. */
        public double error() {
            return Arrays.stream(errors).max().orElse(0);
        }

        /** Whether the error is at most {@code largest}, and told by a window that is worth batches enough. */
        public boolean isAccurate(double largest) {
            return error() <= largest && independentBatches >= FEWEST_INDEPENDENT;
        }

        /** The same for an average that is worth only a fraction of the window, of its last batches. */
        public Test discounted(double fraction) {
            if (fraction >= 1) {
                return this;
            }
            double factor = 1 / Math.sqrt(fraction);
            double[] larger = errors.clone();
            for (int j = 0; j < larger.length; j++) {
                larger[j] *= factor;
            }
            List<double[]> all = average.replicates;
            int n = all.size();
            int worth = (int) Math.min(n, Math.max(4, Math.round(fraction * n)));
            return new Test(
                    stationary,
                    drift,
                    larger,
                    fraction * independentBatches,
                    collapsed,
                    sampleSize,
                    batchSpread,
                    new Average(average.parameters, average.monitored, all.subList(n - worth, n)));
        }
    }

    /**
     * An empty window.
     *
     * @param objective what the iterates are parameters of
     * @param batchLength the number of iterates in a batch, until neighbours are joined
     */
    public IterateWindow(Objective objective, long batchLength) {
        this.objective = objective;
        this.weighted = objective.schedule().goal().coupling() != Divergence.Coupling.OWN_DRAW;
        this.fewestWeighted = Math.min(FEWEST_WEIGHTED, 0.5 * objective.draws());
        this.batchLength = Math.max(1, batchLength);
        this.sum = new double[objective.parameterCount()];
    }

    /** The number of complete batches. */
    public int batches() {
        return batches.size();
    }

    /** The number of iterates in a batch. */
    public long batchLength() {
        return batchLength;
    }

    /** The latest complete batch. */
    public Batch last() {
        return batches.get(batches.size() - 1);
    }

    /** Takes in an iterate and its loss; returns whether a batch has just been completed. */
    public boolean add(double[] iterate, double loss, double effectiveSampleSize, double levelOfStep) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += iterate[i];
        }
        lossSum += loss;
        lossSquares += loss * loss;
        sampleSizes += effectiveSampleSize;
        levelSum += levelOfStep;
        if (++count < batchLength) {
            return false;
        }
        double[] mean = new double[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = sum[i] / count;
        }
        double lossMean = lossSum / count;
        double variance = Math.max(0, lossSquares / count - lossMean * lossMean);
        batches.add(new Batch(
                mean,
                lossMean,
                Math.sqrt(variance / Math.max(1, count - 1)),
                sampleSizes / count,
                levelSum / count,
                monitor(objective, mean)));
        sum = new double[sum.length];
        lossSum = 0;
        lossSquares = 0;
        sampleSizes = 0;
        levelSum = 0;
        count = 0;
        if (batches.size() == CAPACITY) {
            join();
        }
        return true;
    }

    private void join() {
        List<Batch> joined = new ArrayList<>(CAPACITY / 2);
        for (int b = 0; b < batches.size(); b += 2) {
            Batch first = batches.get(b);
            Batch second = batches.get(b + 1);
            double[] mean = new double[first.mean.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = 0.5 * (first.mean[i] + second.mean[i]);
            }
            joined.add(new Batch(
                    mean,
                    0.5 * (first.loss + second.loss),
                    0.5 * Math.hypot(first.lossError, second.lossError),
                    0.5 * (first.sampleSize + second.sampleSize),
                    0.5 * (first.level + second.level),
                    monitor(objective, mean)));
        }
        batches.clear();
        batches.addAll(joined);
        batchLength *= 2;
    }

    /** The monitored numbers of the approximation with these parameters. */
    public static Monitored monitor(Objective objective, double[] parameters) {
        VariationalDistribution member = objective.distribution(parameters);
        double[] optimised = objective.optimisedValues(parameters);
        double[] mean = member.mean();
        double[] scale = member.standardDeviation();
        boolean known = true;
        for (int i = 0; i < mean.length; i++) {
            known &= Double.isFinite(mean[i]) && scale[i] > 0 && Double.isFinite(scale[i]);
            scale[i] = Math.log(scale[i]);
        }
        if (!known) {
            return new Monitored(parameters, new double[0]);
        }
        double[] location = Arrays.copyOf(mean, mean.length + optimised.length);
        System.arraycopy(optimised, 0, location, mean.length, optimised.length);
        return new Monitored(location, scale);
    }

    /** The change from one set of monitored numbers to another, locations in units of the second's scales. */
    public static double[] change(Monitored from, Monitored to) {
        int locations = to.location.length;
        double[] change = new double[locations + to.logScale.length];
        for (int i = 0; i < locations; i++) {
            double unit = i < to.logScale.length ? Math.exp(to.logScale[i]) : 1 + Math.abs(to.location[i]);
            change[i] = (to.location[i] - from.location[i]) / unit;
        }
        for (int i = 0; i < to.logScale.length && i < from.logScale.length; i++) {
            change[locations + i] = to.logScale[i] - from.logScale[i];
        }
        return change;
    }

    /**
     * Tests three suffixes (all, three quarters, half of the batches), none shorter than {@link #FEWEST} unless there
     * are fewer, and returns the stationary one with the smallest error, or the shortest if none is stationary.
     *
     * @param tolerance differences below half of it are never held against stationarity
     */
    public Test test(double tolerance) {
        int n = batches.size();
        Test best = test(n % 2, tolerance);
        for (int from : new int[] {n / 4, n / 2}) {
            int even = from + (n - from) % 2;
            if (n - even >= FEWEST) {
                Test test = test(even, tolerance);
                if (!best.stationary || (test.stationary && test.error() < best.error())) {
                    best = test;
                }
            }
        }
        return best;
    }

    private Test test(int from, double tolerance) {
        int n = batches.size() - from;
        int half = n / 2;
        double[] average = average(from, batches.size());
        Monitored center = monitor(objective, average);
        int numbers = center.location.length + center.logScale.length;
        double[][] values = new double[n][];
        double levelChange = 0;
        double sampleSize = 0;
        for (int b = 0; b < n; b++) {
            Batch batch = batches.get(from + b);
            values[b] = change(center, rescaled(batch.monitored, center));
            sampleSize += batch.sampleSize / n;
            levelChange += (b < half ? -batch.level : batch.level) / half;
        }
        double[] errors = new double[numbers];
        double[] correlations = new double[numbers];
        double covariance = 0;
        double total = 0;
        double squares = 0;
        Drift drift = new Drift(0, 0, -1);
        double batchSpread = 0;
        boolean small = true;
        boolean clear = false;
        for (int j = 0; j < numbers; j++) {
            double first = 0;
            double second = 0;
            for (int b = 0; b < half; b++) {
                first += values[b][j] / half;
                second += values[half + b][j] / half;
            }
            double within = 0;
            double successive = 0;
            double own = 0;
            double mean = 0.5 * (first + second);
            double around = 0;
            for (int b = 0; b < n; b++) {
                double d = values[b][j] - (b < half ? first : second);
                within += d * d;
                double e = values[b][j] - mean;
                around += e * e;
                if (b > 0) {
                    own += e * (values[b - 1][j] - mean);
                    double jump = values[b][j] - values[b - 1][j];
                    successive += jump * jump;
                }
            }
            total += around;
            covariance += own;
            errors[j] = Math.sqrt(around / (n - 1) / n);
            batchSpread = Math.max(batchSpread, Math.sqrt(successive / (2 * (n - 1))));
            correlations[j] = around > 0 ? own / around : 0;
            double difference = Math.abs(second - first);
            double error = Math.sqrt(2 * within / (n - 2) / half);
            double z = difference / Math.max(error, tolerance / 8);
            squares += z * z;
            small &= difference <= tolerance / 2;
            clear |= difference > tolerance / 2 && z > LARGEST_Z;
            if (z > drift.z) {
                drift = new Drift(j, difference, z);
            }
        }
        // the lag-1 correlation of batch means has a standard error of about 1 / sqrt(n): a number's own counts only
        // beyond that
        double pooled = total > 0 ? covariance / total + 1.0 / n : 0;
        double independent = n;
        for (int j = 0; j < numbers; j++) {
            double correlation = Math.max(pooled, correlations[j] + 1.0 / n - 1 / Math.sqrt(n));
            correlation = Math.max(0, Math.min(LARGEST_CORRELATION, correlation));
            errors[j] *= Math.sqrt((1 + correlation) / (1 - correlation));
            if (errors[j] > tolerance / 8) {
                independent = Math.min(independent, n * (1 - correlation) / (1 + correlation));
            }
        }
        double typical = Math.sqrt(squares / numbers);
        boolean collapsed = weighted && sampleSize < fewestWeighted;
        boolean stationary = n >= FEWEST
                && Math.abs(levelChange) <= LARGEST_LEVEL_CHANGE
                && !collapsed
                && (small || (!clear && typical <= 1.3 + 2.5 / Math.sqrt(numbers)));
        List<double[]> replicates = new ArrayList<>(n);
        for (int b = from; b < batches.size(); b++) {
            replicates.add(batches.get(b).mean);
        }
        return new Test(
                stationary,
                drift,
                errors,
                independent,
                collapsed,
                sampleSize,
                batchSpread,
                new Average(average, center, replicates));
    }

    /** The same numbers with the scales by which {@link #change} divides taken from the center. */
    private static Monitored rescaled(Monitored batch, Monitored center) {
        return batch.logScale.length == center.logScale.length
                ? batch
                : new Monitored(center.location, center.logScale);
    }

    double[] average(int from, int to) {
        double[] average = new double[sum.length];
        for (int b = from; b < to; b++) {
            double[] mean = batches.get(b).mean;
            for (int i = 0; i < average.length; i++) {
                average[i] += (mean[i] - average[i]) / (b - from + 1);
            }
        }
        return average;
    }
}

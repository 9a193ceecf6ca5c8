package org.variational.chain;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Matrices;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;
import org.variational.weights.WeightedSample;

/**
 * Short Markov chains from draws of an approximation: where the approximation is right they stay distributed like it,
 * and where a mean or a standard deviation is wrong they leave it, in any number of dimensions.
 *
 * <p>Every other chain starts farther from the mean than its draw, so that a place which chains leave slowly shows too.
 * The first transitions tune the step and let the chains leave; means and standard deviations are averages over lanes
 * and the transitions after that. The autocorrelation over that time tells whether they have moved enough to say
 * anything. Mutable, for one thread.
 */
public final class ChainCheck {

    private static final int TUNING = 12;
    private static final int KEPT = 12;
    /** The most numbers in the points of all chains, which limits their number in very many dimensions. */
    public static final long MAX_NUMBERS = 8_000_000;

    private static final double DISPERSION = 2;
    private static final double FALSE_ALARMS = 0.01;

    private static final double LARGEST_CORRELATION = 0.2;

    private final double[] mean;
    private final double[] sd;
    private final DMatrixRMaj starts;
    private final HamiltonianChains chains;
    private final LaneMoments moments;
    private final DMatrixRMaj tuned;
    private int transitions;

    /**
     * Draws the starts.
     *
     * @param split its coordinates
     * @param q the approximation of the inferred ones
     * @param optimised the values of the others, which stay
     * @param lanes the number of chains
     * @param streams the source of randomness
     */
    public ChainCheck(
            GuardedDensity density,
            CoordinateSplit split,
            VariationalDistribution q,
            double[] optimised,
            int lanes,
            RandomStreams streams) {
        int d = split.inferredCount();
        this.starts = new DMatrixRMaj(d, lanes);
        DMatrixRMaj noise = new DMatrixRMaj(q.noiseDimension(), lanes);
        DrawScheme.independent()
                .draws(q.noiseDimension(), streams.child("starts", 0))
                .fill(0, noise);
        q.sample(noise, starts);
        this.mean = q.mean();
        this.sd = q.standardDeviation();
        replaceMissingMoments();
        disperse();
        this.chains =
                new HamiltonianChains(density, split, optimised, Metric.of(q, sd), starts, streams.child("chains", 0));
        this.moments = new LaneMoments(mean, sd, lanes);
        this.tuned = new DMatrixRMaj(d, lanes);
    }

    /** Moments that do not exist are replaced by those of the starts, which have the right order of magnitude. */
    private void replaceMissingMoments() {
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !(sd[i] > 0) || Double.isInfinite(sd[i])) {
                WeightedSample sample = WeightedSample.of(Matrices.row(starts, i));
                mean[i] = sample.mean();
                sd[i] = Math.max(Double.MIN_NORMAL, sample.standardDeviation());
            }
        }
    }

    /**
     * Every other chain starts farther from the mean than its draw: where the squared distance of a Gaussian draw would
     * be two of its standard deviations above its mean, twice as far in one dimension and 1.13 times in a hundred.
     */
    private void disperse() {
        int lanes = starts.numCols;
        double dispersion = Math.sqrt(1 + DISPERSION * Math.sqrt(2.0 / mean.length));
        for (int i = 0; i < mean.length; i++) {
            for (int s = 1; s < lanes; s += 2) {
                double start = starts.data[i * lanes + s];
                starts.data[i * lanes + s] = start + (dispersion - 1) * (start - mean[i]);
            }
        }
    }

    /**
     * Makes a transition.
     *
     * @return whether it was the last
     */
    public boolean step() {
        boolean tuning = transitions < TUNING;
        chains.transition(tuning);
        if (transitions == TUNING) {
            tuned.setTo(chains.points());
        }
        if (!tuning) {
            moments.add(chains.points());
        }
        return ++transitions == TUNING + KEPT;
    }

    /** The share of the transitions made so far, from 0 to 1. */
    public double fraction() {
        return (double) transitions / (TUNING + KEPT);
    }

    /** The number of chains. */
    public int lanes() {
        return starts.numCols;
    }

    /** Whether the last transition counts for the moments. */
    public boolean counts() {
        return transitions > TUNING;
    }

    /** The chains, which go on from where the check left them. */
    public HamiltonianChains chains() {
        return chains;
    }

    /** The moments of the counted transitions. */
    public LaneMoments.Moments moments() {
        return moments.moments();
    }

    /**
     * The coordinate whose values at the first and the last point that count are certainly correlated over chains, so
     * that these say little about it; -1 if there is none.
     */
    public int unmixed() {
        return unmixed(List.of(tuned, chains.points()), 1);
    }

    /**
     * The coordinate with the largest autocorrelation of chains over a time, if that is above 0.2 beyond the errors.
     *
     * @param snapshots the chains at equally spaced times
     * @param lag the time, in snapshots
     * @return -1 if there is none
     */
    public static int unmixed(List<DMatrixRMaj> snapshots, int lag) {
        int pairs = snapshots.size() - lag;
        if (pairs < 1) {
            return -1;
        }
        double[] correlations = new double[snapshots.get(0).numRows];
        for (int k = 0; k < pairs; k++) {
            double[] ofPair = LaneMoments.autocorrelation(snapshots.get(k), snapshots.get(k + lag));
            for (int i = 0; i < correlations.length; i++) {
                correlations[i] += ofPair[i] / pairs;
            }
        }
        int most = 0;
        for (int i = 1; i < correlations.length; i++) {
            most = correlations[i] > correlations[most] ? i : most;
        }
        // pairs of times closer than the lag are correlated: count them for half; Fisher's transformation of a
        // correlation
        double error = 1 / Math.sqrt((snapshots.get(0).numCols - 3) * Math.max(1, pairs / 2.0));
        double certain = atanh(correlations[most]) - normalQuantile(correlations.length) * error;
        return certain > atanh(LARGEST_CORRELATION) ? most : -1;
    }

    private static double atanh(double correlation) {
        double r = Math.min(correlation, 1 - 1e-12);
        return 0.5 * Math.log((1 + r) / (1 - r));
    }

    private static double normalQuantile(int d) {
        return new NormalDistribution(null, 0, 1).inverseCumulativeProbability(1 - FALSE_ALARMS / (2.0 * d));
    }

    /**
     * How many standard errors, from the spread of so many lanes, one of D numbers exceeds to either side in one of a
     * hundred cases.
     */
    private static double quantile(int d, int lanes) {
        return new TDistribution(null, lanes - 1).inverseCumulativeProbability(1 - FALSE_ALARMS / (2.0 * d));
    }

    /** How far the counted transitions have gone from the approximation. */
    public Departure departure() {
        return Departure.of(mean, sd, moments.moments());
    }

    /**
     * How far chains have gone from an approximation. Differences of means are in standard deviations of the chains,
     * those of standard deviations logarithmic, positive where the approximation is too narrow.
     *
     * @param means the difference of every mean
     * @param scales the difference of every standard deviation
     * @param meanErrors the standard errors of the first
     * @param scaleErrors those of the second
     * @param certainMeans what of the first exceeds the errors, at a rate of false alarms of one in a hundred for all
     *     together
     * @param certainScales the same for the second
     */
    public record Departure(
            double[] means,
            double[] scales,
            double[] meanErrors,
            double[] scaleErrors,
            double[] certainMeans,
            double[] certainScales) {

        /**
         * The sum of squares of all differences, in standard errors, may exceed its mean by as many standard
         * deviations.
         */
        private static final double LARGEST_Z = 3;

        /** From moments that are known without error. */
        public static Departure of(double[] mean, double[] sd, LaneMoments.Moments seen) {
            double[] zero = new double[mean.length];
            return between(new LaneMoments.Moments(mean, zero, sd, zero, 0), seen);
        }

        /** From moments seen earlier, in the units of those seen later. */
        public static Departure between(LaneMoments.Moments earlier, LaneMoments.Moments seen) {
            int d = seen.mean().length;
            double z = quantile(2 * Math.max(1, d), seen.lanes());
            Departure departure = new Departure(
                    new double[d], new double[d], new double[d], new double[d], new double[d], new double[d]);
            for (int i = 0; i < d; i++) {
                double sd = seen.sd()[i];
                departure.means[i] = (seen.mean()[i] - earlier.mean()[i]) / sd;
                departure.scales[i] = Math.log(sd / earlier.sd()[i]);
                departure.meanErrors[i] = Math.hypot(seen.meanError()[i], earlier.meanError()[i]) / sd;
                departure.scaleErrors[i] = Math.hypot(seen.sdError()[i] / sd, earlier.sdError()[i] / earlier.sd()[i]);
                departure.certainMeans[i] = Math.max(0, Math.abs(departure.means[i]) - z * departure.meanErrors[i]);
                departure.certainScales[i] = Math.max(0, Math.abs(departure.scales[i]) - z * departure.scaleErrors[i]);
            }
            return departure;
        }

        /** The largest difference of a mean, in standard deviations, or of a log standard deviation, beyond errors. */
        public double certain() {
            return Math.max(largest(certainMeans), largest(certainScales));
        }

        /**
         * Whether the moments differ materially and not by chance: in one coordinate, or in all together, where many
         * small differences tell what none of them does alone.
         *
         * @param material the difference that matters, of one number or as the root mean square of all
         */
        public boolean material(double material) {
            return materialInOne(means, certainMeans, material)
                    || materialInOne(scales, certainScales, material)
                    || materialInAll(means, meanErrors, material)
                    || materialInAll(scales, scaleErrors, material);
        }

        private static boolean materialInOne(double[] differences, double[] certain, double material) {
            for (int i = 0; i < differences.length; i++) {
                if (!Double.isFinite(differences[i]) || (certain[i] > 0 && Math.abs(differences[i]) > material)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean materialInAll(double[] differences, double[] errors, double material) {
            int d = differences.length;
            double z = 0;
            double excess = 0;
            for (int i = 0; i < d; i++) {
                double square = differences[i] * differences[i];
                double noise = errors[i] * errors[i];
                z += noise > 0 ? square / noise : 0;
                excess += (square - noise) / d;
            }
            return z > d + LARGEST_Z * Math.sqrt(2.0 * d) && excess > material * material;
        }

        /** The coordinate with that difference. */
        public int worst() {
            int worst = 0;
            for (int i = 1; i < means.length; i++) {
                if (Math.max(certainMeans[i], certainScales[i]) > Math.max(certainMeans[worst], certainScales[worst])) {
                    worst = i;
                }
            }
            return worst;
        }

        /** The largest difference of a mean or of a log standard deviation, errors included. */
        public double largest() {
            double largest = 0;
            for (int i = 0; i < means.length; i++) {
                largest = Math.max(largest, Math.max(Math.abs(means[i]), Math.abs(scales[i])));
            }
            return largest;
        }

        /** The root mean square over all means, or over all log standard deviations if that is larger. */
        public double onAverage() {
            double ofMeans = 0;
            double ofScales = 0;
            for (int i = 0; i < means.length; i++) {
                ofMeans += means[i] * means[i] / means.length;
                ofScales += scales[i] * scales[i] / means.length;
            }
            return Math.sqrt(Math.max(ofMeans, ofScales));
        }

        private static double largest(double[] values) {
            return Arrays.stream(values).max().orElse(0);
        }
    }
}

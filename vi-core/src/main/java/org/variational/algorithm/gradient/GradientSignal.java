package org.variational.algorithm.gradient;

import java.util.Arrays;

/**
 * The signal-to-noise ratio of a stochastic gradient, measured from consecutive steps whatever the estimator.
 *
 * <p>Over a batch of L steps with gradients g, in coordinates where the Fisher information is about the identity,
 * {@code E |g|^2 = |E g|^2 + v} with v the total variance of a step, and {@code E |mean g|^2 = |E g|^2 + v / L}; both
 * are solved for the signal {@code |E g|^2} and the noise v. Mutable, for one thread.
 */
final class GradientSignal {

    /** A mean gradient whose square is at most this many times its variance cannot be told from noise. */
    private static final double INDISTINCT = 2;

    /** Batches are averaged with weights that fall off over about this many. */
    private static final int RECENT = 8;

    private final double[] sum;
    private double squares;
    private long count;
    private final double[] recent;
    private double recentVariance;
    private int recentBatches;
    private double meanSquare = Double.NaN;
    private double ratio = Double.NaN;
    private boolean belowNoise;

    GradientSignal(int parameters) {
        this.sum = new double[parameters];
        this.recent = new double[parameters];
    }

    /** Takes in the gradient of a step. */
    void add(double[] gradient) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += gradient[i];
            squares += gradient[i] * gradient[i];
        }
        count++;
    }

    /** Ends a batch of steps, whose ratio is then known; one of fewer than two steps tells nothing. */
    void endBatch() {
        if (count > 0) {
            meanSquare = squares / count;
        }
        if (count > 1) {
            double square = 0;
            for (double s : sum) {
                square += s / count * (s / count);
            }
            double noise = Math.max(0, (meanSquare - square) * count / (count - 1));
            double signal = Math.max(0, square - noise / count);
            ratio = noise > 0 ? Math.sqrt(signal / noise) : signal > 0 ? Double.POSITIVE_INFINITY : 0;
            belowNoise = square <= INDISTINCT * noise / count;
            addBatch(noise / count);
        }
        clear();
    }

    private void addBatch(double variance) {
        recentBatches++;
        double weight = Math.max(1.0 / RECENT, 1.0 / recentBatches);
        for (int i = 0; i < sum.length; i++) {
            recent[i] += weight * (sum[i] / count - recent[i]);
        }
        recentVariance = (1 - weight) * (1 - weight) * recentVariance + weight * weight * variance;
    }

    /** Begins anew, with steps that have nothing to do with those before. */
    void forget() {
        clear();
        recentBatches = 0;
        recentVariance = 0;
        Arrays.fill(recent, 0);
    }

    private void clear() {
        Arrays.fill(sum, 0);
        squares = 0;
        count = 0;
    }

    /** The mean squared norm of a gradient of the last batch; NaN before the first. */
    double meanSquare() {
        return meanSquare;
    }

    /** The norm of the mean gradient over the standard deviation of a step, in the last batch; NaN before the first. */
    double ratio() {
        return ratio;
    }

    /** Whether the mean gradient of the last batch could not be told from noise. */
    boolean belowNoise() {
        return belowNoise;
    }

    /**
     * Whether the mean gradient of the recent batches is at most {@code tolerance} in the root mean square over the
     * parameters, or cannot be told from noise: a Newton step would go no further. Unlike stationary iterates it does
     * not depend on the size of the steps.
     */
    boolean vanishes(double tolerance) {
        double square = 0;
        for (double r : recent) {
            square += r * r;
        }
        return recentBatches >= RECENT
                && square <= Math.max(INDISTINCT * recentVariance, tolerance * tolerance * recent.length);
    }
}

package org.variational.algorithm;

import java.util.Arrays;

/**
 * The signal-to-noise ratio of a stochastic gradient, measured from consecutive steps whatever the estimator.
 *
 * <p>Over a batch of L steps with gradients g, in coordinates where the Fisher information is about the identity,
 * {@code E |g|^2 = |E g|^2 + v} with v the total variance of a step, and {@code E |mean g|^2 = |E g|^2 + v / L}; both are solved
 * for the signal {@code |E g|^2} and the noise v. Mutable, for one thread.
 */
final class GradientSignal {

    /** A mean gradient whose square is at most this many times its variance cannot be told from noise. */
    private static final double INDISTINCT = 2;

    private final double[] sum;
    private double squares;
    private long count;
    private double ratio = Double.NaN;
    private boolean belowNoise;

    GradientSignal(int parameters) {
        this.sum = new double[parameters];
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
        if (count > 1) {
            double square = 0;
            for (double s : sum) {
                square += s / count * (s / count);
            }
            double mean = squares / count;
            double noise = Math.max(0, (mean - square) * count / (count - 1));
            double signal = Math.max(0, square - noise / count);
            ratio = noise > 0 ? Math.sqrt(signal / noise) : signal > 0 ? Double.POSITIVE_INFINITY : 0;
            belowNoise = square <= INDISTINCT * noise / count;
        }
        forget();
    }

    /** Leaves out what was taken in since the last batch ended. */
    void forget() {
        Arrays.fill(sum, 0);
        squares = 0;
        count = 0;
    }

    /** The norm of the mean gradient over the standard deviation of a step, in the last batch; NaN before the first. */
    double ratio() {
        return ratio;
    }

    /** Whether the mean gradient of the last batch could not be told from noise. */
    boolean belowNoise() {
        return belowNoise;
    }
}

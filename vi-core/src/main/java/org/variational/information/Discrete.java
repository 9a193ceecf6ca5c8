package org.variational.information;

import java.util.Arrays;

/**
 * A probability distribution on the outcomes 0, 1, ..., K - 1, given by its probabilities. Immutable and thread-safe.
 *
 * <p>Zero probabilities are allowed. Probabilities that sum to 1 within {@value #TOLERANCE} are accepted and divided by
 * their sum.
 */
public final class Discrete {
    static final double TOLERANCE = 1e-9;

    private final double[] logProbabilities;

    private Discrete(double[] logProbabilities) {
        this.logProbabilities = logProbabilities;
    }

    /**
     * The distribution with the given probabilities.
     *
     * @param probabilities K numbers of at least 0 with sum 1
     * @throws IllegalArgumentException if there is none, if one is negative or not finite, or if they do not sum to 1,
     *     saying by how much
     */
    public static Discrete of(double... probabilities) {
        double sum = checkedSum(probabilities, "probabilities");
        if (Math.abs(sum - 1) > TOLERANCE) {
            throw new IllegalArgumentException(String.format(
                    "probabilities sum to %.10s, off by %.3g; divide by the sum with Discrete.ofWeights if they are"
                            + " weights",
                    sum, Math.abs(sum - 1)));
        }
        return ofWeights(probabilities);
    }

    /**
     * The distribution with probabilities proportional to weights, such as counts.
     *
     * @param weights K finite numbers of at least 0, not all 0
     * @throws IllegalArgumentException if there is none, if one is negative or not finite, or if all are 0
     */
    public static Discrete ofWeights(double... weights) {
        double sum = checkedSum(weights, "weights");
        if (!(sum > 0) || sum == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("weights must have a positive finite sum, but it is " + sum);
        }
        return new Discrete(Arrays.stream(weights)
                .map(weight -> Math.log(weight) - Math.log(sum))
                .toArray());
    }

    /**
     * The distribution with probabilities {@code softmax(logits)}.
     *
     * @param logits K numbers, of which {@code -Infinity} stands for probability 0; not all of them so
     * @throws IllegalArgumentException if there is none, if one is NaN or {@code +Infinity}, or if all are {@code
     *     -Infinity}
     */
    public static Discrete ofLogits(double... logits) {
        double largest = Arrays.stream(logits).max().orElse(Double.NaN);
        if (!Double.isFinite(largest)) {
            throw new IllegalArgumentException(
                    "logits must be numbers below infinity, one of them finite, got " + Arrays.toString(logits));
        }
        double sum =
                Arrays.stream(logits).map(logit -> Math.exp(logit - largest)).sum();
        double logSum = largest + Math.log(sum);
        return new Discrete(Arrays.stream(logits).map(logit -> logit - logSum).toArray());
    }

    /**
     * The uniform distribution.
     *
     * @param outcomes K
     * @throws IllegalArgumentException if {@code outcomes} is not positive
     */
    public static Discrete uniform(int outcomes) {
        if (outcomes < 1) {
            throw new IllegalArgumentException("a distribution has at least one outcome, got " + outcomes);
        }
        return ofLogits(new double[outcomes]);
    }

    /** The sum of numbers that must be finite and not negative. */
    static double checkedSum(double[] numbers, String what) {
        if (numbers.length == 0) {
            throw new IllegalArgumentException(what + " must be at least one number, got none");
        }
        double sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (!(numbers[i] >= 0) || numbers[i] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        what + " must be finite and at least 0, but number " + i + " is " + numbers[i]);
            }
            sum += numbers[i];
        }
        return sum;
    }

    /** The number of outcomes K. */
    public int outcomes() {
        return logProbabilities.length;
    }

    /**
     * The probability of an outcome.
     *
     * @param outcome 0, ..., K - 1
     */
    public double probability(int outcome) {
        return Math.exp(logProbabilities[outcome]);
    }

    /**
     * The logarithm of the probability of an outcome; {@code -Infinity} where it is 0.
     *
     * @param outcome 0, ..., K - 1
     */
    public double logProbability(int outcome) {
        return logProbabilities[outcome];
    }

    /** All K probabilities, in a new array. */
    public double[] probabilities() {
        return Arrays.stream(logProbabilities).map(Math::exp).toArray();
    }

    /**
     * The mixture {@code weight * this + (1 - weight) * other}.
     *
     * @param other a distribution on as many outcomes
     * @param weight from 0 to 1
     * @throws IllegalArgumentException if the numbers of outcomes differ or the weight is outside its range
     */
    public Discrete mixedWith(Discrete other, double weight) {
        requireSameOutcomes(other);
        if (!(weight >= 0 && weight <= 1)) {
            throw new IllegalArgumentException("the weight of a mixture must be from 0 to 1, got " + weight);
        }
        double[] mixed = probabilities();
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = weight * mixed[i] + (1 - weight) * other.probability(i);
        }
        return ofWeights(mixed);
    }

    /**
     * The distribution of the output of a channel whose input has this distribution.
     *
     * @param channel row k holds the probabilities of the outputs for input k; every row sums to 1
     * @throws IllegalArgumentException if there are not K rows of equal length, or a row is no distribution
     */
    public Discrete through(double[][] channel) {
        if (channel.length != outcomes()) {
            throw new IllegalArgumentException(
                    "the channel has " + channel.length + " rows for " + outcomes() + " input outcomes");
        }
        double[] output = new double[channel[0].length];
        for (int k = 0; k < channel.length; k++) {
            if (channel[k].length != output.length) {
                throw new IllegalArgumentException("rows of the channel differ in length: row " + k + " has "
                        + channel[k].length + " entries, row 0 has " + output.length);
            }
            Discrete row = of(channel[k]);
            for (int j = 0; j < output.length; j++) {
                output[j] += probability(k) * row.probability(j);
            }
        }
        return ofWeights(output);
    }

    void requireSameOutcomes(Discrete other) {
        if (other.outcomes() != outcomes()) {
            throw new IllegalArgumentException(
                    "both distributions must have the same outcomes, but one has " + outcomes() + " and the other "
                            + other.outcomes() + "; give outcomes that cannot happen probability 0");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Discrete discrete && Arrays.equals(logProbabilities, discrete.logProbabilities);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(logProbabilities);
    }

    @Override
    public String toString() {
        return "Discrete" + Arrays.toString(probabilities());
    }
}

package org.variational.posterior;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/** The Pareto-smoothed importance weights of draws, those of unknown weight left out, and averages with them. */
final class Reweighting {

    private final double[] weights;
    /** The raw log weights of the draws whose weight is known. */
    private final double[] known;

    private final int[] draws;
    private final ParetoSmoothing smoothing;

    /** @param logWeights raw log weights, NaN where unknown; at least one */
    Reweighting(double[] logWeights) {
        this.draws = IntStream.range(0, logWeights.length)
                .filter(s -> !Double.isNaN(logWeights[s]))
                .toArray();
        this.known = Arrays.stream(draws).mapToDouble(s -> logWeights[s]).toArray();
        this.smoothing = ParetoSmoothing.of(known.length == 0 ? new double[] {Double.NaN} : known);
        this.weights = new double[logWeights.length];
        double[] smoothed = smoothing.weights();
        for (int k = 0; k < draws.length; k++) {
            weights[draws[k]] = smoothed[k];
        }
    }

    double[] weights() {
        return weights.clone();
    }

    ParetoSmoothing smoothing() {
        return smoothing;
    }

    int known() {
        return known.length;
    }

    /**
     * The draws that have a weight, of one scalar.
     *
     * @throws IllegalArgumentException if one of them is not finite, or none has a weight
     */
    WeightedSample sample(double[] values) {
        int kept = 0;
        double[] keptValues = new double[values.length];
        double[] keptWeights = new double[values.length];
        for (int s = 0; s < values.length; s++) {
            if (weights[s] > 0) {
                if (!Double.isFinite(values[s])) {
                    throw new IllegalArgumentException("the value at draw " + s + " is " + values[s]
                            + ", and the draw has a weight: an expectation needs finite values");
                }
                keptValues[kept] = values[s];
                keptWeights[kept++] = weights[s];
            }
        }
        return WeightedSample.of(Arrays.copyOf(keptValues, kept), Arrays.copyOf(keptWeights, kept));
    }

    /** Whether some draw has a weight. */
    boolean any() {
        return smoothing.dropped() < known.length;
    }

    /** Whether some draw has a weight, and all that have one are finite. */
    boolean isFinite(double[] values) {
        return any() && IntStream.range(0, values.length).allMatch(s -> weights[s] == 0 || Double.isFinite(values[s]));
    }

    /** The weighted mean of values at the draws. */
    Expectation expectation(double[] values) {
        if (!any()) {
            return new Expectation(Double.NaN, Double.NaN, Double.NaN, 0, known.length);
        }
        WeightedSample sample = sample(values);
        double variance = sample.standardDeviation() * sample.standardDeviation();
        double error = sample.meanError();
        boolean constant = error == 0;
        return new Expectation(
                sample.mean(),
                error,
                constant ? smoothing.shape() : Math.max(smoothing.shape(), shape(values, sample.mean(), 1)),
                constant ? sample.effectiveSampleSize() : variance / (error * error),
                known.length);
    }

    /** The shapes of what the mean and the variance of one scalar are averages of. */
    MarginalKHat marginal(String name, double[] values) {
        if (!isFinite(values)) {
            return new MarginalKHat(name, Double.NaN, Double.NaN);
        }
        double mean = sample(values).mean();
        return new MarginalKHat(name, shape(values, mean, 1), shape(values, mean, 2));
    }

    /** The Pareto shape of {@code w |h - centre|^power}. */
    private double shape(double[] values, double centre, int power) {
        double[] products = new double[known.length];
        Arrays.setAll(
                products,
                k -> weights[draws[k]] == 0
                        ? Double.NEGATIVE_INFINITY
                        : known[k] + power * Math.log(Math.abs(values[draws[k]] - centre)));
        return ParetoSmoothing.of(products).shape();
    }
}

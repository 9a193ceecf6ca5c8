package org.variational.lab.simulated;

import java.util.ArrayList;
import java.util.List;

/**
 * Weighted averages of several numbers and of their squares, with the errors that the variation over batches shows.
 * Mutable, for one thread.
 */
final class Batches {

    private final int size;
    private final List<Batch> finished = new ArrayList<>();
    private Batch current;

    Batches(int size) {
        this.size = size;
        this.current = new Batch(size);
    }

    private static final class Batch {

        private double weight;
        private final double[] first;
        private final double[] second;

        Batch(int size) {
            first = new double[size];
            second = new double[size];
        }
    }

    /**
     * Takes in a draw.
     *
     * @param means the conditional mean of each number
     * @param variances their conditional variances
     */
    void add(double weight, double[] means, double[] variances) {
        current.weight += weight;
        for (int i = 0; i < size; i++) {
            current.first[i] += weight * means[i];
            current.second[i] += weight * (means[i] * means[i] + variances[i]);
        }
    }

    /** Ends a batch; batches are independent, or nearly so. */
    void endBatch() {
        finished.add(current);
        current = new Batch(size);
    }

    /** Mean, standard deviation and the standard errors of both, of one of the numbers. */
    Estimated estimated(int i) {
        double weight = 0;
        double first = 0;
        double second = 0;
        for (Batch batch : finished) {
            weight += batch.weight;
            first += batch.first[i];
            second += batch.second[i];
        }
        double mean = first / weight;
        double variance = second / weight - mean * mean;
        double ofMean = 0;
        double ofVariance = 0;
        for (Batch batch : finished) {
            double residual = batch.first[i] - mean * batch.weight;
            double ofSquare = batch.second[i] - 2 * mean * batch.first[i] + (mean * mean - variance) * batch.weight;
            ofMean += residual * residual;
            ofVariance += ofSquare * ofSquare;
        }
        double sd = Math.sqrt(variance);
        int count = finished.size();
        double toError = Math.sqrt(count / (count - 1.0)) / weight;
        return new Estimated(mean, sd, toError * Math.sqrt(ofMean), toError * Math.sqrt(ofVariance) / (2 * sd));
    }

    /**
     * Moments with errors.
     *
     * @param mean the mean
     * @param sd the standard deviation
     * @param meanError the standard error of the mean
     * @param sdError that of the standard deviation
     */
    record Estimated(double mean, double sd, double meanError, double sdError) {}
}

package org.variational.models;

import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;

/**
 * What predictions share: the posterior's draws, checked to be of the model, and the stream that outcomes are drawn
 * from.
 */
final class Prediction {

    private Prediction() {}

    /** Refuses the posterior of another model, which has other coordinates. */
    static void requireOf(Model model, Posterior posterior) {
        List<String> expected = model.layout().coordinateNames();
        List<String> found = posterior.coordinateNames();
        if (!expected.equals(found)) {
            throw new IllegalArgumentException("the posterior has " + found.size() + " coordinates " + few(found)
                    + ", but model \"" + model.name() + "\" has " + expected.size() + " " + few(expected)
                    + "; give the posterior of a fit of model()");
        }
    }

    private static String few(List<String> names) {
        return names.size() <= 6
                ? names.toString()
                : names.subList(0, 6).toString().replace("]", ", ...]");
    }

    /** The draws on the unconstrained scale, D x S. */
    static DMatrixRMaj points(Model model, Posterior posterior) {
        requireOf(model, posterior);
        return posterior.unconstrained();
    }

    static void requireSteps(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be at least 1, got " + steps);
        }
    }

    static RandomGenerator random(long seed) {
        return RandomStreams.of(seed).generator("prediction", 0);
    }

    /** The index of the first running sum of {@code weights[from + k * stride]} that exceeds a uniform number. */
    static int category(double uniform, double[] weights, int from, int stride, int count) {
        double left = uniform;
        for (int k = 0; k < count - 1; k++) {
            left -= weights[from + k * stride];
            if (left < 0) {
                return k;
            }
        }
        return count - 1;
    }

    /** Turns logarithms of weights into weights that sum to 1. */
    static void normalise(double[] log) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double l : log) {
            largest = Math.max(largest, l);
        }
        double sum = 0;
        for (int k = 0; k < log.length; k++) {
            log[k] = Math.exp(log[k] - largest);
            sum += log[k];
        }
        for (int k = 0; k < log.length; k++) {
            log[k] /= sum;
        }
    }
}

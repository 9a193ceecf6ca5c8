package org.variational.lab.matrix;

import java.util.Arrays;
import org.variational.estimator.Estimate;
import org.variational.estimator.Objective;
import org.variational.estimator.ObjectiveState;
import org.variational.optimizer.Averaging;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.optimizer.Optimizers;
import org.variational.random.RandomStreams;

/**
 * A stochastic descent of fixed length: 500 steps of Adam, whose rate falls to a tenth, then the mean of 750 iterates;
 * all of it as many times longer as asked for.
 *
 * @param parameters the mean of the iterates of the second part
 * @param batches the means of consecutive stretches of it
 * @param unusable the number of steps without a usable gradient
 */
record Descent(double[] parameters, double[][] batches, int unusable) {
    private static final double RATE = 0.05;
    private static final double LOWEST_SCALE = 0.1;
    private static final int APPROACH = 500;
    static final int BATCHES = 25;
    private static final int BATCH = 30;

    static Descent of(Objective objective, double[] start, int longer, RandomStreams streams) {
        int approach = longer * APPROACH;
        int batchLength = longer * BATCH;
        Optimizer adam = Optimizers.adam(RATE);
        OptimizerState steps = adam.start(start);
        ObjectiveState state = objective.initialState();
        double[] lambda = start.clone();
        double[] gradient = new double[lambda.length];
        Averaging.RunningMean mean = Averaging.uniform().start(lambda.length);
        double[][] batches = new double[BATCHES][lambda.length];
        int unusable = 0;
        for (int t = 0; t < approach + BATCHES * batchLength; t++) {
            Estimate estimate = objective.evaluate(lambda, streams, state, gradient);
            if (estimate.isUsable()) {
                adam.step(lambda, gradient, Math.pow(LOWEST_SCALE, Math.min(1, 1.5 * t / approach)), steps);
            } else {
                unusable++;
            }
            if (t >= approach) {
                mean.add(lambda);
                double[] batch = batches[(t - approach) / batchLength];
                for (int i = 0; i < lambda.length; i++) {
                    batch[i] += lambda[i] / batchLength;
                }
            }
        }
        return new Descent(mean.mean(), batches, unusable);
    }

    /**
     * The variance of the gradient at one place, summed over the parameters, times the number of draws.
     */
    static double gradientVariance(Objective objective, double[] at, int repeats, RandomStreams streams) {
        ObjectiveState state = objective.initialState();
        double[] gradient = new double[at.length];
        double[] mean = new double[at.length];
        double squares = 0;
        // estimators with a memory, of variances or of chains, fill it first
        int warmUp = objective.initialState().snapshot().length > 2 ? repeats : 0;
        for (int r = 1 - warmUp; r <= repeats; r++) {
            objective.evaluate(at, streams, state, gradient);
            for (int i = 0; r > 0 && i < at.length; i++) {
                double deviation = gradient[i] - mean[i];
                mean[i] += deviation / r;
                squares += deviation * (gradient[i] - mean[i]);
            }
        }
        return objective.draws() * squares / (repeats - 1);
    }

    /**
     * The standard errors of numbers from their values in consecutive stretches, the correlation of neighbours
     * included.
     */
    static double[] standardErrors(double[][] values) {
        int n = values.length;
        double[] errors = new double[values[0].length];
        double around = 0;
        double along = 0;
        for (int i = 0; i < errors.length; i++) {
            int feature = i;
            double mean =
                    Arrays.stream(values).mapToDouble(v -> v[feature]).average().orElseThrow();
            double squares = 0;
            double products = 0;
            for (int b = 0; b < n; b++) {
                double deviation = values[b][i] - mean;
                squares += deviation * deviation;
                products += b > 0 ? deviation * (values[b - 1][i] - mean) : 0;
            }
            errors[i] = Math.sqrt(squares / (n - 1) / n);
            if (squares > 0) {
                around++;
                along += products / squares;
            }
        }
        double correlation = around == 0 ? 0 : Math.min(0.9, Math.max(0, along / around + 1.0 / n));
        double factor = Math.sqrt((1 + correlation) / (1 - correlation));
        for (int i = 0; i < errors.length; i++) {
            errors[i] *= factor;
        }
        return errors;
    }
}

package org.variational.lab.evaluation;

import java.util.random.RandomGenerator;
import org.variational.density.LogDensities;
import org.variational.density.LogDensities.ValueAndGradient;
import org.variational.density.LogDensity;

/**
 * The posterior of a regression with one or two coefficients and priors {@code N(0, 2.5)}: logistic, or of counts with
 * the logarithm as link.
 *
 * @param x n x D
 * @param y n outcomes: 0 or 1, or counts
 * @param counts whether the outcomes are counts
 */
record SmallRegression(double[][] x, double[] y, boolean counts) {

    private static final double PRIOR_SD = 2.5;

    /**
     * Log-concave, so that all mass is within this distance of the origin: the prior alone is 10 standard deviations
     * wide.
     */
    static final double REACH = 10 * PRIOR_SD;

    /** Predictors, coefficients and outcomes at random. */
    static SmallRegression random(int dimension, boolean counts, RandomGenerator random) {
        int n = 5 + random.nextInt(60);
        double level = random.nextGaussian();
        double slope = random.nextGaussian();
        double[][] x = new double[n][dimension];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            double predictor = random.nextGaussian();
            x[i][dimension - 1] = predictor;
            if (dimension > 1) {
                x[i][0] = 1;
            }
            double eta = (dimension > 1 ? level : 0) + slope * predictor;
            y[i] = counts ? poisson(Math.exp(eta), random) : random.nextDouble() < logistic(eta) ? 1 : 0;
        }
        return new SmallRegression(x, y, counts);
    }

    /** By counting the arrivals of a unit time. */
    private static int poisson(double rate, RandomGenerator random) {
        double time = random.nextExponential();
        int count = 0;
        while (time < rate) {
            time += random.nextExponential();
            count++;
        }
        return count;
    }

    private static double logistic(double eta) {
        return 1 / (1 + Math.exp(-eta));
    }

    /** The log density up to a constant; for one thread at a time. */
    LogDensity density() {
        ValueAndGradient function = (b, gradient) -> {
            double value = 0;
            for (int d = 0; d < b.length; d++) {
                value -= 0.5 * b[d] * b[d] / (PRIOR_SD * PRIOR_SD);
                gradient[d] = -b[d] / (PRIOR_SD * PRIOR_SD);
            }
            for (int i = 0; i < y.length; i++) {
                double eta = 0;
                for (int d = 0; d < b.length; d++) {
                    eta += x[i][d] * b[d];
                }
                double cumulant = counts ? Math.exp(eta) : softplus(eta);
                double mean = counts ? cumulant : logistic(eta);
                value += y[i] * eta - cumulant;
                for (int d = 0; d < b.length; d++) {
                    gradient[d] += (y[i] - mean) * x[i][d];
                }
            }
            return value;
        };
        return LogDensities.of(x[0].length, function);
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    Moments moments() {
        return GridMoments.of(density(), REACH);
    }
}

package org.variational.lab.evaluation;

import org.variational.density.LogDensities.ValueAndGradient;
import org.variational.weights.LogWeights;

/**
 * The posterior of a centred hierarchical model: effects {@code theta_i ~ N(mu, tau)} with estimates
 * {@code y_i ~ N(theta_i, error_i)}, {@code mu ~ N(0, 5)} and a half-Cauchy tau of scale 5; coordinates theta, mu, log
 * tau. It is a funnel where the estimates say little of tau.
 *
 * <p>Given tau everything is normal, so that moments are those of a mixture over log tau; the trapezoid rule takes the
 * sum.
 *
 * @param y the estimates, at least 3
 * @param error their standard deviations
 */
record Hierarchy(double[] y, double[] error) {

    private static final double MU_VARIANCE = 25;
    private static final double TAU_SCALE = 5;
    private static final double LOWEST_LOG_TAU = -30;
    private static final double HIGHEST_LOG_TAU = 20;
    private static final double SPACING = 0.01;

    /** The log density up to a constant, and its gradient; for one thread at a time. */
    ValueAndGradient density() {
        int effects = y.length;
        return (u, gradient) -> {
            double mu = u[effects];
            double precision = Math.exp(-2 * u[effects + 1]);
            double value = -0.5 * mu * mu / MU_VARIANCE - effects * u[effects + 1];
            double byMu = -mu / MU_VARIANCE;
            double byLogTau = -effects;
            for (int i = 0; i < effects; i++) {
                double fromMu = u[i] - mu;
                double fromData = (u[i] - y[i]) / error[i];
                value -= 0.5 * (fromMu * fromMu * precision + fromData * fromData);
                gradient[i] = -fromMu * precision - fromData / error[i];
                byMu += fromMu * precision;
                byLogTau += fromMu * fromMu * precision;
            }
            double ratio = Math.exp(u[effects + 1]) / TAU_SCALE;
            gradient[effects] = byMu;
            gradient[effects + 1] = byLogTau + 1 - 2 * ratio * ratio / (1 + ratio * ratio);
            return value + u[effects + 1] - Math.log1p(ratio * ratio);
        };
    }

    /** Means and standard deviations of theta, mu and log tau. */
    Moments moments() {
        int nodes = (int) Math.round((HIGHEST_LOG_TAU - LOWEST_LOG_TAU) / SPACING) + 1;
        double[] logWeight = new double[nodes];
        for (int k = 0; k < nodes; k++) {
            logWeight[k] = given(LOWEST_LOG_TAU + k * SPACING).logWeight();
        }
        double total = LogWeights.logSumExp(logWeight);
        double[] first = new double[y.length + 2];
        double[] second = new double[y.length + 2];
        for (int k = 0; k < nodes; k++) {
            double logTau = LOWEST_LOG_TAU + k * SPACING;
            double weight = Math.exp(logWeight[k] - total);
            Given given = given(logTau);
            for (int i = 0; i < y.length; i++) {
                double kept = given.kept(i);
                double mean = kept * y[i] + (1 - kept) * given.mu();
                double variance = error[i] * error[i] * kept + (1 - kept) * (1 - kept) * given.muVariance();
                first[i] += weight * mean;
                second[i] += weight * (mean * mean + variance);
            }
            first[y.length] += weight * given.mu();
            second[y.length] += weight * (given.mu() * given.mu() + given.muVariance());
            first[y.length + 1] += weight * logTau;
            second[y.length + 1] += weight * logTau * logTau;
        }
        for (int d = 0; d < first.length; d++) {
            second[d] = Math.sqrt(second[d] - first[d] * first[d]);
        }
        return Moments.exact(first, second);
    }

    /** What is known given tau: the weight of that tau, and mean and variance of mu. */
    private record Given(double variance, double[] error, double logWeight, double mu, double muVariance) {

        /** The share of an estimate's deviation from mu that its effect keeps. */
        double kept(int i) {
            return variance / (variance + error[i] * error[i]);
        }
    }

    private Given given(double logTau) {
        double tau = Math.exp(logTau);
        double precision = 1 / MU_VARIANCE;
        double sum = 0;
        double logWeight = logTau - Math.log1p(tau * tau / (TAU_SCALE * TAU_SCALE));
        for (int i = 0; i < y.length; i++) {
            double variance = error[i] * error[i] + tau * tau;
            precision += 1 / variance;
            sum += y[i] / variance;
            logWeight -= 0.5 * (Math.log(variance) + y[i] * y[i] / variance);
        }
        double mu = sum / precision;
        return new Given(
                tau * tau, error, logWeight - 0.5 * Math.log(precision) + 0.5 * precision * mu * mu, mu, 1 / precision);
    }
}

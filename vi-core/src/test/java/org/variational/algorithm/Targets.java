package org.variational.algorithm;

import java.util.Arrays;
import org.apache.commons.math3.special.Gamma;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;

/** Densities with known optima; all normalised unless stated. */
public final class Targets {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private Targets() {}

    /** N(mean, inverse of precision) plus a constant, from the precision's lower triangle and log determinant. */
    public static LogDensity gaussian(double[] mean, double[][] precision, double logDeterminant, double offset) {
        int d = mean.length;
        double constant = 0.5 * logDeterminant - 0.5 * d * LOG_TWO_PI + offset;
        return LogDensities.of(d, (u, g) -> {
            double sum = 0;
            for (int i = 0; i < d; i++) {
                double row = 0;
                for (int j = 0; j < d; j++) {
                    row += precision[i][j] * (u[j] - mean[j]);
                }
                g[i] = -row;
                sum += row * (u[i] - mean[i]);
            }
            return constant - 0.5 * sum;
        });
    }

    /** Unit variances, one correlation, mean (1, -2). */
    public static LogDensity correlated(double rho, double offset) {
        double d = 1 - rho * rho;
        return gaussian(
                new double[] {1, -2}, new double[][] {{1 / d, -rho / d}, {-rho / d, 1 / d}}, -Math.log(d), offset);
    }

    /** D unit variances with one correlation, mean 0. */
    public static LogDensity equicorrelated(int d, double rho) {
        double[][] precision = new double[d][d];
        double denominator = (1 - rho) * (1 + (d - 1) * rho);
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                precision[i][j] = (i == j ? 1 + (d - 2) * rho : -rho) / denominator;
            }
        }
        double logDeterminant = -(d - 1) * Math.log(1 - rho) - Math.log(1 + (d - 1) * rho);
        return gaussian(new double[d], precision, logDeterminant, 0);
    }

    /** Independent normal coordinates. */
    public static LogDensity independent(double[] mean, double[] sd) {
        double constant = -0.5 * mean.length * LOG_TWO_PI
                - Arrays.stream(sd).map(Math::log).sum();
        return LogDensities.of(mean.length, (u, g) -> {
            double squares = 0;
            for (int i = 0; i < mean.length; i++) {
                double z = (u[i] - mean[i]) / sd[i];
                g[i] = -z / sd[i];
                squares += z * z;
            }
            return constant - 0.5 * squares;
        });
    }

    /** The logit of a probability after y successes in n trials with a Beta(a, b) prior, not normalised. */
    public static LogDensity betaBinomial(int y, int n, double a, double b) {
        double constant = Gamma.logGamma(n + 1.0)
                - Gamma.logGamma(y + 1.0)
                - Gamma.logGamma(n - y + 1.0)
                - (Gamma.logGamma(a) + Gamma.logGamma(b) - Gamma.logGamma(a + b));
        double alpha = y + a;
        double beta = n - y + b;
        return LogDensities.of(1, (u, g) -> {
            double p = 1 / (1 + Math.exp(-u[0]));
            g[0] = alpha * (1 - p) - beta * p;
            return constant - alpha * softplus(-u[0]) - beta * softplus(u[0]);
        });
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** The log of a Gamma(a, b) variable, normalised. */
    public static LogDensity logGamma(double a, double b) {
        double constant = a * Math.log(b) - Gamma.logGamma(a);
        return LogDensities.of(1, (u, g) -> {
            double e = b * Math.exp(u[0]);
            g[0] = a - e;
            return constant + a * u[0] - e;
        });
    }

    /** Neal's funnel: v ~ N(0, scale), D - 1 coordinates x ~ N(0, e^(v/2)). */
    public static LogDensity funnel(int d, double scale) {
        return LogDensities.of(d, (u, g) -> {
            double v = u[0];
            double precision = Math.exp(-v);
            double value = -0.5 * v * v / (scale * scale) - Math.log(scale) - 0.5 * LOG_TWO_PI;
            g[0] = -v / (scale * scale);
            for (int i = 1; i < d; i++) {
                value -= 0.5 * u[i] * u[i] * precision + 0.5 * v + 0.5 * LOG_TWO_PI;
                g[0] += 0.5 * u[i] * u[i] * precision - 0.5;
                g[i] = -u[i] * precision;
            }
            return value;
        });
    }

    /** x1 ~ N(0, variance a), x2 ~ N(b (x1^2 - a), 1). */
    public static LogDensity banana(double a, double b) {
        return LogDensities.of(2, (u, g) -> {
            double r = u[1] - b * (u[0] * u[0] - a);
            g[0] = -u[0] / a + 2 * b * u[0] * r;
            g[1] = -r;
            return -0.5 * u[0] * u[0] / a - 0.5 * Math.log(a) - 0.5 * r * r - LOG_TWO_PI;
        });
    }

    /** Student-t with nu degrees of freedom, scale 1. */
    public static LogDensity studentT(double nu) {
        double constant = Gamma.logGamma((nu + 1) / 2) - Gamma.logGamma(nu / 2) - 0.5 * Math.log(nu * Math.PI);
        return LogDensities.of(1, (u, g) -> {
            double q = 1 + u[0] * u[0] / nu;
            g[0] = -(nu + 1) * u[0] / nu / q;
            return constant - 0.5 * (nu + 1) * Math.log(q);
        });
    }
}

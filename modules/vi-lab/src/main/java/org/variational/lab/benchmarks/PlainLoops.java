package org.variational.lab.benchmarks;

import java.util.Arrays;
import org.variational.lab.benchmarks.Problem.PlainLoop;
import org.variational.lab.benchmarks.Problem.Simulated;

/** The densities of the problems as loops over one point, in the order of coordinates of the declared models. */
final class PlainLoops {

    private static final double LOG_2 = Math.log(2);
    private static final double LOG_PI = Math.log(Math.PI);
    private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

    private PlainLoops() {}

    private static double normal(double x, double sd) {
        double z = x / sd;
        return -0.5 * z * z - Math.log(sd) - LOG_SQRT_2PI;
    }

    /** Half-normal with scale 1 on exp(u), with the Jacobian; adds the slope by u. */
    private static double halfNormal(double u, double[] gradient, int at) {
        double x = Math.exp(u);
        gradient[at] += 1 - x * x;
        return LOG_2 - 0.5 * x * x - LOG_SQRT_2PI + u;
    }

    /** Half-Cauchy on exp(u), with the Jacobian; adds the slope by u. */
    private static double halfCauchy(double u, double scale, double[] gradient, int at) {
        double z = Math.exp(u) / scale;
        gradient[at] += 1 - 2 * z * z / (1 + z * z);
        return LOG_2 - LOG_PI - Math.log(scale) - Math.log1p(z * z) + u;
    }

    static PlainLoop eightSchools() {
        double[] y = Simulated.SCHOOL_EFFECTS;
        double[] s = Simulated.SCHOOL_ERRORS;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double mu = u[0];
            double tau = Math.exp(u[1]);
            double value = normal(mu, 5) + halfCauchy(u[1], 5, g, 1);
            g[0] -= mu / 25;
            for (int j = 0; j < 8; j++) {
                double z = u[2 + j];
                double slope = (y[j] - mu - tau * z) / (s[j] * s[j]);
                value += normal(z, 1) + normal(y[j] - mu - tau * z, s[j]);
                g[0] += slope;
                g[1] += slope * tau * z;
                g[2 + j] += slope * tau - z;
            }
            return value;
        };
    }

    static PlainLoop linear(Simulated.Regression data) {
        double[][] x = data.x();
        double[] y = data.y();
        int d = x[0].length;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double value = halfNormal(u[d], g, d);
            for (int k = 0; k < d; k++) {
                value += normal(u[k], 1);
                g[k] -= u[k];
            }
            double sigma = Math.exp(u[d]);
            double precision = 1 / (sigma * sigma);
            double squares = 0;
            for (int t = 0; t < y.length; t++) {
                double[] row = x[t];
                double residual = y[t];
                for (int k = 0; k < d; k++) {
                    residual -= row[k] * u[k];
                }
                squares += residual * residual;
                double slope = residual * precision;
                for (int k = 0; k < d; k++) {
                    g[k] += slope * row[k];
                }
            }
            g[d] += squares * precision - y.length;
            return value - 0.5 * squares * precision - y.length * (u[d] + LOG_SQRT_2PI);
        };
    }

    static PlainLoop logistic(Simulated.Regression data) {
        double[][] x = data.x();
        double[] y = data.y();
        int d = x[0].length;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double value = 0;
            for (int k = 0; k < d; k++) {
                value += normal(u[k], 1);
                g[k] -= u[k];
            }
            for (int t = 0; t < y.length; t++) {
                double[] row = x[t];
                double eta = 0;
                for (int k = 0; k < d; k++) {
                    eta += row[k] * u[k];
                }
                double e = Math.exp(-Math.abs(eta));
                value += y[t] * eta - Math.max(eta, 0) - Math.log1p(e);
                double slope = y[t] - (eta >= 0 ? 1 / (1 + e) : e / (1 + e));
                for (int k = 0; k < d; k++) {
                    g[k] += slope * row[k];
                }
            }
            return value;
        };
    }

    static PlainLoop varyingIntercepts(Simulated.Groups data) {
        int groups = data.groups();
        double[] y = data.y();
        int b1 = 2 + groups;
        int b2 = b1 + 1;
        int s = b1 + 2;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double mu = u[0];
            double tau = Math.exp(u[1]);
            double sigma = Math.exp(u[s]);
            double value = normal(mu, 10)
                    + halfNormal(u[1], g, 1)
                    + normal(u[b1], 10)
                    + normal(u[b2], 10)
                    + halfNormal(u[s], g, s);
            g[0] -= mu / 100;
            g[b1] -= u[b1] / 100;
            g[b2] -= u[b2] / 100;
            for (int j = 0; j < groups; j++) {
                value += normal(u[2 + j], 1);
                g[2 + j] -= u[2 + j];
            }
            double precision = 1 / (sigma * sigma);
            double squares = 0;
            for (int t = 0; t < y.length; t++) {
                int j = 2 + data.group()[t];
                double residual = y[t] - mu - tau * u[j] - u[b1] * data.u()[t] - u[b2] * data.f()[t];
                squares += residual * residual;
                double slope = residual * precision;
                g[0] += slope;
                g[1] += slope * tau * u[j];
                g[j] += slope * tau;
                g[b1] += slope * data.u()[t];
                g[b2] += slope * data.f()[t];
            }
            g[s] += squares * precision - y.length;
            return value - 0.5 * squares * precision - y.length * (u[s] + LOG_SQRT_2PI);
        };
    }

    static PlainLoop tridiagonal() {
        double variance = 0.19;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double value = normal(u[0], 1);
            g[0] -= u[0];
            for (int i = 1; i < u.length; i++) {
                double residual = u[i] - 0.9 * u[i - 1];
                value += -0.5 * residual * residual / variance - 0.5 * Math.log(variance) - LOG_SQRT_2PI;
                g[i] -= residual / variance;
                g[i - 1] += 0.9 * residual / variance;
            }
            return value;
        };
    }

    static PlainLoop horseshoe(Simulated.Regression data) {
        double[][] x = data.x();
        double[] y = data.y();
        int d = x[0].length;
        int s = 1 + 2 * d;
        double[] beta = new double[d];
        double[] slopes = new double[d];
        return (u, g) -> {
            Arrays.fill(g, 0);
            Arrays.fill(slopes, 0);
            double value = halfCauchy(u[0], 1, g, 0) + halfNormal(u[s], g, s);
            for (int k = 0; k < d; k++) {
                value += halfCauchy(u[1 + k], 1, g, 1 + k) + normal(u[1 + d + k], 1);
                g[1 + d + k] -= u[1 + d + k];
                beta[k] = Math.exp(u[0] + u[1 + k]) * u[1 + d + k];
            }
            double sigma = Math.exp(u[s]);
            double precision = 1 / (sigma * sigma);
            double squares = 0;
            for (int t = 0; t < y.length; t++) {
                double residual = y[t];
                for (int k = 0; k < d; k++) {
                    residual -= x[t][k] * beta[k];
                }
                squares += residual * residual;
                for (int k = 0; k < d; k++) {
                    slopes[k] += residual * precision * x[t][k];
                }
            }
            for (int k = 0; k < d; k++) {
                g[0] += slopes[k] * beta[k];
                g[1 + k] += slopes[k] * beta[k];
                g[1 + d + k] += slopes[k] * Math.exp(u[0] + u[1 + k]);
            }
            g[s] += squares * precision - y.length;
            return value - 0.5 * squares * precision - y.length * (u[s] + LOG_SQRT_2PI);
        };
    }

    static PlainLoop poissonGlmm(Simulated.Counts data) {
        double[] x = data.x();
        double[] y = data.y();
        double logFactorials = 0;
        for (double count : y) {
            for (int k = 2; k <= count; k++) {
                logFactorials += Math.log(k);
            }
        }
        double constant = logFactorials;
        return (u, g) -> {
            Arrays.fill(g, 0);
            double sigma = Math.exp(u[2]);
            double value = normal(u[0], 5) + normal(u[1], 1) + halfNormal(u[2], g, 2) - constant;
            g[0] -= u[0] / 25;
            g[1] -= u[1];
            for (int t = 0; t < y.length; t++) {
                double latent = u[3 + t];
                double eta = u[0] + u[1] * x[t] + latent;
                double rate = Math.exp(eta);
                double z = latent / sigma;
                double slope = y[t] - rate;
                value += y[t] * eta - rate - 0.5 * z * z - u[2] - LOG_SQRT_2PI;
                g[0] += slope;
                g[1] += slope * x[t];
                g[2] += z * z - 1;
                g[3 + t] += slope - z / sigma;
            }
            return value;
        };
    }
}

package org.variational.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.estimator.GradientEstimators.stickingTheLanding;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.family.MeanFieldGaussian;
import org.variational.random.RandomStreams;

/**
 * Reverse-KL mean-field optima of targets that are not Gaussian. At the closed form the expected gradient is zero and
 * the expected value is the closed-form divergence: means over 200,000 draws, compared at 5.5 standard errors
 * (false-alarm rate 4e-8 a number).
 */
class NonGaussianOptimumTest {
    private static final double HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2;

    @FunctionalInterface
    private interface PointDensity {
        double at(double[] point, double[] gradient);
    }

    private static LogDensity lanes(int dimension, PointDensity density) {
        return new LogDensity() {
            @Override
            public int dimension() {
                return dimension;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                double[] point = new double[dimension];
                double[] byPoint = new double[dimension];
                for (int s = 0; s < points.numCols; s++) {
                    for (int i = 0; i < dimension; i++) {
                        point[i] = points.get(i, s);
                    }
                    logDensity[s] = density.at(point, byPoint);
                    for (int i = 0; gradient != null && i < dimension; i++) {
                        gradient.set(i, s, byPoint[i]);
                    }
                }
            }
        };
    }

    private static void assertOptimum(
            LogDensity target, double[] mean, double[] sd, double divergence, double rounding) {
        Objective objective = Objective.of(
                        target, ParameterLayout.unnamed(target.dimension()), MeanFieldGaussian.of(target.dimension()))
                .divergence(reverseKl())
                .estimator(stickingTheLanding())
                .draws(100)
                .build();
        double[] lambda = objective.initialParameters(mean, sd);
        ObjectiveState state = objective.initialState();
        int n = lambda.length;
        double[] gradient = new double[n];
        double[] sum = new double[n + 1];
        double[] squares = new double[n + 1];
        int repeats = 2000;
        for (int r = 0; r < repeats; r++) {
            double value = objective
                    .evaluate(lambda, RandomStreams.of(1), state, gradient)
                    .value();
            for (int i = 0; i <= n; i++) {
                double x = i < n ? gradient[i] : value - divergence;
                sum[i] += x / repeats;
                squares[i] += x * x / repeats;
            }
        }
        for (int i = 0; i <= n; i++) {
            double error = Math.sqrt((squares[i] - sum[i] * sum[i]) / repeats);
            assertThat(sum[i]).as("number %d of %d and the value", i, n).isCloseTo(0, within(5.5 * error + rounding));
        }
    }

    /** {@code s^2 = 1 / (1 / s_v^2 + D / 2)}, {@code tau^2 = exp(-s^2 / 2)}, {@code KL = log(1 + s_v^2 D / 2) / 2}. */
    @ParameterizedTest
    @CsvSource({"1, 0.8523740461", "9, 1.8628467136", "99, 3.0507197002"})
    void funnel(int width, double divergence) {
        LogDensity target = lanes(1 + width, (z, g) -> {
            double v = z[0];
            double value = -v * v / 18 - Math.log(3) - HALF_LOG_TWO_PI;
            g[0] = -v / 9;
            for (int i = 1; i <= width; i++) {
                double square = z[i] * z[i] * Math.exp(-v);
                value += -square / 2 - v / 2 - HALF_LOG_TWO_PI;
                g[0] += square / 2 - 0.5;
                g[i] = -z[i] * Math.exp(-v);
            }
            return value;
        });
        double s2 = 1 / (1 / 9.0 + width / 2.0);
        double[] sd = new double[1 + width];
        java.util.Arrays.fill(sd, Math.exp(-s2 / 4));
        sd[0] = Math.sqrt(s2);
        assertOptimum(target, new double[1 + width], sd, divergence, 1e-9);
    }

    /** {@code s1^2 = (-1/A + sqrt(1/A^2 + 16 b^2)) / (8 b^2)}, {@code mu2 = b (s1^2 - A)}, {@code s2 = 1}. */
    @ParameterizedTest
    @CsvSource({"1, 0.5, 0.1451144097", "100, 0.03, 0.7258371961"})
    void banana(double a, double b, double divergence) {
        LogDensity target = lanes(2, (z, g) -> {
            double e = z[1] - b * (z[0] * z[0] - a);
            g[0] = -z[0] / a + e * 2 * b * z[0];
            g[1] = -e;
            return -z[0] * z[0] / (2 * a) - Math.log(a) / 2 - e * e / 2 - 2 * HALF_LOG_TWO_PI;
        });
        double s2 = (-1 / a + Math.sqrt(1 / (a * a) + 16 * b * b)) / (8 * b * b);
        assertOptimum(target, new double[] {0, b * (s2 - a)}, new double[] {Math.sqrt(s2), 1}, divergence, 1e-9);
    }

    @ParameterizedTest
    @CsvSource({
        "1,   1.63381458, 0.18276424",
        "2.5, 1.30338884, 0.05347732",
        "3,   1.26021971, 0.04069546",
        "5,   1.16737752, 0.01813889",
        "10,  1.08975909, 0.00556639",
        "30,  1.03191236, 0.00074076"
    })
    void studentT(double nu, double sd, double divergence) {
        double constant = org.apache.commons.math3.special.Gamma.logGamma((nu + 1) / 2)
                - org.apache.commons.math3.special.Gamma.logGamma(nu / 2)
                - Math.log(nu * Math.PI) / 2;
        LogDensity target = lanes(1, (z, g) -> {
            g[0] = -(nu + 1) * z[0] / (nu + z[0] * z[0]);
            return constant - (nu + 1) / 2 * Math.log1p(z[0] * z[0] / nu);
        });
        assertOptimum(target, new double[1], new double[] {sd}, divergence, 2e-8);
    }

    /**
     * Half and half N(-d, 1) and N(d, 1): the optimum in the middle, and the one on a mode. Values by the trapezoid
     * rule on 200,001 points over 14 standard deviations of q to each side, minimised by golden section.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 1.393732, 0.010888",
        "2, 0, 2.047010, 0.226508",
        "3, 0, 2.743769, 0.840621",
        "3, 2.984301, 1.023377, 0.688768",
        "5, 4.999996, 1.000011, 0.693146",
        "5, 0, 4.222572, 3.306604"
    })
    void bimodal(double d, double mean, double sd, double divergence) {
        LogDensity target = lanes(1, (z, g) -> {
            double left = -(z[0] + d) * (z[0] + d) / 2;
            double right = -(z[0] - d) * (z[0] - d) / 2;
            double max = Math.max(left, right);
            double a = Math.exp(left - max);
            double b = Math.exp(right - max);
            g[0] = -(a * (z[0] + d) + b * (z[0] - d)) / (a + b);
            return max + Math.log((a + b) / 2) - HALF_LOG_TWO_PI;
        });
        assertOptimum(target, new double[] {mean}, new double[] {sd}, divergence, 2e-6);
    }

    /** Independent log rates with posterior Gamma(A, B): {@code mu = log(A / B) - 1 / (2 A)}, {@code s^2 = 1 / A}. */
    @Test
    void gammaPoissonGroups() {
        double[] shape = {1, 14, 3.5};
        double[] rate = {4, 4.5, 1.1};
        double divergence = 0.0810614668 + 0.0059513701 + 0.0237461637;
        LogDensity target = lanes(3, (z, g) -> {
            double value = 0;
            for (int i = 0; i < 3; i++) {
                double mean = rate[i] * Math.exp(z[i]);
                g[i] = shape[i] - mean;
                value += shape[i] * (z[i] + Math.log(rate[i]))
                        - mean
                        - org.apache.commons.math3.special.Gamma.logGamma(shape[i]);
            }
            return value;
        });
        double[] mean = new double[3];
        double[] sd = new double[3];
        for (int i = 0; i < 3; i++) {
            mean[i] = Math.log(shape[i] / rate[i]) - 1 / (2 * shape[i]);
            sd[i] = 1 / Math.sqrt(shape[i]);
        }
        assertOptimum(target, mean, sd, divergence, 1e-9);
    }
}

package org.variational.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.alpha;
import static org.variational.divergence.Divergences.chiSquared;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.jeffreys;
import static org.variational.divergence.Divergences.renyi;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.divergence.Divergences.squaredHellinger;

import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.weights.LogWeights;

/**
 * The mean-field optimum on a Gaussian with unit variances and correlation rho, by quadrature over a grid in the plane:
 * the gradient by the log standard deviation vanishes at the closed form, and points towards it from both sides.
 */
class PopulationOptimumTest {
    private static final int SIDE = 201;
    private static final double HALF_WIDTH = 10;

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.5, 0.9})
    void optimalVariancesAreTheClosedForms(double rho) {
        double r2 = rho * rho;
        check(reverseKl(), rho, 1 - r2);
        check(forwardKl(), rho, 1);
        check(jeffreys(), rho, Math.sqrt(1 - r2));
        check(squaredHellinger(), rho, Math.sqrt(1 - r2));
        check(alpha(0.5), rho, Math.sqrt(1 - r2));
        check(chiSquared(), rho, (3 + Math.sqrt(1 + 8 * r2)) / 4);
        check(renyi(-1), rho, (3 + Math.sqrt(1 + 8 * r2)) / 4);
        check(alpha(-1), rho, (3 - Math.sqrt(1 + 8 * r2)) / 2);
        for (double renyiAlpha : new double[] {-0.5, 0.25, 0.75, 1.5}) {
            // (1 - a) s^2 + (2 a - 1) s - a (1 - rho^2) = 0
            double a = 1 - renyiAlpha;
            double b = 2 * renyiAlpha - 1;
            double root = (-b + Math.sqrt(b * b + 4 * a * renyiAlpha * (1 - r2))) / (2 * a);
            check(alpha(1 - renyiAlpha), rho, root);
        }
    }

    private static void check(Divergence divergence, double rho, double variance) {
        ToDoubleFunction<Double> gradient = v -> gradientByLogSd(divergence, rho, v);
        // Trapezoid sums of Gaussians are exact to rounding; what is left is the tail beyond 10 sds of the proposal.
        assertThat(gradient.applyAsDouble(variance))
                .as("%s, rho %s, variance %s", divergence.name(), rho, variance)
                .isCloseTo(0, within(1e-7));
        assertThat(gradient.applyAsDouble(variance * 1.05))
                .as(divergence.name())
                .isPositive();
        assertThat(gradient.applyAsDouble(variance * 0.95))
                .as(divergence.name())
                .isNegative();
    }

    /** The path form for the first coordinate; both have the same variance. */
    private static double gradientByLogSd(Divergence divergence, double rho, double variance) {
        int count = SIDE * SIDE;
        double sd = Math.sqrt(variance);
        double[] logWeights = new double[count];
        double[] logBase = new double[count];
        // The grid covers both q and p, whichever is wider.
        double reach = HALF_WIDTH * Math.max(sd, 1);
        for (int i = 0, at = 0; i < SIDE; i++) {
            double x = reach * (2.0 * i / (SIDE - 1) - 1);
            for (int j = 0; j < SIDE; j++, at++) {
                double y = reach * (2.0 * j / (SIDE - 1) - 1);
                logBase[at] = -(x * x + y * y) / (2 * variance) - Math.log(variance);
                double logP = -(x * x - 2 * rho * x * y + y * y) / (2 * (1 - rho * rho));
                logWeights[at] = logP - logBase[at];
            }
        }
        double[] c = new double[count];
        divergence.evaluate(LogWeights.of(logWeights, logBase), c, new double[count]);
        double sum = 0;
        for (int i = 0, at = 0; i < SIDE; i++) {
            double x = reach * (2.0 * i / (SIDE - 1) - 1);
            for (int j = 0; j < SIDE; j++, at++) {
                double y = reach * (2.0 * j / (SIDE - 1) - 1);
                double h = -(x - rho * y) / (1 - rho * rho) + x / variance;
                sum -= c[at] * h * x;
            }
        }
        return sum;
    }

    /**
     * The forward-KL Gaussian has p's mean and variance: Student-t with 5 degrees of freedom (variance 5/3), half and
     * half N(-2, 1) and N(2, 1) (variance 5), the log rate of Gamma(3.5, 1.1). Both forms, on a grid of mesh 0.05 out
     * to 2000, beyond which the Student-t has 1e-10 of its variance.
     */
    @Test
    void forwardKlMatchesMomentsOfTargetsThatAreNotGaussian() {
        checkForward(z -> -3 * Math.log1p(z * z / 5), 0, 5 / 3.0);
        checkForward(z -> LogWeights.logSumExp(-(z - 2) * (z - 2) / 2, -(z + 2) * (z + 2) / 2), 0, 5);
        checkForward(z -> 3.5 * z - 1.1 * Math.exp(z), 1.0078464608, 0.3303577561);
    }

    private static void checkForward(DoubleUnaryOperator logP, double mean, double variance) {
        int count = 80_001;
        double[] z = new double[count];
        double[] logWeights = new double[count];
        double[] logBase = new double[count];
        for (int j = 0; j < count; j++) {
            z[j] = 0.05 * (j - count / 2);
            logBase[j] = -(z[j] - mean) * (z[j] - mean) / (2 * variance) - Math.log(variance) / 2;
            logWeights[j] = logP.applyAsDouble(z[j]) - logBase[j];
        }
        double[] b = new double[count];
        forwardKl().evaluate(LogWeights.of(logWeights, logBase), new double[count], b);
        double byMean = 0;
        double byLogSd = 0;
        for (int j = 0; j < count; j++) {
            double e = (z[j] - mean) / Math.sqrt(variance);
            byMean += b[j] * e;
            byLogSd += b[j] * (e * e - 1);
        }
        assertThat(byMean).isCloseTo(0, within(1e-8));
        assertThat(byLogSd).isCloseTo(0, within(1e-8));
    }
}

package org.variational.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import org.apache.commons.math3.analysis.integration.IterativeLegendreGaussIntegrator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.kernel.Kernels;

/** Covariance functions against the spectral densities that define them. */
class CovariancesTest {

    private static final double AMPLITUDE = 1.3;
    private static final double LENGTH_SCALE = 0.7;
    private static final double[][] DISTANCES = {{0, 0.2, 1.1, 2.5}};

    private static double[] evaluate(Expr covariance) {
        return Plan.of(2, List.of(), List.of(covariance), Set.of())
                .evaluator(Data.declared(), Kernels.plain(), 1)
                .outputs(new DMatrixRMaj(new double[][] {{AMPLITUDE}, {LENGTH_SCALE}}))[0];
    }

    private static Expr amplitude() {
        return Expr.coordinates("a", 0, 1, 1);
    }

    private static Expr lengthScale() {
        return Expr.coordinates("l", 1, 1, 1);
    }

    /** The covariance whose spectral density is proportional to (2 nu / l^2 + w^2)^-(nu + 1/2), by quadrature. */
    private static double matern(double smoothness, double distance) {
        double rate = 2 * smoothness / (LENGTH_SCALE * LENGTH_SCALE);
        IterativeLegendreGaussIntegrator quadrature = new IterativeLegendreGaussIntegrator(16, 1e-11, 1e-12, 3, 30);
        double[] integral = new double[2];
        for (int i = 0; i < 2; i++) {
            double r = i * distance;
            // w = tan(t) maps the half-line to a finite interval.
            integral[i] = quadrature.integrate(
                    10_000_000,
                    t -> {
                        double w = Math.tan(t);
                        return Math.cos(w * r) * Math.pow(rate + w * w, -smoothness - 0.5) * (1 + w * w);
                    },
                    0,
                    Math.atan(400));
        }
        return AMPLITUDE * AMPLITUDE * integral[1] / integral[0];
    }

    @Test
    void maternMatchesItsSpectralDensity() {
        Expr distances = Expr.constant(DISTANCES);
        double[] rough = evaluate(Covariances.matern32(distances, amplitude(), lengthScale()));
        double[] smooth = evaluate(Covariances.matern52(distances, amplitude(), lengthScale()));
        for (int i = 0; i < DISTANCES[0].length; i++) {
            // The spectrum beyond w = 400 holds less than (400 l)^-3 of the total.
            assertThat(rough[i]).isEqualTo(matern(1.5, DISTANCES[0][i]), within(1e-6));
            assertThat(smooth[i]).isEqualTo(matern(2.5, DISTANCES[0][i]), within(1e-7));
        }
    }

    @Test
    void exponentialAndSquaredExponentialMatchTheirDefinitions() {
        Expr distances = Expr.constant(DISTANCES);
        double[] exponential = evaluate(Covariances.matern12(distances, amplitude(), lengthScale()));
        double[] gaussian = evaluate(Covariances.squaredExponential(distances, amplitude(), lengthScale()));
        for (int i = 0; i < DISTANCES[0].length; i++) {
            double scaled = DISTANCES[0][i] / LENGTH_SCALE;
            double variance = AMPLITUDE * AMPLITUDE;
            assertThat(exponential[i]).isEqualTo(variance * Math.exp(-scaled), within(1e-14));
            assertThat(gaussian[i]).isEqualTo(variance * Math.exp(-scaled * scaled / 2), within(1e-14));
        }
    }

    @Test
    void diagonalHoldsTheValueAndNothingElse() {
        assertThat(evaluate(Covariances.onDiagonal(amplitude(), 2))).containsExactly(AMPLITUDE, 0, 0, AMPLITUDE);
    }

    @Test
    void distancesAreEuclidean() {
        assertThat(Covariances.distances(new double[][] {{0, 0}}, new double[][] {{3, 4}, {0, 1}}))
                .isDeepEqualTo(new double[][] {{5, 1}});
        assertThat(Covariances.distances(new double[] {1}, new double[] {-2})).isDeepEqualTo(new double[][] {{3}});
        assertThatThrownBy(() -> Covariances.distances(new double[][] {{0}}, new double[][] {{3, 4}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input 0 on the left has 1 coordinates, input 0 on the right 2");
    }
}

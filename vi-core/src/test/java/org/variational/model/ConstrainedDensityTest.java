package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.positive;
import static org.variational.constraint.Constraints.real;
import static org.variational.constraint.Constraints.simplex;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.GradientCheck;
import org.variational.density.Interactions;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;

class ConstrainedDensityTest {

    /** A normal with mean x[0] and standard deviation x[1], and a Dirichlet(2, 3, 4) on x[2..4], without constants. */
    private static final LogDensity BARE = LogDensities.of(5, (x, gradient) -> {
        gradient[0] = -x[0];
        gradient[1] = -x[1] + 2 / x[1];
        double value = -0.5 * x[0] * x[0] - 0.5 * x[1] * x[1] + 2 * Math.log(x[1]);
        for (int k = 0; k < 3; k++) {
            gradient[2 + k] = (k + 1) / x[2 + k];
            value += (k + 1) * Math.log(x[2 + k]);
        }
        return value;
    });

    private static ConstrainedDensity constrained() {
        return ConstrainedDensity.on(BARE)
                .parameter("mean", real())
                .parameter("sd", positive())
                .parameter("weights", simplex(), 3)
                .build();
    }

    @Test
    void addsTransformAndJacobian() {
        ConstrainedDensity density = constrained();
        assertThat(density.dimension()).isEqualTo(4);
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{0.4, -1}, {0.7, 0.1}, {0, 0.5}, {0, -0.2}});
        double[] values = new double[2];
        density.evaluate(points, values, null);
        DMatrixRMaj quantities = new DMatrixRMaj(1, 1);
        density.layout().quantitiesAt(points, quantities);
        for (int s = 0; s < 2; s++) {
            double[] x = new double[5];
            for (int i = 0; i < 5; i++) {
                x[i] = quantities.get(i, s);
            }
            assertThat(x[1]).isEqualTo(Math.exp(points.get(1, s)), within(1e-15));
            assertThat(x[2] + x[3] + x[4]).isEqualTo(1, within(1e-15));
            double[] bare = new double[1];
            BARE.evaluate(new DMatrixRMaj(5, 1, true, x), bare, null);
            // Stick breaking: |J| = x1 (1 - x1) * (1 - x1 - x2) x2 / (1 - x1), and sd for exp.
            double logJacobian = Math.log(x[1]) + Math.log(x[2] * x[3] * x[4]);
            assertThat(values[s]).isEqualTo(bare[0] + logJacobian, within(1e-12));
        }
    }

    @Test
    void gradientIsThatOfTheTransformedDensity() {
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{0.4, -1, 3}, {0.7, 0.1, -2}, {0, 0.5, 2}, {0, -0.2, -3}});
        ConstrainedDensity density = constrained();
        assertThat(GradientCheck.worst(density, density.layout(), points)).isEmpty();
    }

    @Test
    void namesItsParameters() {
        assertThat(constrained().layout().coordinateNames()).containsExactly("mean", "sd", "weights~0", "weights~1");
        assertThat(constrained().layout().quantities()).extracting("name").containsExactly("mean", "sd", "weights");
    }

    @Test
    void refusesParametersOfAnotherSize() {
        assertThatThrownBy(() -> ConstrainedDensity.on(BARE)
                        .parameter("only", ordered(), 3)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the parameters declared have 3 values in all, but the density has dimension 5");
    }

    /** What acts together is known of values as of coordinates where each has its own, and else not. */
    @Test
    void interactionsAreThoseOfTheValuesWhereEachHasItsCoordinate() {
        LogDensity known = new LogDensity() {
            @Override
            public int dimension() {
                return 3;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                throw new AssertionError("the density is not to be evaluated");
            }

            @Override
            public Interactions interactions() {
                return Interactions.of(3, List.of(new int[] {0, 2})).withScales(2);
            }
        };
        ConstrainedDensity each = ConstrainedDensity.on(known)
                .parameter("mean", real(), 2)
                .parameter("sd", positive())
                .build();
        assertThat(each.interactions().related().neighbours(0)).containsExactly(2);
        assertThat(each.interactions().related().degree(1)).isZero();
        ConstrainedDensity together =
                ConstrainedDensity.on(known).parameter("all", ordered(), 3).build();
        assertThat(together.interactions()).isNull();
    }
}

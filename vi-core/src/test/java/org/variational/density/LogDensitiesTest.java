package org.variational.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;

class LogDensitiesTest {

    @Test
    void evaluatesEveryLaneByItself() {
        LogDensity density = LogDensities.of(2, (x, gradient) -> {
            gradient[0] = x[1];
            gradient[1] = x[0];
            double product = x[0] * x[1];
            x[0] = Double.NaN;
            return product;
        });
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{1, 2, 3}, {4, 5, 6}});
        double[] values = new double[3];
        DMatrixRMaj gradient = new DMatrixRMaj(2, 3);
        density.evaluate(points, values, gradient);
        assertThat(values).containsExactly(4, 10, 18);
        assertThat(gradient.data).containsExactly(4, 5, 6, 1, 2, 3);
        assertThat(points.data).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void aDensityOfValuesHasNoGradient() {
        LogDensity density = LogDensities.ofValues(1, x -> -x[0]);
        double[] values = new double[1];
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{3}});
        density.evaluate(points, values, null);
        assertThat(values).containsExactly(-3);
        assertThat(density.hasGradient()).isFalse();
        assertThatThrownBy(() -> density.evaluate(points, values, new DMatrixRMaj(1, 1)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("score function");
    }

    @Test
    void refusesADimensionBelowOne() {
        assertThatThrownBy(() -> LogDensities.ofValues(0, x -> 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dimension must be at least 1, got 0");
        assertThatThrownBy(() -> ParameterLayout.unnamed(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dimension must be at least 1, got 0");
    }

    @Test
    void scalarsAreNamedByTheirIndices() {
        assertThat(Quantity.scalar("tau", Role.INFERRED).scalarNames()).isEqualTo(List.of("tau"));
        assertThat(Quantity.vector("theta", 2, Role.INFERRED).scalarNames()).isEqualTo(List.of("theta[0]", "theta[1]"));
        assertThat(Quantity.matrix("L", 1, 2, Role.DERIVED).scalarNames()).isEqualTo(List.of("L[0,0]", "L[0,1]"));
        assertThat(ParameterLayout.unnamed(2).coordinateNames()).isEqualTo(List.of("x[0]", "x[1]"));
    }
}

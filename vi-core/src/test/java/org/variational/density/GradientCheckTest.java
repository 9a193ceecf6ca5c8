package org.variational.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

class GradientCheckTest {

    private static final DMatrixRMaj POINTS = new DMatrixRMaj(new double[][] {{0.3, -2, 5}, {1.5, 0.1, -40}});

    private static LogDensity density(double sign, double scale) {
        return LogDensities.of(2, (x, gradient) -> {
            gradient[0] = -x[0] / (scale * scale);
            gradient[1] = sign * (Math.cos(x[1]) - x[1]);
            return -0.5 * x[0] * x[0] / (scale * scale) + Math.sin(x[1]) - 0.5 * x[1] * x[1];
        });
    }

    @Test
    void acceptsARightGradient() {
        assertThat(GradientCheck.worst(density(1, 1), ParameterLayout.unnamed(2), POINTS))
                .isEmpty();
    }

    @Test
    void acceptsExtremeScales() {
        assertThat(GradientCheck.worst(density(1, 1e-4), ParameterLayout.unnamed(2), POINTS))
                .isEmpty();
        assertThat(GradientCheck.worst(density(1, 1e6), ParameterLayout.unnamed(2), POINTS))
                .isEmpty();
    }

    @Test
    void namesTheCoordinateTheNumbersAndThePointOfAWrongSign() {
        Optional<GradientCheck.Mismatch> found =
                GradientCheck.worst(density(-1, 1), ParameterLayout.unnamed(2), POINTS);
        assertThat(found).isPresent();
        assertThat(found.orElseThrow().coordinate()).isEqualTo(1);
        assertThat(found.orElseThrow().describe())
                .startsWith("gradient row 1 (\"x[1]\") is ")
                .contains("central differences of the log density give")
                .contains("at point [");
    }

    @Test
    void findsAMissingTerm() {
        LogDensity missing = LogDensities.of(1, (x, gradient) -> {
            gradient[0] = -x[0];
            return -0.5 * x[0] * x[0] + 0.01 * x[0];
        });
        assertThat(GradientCheck.worst(missing, ParameterLayout.unnamed(1), new DMatrixRMaj(new double[][] {{0.5}}))
                        .orElseThrow()
                        .reported())
                .isEqualTo(-0.5);
    }

    @Test
    void findsAGradientThatIsNotANumber() {
        LogDensity broken = LogDensities.of(1, (x, gradient) -> {
            gradient[0] = Double.NaN;
            return -x[0] * x[0];
        });
        assertThat(GradientCheck.worst(broken, ParameterLayout.unnamed(1), new DMatrixRMaj(new double[][] {{1}}))
                        .orElseThrow()
                        .reported())
                .isNaN();
    }

    @Test
    void refusesADensityWithoutGradient() {
        assertThatThrownBy(
                        () -> GradientCheck.worst(LogDensities.ofValues(2, x -> 0), ParameterLayout.unnamed(2), POINTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reports no gradient");
    }

    @Test
    void refusesPointsOfAnotherDimension() {
        assertThatThrownBy(() -> GradientCheck.worst(density(1, 1), ParameterLayout.unnamed(3), POINTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the density has dimension 2, the layout 3 and the points 2 rows");
    }

    /** A constant of 1e10 leaves values with an error of 1e-6, which a step of 1e-4 turns into 1e-2 of slope. */
    @Test
    void aLargeConstantIsNoFault() {
        DMatrixRMaj points = new DMatrixRMaj(new double[][] {{0.001, 0.002, 0.003, 0.004, 0.1, 0.5, 3, -7}});
        assertThat(GradientCheck.worst(shifted(1, 1e10), ParameterLayout.unnamed(1), points))
                .isEmpty();
        assertThat(GradientCheck.worst(shifted(-1, 1e10), ParameterLayout.unnamed(1), points))
                .isPresent();
        assertThat(GradientCheck.worst(shifted(1.01, 0), ParameterLayout.unnamed(1), points))
                .isPresent();
    }

    private static LogDensity shifted(double factor, double constant) {
        return LogDensities.of(1, (x, gradient) -> {
            gradient[0] = -factor * x[0];
            return constant - 0.5 * x[0] * x[0];
        });
    }

    private static final LogDensity LOGARITHM = LogDensities.of(1, (x, gradient) -> {
        gradient[0] = 1 / x[0];
        return Math.log(x[0]);
    });

    @Test
    void aStepOutOfTheSupportIsNotCompared() {
        DMatrixRMaj atEdge = new DMatrixRMaj(new double[][] {{7.5e-5, 2}});
        assertThat(GradientCheck.worst(LOGARITHM, ParameterLayout.unnamed(1), atEdge))
                .isEmpty();
        assertThat(GradientCheck.compare(LOGARITHM, ParameterLayout.unnamed(1), atEdge, new int[] {0})
                        .compared())
                .isEqualTo(1);
    }

    @Test
    void nothingToCompareIsNoPass() {
        assertThatThrownBy(() -> GradientCheck.worst(
                        LOGARITHM, ParameterLayout.unnamed(1), new DMatrixRMaj(new double[][] {{-1, -2}})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no slope could be compared")
                .hasMessageContaining("any of the 2 points");
    }
}

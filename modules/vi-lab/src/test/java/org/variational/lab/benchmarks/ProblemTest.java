package org.variational.lab.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.variational.lab.benchmarks.Problem.PlainLoop;
import org.variational.lab.benchmarks.Problem.Simulated;

/**
 * The plain loops have the densities and gradients of the declared models, so that their times compare like with like.
 */
class ProblemTest {

    @ParameterizedTest
    @EnumSource(
            names = {"GAUSSIAN_PROCESS", "LOGISTIC_LARGE"},
            mode = EnumSource.Mode.EXCLUDE)
    void plainLoopHasTheDensityOfTheModel(Problem problem) {
        var density = problem.model().density();
        PlainLoop loop = problem.plain();
        assertThat(loop).isNotNull();
        int dimension = density.dimension();
        var random = Simulated.random();
        DMatrixRMaj point = new DMatrixRMaj(dimension, 1);
        for (int d = 0; d < dimension; d++) {
            point.data[d] = 0.3 * random.nextGaussian();
        }
        double[] value = new double[1];
        DMatrixRMaj gradient = new DMatrixRMaj(dimension, 1);
        density.evaluate(point, value, gradient);
        double[] slope = new double[dimension];
        double plain = loop.evaluate(point.data.clone(), slope);
        assertThat(value[0]).isEqualTo(plain, within(1e-10 * (1 + Math.abs(plain))));
        for (int d = 0; d < dimension; d++) {
            assertThat(gradient.data[d]).isEqualTo(slope[d], within(1e-9 * (1 + Math.abs(slope[d]))));
        }
    }
}

package org.variational.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;

class BatchedLbfgsTest {

    private static BatchedLbfgs search(LogDensity density) {
        return new BatchedLbfgs(
                new GuardedDensity(density, CoordinateSplit.of(ParameterLayout.unnamed(density.dimension()))),
                300,
                () -> false);
    }

    private static double[] end(List<BatchedLbfgs.Visit> visits) {
        return visits.get(visits.size() - 1).point();
    }

    @Test
    void findsTheModeOfAGaussianOfManyScales() {
        double[] mean = {3, -50, 0.01};
        double[] sd = {1, 20, 0.001};
        BatchedLbfgs search = search(Targets.independent(mean, sd));
        List<BatchedLbfgs.Visit> visits = search.run(new DMatrixRMaj(3, 1));
        for (int i = 0; i < 3; i++) {
            assertThat((end(visits)[i] - mean[i]) / sd[i]).isCloseTo(0, within(0.01));
        }
        assertThat(search.evaluations()).isBetween(5L, 300L);
    }

    /** In one dimension the secant condition determines the inverse curvature, which is the variance. */
    @Test
    void learnsTheCurvature() {
        List<BatchedLbfgs.Visit> visits = search(Targets.independent(new double[] {3}, new double[] {0.02}))
                .run(new DMatrixRMaj(1, 1));
        assertThat(visits.get(visits.size() - 1).inverseCurvature()[0]).isCloseTo(0.0004, within(1e-9));
    }

    /** A path does the same alone and beside others. */
    @Test
    void lanesDoNotDisturbEachOther() {
        LogDensity target = Targets.banana(1, 0.5);
        DMatrixRMaj both = new DMatrixRMaj(new double[][] {{1, -2}, {0.5, 3}});
        List<BatchedLbfgs.Visit> together = search(target).run(both);
        List<BatchedLbfgs.Visit> first = search(target).run(new DMatrixRMaj(new double[][] {{1}, {0.5}}));
        List<BatchedLbfgs.Visit> second = search(target).run(new DMatrixRMaj(new double[][] {{-2}, {3}}));
        assertThat(together).hasSize(first.size() + second.size());
        assertThat(together.get(first.size() - 1).point()).containsExactly(end(first));
        assertThat(end(together)).containsExactly(end(second));
    }

    @Test
    void stepsAroundPointsThatCannotBeEvaluated() {
        LogDensity walled = LogDensities.of(1, (u, g) -> {
            g[0] = -u[0] + 1;
            return u[0] > 1.2 ? Double.NaN : -0.5 * u[0] * u[0] + u[0];
        });
        BatchedLbfgs search = search(walled);
        assertThat(end(search.run(new DMatrixRMaj(new double[][] {{-80}})))[0]).isCloseTo(1, within(0.01));
    }

    @Test
    void stopsWhenAsked() {
        BatchedLbfgs search = new BatchedLbfgs(
                new GuardedDensity(Targets.banana(1, 0.5), CoordinateSplit.of(ParameterLayout.unnamed(2))),
                300,
                () -> true);
        assertThat(search.run(new DMatrixRMaj(2, 3))).hasSize(3);
        assertThat(search.evaluations()).isEqualTo(3);
    }
}

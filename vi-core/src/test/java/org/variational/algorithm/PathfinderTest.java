package org.variational.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.density.CountedDensity;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.estimator.Objective;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.GaussianKl;
import org.variational.family.LowRankScaleGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.Mixture;

class PathfinderTest {

    private static final Limits UNLIMITED = new Limits() {
        @Override
        public boolean ended() {
            return false;
        }

        @Override
        public Budget budget() {
            return new Budget(Long.MAX_VALUE, Long.MAX_VALUE, Budget.FOREVER);
        }
    };

    private static Task task(LogDensity density, long seed) {
        CountedDensity target = CountedDensity.of(density);
        ParameterLayout layout = ParameterLayout.unnamed(density.dimension());
        Objective objective = Objective.of(target, layout, MeanFieldGaussian.of(density.dimension()))
                .build();
        return new Task("test", target, layout, objective, null, 0, null, seed);
    }

    /** Runs to the end. */
    private static Pathfinder.State ended(Pathfinder algorithm, LogDensity density, long seed) {
        Pathfinder.State state = algorithm.start(task(density, seed), UNLIMITED);
        while (algorithm.step(state).stop() == null) {
            assertThat(algorithm.result(state).parameters()).doesNotContain(Double.NaN);
        }
        return state;
    }

    private static Fit fit(Pathfinder algorithm, LogDensity density, long seed) {
        return VariationalInference.of(density).algorithm(algorithm).seed(seed).run();
    }

    private static GaussianDistribution exact(double[] mean, double[][] covariance) {
        FullRankGaussian family = FullRankGaussian.of(mean.length);
        return family.member(family.parametersOf(mean, new DMatrixRMaj(covariance)));
    }

    /** J of at least D conjugate pairs determine a Gaussian, up to the inexactness of the line search. */
    @Test
    void isNearlyExactOnAGaussian() {
        GaussianDistribution truth = exact(new double[] {1, -2}, new double[][] {{1, 0.9}, {0.9, 1}});
        Pathfinder algorithm = Pathfinder.create();
        Pathfinder.State state = ended(algorithm, Targets.correlated(0.9, 0), 1);
        assertThat(state.paths()).hasSize(4);
        for (Pathfinder.Path path : state.paths()) {
            assertThat(path.failure()).isEmpty();
            assertThat(path.converged()).isTrue();
            assertThat(path.end()).containsExactly(new double[] {1, -2}, within(1e-3));
            assertThat(GaussianKl.divergence(path.distribution(), truth)).isLessThan(0.05);
            // of a normalised density the bound is minus the divergence: within 6 of its standard errors
            assertThat(path.elbo()).isCloseTo(0, within(0.05 + 6 * path.elboError()));
        }
        assertThat(algorithm.result(state).family()).isInstanceOf(Mixture.class);
    }

    @Test
    void oneCoordinate() {
        Fit fit = fit(Pathfinder.create(), Targets.independent(new double[] {40}, new double[] {0.01}), 3);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.GOOD);
        assertThat(fit.approximation().mean()[0]).isCloseTo(40, within(1e-4));
        assertThat(fit.approximation().standardDeviation()[0]).isCloseTo(0.01, within(1e-4));
    }

    @Test
    void aThousandCoordinatesOfManyScales() {
        int d = 1000;
        double[] mean = new double[d];
        double[] sd = new double[d];
        Arrays.setAll(mean, i -> Math.sin(i));
        Arrays.setAll(sd, i -> Math.pow(10, -1 + 2.0 * i / d));
        Pathfinder algorithm = Pathfinder.create().withPaths(2);
        Pathfinder.State state = ended(algorithm, Targets.independent(mean, sd), 4);
        for (Pathfinder.Path path : state.paths()) {
            assertThat(path.converged()).isTrue();
            assertThat(path.distribution()).isInstanceOf(LowRankScaleGaussian.Member.class);
            double[] estimate = path.distribution().standardDeviation();
            double[] center = path.distribution().mean();
            double squares = 0;
            double logs = 0;
            for (int i = 0; i < d; i++) {
                squares += Math.pow((center[i] - mean[i]) / sd[i], 2) / d;
                logs += Math.pow(Math.log(estimate[i] / sd[i]), 2) / d;
            }
            System.err.println(Math.sqrt(squares) + " " + Math.sqrt(logs) + " " + path.elbo());
        }
    }
}

package org.variational.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.divergence.Divergences;
import org.variational.family.CouplingFlow;
import org.variational.family.FullRankGaussian;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.Mixture;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.optimizer.Optimizers;
import org.variational.random.RandomStreams;

/** Defects of other systems that no other test is about; docs/peer-defects.md lists all of them with their tests. */
class PeerDefectsTest {

    private static Objective.Builder onGaussian(VariationalFamily family) {
        return Objective.of(GaussianTarget.correlated(0.5), ParameterLayout.unnamed(2), family);
    }

    /** Defect 7: the baseline of a single draw makes a gradient of zero; one draw is refused, two give a gradient. */
    @Test
    void aScoreGradientIsNeverIdenticallyZero() {
        Objective.Builder builder = onGaussian(MeanFieldGaussian.of(2)).estimator(GradientEstimators.scoreFunction());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.draws(1).build())
                .withMessageContaining("identically zero");
        Objective two = builder.draws(2).build();
        double[] gradient = new double[4];
        two.evaluate(
                two.initialParameters(new double[] {1, 1}, new double[] {1, 1}),
                RandomStreams.of(1),
                two.initialState(),
                gradient);
        assertThat(gradient).doesNotContain(0);
    }

    /**
     * Defect 14: reverse KL of families without an entropy in closed form. The value is the mean of log q - log p over
     * the draws of the batch, whatever the estimator, and the estimator that needs the entropy says so when it is
     * built.
     */
    @Test
    void familiesWithoutEntropyAreServed() {
        for (VariationalFamily family : List.of(CouplingFlow.of(2, 2, 3), Mixture.of(2, MeanFieldGaussian.of(2)))) {
            double[] first = new double[family.parameterCount()];
            double value = Double.NaN;
            for (GradientEstimator estimator :
                    List.of(GradientEstimators.automatic(), GradientEstimators.scoreFunction())) {
                Objective objective =
                        onGaussian(family).estimator(estimator).draws(4000).build();
                double[] lambda = objective.initialParameters(new double[] {0.5, 0}, new double[] {1.2, 1.2});
                double[] gradient = new double[lambda.length];
                Estimate estimate = objective.evaluate(lambda, RandomStreams.of(2), objective.initialState(), gradient);
                assertThat(estimate.draws().used()).isEqualTo(4000);
                // log q - log p has a standard deviation below 3: five errors of a difference of two means of 4000
                // draws
                assertThat(estimate.value())
                        .isCloseTo(
                                Double.isNaN(value) ? estimate.value() : value, within(5 * 3 * Math.sqrt(2 / 4000.0)));
                value = estimate.value();
                first = gradient;
            }
            assertThat(Arrays.stream(first).map(Math::abs).max().orElseThrow()).isGreaterThan(0.01);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> onGaussian(family)
                            .estimator(GradientEstimators.closedFormEntropy())
                            .build())
                    .withMessageContaining(": use ");
        }
    }

    /** Defect 15: draws are made with the lower Cholesky factor: their covariance is L L', and not L' L. */
    @Test
    void drawsHaveTheCovarianceOfTheLowerFactor() {
        FullRankGaussian family = FullRankGaussian.of(2);
        double[] lambda = {0, 0, Math.log(2), 1.5, Math.log(0.5)};
        VariationalDistribution q = family.member(lambda);
        DMatrixRMaj points = new DMatrixRMaj(2, 2);
        q.sample(new DMatrixRMaj(new double[][] {{1, 0}, {0, 1}}), points);
        // the columns are those of L, so that points points' is the covariance
        double[][] covariance = new double[2][2];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                covariance[i][j] = points.get(i, 0) * points.get(j, 0) + points.get(i, 1) * points.get(j, 1);
            }
        }
        assertThat(covariance[0]).usingComparatorWithPrecision(1e-14).containsExactly(4, 3);
        assertThat(covariance[1]).usingComparatorWithPrecision(1e-14).containsExactly(3, 2.5);
        double[] logQ = new double[1];
        q.logDensity(new DMatrixRMaj(2, 1), logQ);
        assertThat(logQ[0]).isCloseTo(-Math.log(2 * Math.PI) - Math.log(2 * 0.5), within(1e-14));
    }

    /** Defect 16: the determinant of a thousand scales of 1e-3 or of 1e3 is no double, its logarithm is. */
    @Test
    void determinantsInHighDimensionDoNotOverflow() {
        int dimension = 1000;
        for (double scale : new double[] {1e-3, 1e3}) {
            double[] sd = new double[dimension];
            Arrays.fill(sd, scale);
            for (VariationalFamily family :
                    List.of(MeanFieldGaussian.of(dimension), LowRankGaussian.of(dimension, 1))) {
                VariationalDistribution q = family.member(family.initialParameters(new double[dimension], sd));
                double[] logQ = new double[1];
                q.logDensity(new DMatrixRMaj(dimension, 1), logQ);
                // the low-rank start has (about) these scales: a small factor on top of the diagonal
                double exact = -dimension * (Math.log(2 * Math.PI) / 2 + Math.log(scale));
                assertThat(logQ[0]).as(family.name()).isCloseTo(exact, within(0.01 * dimension));
            }
        }
    }

    /** Defect 21: a fit leaves the optimiser as it was, so that the next one takes the same steps. */
    @Test
    void anOptimiserIsNotChangedByARun() {
        for (Optimizer optimizer : List.of(
                Optimizers.adam(0.1),
                Optimizers.rmsProp(0.1),
                Optimizers.adaGrad(0.1),
                Optimizers.doWG(),
                Optimizers.cocob())) {
            assertThat(run(optimizer)).as(optimizer.name()).isEqualTo(run(optimizer));
        }
    }

    private static double[] run(Optimizer optimizer) {
        double[] x = {1, -2};
        OptimizerState state = optimizer.start(x);
        for (int t = 0; t < 50; t++) {
            optimizer.step(x, new double[] {x[0], 3 * x[1]}, t < 25 ? 1 : 0.1, state);
        }
        return x;
    }

    /** Defect 12: weights that no double holds, e^(1e5) and e^(-1e5), are normalised like any others. */
    @Test
    void weightsAreNeverTakenOutOfTheLogarithm() {
        double[] lambda = {0.2, 0.1, 0.1, -0.1};
        double[][] gradients = new double[3][4];
        double[] shifts = {0, 1e5, -1e5};
        for (int k = 0; k < 3; k++) {
            double shift = shifts[k];
            GaussianTarget target = GaussianTarget.correlated(0.5);
            Objective objective = Objective.of(
                            new org.variational.density.LogDensity() {
                                @Override
                                public int dimension() {
                                    return 2;
                                }

                                @Override
                                public void evaluate(
                                        DMatrixRMaj points,
                                        double[] logDensity,
                                        @org.jspecify.annotations.Nullable DMatrixRMaj gradient) {
                                    target.evaluate(points, logDensity, gradient);
                                    for (int s = 0; s < points.numCols; s++) {
                                        logDensity[s] += shift;
                                    }
                                }
                            },
                            ParameterLayout.unnamed(2),
                            MeanFieldGaussian.of(2))
                    .divergence(Divergences.forwardKl())
                    .estimator(GradientEstimators.scoreFunction())
                    .draws(50)
                    .build();
            objective.evaluate(lambda, RandomStreams.of(3), objective.initialState(), gradients[k]);
        }
        // log densities of 1e5 are rounded to 1e-11
        assertThat(gradients[1]).usingComparatorWithPrecision(1e-9).containsExactly(gradients[0]);
        assertThat(gradients[2]).usingComparatorWithPrecision(1e-9).containsExactly(gradients[0]);
        assertThat(gradients[0]).doesNotContain(0);
    }
}

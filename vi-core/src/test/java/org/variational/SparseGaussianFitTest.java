package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;

import java.util.List;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.algorithm.Targets;
import org.variational.density.Interactions;
import org.variational.density.LogDensity;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergences;
import org.variational.estimator.GradientEstimator;
import org.variational.estimator.GradientEstimators;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.family.GaussianDistribution;
import org.variational.family.SparseGaussian;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/** Fits of the Gaussian with a sparse precision; the optimum is the target where that is a Gaussian of its pattern. */
class SparseGaussianFitTest {

    private static final double[] OBSERVED = {1, 0.5, -0.3, 0.8};
    private static final DMatrixRMaj PRECISION =
            new DMatrixRMaj(4, 4, true, 3, -1, 0, 0, -1, 3, -1, 0, 0, -1, 3, -1, 0, 0, -1, 2);

    /** A walk with unit steps from N(0, 1), each state observed with unit error. */
    private static Model walk() {
        ModelBuilder m = Model.named("walk");
        Expr x = m.parameter("x", flat(), 4);
        m.addLogDensity(normal(0, 1).logDensity(x.element(0)));
        m.addLogDensity(normal(x.slice(0, 3), 1).logDensity(x.slice(1, 4)));
        m.observe("observed", normal(x, 1), OBSERVED);
        return m.build();
    }

    private static void requireTarget(Fit fit, double tolerance) {
        DMatrixRMaj covariance = new DMatrixRMaj(4, 4);
        CommonOps_DDRM.invert(PRECISION, covariance);
        DMatrixRMaj mean = new DMatrixRMaj(4, 1);
        CommonOps_DDRM.mult(covariance, new DMatrixRMaj(4, 1, true, OBSERVED), mean);
        GaussianDistribution q = (GaussianDistribution) fit.distribution();
        assertThat(q.family()).isInstanceOf(SparseGaussian.class);
        for (int i = 0; i < 4; i++) {
            double sd = Math.sqrt(covariance.get(i, i));
            assertThat(q.mean()[i]).isCloseTo(mean.get(i), within(tolerance * sd));
            assertThat(q.standardDeviation()[i] / sd).isCloseTo(1, within(tolerance));
        }
        assertThat(q.covariance().get(0, 1)).isCloseTo(covariance.get(0, 1), within(2 * tolerance * 0.4));
    }

    static Stream<Arguments> choices() {
        return Stream.of(
                Arguments.of(Divergences.reverseKl(), GradientEstimators.closedFormEntropy()),
                Arguments.of(Divergences.reverseKl(), GradientEstimators.totalDerivative()),
                Arguments.of(Divergences.reverseKl(), GradientEstimators.scoreFunction()),
                Arguments.of(Divergences.forwardKl(), GradientEstimators.automatic()),
                Arguments.of(Divergences.forwardKl(), GradientEstimators.selfNormalised()),
                Arguments.of(Divergences.forwardKl(), GradientEstimators.markovChains()),
                Arguments.of(Divergences.renyi(0.5), GradientEstimators.automatic()),
                Arguments.of(Divergences.importanceWeighted(8), GradientEstimators.doublyReparameterised()),
                Arguments.of(Divergences.chiSquared(), GradientEstimators.automatic()),
                Arguments.of(Divergences.jensenShannon(), GradientEstimators.automatic()));
    }

    @ParameterizedTest
    @MethodSource("choices")
    void everyEstimatorAndDivergenceFindsTheTarget(Divergence divergence, GradientEstimator estimator) {
        Fit fit = VariationalInference.of(walk())
                .family(Families.sparse())
                .minimise(divergence)
                .estimator(estimator)
                .draws(64)
                .seed(3)
                .maxIterations(2000)
                .run();
        requireTarget(fit, 0.1);
    }

    /** Sticking the landing has no noise at a target that is in the family. */
    @Test
    void theDefaultGradientEndsAtTheTarget() {
        Fit fit = VariationalInference.of(walk())
                .family(Families.sparse())
                .seed(3)
                .run();
        requireTarget(fit, 0.01);
        assertThat(fit.kHat()).isLessThan(0.5);
    }

    /** A density of the user's own says its pattern itself, or the pattern is named with the family. */
    @Test
    void aBareDensityNeedsAPattern() {
        double[][] precision = {{3, -1, 0, 0}, {-1, 3, -1, 0}, {0, -1, 3, -1}, {0, 0, -1, 2}};
        DMatrixRMaj mean = new DMatrixRMaj(4, 1);
        CommonOps_DDRM.solve(PRECISION, new DMatrixRMaj(4, 1, true, OBSERVED), mean);
        LogDensity bare = Targets.gaussian(mean.data, precision, Math.log(CommonOps_DDRM.det(PRECISION)), 0);
        Interactions chain = Interactions.of(4, List.of(new int[] {0, 1}, new int[] {1, 2}, new int[] {2, 3}));
        VariationalInference fit = VariationalInference.of(bare).seed(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit.family(Families.sparse()).run())
                .withMessageContaining("interactions()");
        requireTarget(fit.family(Families.sparse(chain)).run(), 0.01);
        requireTarget(
                VariationalInference.of(new Patterned(bare, chain))
                        .family(Families.sparse())
                        .seed(3)
                        .run(),
                0.01);
        Interactions ofThree = Interactions.of(3, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VariationalInference.of(new Patterned(bare, ofThree))
                        .family(Families.sparse())
                        .run())
                .withMessageContaining("between 3 coordinates, but the density has 4");
    }

    private record Patterned(LogDensity density, Interactions interactions) implements LogDensity {
        @Override
        public int dimension() {
            return density.dimension();
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            density.evaluate(points, logDensity, gradient);
        }
    }
}

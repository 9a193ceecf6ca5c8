package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;
import org.variational.random.RandomStreams;

class SparseGaussianTest {

    private static Interactions chain(int d) {
        return Interactions.of(
                d, IntStream.range(1, d).mapToObj(i -> new int[] {i - 1, i}).toList());
    }

    private static SparseGaussian.Member random(SparseGaussian family, long seed) {
        RandomGenerator random = RandomStreams.of(seed).generator("test", 0);
        double[] parameters = new double[family.parameterCount()];
        Arrays.setAll(parameters, i -> 0.6 * random.nextGaussian());
        return family.member(parameters);
    }

    @Test
    void isTheDenseGaussianOfItsCovariance() {
        SparseGaussian family = SparseGaussian.of(
                Interactions.of(6, List.of(new int[] {0, 1, 2}, new int[] {0, 2, 3}, new int[] {3, 4})));
        SparseGaussian.Member q = random(family, 3);
        FullRankGaussian full = FullRankGaussian.of(6);
        FullRankGaussian.Member p = full.member(full.parametersOf(q.mean(), q.covariance()));
        DMatrixRMaj points = new DMatrixRMaj(6, 9);
        RandomGenerator random = RandomStreams.of(4).generator("points", 0);
        Arrays.setAll(points.data, i -> random.nextGaussian());
        double[] logQ = new double[9];
        double[] logP = new double[9];
        q.logDensity(points, logQ);
        p.logDensity(points, logP);
        assertThat(logQ).containsExactly(logP, within(1e-10));
        assertThat(q.entropy()).isCloseTo(p.entropy(), within(1e-12));
        assertThat(q.standardDeviation()).containsExactly(p.standardDeviation(), within(1e-12));
        // the precision has entries where coordinates act together, or elimination joins them, and nowhere else
        DMatrixRMaj precision = new DMatrixRMaj(6, 6);
        CommonOps_DDRM.invert(q.covariance(), precision);
        assertThat(Math.abs(precision.get(5, 0))).isLessThan(1e-11);
        assertThat(Math.abs(precision.get(4, 1))).isLessThan(1e-11);
        assertThat(Math.abs(precision.get(4, 3))).isGreaterThan(1e-3);
        assertThat(GaussianKl.divergence(q, p)).isCloseTo(0, within(1e-10));
    }

    @Test
    void divergencesAreThoseOfTheDenseGaussians() {
        SparseGaussian family = SparseGaussian.of(
                Interactions.of(6, List.of(new int[] {0, 1, 2}, new int[] {0, 2, 3}, new int[] {3, 4})));
        SparseGaussian.Member p = random(family, 5);
        SparseGaussian.Member q = random(family, 6);
        FullRankGaussian full = FullRankGaussian.of(6);
        double dense = GaussianKl.divergence(p, full.member(full.parametersOf(q.mean(), q.covariance())));
        assertThat(GaussianKl.divergence(p, q)).isCloseTo(dense, within(1e-10 * dense));
        assertThat(GaussianKl.divergence(q, q)).isCloseTo(0, within(1e-14));
        // of another pattern, through the covariances
        SparseGaussian.Member r = random(SparseGaussian.of(chain(6)), 7);
        double other = GaussianKl.divergence(p, full.member(full.parametersOf(r.mean(), r.covariance())));
        assertThat(GaussianKl.divergence(p, r)).isCloseTo(other, within(1e-10 * other));
    }

    /** A stationary autoregression has a chain for its precision, which is known in closed form. */
    @Test
    void anAutoregressionHasItsStandardDeviationsAndEntropy() {
        int d = 10_000;
        double phi = 0.9;
        SparseGaussian family = SparseGaussian.of(chain(d));
        double[] factor = new double[family.pattern().entries()];
        double innovation = Math.sqrt(1 - phi * phi);
        for (int j = 0; j < d; j++) {
            int start = family.pattern().start(j);
            int end = family.pattern().end(j);
            // conditioned on one neighbour, a state has the variance 1 - phi^2; the last one has variance 1
            factor[start] = start + 1 < end ? 1 / innovation : 1;
            if (start + 1 < end) {
                factor[start + 1] = -phi / innovation;
            }
        }
        SparseGaussian.Member q = family.member(family.parametersOf(new double[d], factor));
        double[] ones = new double[d];
        Arrays.fill(ones, 1);
        assertThat(q.standardDeviation()).containsExactly(ones, within(1e-9));
        double exact = 0.5 * d * (1 + Math.log(2 * Math.PI)) + (d - 1) * Math.log(innovation);
        assertThat(q.entropy()).isCloseTo(exact, within(1e-9 * d));
        assertThat(family.parameterCount()).isEqualTo(3 * d - 1);
        // draws of neighbours have the correlation phi, to 5 standard errors of d S products that are correlated
        int lanes = 64;
        DMatrixRMaj noise = new DMatrixRMaj(d, lanes);
        RandomGenerator random = RandomStreams.of(7).generator("noise", 0);
        Arrays.setAll(noise.data, i -> random.nextGaussian());
        DMatrixRMaj points = new DMatrixRMaj(d, lanes);
        q.sample(noise, points);
        double sum = 0;
        for (int at = lanes; at < d * lanes; at++) {
            sum += points.data[at] * points.data[at - lanes];
        }
        double independent = (d - 1) * lanes * (1 - phi * phi) / (1 + phi * phi);
        assertThat(sum / ((d - 1) * lanes)).isCloseTo(phi, within(5 * Math.sqrt(2 / independent)));
    }

    @Test
    void parametersOfAFactorAreThatFactor() {
        SparseGaussian family = SparseGaussian.of(chain(3));
        double[] factor = new double[family.pattern().entries()];
        Arrays.fill(factor, 0.5);
        SparseGaussian.Member q = family.member(family.parametersOf(new double[] {1, 2, 3}, factor));
        assertThat(q.mean()).containsExactly(1, 2, 3);
        assertThat(q.entropy()).isCloseTo(1.5 * (1 + Math.log(2 * Math.PI)) - 3 * Math.log(0.5), within(1e-14));
        factor[0] = 0;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.parametersOf(new double[3], factor))
                .withMessageContaining("must be positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.parametersOf(new double[3], new double[2]))
                .withMessageContaining("5 entries");
    }

    @Test
    void theFactoryNeedsAPatternThatItCanAfford() {
        ParameterLayout unknown = ParameterLayout.unnamed(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.sparse().forLayout(unknown))
                .withMessageContaining("these 3")
                .withMessageContaining("sparse(Interactions)")
                .withMessageContaining("fullRank()")
                .withMessageContaining("lowRank()");
        assertThat(Families.sparse(chain(3)).forLayout(unknown).parameterCount())
                .isEqualTo(8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.sparse(chain(4)).forLayout(unknown))
                .withMessageContaining("between 4")
                .withMessageContaining("3 are inferred");
        Interactions dense = new Interactions(Adjacency.complete(4000), Adjacency.of(4000, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SparseGaussian.of(dense))
                .withMessageContaining("4000 coordinates")
                .withMessageContaining("5,000,000")
                .withMessageContaining("lowRank()")
                .withMessageContaining("fullRank()");
    }

    @Test
    void aShapeWithWrongNumbersIsRefused() {
        FamilyShape shape = FamilyShape.of(SparseGaussian.of(chain(4)));
        assertThat(shape.family().parameterCount()).isEqualTo(11);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FamilyShape(shape.kind(), 5, shape.settings(), List.of()).family());
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new FamilyShape(shape.kind(), 4, shape.settings().subList(0, 9), List.of()).family());
    }
}

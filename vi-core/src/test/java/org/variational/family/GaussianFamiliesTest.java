package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.random.RandomStreams;

class GaussianFamiliesTest {

    private static double[] random(int n, long stream) {
        RandomGenerator random = RandomStreams.of(41).generator("test", stream);
        double[] values = new double[n];
        Arrays.setAll(values, i -> 0.8 * random.nextGaussian());
        return values;
    }

    private static FullRankGaussian.Member dense(GaussianDistribution q) {
        FullRankGaussian full = FullRankGaussian.of(q.family().dimension());
        return full.member(full.parametersOf(q.mean(), q.covariance()));
    }

    private static DMatrixRMaj points(int d, int lanes) {
        DMatrixRMaj points = new DMatrixRMaj(d, lanes);
        points.setData(random(d * lanes, 99));
        return points;
    }

    /** Peers' defects 8 and 13: a scale that is not 1 and a rank of at least 2, against the dense matrix. */
    @Test
    void lowRankIsTheDenseGaussianOfItsCovariance() {
        for (int rank : new int[] {1, 2, 3, 5}) {
            LowRankGaussian family = LowRankGaussian.of(5, rank);
            double[] parameters = random(family.parameterCount(), rank);
            LowRankGaussian.Member q = family.member(parameters);
            for (int i = 0; i < 5; i++) {
                assertThat(Math.exp(parameters[5 * (rank + 1) + i])).isNotCloseTo(1, within(1e-3));
            }
            FullRankGaussian.Member p = dense(q);
            DMatrixRMaj points = points(5, 9);
            double[] logQ = new double[9];
            double[] logP = new double[9];
            q.logDensity(points, logQ);
            p.logDensity(points, logP);
            assertThat(logQ).containsExactly(logP, within(1e-11));
            assertThat(q.entropy()).isCloseTo(p.entropy(), within(1e-12));
            assertThat(q.standardDeviation()).containsExactly(p.standardDeviation(), within(1e-12));
            DMatrixRMaj scoreQ = new DMatrixRMaj(5, 9);
            DMatrixRMaj scoreP = new DMatrixRMaj(5, 9);
            q.pointScore(points, scoreQ);
            p.pointScore(points, scoreP);
            assertThat(scoreQ.data).containsExactly(scoreP.data, within(1e-10));
        }
    }

    @Test
    void lowRankKeepsItsAccuracyWhereTheFactorDwarfsTheDiagonal() {
        // B of size 1 and d of size 1e-6: the naive difference r'r/d^2 - t'C^-1 t would lose all but 4 digits.
        LowRankGaussian family = LowRankGaussian.of(3, 1);
        double logD = Math.log(1e-6);
        LowRankGaussian.Member q = family.member(new double[] {0, 0, 0, 1, 2, -1, logD, logD, logD});
        DMatrixRMaj point = new DMatrixRMaj(3, 1, true, 0.5, 1, -0.5);
        double[] logQ = new double[1];
        q.logDensity(point, logQ);
        // the point is B times 1/2: |v|^2 = (6e12 / (1 + 6e12) / 2)^2 = 1/4 to 12 digits, and |r - B v|^2 / d^2 = 0
        double logDeterminant = 2 * 3 * logD + Math.log1p(6e12);
        assertThat(logQ[0]).isCloseTo(-1.5 * Math.log(2 * Math.PI) - 0.5 * logDeterminant - 0.125, within(1e-9));
    }

    @Test
    void blockGaussianIsTheDenseGaussianOfItsCovariance() {
        BlockGaussian family = BlockGaussian.of(List.of(
                new BlockGaussian.Block(2, true),
                new BlockGaussian.Block(2, false),
                new BlockGaussian.Block(1, false),
                new BlockGaussian.Block(1, true)));
        BlockGaussian.Member q = family.member(random(family.parameterCount(), 7));
        FullRankGaussian.Member p = dense(q);
        DMatrixRMaj points = points(6, 5);
        double[] logQ = new double[5];
        double[] logP = new double[5];
        q.logDensity(points, logQ);
        p.logDensity(points, logP);
        assertThat(logQ).containsExactly(logP, within(1e-9));
        assertThat(q.standardDeviation()).containsExactly(p.standardDeviation(), within(1e-12));
        DMatrixRMaj covariance = q.covariance();
        assertThat(covariance.get(2, 4)).as("global blocks are independent").isZero();
        assertThat(covariance.get(0, 5)).as("local blocks share the globals").isNotZero();
    }

    @Test
    void blocksFollowTheLayout() {
        record Layout(List<Block> blocks) implements ParameterLayout {
            @Override
            public int dimension() {
                return 6;
            }

            @Override
            public List<String> coordinateNames() {
                return List.of("a", "b", "c", "d", "e", "f");
            }

            @Override
            public List<Quantity> quantities() {
                return List.of();
            }

            @Override
            public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
                values.reshape(0, points.numCols);
            }
        }
        ParameterLayout layout = new Layout(List.of(
                new ParameterLayout.Block("theta", 0, 2, ParameterLayout.Role.INFERRED, false),
                new ParameterLayout.Block("empty", 2, 0, ParameterLayout.Role.INFERRED, false),
                new ParameterLayout.Block("z", 2, 4, ParameterLayout.Role.INFERRED, true)));
        BlockGaussian dependent =
                (BlockGaussian) Families.blocksWithLocalsGivenGlobals().forLayout(layout);
        assertThat(dependent.blocks())
                .containsExactly(
                        new BlockGaussian.Block(2, false),
                        new BlockGaussian.Block(1, true),
                        new BlockGaussian.Block(1, true),
                        new BlockGaussian.Block(1, true),
                        new BlockGaussian.Block(1, true));
        // 6 means, a 2 x 2 triangle, 4 scales, 4 rows of 2 regression weights
        assertThat(dependent.parameterCount()).isEqualTo(6 + 3 + 4 + 8);
        assertThat(Families.blocks().forLayout(layout).parameterCount()).isEqualTo(6 + 3 + 4);
    }

    @Test
    void fullRankFromMomentsHasTheseMoments() {
        DMatrixRMaj covariance = new DMatrixRMaj(2, 2, true, 2, -0.6, -0.6, 0.5);
        FullRankGaussian family = FullRankGaussian.of(2);
        FullRankGaussian.Member q = family.member(family.parametersOf(new double[] {1, -1}, covariance));
        assertThat(q.mean()).containsExactly(1, -1);
        assertThat(q.covariance().data).containsExactly(covariance.data, within(1e-15));
        DMatrixRMaj product = new DMatrixRMaj(2, 2);
        CommonOps_DDRM.multTransB(q.choleskyFactor(), q.choleskyFactor(), product);
        assertThat(product.data).containsExactly(covariance.data, within(1e-15));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.parametersOf(new double[2], new DMatrixRMaj(2, 2, true, 1, 2, 2, 1)))
                .withMessageContaining("not positive definite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> family.parametersOf(new double[3], covariance))
                .withMessageContaining("3 means");
    }

    /** closed_form, section 1: the divergences of the two mean-field optima of an equicorrelated Gaussian. */
    @Test
    void divergenceBetweenGaussiansMatchesTheClosedForms() {
        int d = 10;
        double rho = 0.5;
        DMatrixRMaj covariance = new DMatrixRMaj(d, d);
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                covariance.set(i, j, i == j ? 1 : rho);
            }
        }
        FullRankGaussian full = FullRankGaussian.of(d);
        FullRankGaussian.Member p = full.member(full.parametersOf(new double[d], covariance));
        double precision = (1 + (d - 2) * rho) / ((1 - rho) * (1 + (d - 1) * rho));
        double logDeterminant = (d - 1) * Math.log(1 - rho) + Math.log(1 + (d - 1) * rho);
        MeanFieldGaussian meanField = MeanFieldGaussian.of(d);
        double[] sd = new double[d];
        Arrays.fill(sd, 1 / Math.sqrt(precision));
        double reverse = GaussianKl.divergence(meanField.member(meanField.initialParameters(new double[d], sd)), p);
        assertThat(reverse).isCloseTo(0.5 * (d * Math.log(precision) - -logDeterminant), within(1e-12));
        assertThat(reverse).isCloseTo(0.7224, within(5e-5));
        Arrays.fill(sd, 1);
        double forward = GaussianKl.divergence(p, meanField.member(meanField.initialParameters(new double[d], sd)));
        assertThat(forward).isCloseTo(-0.5 * logDeterminant, within(1e-12)).isCloseTo(2.2668, within(5e-5));
        assertThat(GaussianKl.divergence(p, p)).isCloseTo(0, within(1e-13));
    }

    @Test
    void divergenceBetweenMeanFieldsIsThatOfTheDenseMatrices() {
        MeanFieldGaussian family = MeanFieldGaussian.of(4);
        MeanFieldGaussian.Member a = family.member(random(8, 1));
        MeanFieldGaussian.Member b = family.member(random(8, 2));
        assertThat(GaussianKl.divergence(a, b)).isCloseTo(GaussianKl.divergence(dense(a), dense(b)), within(1e-11));
        assertThat(GaussianKl.divergence(a, b)).isCloseTo(GaussianKl.divergence(a, dense(b)), within(1e-11));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> GaussianKl.divergence(a, MeanFieldGaussian.of(3).member(new double[6])))
                .withMessageContaining("4 and 3");
    }

    @Test
    void meanFieldServesAHundredThousandCoordinates() {
        int d = 100_000;
        VariationalFamily family = Families.meanField().forLayout(ParameterLayout.unnamed(d));
        assertThat(family.parameterCount()).isEqualTo(2 * d);
        MeanFieldGaussian.Member q = MeanFieldGaussian.of(d).member(new double[2 * d]);
        DMatrixRMaj zero = new DMatrixRMaj(d, 1);
        DMatrixRMaj point = new DMatrixRMaj(d, 1);
        q.sample(zero, point);
        double[] logQ = new double[1];
        q.logDensity(point, logQ);
        assertThat(logQ[0]).isCloseTo(-0.5 * d * Math.log(2 * Math.PI), within(1e-9));
    }

    @Test
    void sizesThatDoNotFitAreRefusedUpFront() {
        ParameterLayout large = ParameterLayout.unnamed(100_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.fullRank().forLayout(large))
                .withMessageContaining("40001200000 bytes")
                .withMessageContaining("lowRank()")
                .withMessageContaining("meanField()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.multivariateStudentT(5).forLayout(large))
                .withMessageContaining("40001200000 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.blocks().forLayout(large))
                .withMessageContaining("lowRank()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.lowRank(1000).forLayout(large))
                .withMessageContaining("smaller rank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Families.lowRank(4).forLayout(ParameterLayout.unnamed(3)))
                .withMessageContaining("between 1 and 3");
        assertThat(Families.lowRank().forLayout(ParameterLayout.unnamed(50)).parameterCount())
                .isEqualTo(50 * (7 + 2));
        assertThatIllegalArgumentException().isThrownBy(() -> MeanFieldGaussian.of(0));
    }
}

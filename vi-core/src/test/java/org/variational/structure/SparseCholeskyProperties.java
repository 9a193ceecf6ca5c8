package org.variational.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.density.Adjacency;

/**
 * Sparse factors of random patterns against EJML's dense matrices. Diagonals dominate, with at least .5 left over, so
 * that condition numbers are below 1e3 and rounding is below 1e-11.
 */
class SparseCholeskyProperties {

    private static final double ROUNDING = 1e-11;

    /** Matrices of one random pattern, and their factors. */
    private static final class Case {
        final FactorPattern pattern;
        final int lanes;
        final List<DMatrixRMaj> matrices = new ArrayList<>();
        final SparseCholesky cholesky;
        final double[] factor;
        final boolean[] positive;
        final RandomGenerator random;

        Case(int n, double share, int lanes, long seed) {
            this.random = Patterns.random(seed);
            this.lanes = lanes;
            Adjacency adjacency = Patterns.scattered(n, share, random);
            int[] last = random.nextBoolean() ? new int[0] : new int[] {random.nextInt(n)};
            this.pattern = Patterns.pattern(adjacency, last);
            for (int s = 0; s < lanes; s++) {
                matrices.add(Patterns.permuted(pattern, Patterns.matrix(adjacency, random)));
            }
            this.cholesky = new SparseCholesky(pattern);
            this.factor = Patterns.entries(pattern, matrices);
            this.positive = new boolean[lanes];
            cholesky.factor(factor, lanes, positive);
        }

        double[] vectors() {
            double[] vectors = new double[pattern.size() * lanes];
            Arrays.setAll(vectors, i -> random.nextGaussian());
            return vectors;
        }

        DMatrixRMaj dense(int lane) {
            return Patterns.dense(pattern, Patterns.lane(factor, lanes, lane));
        }

        /** Compares each lane of an array with a dense product. */
        void requireProduct(double[] actual, boolean transposed, double[] x) {
            for (int s = 0; s < lanes; s++) {
                int n = pattern.size();
                DMatrixRMaj column = new DMatrixRMaj(n, 1, true, Patterns.lane(x, lanes, s));
                DMatrixRMaj product = new DMatrixRMaj(n, 1);
                if (transposed) {
                    CommonOps_DDRM.multTransA(dense(s), column, product);
                } else {
                    CommonOps_DDRM.mult(dense(s), column, product);
                }
                assertThat(Patterns.lane(actual, lanes, s)).containsExactly(product.data, within(ROUNDING));
            }
        }
    }

    @Property(tries = 200, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void theFactorTimesItsTransposeIsTheMatrix(
            @ForAll @IntRange(min = 1, max = 14) int n,
            @ForAll @DoubleRange(max = 0.6) double share,
            @ForAll @IntRange(min = 1, max = 9) int lanes,
            @ForAll long seed) {
        Case of = new Case(n, share, lanes, seed);
        double[] halfLogDeterminants = new double[lanes];
        of.cholesky.sumOfLogDiagonals(of.factor, lanes, halfLogDeterminants);
        for (int s = 0; s < lanes; s++) {
            assertThat(of.positive[s]).isTrue();
            DMatrixRMaj product = new DMatrixRMaj(n, n);
            CommonOps_DDRM.multTransB(of.dense(s), of.dense(s), product);
            assertThat(product.data).containsExactly(of.matrices.get(s).data, within(ROUNDING));
            assertThat(2 * halfLogDeterminants[s])
                    .isCloseTo(Math.log(CommonOps_DDRM.det(of.matrices.get(s))), within(ROUNDING));
        }
    }

    @Property(tries = 200, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void productsAndSolvesAreThoseOfTheFactor(
            @ForAll @IntRange(min = 1, max = 14) int n,
            @ForAll @DoubleRange(max = 0.6) double share,
            @ForAll @IntRange(min = 1, max = 9) int lanes,
            @ForAll long seed) {
        Case of = new Case(n, share, lanes, seed);
        double[] x = of.vectors();
        double[] y = of.vectors();
        of.cholesky.multiply(of.factor, lanes, x, y);
        of.requireProduct(y, false, x);
        of.cholesky.solve(of.factor, lanes, y);
        assertThat(y).containsExactly(x, within(ROUNDING));
        of.cholesky.multiplyTransposed(of.factor, lanes, x, y);
        of.requireProduct(y, true, x);
        of.cholesky.solveTransposed(of.factor, lanes, y);
        assertThat(y).containsExactly(x, within(ROUNDING));
    }

    /** Identity 1 of the structure notes: the selected inverse is the dense inverse on the pattern. */
    @Property(tries = 200, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void theSelectedInverseIsTheInverseOnThePattern(
            @ForAll @IntRange(min = 1, max = 14) int n,
            @ForAll @DoubleRange(max = 0.6) double share,
            @ForAll @IntRange(min = 1, max = 9) int lanes,
            @ForAll long seed) {
        Case of = new Case(n, share, lanes, seed);
        double[] inverse = new double[of.factor.length];
        of.cholesky.selectedInverse(of.factor, lanes, inverse);
        List<DMatrixRMaj> inverses = new ArrayList<>();
        for (DMatrixRMaj matrix : of.matrices) {
            DMatrixRMaj dense = new DMatrixRMaj(n, n);
            CommonOps_DDRM.invert(matrix, dense);
            inverses.add(dense);
        }
        assertThat(inverse).containsExactly(Patterns.entries(of.pattern, inverses), within(ROUNDING));
    }

    /** A matrix that is not positive definite is told, and leaves the bits of the other lanes as they are alone. */
    @Property(tries = 200, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void lanesDoNotDisturbEachOther(
            @ForAll @IntRange(min = 1, max = 14) int n,
            @ForAll @DoubleRange(max = 0.6) double share,
            @ForAll @IntRange(min = 2, max = 9) int lanes,
            @ForAll long seed) {
        Case of = new Case(n, share, lanes, seed);
        int bad = of.random.nextInt(lanes);
        int where = of.random.nextInt(n);
        List<DMatrixRMaj> matrices = new ArrayList<>(of.matrices);
        DMatrixRMaj broken = matrices.get(bad).copy();
        broken.set(where, where, of.random.nextBoolean() ? -1e-3 : Double.NaN);
        matrices.set(bad, broken);
        double[] factor = Patterns.entries(of.pattern, matrices);
        boolean[] positive = new boolean[lanes];
        of.cholesky.factor(factor, lanes, positive);
        double[] inverse = new double[factor.length];
        of.cholesky.selectedInverse(factor, lanes, inverse);
        double[] x = of.vectors();
        double[] solved = x.clone();
        of.cholesky.solve(factor, lanes, solved);
        for (int s = 0; s < lanes; s++) {
            assertThat(positive[s]).isEqualTo(s != bad);
            if (s != bad) {
                double[] alone = Patterns.entries(of.pattern, List.of(matrices.get(s)));
                boolean[] one = new boolean[1];
                of.cholesky.factor(alone, 1, one);
                assertThat(Patterns.lane(factor, lanes, s)).isEqualTo(alone);
                double[] aloneInverse = new double[alone.length];
                of.cholesky.selectedInverse(alone, 1, aloneInverse);
                assertThat(Patterns.lane(inverse, lanes, s)).isEqualTo(aloneInverse);
                double[] aloneX = Patterns.lane(x, lanes, s);
                of.cholesky.solve(alone, 1, aloneX);
                assertThat(Patterns.lane(solved, lanes, s)).isEqualTo(aloneX);
            }
        }
    }
}

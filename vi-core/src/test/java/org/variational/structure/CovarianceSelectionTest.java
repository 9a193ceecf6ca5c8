package org.variational.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.density.Adjacency;

class CovarianceSelectionTest {

    /** Covariances of anything, here of a sample, whatever the pattern: these on the pattern are kept exactly. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.3, 1})
    void keepsTheCovariancesOnThePattern(double share) {
        int n = 12;
        RandomGenerator random = Patterns.random(11);
        FactorPattern pattern = Patterns.pattern(Patterns.scattered(n, share, random));
        DMatrixRMaj sample = new DMatrixRMaj(n, 30);
        Arrays.setAll(sample.data, i -> random.nextGaussian() + 0.5 * random.nextGaussian());
        DMatrixRMaj covariance = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransB(1.0 / 30, sample, sample, covariance);
        double[] onPattern = Patterns.entries(pattern, List.of(covariance));
        double[] factor = CovarianceSelection.factor(pattern, onPattern);
        assertThat(factor).isNotNull();
        double[] inverse = new double[factor.length];
        new SparseCholesky(pattern).selectedInverse(factor, 1, inverse);
        assertThat(inverse).containsExactly(onPattern, within(1e-12));
        if (share == 1) {
            DMatrixRMaj lower = Patterns.dense(pattern, factor);
            DMatrixRMaj precision = new DMatrixRMaj(n, n);
            CommonOps_DDRM.multTransB(lower, lower, precision);
            DMatrixRMaj dense = new DMatrixRMaj(n, n);
            CommonOps_DDRM.invert(covariance, dense);
            assertThat(precision.data).containsExactly(dense.data, within(1e-9));
        }
    }

    /** The inverse operation of the selected inverse. */
    @Test
    void findsAFactorAgain() {
        Adjacency adjacency = Patterns.scattered(20, 0.15, Patterns.random(2));
        FactorPattern pattern = Patterns.pattern(adjacency);
        DMatrixRMaj matrix = Patterns.permuted(pattern, Patterns.matrix(adjacency, Patterns.random(3)));
        double[] factor = Patterns.entries(pattern, List.of(matrix));
        SparseCholesky cholesky = new SparseCholesky(pattern);
        cholesky.factor(factor, 1, new boolean[1]);
        double[] inverse = new double[factor.length];
        cholesky.selectedInverse(factor, 1, inverse);
        assertThat(CovarianceSelection.factor(pattern, inverse)).containsExactly(factor, within(1e-11));
    }

    @Test
    void covariancesThatAreNoneAreTold() {
        FactorPattern pattern = Patterns.pattern(Patterns.chain(2));
        assertThat(CovarianceSelection.factor(pattern, new double[] {1, 1.5, 1}))
                .isNull();
        assertThat(CovarianceSelection.factor(pattern, new double[] {1, Double.NaN, 1}))
                .isNull();
        assertThat(CovarianceSelection.work(pattern)).isEqualTo((8 + 1) / 3.0);
    }

    /** Products with a factor in the order of the matrix, by EJML's products of the permuted factor. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void aFactorAppliesToPanelsInTheOrderOfTheMatrix(int lanes) {
        int n = 9;
        RandomGenerator random = Patterns.random(21);
        FactorPattern pattern = Patterns.pattern(Patterns.scattered(n, 0.3, random));
        double[] entries = new double[pattern.entries()];
        Arrays.setAll(entries, i -> random.nextGaussian());
        for (int j = 0; j < n; j++) {
            entries[pattern.start(j)] = 1 + random.nextDouble();
        }
        DMatrixRMaj lower = Patterns.dense(pattern, entries);
        DMatrixRMaj ordered = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                ordered.set(pattern.node(i), pattern.node(j), lower.get(i, j));
            }
        }
        DMatrixRMaj x = new DMatrixRMaj(n, lanes);
        Arrays.setAll(x.data, i -> random.nextGaussian());
        SparseFactor factor = new SparseFactor(pattern, entries);
        DMatrixRMaj expected = new DMatrixRMaj(n, lanes);
        double[] y = x.data.clone();
        CommonOps_DDRM.mult(ordered, x, expected);
        factor.multiply(y, lanes);
        assertThat(y).containsExactly(expected.data, within(1e-13));
        factor.solve(y, lanes);
        assertThat(y).containsExactly(x.data, within(1e-12));
        CommonOps_DDRM.multTransA(ordered, x, expected);
        factor.multiplyTransposed(y, lanes);
        assertThat(y).containsExactly(expected.data, within(1e-12));
        factor.solveTransposed(y, lanes);
        assertThat(y).containsExactly(x.data, within(1e-11));
    }
}

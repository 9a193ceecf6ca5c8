package org.variational.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentMatchingTest {

    private static DMatrixRMaj noise(DrawScheme scheme, int rows, int draws) {
        DMatrixRMaj noise = new DMatrixRMaj(rows, draws);
        scheme.draws(rows, RandomStreams.of(9)).fill(0, noise);
        return noise;
    }

    private static double product(DMatrixRMaj noise, int i, int j) {
        double sum = 0;
        for (int s = 0; s < noise.numCols; s++) {
            sum += noise.get(i, s) * noise.get(j, s) / noise.numCols;
        }
        return sum;
    }

    private static double mean(DMatrixRMaj noise, int i) {
        double sum = 0;
        for (int s = 0; s < noise.numCols; s++) {
            sum += noise.get(i, s) / noise.numCols;
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({"1,2,true", "5,6,true", "5,40,true", "5,5,false", "30,20,false"})
    void momentsAreExact(int rows, int draws, boolean whitened) {
        DMatrixRMaj noise = noise(DrawScheme.independent(), rows, draws);
        assertThat(MomentMatching.match(noise, draws)).isEqualTo(whitened);
        for (int i = 0; i < rows; i++) {
            assertThat(mean(noise, i)).isCloseTo(0, within(1e-12));
            assertThat(product(noise, i, i)).isCloseTo(1, within(1e-12));
            for (int j = 0; j < i && whitened; j++) {
                assertThat(product(noise, i, j)).isCloseTo(0, within(1e-11));
            }
        }
    }

    @Test
    void antitheticPairsStayPairs() {
        for (int draws : new int[] {10, 20}) {
            DMatrixRMaj noise = noise(DrawScheme.antithetic(), 6, draws);
            assertThat(MomentMatching.match(noise, draws / 2)).isEqualTo(draws == 20);
            for (int i = 0; i < 6; i++) {
                for (int s = 0; s < draws; s += 2) {
                    assertThat(noise.get(i, s)).isCloseTo(-noise.get(i, s + 1), within(1e-12));
                }
            }
        }
    }

    @Test
    void degenerateRowsStayFinite() {
        DMatrixRMaj noise = new DMatrixRMaj(2, 4);
        noise.data[0] = 1;
        assertThat(MomentMatching.match(noise, 4)).isFalse();
        for (double entry : noise.data) {
            assertThat(entry).isFinite();
        }
        assertThat(product(noise, 0, 0)).isCloseTo(1, within(1e-12));
        assertThat(product(noise, 1, 1)).isEqualTo(0);
    }
}

package org.variational.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DrawSchemeTest {

    static DrawScheme[] schemes() {
        return new DrawScheme[] {DrawScheme.independent(), DrawScheme.antithetic(), DrawScheme.sobol()};
    }

    private static DMatrixRMaj batch(NormalDraws draws, long batch, int lanes) {
        DMatrixRMaj noise = new DMatrixRMaj(draws.rows(), lanes);
        draws.fill(batch, noise);
        return noise;
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void aBatchDependsOnItsNumberAndNotOnWhatWasDrawnBefore(DrawScheme scheme) {
        NormalDraws draws = scheme.draws(5, RandomStreams.of(11));
        DMatrixRMaj third = batch(draws, 3, 8);
        batch(draws, 4, 7);
        assertThat(batch(draws, 3, 8).data).isEqualTo(third.data);
        assertThat(batch(scheme.draws(5, RandomStreams.of(11)), 3, 8).data).isEqualTo(third.data);
        assertThat(batch(draws, 4, 8).data).isNotEqualTo(third.data);
        assertThat(batch(scheme.draws(5, RandomStreams.of(12)), 3, 8).data).isNotEqualTo(third.data);
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void everyDrawAloneIsStandardNormal(DrawScheme scheme) {
        // 4000 batches are independent whatever the scheme, so each of the 3 x 5 entries is an independent sample of
        // size
        // n = 4000, and sqrt(n) times its Kolmogorov distance exceeds 2.7 with probability 2 exp(-2 * 2.7^2) = 9e-7:
        // about once in 70,000 for a scheme.
        int n = 4000;
        NormalDraws draws = scheme.draws(3, RandomStreams.of(5));
        double[][] values = new double[15][n];
        DMatrixRMaj noise = new DMatrixRMaj(3, 5);
        for (int b = 0; b < n; b++) {
            draws.fill(b, noise);
            for (int i = 0; i < 15; i++) {
                values[i][b] = noise.data[i];
            }
        }
        NormalDistribution normal = new NormalDistribution();
        for (double[] sample : values) {
            Arrays.sort(sample);
            double distance = 0;
            for (int k = 0; k < n; k++) {
                double p = normal.cumulativeProbability(sample[k]);
                distance = Math.max(distance, Math.max(p - (double) k / n, (k + 1.0) / n - p));
            }
            assertThat(distance * Math.sqrt(n)).isLessThan(2.7);
        }
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void numbersAreFiniteForAnyShape(DrawScheme scheme) {
        for (int rows : new int[] {1, 2, 1000}) {
            NormalDraws draws = scheme.draws(rows, RandomStreams.of(1));
            for (int lanes : new int[] {1, 7, 64}) {
                for (double eps : batch(draws, 0, lanes).data) {
                    assertThat(eps).isFinite();
                }
            }
        }
    }

    @Test
    void antitheticDrawsComeInPairs() {
        DMatrixRMaj noise = batch(DrawScheme.antithetic().draws(4, RandomStreams.of(2)), 0, 7);
        for (int i = 0; i < 4; i++) {
            for (int s = 0; s < 6; s += 2) {
                assertThat(noise.get(i, s + 1)).isEqualTo(-noise.get(i, s));
            }
            assertThat(Math.abs(noise.get(i, 6))).isNotEqualTo(Math.abs(noise.get(i, 4)));
        }
    }

    @Test
    void sobolPointsPutOneDrawInEachStratumOfEveryRow() {
        int lanes = 64;
        NormalDistribution normal = new NormalDistribution();
        NormalDraws draws = DrawScheme.sobol().draws(40, RandomStreams.of(3));
        for (int b = 0; b < 5; b++) {
            DMatrixRMaj noise = batch(draws, b, lanes);
            for (int i = 0; i < 40; i++) {
                boolean[] hit = new boolean[lanes];
                for (int s = 0; s < lanes; s++) {
                    hit[(int) (lanes * normal.cumulativeProbability(noise.get(i, s)))] = true;
                }
                assertThat(hit).containsOnly(true);
            }
        }
    }

    @Test
    void sobolPointsIntegrateASmoothFunctionBetter() {
        // f = sum of the squares of 8 noise rows. Independent draws: variance 16 / 256 = 0.0625 of a batch's mean.
        NormalDraws draws = DrawScheme.sobol().draws(8, RandomStreams.of(4));
        int batches = 400;
        double squared = 0;
        double total = 0;
        for (int b = 0; b < batches; b++) {
            double mean = 0;
            for (double eps : batch(draws, b, 256).data) {
                mean += eps * eps / 256;
            }
            total += mean - 8;
            squared += (mean - 8) * (mean - 8);
        }
        double variance = squared / batches;
        assertThat(variance).isLessThan(0.0625 / 20);
        // Unbiased: 5 standard errors, a false alarm in 1.7 million.
        assertThat(Math.abs(total / batches)).isLessThan(5 * Math.sqrt(variance / batches));
    }

    @Test
    void onlyIndependentDrawsSayTheyAre() {
        assertThat(DrawScheme.independent().independentWithinGroup()).isTrue();
        assertThat(DrawScheme.antithetic().independentWithinGroup()).isFalse();
        assertThat(DrawScheme.sobol().independentWithinGroup()).isFalse();
    }

    @Test
    void refusals() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DrawScheme.sobol().draws(1001, RandomStreams.of(1)))
                .withMessageContaining("1001")
                .withMessageContaining("antithetic()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DrawScheme.independent().draws(0, RandomStreams.of(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        DrawScheme.independent().draws(2, RandomStreams.of(1)).fill(0, new DMatrixRMaj(3, 4)))
                .withMessageContaining("2 x S")
                .withMessageContaining("3 x 4");
    }
}

package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.diagnostic.ReferenceComparison.Moments;
import org.variational.random.RandomStreams;

class ReferenceComparisonTest {

    private static DMatrixRMaj normals(String purpose, double[] means, double[] sds, int draws) {
        RandomGenerator random = RandomStreams.of(31).generator(purpose, 0);
        DMatrixRMaj points = new DMatrixRMaj(means.length, draws);
        for (int i = 0; i < points.data.length; i++) {
            int row = i / draws;
            points.data[i] = means[row] + sds[row] * random.nextGaussian();
        }
        return points;
    }

    @Test
    void errorsAreInUnitsOfTheReference() {
        DMatrixRMaj draws = new DMatrixRMaj(new double[][] {{0, 2}, {5, 11}});
        ReferenceComparison comparison = ReferenceComparison.of(
                List.of("a", "b"), draws, Moments.exact(new double[] {2, 8}, new double[] {0.5, 6}));
        // Means 1 and 8, standard deviations 1 and 3 (divisor S), the errors sd / sqrt(2) and 0 for two values at one
        // distance.
        ReferenceComparison.Coordinate a = comparison.coordinates().get(0);
        assertThat(a.name()).isEqualTo("a");
        assertThat(a.meanError()).isCloseTo(-2, within(1e-15));
        assertThat(a.meanStandardError()).isCloseTo(Math.sqrt(0.5) / 0.5, within(1e-15));
        assertThat(a.sdRatio()).isCloseTo(2, within(1e-15));
        assertThat(a.meanIsOff()).isFalse();
        assertThat(comparison.rmsMeanError()).isCloseTo(Math.sqrt(2), within(1e-15));
        assertThat(comparison.maxMeanError()).isCloseTo(2, within(1e-15));
        assertThat(comparison.rmsSdError()).isCloseTo(Math.sqrt((1 + 0.25) / 2), within(1e-15));
        assertThat(comparison.maxSdFactor()).isCloseTo(2, within(1e-15));
    }

    /**
     * Of 1000 coordinates with exact moments, 0.27 % are beyond three standard errors in the mean and as many in the
     * standard deviation: 5.4 expected, Poisson; 20 or more have probability 1e-6. Five coordinates that are wrong are
     * all found.
     */
    @Test
    void nothingBelowThreeMonteCarloErrorsIsCalledAnError() {
        int d = 1000;
        double[] means = new double[d];
        double[] sds = new double[d];
        Arrays.fill(sds, 3);
        DMatrixRMaj draws = normals("exact", means, sds, 1000);
        Moments reference = Moments.of(normals("reference", means, sds, 4000));
        List<String> names =
                java.util.stream.IntStream.range(0, d).mapToObj(i -> "x" + i).toList();
        ReferenceComparison exact = ReferenceComparison.of(names, draws, reference);
        assertThat(exact.differing()).hasSizeLessThan(20);
        // The mean square of 1000 errors of variance 1 / 1000 + 1 / 4000 each, relative standard error sqrt(2 / 1000).
        assertThat(exact.rmsMeanError() * exact.rmsMeanError() / (1 / 1000.0 + 1 / 4000.0))
                .isCloseTo(1, within(5 * Math.sqrt(2.0 / d)));

        for (int i = 0; i < 5; i++) {
            for (int s = 0; s < 1000; s++) {
                draws.data[i * 1000 + s] = i < 3 ? draws.data[i * 1000 + s] + 1.2 : draws.data[i * 1000 + s] * 1.3;
            }
        }
        ReferenceComparison wrong = ReferenceComparison.of(names, draws, reference);
        assertThat(wrong.differing())
                .extracting(ReferenceComparison.Coordinate::name)
                .contains("x0", "x1", "x2", "x3", "x4")
                .hasSizeLessThan(25);
        assertThat(wrong.coordinates().get(0).meanIsOff()).isTrue();
        assertThat(wrong.coordinates().get(3).sdIsOff()).isTrue();
        assertThat(wrong.coordinates().get(3).meanIsOff()).isFalse();
        // 1.2 / 3 and 1.3, each within five standard errors.
        assertThat(wrong.maxMeanError()).isCloseTo(0.4, within(5 * Math.sqrt(1 / 1000.0 + 1 / 4000.0)));
        assertThat(wrong.maxSdFactor()).isCloseTo(1.3, within(5 * 1.3 * Math.sqrt(1 / 2000.0 + 1 / 8000.0)));
        assertThat(wrong.toString()).contains("of 1000 coordinates beyond three Monte-Carlo errors");
    }

    @Test
    void weightsMendDrawsFromAnotherDistribution() {
        DMatrixRMaj draws = normals("weighted", new double[1], new double[] {1}, 20_000);
        double[] weights = new double[20_000];
        Arrays.setAll(weights, s -> Math.exp(0.5 * draws.data[s] - 0.125));
        Moments truth = Moments.exact(new double[] {0.5}, new double[] {1});
        assertThat(ReferenceComparison.of(List.of("x"), draws, truth).differing())
                .hasSize(1);
        assertThat(ReferenceComparison.of(List.of("x"), draws, weights, truth).differing())
                .isEmpty();
        weights[7] = 0;
        draws.data[7] = Double.NaN;
        assertThat(ReferenceComparison.of(List.of("x"), draws, weights, truth).differing())
                .isEmpty();
    }

    @Test
    void sizesMustAgree() {
        Moments two = Moments.exact(new double[2], new double[] {1, 1});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReferenceComparison.of(List.of("a"), new DMatrixRMaj(1, 5), two))
                .withMessageContaining("2 coordinates of the reference");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReferenceComparison.of(List.of("a", "b"), new DMatrixRMaj(2, 5), new double[4], two))
                .withMessageContaining("4 weights");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Moments.exact(new double[2], new double[] {1, 0}))
                .withMessageContaining("coordinate 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Moments.exact(new double[2], new double[1]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Moments.of(new DMatrixRMaj(1, 10)))
                .withMessageContaining("positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Moments(new double[1], new double[] {1}, new double[] {-1}, new double[1]))
                .withMessageContaining("must not be negative");
    }
}

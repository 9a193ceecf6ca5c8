package org.variational.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.variational.random.RandomStreams;

class ParetoSmoothingTest {
    private static final int REPEATS = 40;

    /**
     * Gaussian q for a Gaussian p has {@code log w = sum (1 - lambda_k) e_k^2 / 2 + const}, lambda the eigenvalues of
     * q's covariance times p's precision. Expected means and sds over repeats are those of the reference fit (loo);
     * with 40 repeats the standard error of the mean is sd / 6.3. The tolerance of 5 of them plus 0.02 for the rounding
     * of both table entries has a false-alarm rate below 1e-6 a row.
     */
    @ParameterizedTest
    @CsvSource({
        "2-D rho .3 reverse,  4000,  0.3,  2,  reverse, 0.29, 0.08",
        "2-D rho .5 reverse,  4000,  0.5,  2,  reverse, 0.47, 0.10",
        "2-D rho .7 reverse,  4000,  0.7,  2,  reverse, 0.61, 0.12",
        "2-D rho .9 reverse,  4000,  0.9,  2,  reverse, 0.84, 0.13",
        "2-D rho .95 reverse, 4000,  0.95, 2,  reverse, 0.84, 0.13",
        "2-D rho .9 forward,  4000,  0.9,  2,  forward, 0.45, 0.11",
        "2-D rho .3 reverse,  1000,  0.3,  2,  reverse, 0.32, 0.11",
        "2-D rho .9 reverse,  1000,  0.9,  2,  reverse, 0.77, 0.18",
        "2-D rho .9 forward,  1000,  0.9,  2,  forward, 0.53, 0.12",
        "D=10 rho .5 reverse, 4000,  0.5,  10, reverse, 0.77, 0.13",
        "D=10 rho .5 forward, 4000,  0.5,  10, forward, 0.65, 0.16",
        "D=50 rho .1 reverse, 4000,  0.1,  50, reverse, 0.75, 0.12",
        "D=50 rho .1 forward, 4000,  0.1,  50, forward, 0.74, 0.11"
    })
    void shapeOfMeanFieldFitsIsThatOfTheReferenceImplementation(
            String name, int draws, double rho, int dimension, String direction, double expected, double sd) {
        // Equicorrelated p with unit variances: one eigenvalue 1 + (D-1) rho, the others 1 - rho.
        double large = 1 + (dimension - 1) * rho;
        double small = 1 - rho;
        double precision = (1 + (dimension - 2) * rho) / (small * large);
        double variance = direction.equals("forward") ? 1 : 1 / precision;
        double first = variance / large;
        double rest = variance / small;
        double mean = 0;
        for (int r = 0; r < REPEATS; r++) {
            RandomGenerator random = RandomStreams.of(1).generator(name + draws, r);
            double[] logWeights = new double[draws];
            for (int s = 0; s < draws; s++) {
                for (int k = 0; k < dimension; k++) {
                    double e = random.nextGaussian();
                    logWeights[s] += (1 - (k == 0 ? first : rest)) * e * e / 2;
                }
            }
            mean += ParetoSmoothing.of(logWeights).shape() / REPEATS;
        }
        assertThat(mean).isCloseTo(expected, within(5 * sd / Math.sqrt(REPEATS) + 0.02));
    }

    /** Shifts and scales in one dimension; "+- .1" of the table is taken as the sd of one run, as above. */
    @ParameterizedTest
    @CsvSource({"0.5, 1, 0.09", "1, 1, 0.27", "2, 1, 0.60", "3, 1, 0.99", "0, 0.5, 0.68", "0, 0.7, 0.45", "0, 0.9, 0.24"
    })
    void shapeOfShiftsAndScalesIsThatOfTheReferenceImplementation(double shift, double scale, double expected) {
        double mean = 0;
        for (int r = 0; r < REPEATS; r++) {
            RandomGenerator random = RandomStreams.of(2).generator(shift + "/" + scale, r);
            double[] logWeights = new double[4000];
            for (int s = 0; s < logWeights.length; s++) {
                double e = random.nextGaussian();
                double z = shift + scale * e;
                logWeights[s] = (e * e - z * z) / 2;
            }
            mean += ParetoSmoothing.of(logWeights).shape() / REPEATS;
        }
        assertThat(mean).isCloseTo(expected, within(5 * 0.1 / Math.sqrt(REPEATS) + 0.02));
    }

    @Test
    void equalWeightsAreConstantAndReliable() {
        double[] equal = new double[1000];
        Arrays.fill(equal, -1234.5);
        ParetoSmoothing smoothing = ParetoSmoothing.of(equal);
        assertThat(smoothing.shape()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(smoothing.isReliable()).isTrue();
        assertThat(smoothing).hasToString("constant weights");
        assertThat(smoothing.effectiveSampleSize()).isCloseTo(1000, within(1e-8));
        assertThat(smoothing.requiredDraws()).isEqualTo(10);

        RandomGenerator random = RandomStreams.of(3).generator("rounding", 0);
        double[] nearlyEqual = random.doubles(1000, 0, 1e-13).toArray();
        assertThat(ParetoSmoothing.of(nearlyEqual).shape()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void exactParetoTailIsRecovered() {
        // w = (1 - u)^-k has a generalised Pareto tail of shape k. The fitted tail of S = 1e5 draws has n = 949
        // exceedances and
        // the estimator an asymptotic sd of (1 + k) / sqrt(n): 5 sds, false-alarm rate 6e-7, plus the pull to 1/2 of 10
        // / 959.
        for (double k : new double[] {0.2, 0.5, 0.8}) {
            RandomGenerator random = RandomStreams.of(4).generator("pareto", Math.round(10 * k));
            double[] logWeights =
                    random.doubles(100_000).map(u -> -k * Math.log1p(-u)).toArray();
            assertThat(ParetoSmoothing.of(logWeights).shape())
                    .isCloseTo(k, within(5 * (1 + k) / Math.sqrt(949) + 0.005));
        }
    }

    @Test
    void weightsThatAreZeroOrMissingAreDroppedAndCounted() {
        RandomGenerator random = RandomStreams.of(5).generator("dropped", 0);
        double[] logWeights = new double[1000];
        Arrays.setAll(logWeights, s -> random.nextGaussian());
        logWeights[3] = Double.NaN;
        logWeights[7] = Double.NEGATIVE_INFINITY;
        ParetoSmoothing smoothing = ParetoSmoothing.of(logWeights);
        assertThat(smoothing.dropped()).isEqualTo(2);
        assertThat(smoothing.shape()).isFinite();
        double[] weights = smoothing.weights();
        assertThat(weights[3]).isZero();
        assertThat(weights[7]).isZero();
        assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));

        Arrays.fill(logWeights, Double.NaN);
        ParetoSmoothing none = ParetoSmoothing.of(logWeights);
        assertThat(none.shape()).isNaN();
        assertThat(none.isReliable()).isFalse();
        assertThat(none.effectiveSampleSize()).isZero();
    }

    @Test
    void fewDrawsAreNeverCalledReliable() {
        assertThat(ParetoSmoothing.of(new double[] {1, 2, 3}).shape()).isNaN();
        assertThat(ParetoSmoothing.of(new double[] {1, 2, 3}).isReliable()).isFalse();
        assertThat(ParetoSmoothing.of(new double[24]).isReliable()).isFalse();
    }

    @Test
    void oneWeightThatCarriesEverythingIsUnreliable() {
        double[] logWeights = new double[1000];
        Arrays.setAll(logWeights, s -> -1000.0 - s);
        logWeights[0] = 0;
        ParetoSmoothing smoothing = ParetoSmoothing.of(logWeights);
        assertThat(smoothing.shape()).isFinite().isGreaterThan(0.7);
        assertThat(smoothing.isReliable()).isFalse();
    }

    @Test
    void smoothingKeepsTheOrderAndTheLargestRawWeight() {
        RandomGenerator random = RandomStreams.of(6).generator("order", 0);
        double[] logWeights = new double[2000];
        Arrays.setAll(logWeights, s -> 3 * random.nextGaussian());
        double[] smoothed = ParetoSmoothing.of(logWeights).logWeights();
        Integer[] order = new Integer[logWeights.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(logWeights[a], logWeights[b]));
        for (int i = 1; i < order.length; i++) {
            assertThat(smoothed[order[i]]).isGreaterThanOrEqualTo(smoothed[order[i - 1]]);
        }
        double largestToMedian = logWeights[order[1999]] - logWeights[order[1000]];
        assertThat(smoothed[order[1999]] - smoothed[order[1000]]).isLessThanOrEqualTo(largestToMedian + 1e-12);
    }

    /**
     * Weights that equal the edge of the tail belong to the body: they keep their value, and do not make the tail look
     * heavy.
     */
    @Test
    void tiesAtTheEdgeOfTheTailStayInTheBody() {
        double[] logWeights = new double[100];
        Arrays.setAll(logWeights, s -> s < 85 ? -1 : -1 + (s - 84) / 10.0);
        ParetoSmoothing smoothing = ParetoSmoothing.of(logWeights);
        assertThat(smoothing.shape()).isFinite().isLessThan(smoothing.threshold());
        double[] smoothed = smoothing.logWeights();
        for (int s = 0; s < 85; s++) {
            assertThat(smoothed[s]).isEqualTo(smoothed[0]);
        }
        for (int s = 86; s < 100; s++) {
            assertThat(smoothed[s]).isGreaterThanOrEqualTo(smoothed[s - 1]);
        }
        assertThat(smoothed[90]).isGreaterThan(smoothed[85]);
        assertThat(smoothed[99] - smoothed[0]).isLessThanOrEqualTo(1.5 + 1e-12);
    }

    /** Weights of two values are bounded, so that their shape is negative; too few of the larger are not judged. */
    @ParameterizedTest
    @CsvSource({"1", "2", "4", "5", "20", "50", "93", "94", "95", "199", "500"})
    void weightsOfTwoValuesAreNotHeavyTailed(int large) {
        for (double gap : new double[] {1e-3, 1, 5}) {
            double[] logWeights = new double[1000];
            Arrays.fill(logWeights, 0, large, gap);
            ParetoSmoothing smoothing = ParetoSmoothing.of(logWeights);
            if (large < 5) {
                assertThat(smoothing.shape()).isNaN();
            } else if (large <= 95) {
                assertThat(smoothing.shape()).isFinite().isNegative();
            } else {
                assertThat(smoothing.shape()).isEqualTo(Double.NEGATIVE_INFINITY);
            }
            double[] weights = smoothing.weights();
            assertThat(weights[999] / weights[500]).isEqualTo(large > 500 ? Math.exp(-gap) : 1);
            assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void thresholdGrowsWithTheNumberOfDrawsUpToSevenTenths() {
        assertThat(ParetoSmoothing.threshold(10)).isZero();
        assertThat(ParetoSmoothing.threshold(100)).isCloseTo(0.5, within(1e-15));
        assertThat(ParetoSmoothing.threshold(1000)).isCloseTo(2 / 3.0, within(1e-15));
        assertThat(ParetoSmoothing.threshold(100_000)).isEqualTo(0.7);
    }

    /** At the border the mean of a function moves by a tenth of its sd at most: of the weights themselves, by that. */
    @Test
    void nearlyConstantWeightsMoveNoMeanByMuch() {
        double[] weights = new double[1000];
        Arrays.setAll(weights, s -> s % 2 == 0 ? 1.1 : 0.9);
        double square = Arrays.stream(weights).map(w -> w * w).average().orElse(0);
        double shift = (square - 1) / Math.sqrt(square - 1);
        assertThat(shift).isCloseTo(0.1, within(1e-12));
        double worth = 1000 / square;
        assertThat(ParetoSmoothing.areNearlyConstant(worth, 1000)).isTrue();
        assertThat(ParetoSmoothing.areNearlyConstant(990, 1000)).isTrue();
        assertThat(ParetoSmoothing.areNearlyConstant(989.9, 1000)).isFalse();
        assertThat(ParetoSmoothing.areNearlyConstant(Double.NaN, 1000)).isFalse();
        assertThat(worth).isBetween(990.0, 990.2);
    }

    @Test
    void infiniteWeightsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParetoSmoothing.of(new double[] {0, Double.POSITIVE_INFINITY}))
                .withMessageContaining("log weight 1 is +Infinity");
        assertThatIllegalArgumentException().isThrownBy(() -> ParetoSmoothing.of(new double[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> ParetoSmoothing.of(new double[] {0}, 0));
    }
}

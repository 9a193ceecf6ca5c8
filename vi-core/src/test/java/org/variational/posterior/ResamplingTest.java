package org.variational.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

class ResamplingTest {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    /** Draws from N(0, 1.5^2), weighted towards N(0.5, 1). */
    private static Approximation approximation(int draws) {
        RandomGenerator random = RandomStreams.of(5).generator("draws", 0);
        DMatrixRMaj points = new DMatrixRMaj(1, draws);
        double[] target = new double[draws];
        double[] approximation = new double[draws];
        for (int s = 0; s < draws; s++) {
            double z = 1.5 * random.nextGaussian();
            points.data[s] = z;
            target[s] = -0.5 * (z - 0.5) * (z - 0.5) - 0.5 * LOG_TWO_PI;
            approximation[s] = -0.5 * z * z / 2.25 - 0.5 * LOG_TWO_PI - Math.log(1.5);
        }
        return Approximation.of(ParameterLayout.unnamed(1), points, target, approximation);
    }

    private static double[] smoothedWeights(Approximation approximation) {
        return ParetoSmoothing.of(approximation.logWeights()).weights();
    }

    private static int[] copies(ResampledDraws resampled, int size) {
        int[] copies = new int[size];
        for (int index : resampled.indices()) {
            copies[index]++;
        }
        return copies;
    }

    @Test
    void copiesAreTheExpectedNumberRoundedDownOrUp() {
        Approximation approximation = approximation(200);
        double[] weights = smoothedWeights(approximation);
        for (int count : new int[] {1, 7, 200, 5000}) {
            int[] copies = copies(approximation.resampled(Resampling.WITH_REPLACEMENT, count, 3), 200);
            for (int s = 0; s < 200; s++) {
                double expected = count * weights[s];
                assertThat((double) copies[s]).isBetween(Math.floor(expected - 1e-9), Math.ceil(expected + 1e-9));
            }
            assertThat(Arrays.stream(copies).sum()).isEqualTo(count);
        }
    }

    /**
     * Over 4,000 seeds a draw is included as often as its weight asks for. The count of a draw has at most the variance
     * of a binomial one; 6 standard errors on 50 draws are exceeded with probability 1e-7.
     */
    @Test
    void inclusionIsProportionalToTheWeights() {
        Approximation approximation = approximation(50);
        double[] weights = smoothedWeights(approximation);
        int seeds = 4000;
        for (Resampling how : new Resampling[] {Resampling.WITH_REPLACEMENT, Resampling.WITHOUT_REPLACEMENT}) {
            int count = 10;
            double[] frequency = new double[50];
            for (int seed = 0; seed < seeds; seed++) {
                for (int index : approximation.resampled(how, count, seed).indices()) {
                    frequency[index] += 1.0 / seeds;
                }
            }
            for (int s = 0; s < 50; s++) {
                double expected = count * weights[s];
                assertThat(expected).isLessThan(1);
                assertThat(frequency[s])
                        .isCloseTo(expected, within(6 * Math.sqrt(expected * (1 - expected) / seeds) + 1e-12));
            }
        }
    }

    @Test
    void withoutReplacementNoDrawComesTwice() {
        Approximation approximation = approximation(300);
        for (int count : new int[] {1, 40, 299, 300}) {
            ResampledDraws resampled = approximation.resampled(Resampling.WITHOUT_REPLACEMENT, count, 8);
            assertThat(resampled.uniqueDraws()).isEqualTo(count);
        }
    }

    /** One draw with nearly all the weight: certain, and the others share what is left in proportion. */
    @Test
    void aDrawWithNearlyAllTheWeightIsCertain() {
        double[] weights = {0.97, 0.01, 0.01, 0.005, 0.005, 0};
        int seeds = 4000;
        double[] frequency = new double[6];
        for (int seed = 0; seed < seeds; seed++) {
            RandomGenerator random = RandomStreams.of(seed).generator("test", 0);
            for (int index : Resampling.WITHOUT_REPLACEMENT.choose(weights, 3, random)) {
                frequency[index] += 1.0 / seeds;
            }
        }
        assertThat(frequency[0]).isCloseTo(1, within(1e-9));
        assertThat(frequency[5]).isZero();
        // 2 draws among weights 1 : 1 : 1/2 : 1/2; 6 standard errors of a binomial frequency are below 0.05
        assertThat(frequency[1]).isCloseTo(2.0 / 3, within(0.05));
        assertThat(frequency[3]).isCloseTo(1.0 / 3, within(0.05));
        assertThat(Resampling.WITHOUT_REPLACEMENT.choose(
                        weights, 5, RandomStreams.of(1).generator("test", 0)))
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    /** The mean and standard deviation are those of the target within 5 standard errors of 4,000 weighted draws. */
    @Test
    void resampledDrawsAreThoseOfTheTarget() {
        ResampledDraws resampled = approximation(4000).resampled(Resampling.WITH_REPLACEMENT, 4000, 2);
        double[] values =
                resampled.posterior().draws(resampled.posterior().scalarNames().get(0));
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(0.5, within(5 * 1.2 / Math.sqrt(4000)));
        assertThat(variance).isCloseTo(1, within(5 * 1.2 * Math.sqrt(2.0 / 4000)));
        assertThat(resampled.posterior().effectiveSampleSize()).isLessThan(4000);
        assertThat(resampled.uniqueDraws()).isBetween(2000, 3999);
        assertThat(resampled).hasToString("4000 draws, " + resampled.uniqueDraws() + " of them different");
    }

    @Test
    void sameSeedSameDraws() {
        Approximation approximation = approximation(100);
        for (Resampling how : Resampling.values()) {
            int[] first = approximation.resampled(how, 30, 11).indices();
            assertThat(approximation.resampled(how, 30, 11).indices()).containsExactly(first);
            assertThat(approximation.resampled(how, 30, 12).indices()).isNotEqualTo(first);
        }
    }

    @Test
    void unweightedDrawsAreTheFirst() {
        Approximation approximation = approximation(100);
        Posterior first = approximation.unweighted(20);
        assertThat(first.unconstrained().data).containsExactly(Arrays.copyOf(approximation.unconstrained().data, 20));
        assertThat(first.logDensity()).containsExactly(Arrays.copyOf(approximation.logDensity(), 20));
        assertThat(first.effectiveSampleSize()).isEqualTo(20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> approximation.unweighted(101))
                .withMessageContaining("from 1 to 100");
    }

    @Test
    void refusesWhatCannotBeChosen() {
        Approximation approximation = approximation(100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> approximation.resampled(Resampling.WITHOUT_REPLACEMENT, 101, 1))
                .withMessageContaining("from 1 to 100")
                .withMessageContaining("WITH_REPLACEMENT");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> approximation.resampled(Resampling.WITH_REPLACEMENT, 0, 1))
                .withMessageContaining("0 were asked for");
        Approximation unknown = Approximation.of(
                ParameterLayout.unnamed(1),
                new DMatrixRMaj(1, 2),
                new double[] {Double.NaN, Double.NaN},
                new double[2]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unknown.resampled(Resampling.WITH_REPLACEMENT, 2, 1))
                .withMessageContaining("no draw has an importance weight");
    }
}

package org.variational.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.variational.random.RandomStreams;

class WeightedSampleTest {

    @Test
    void momentsAndQuantilesOfASmallSample() {
        WeightedSample sample = WeightedSample.of(new double[] {3, 1, 2}, new double[] {1, 1, 2});
        assertThat(sample.mean()).isEqualTo(2);
        assertThat(sample.standardDeviation()).isCloseTo(Math.sqrt(0.5), within(1e-15));
        // Draws stand at 1/8, 1/2 and 7/8 of the weight.
        assertThat(sample.quantile(0)).isEqualTo(1);
        assertThat(sample.quantile(0.125)).isEqualTo(1);
        assertThat(sample.quantile(0.3125)).isCloseTo(1.5, within(1e-15));
        assertThat(sample.quantile(0.5)).isEqualTo(2);
        assertThat(sample.quantile(1)).isEqualTo(3);
        assertThat(sample.effectiveSampleSize()).isCloseTo(16 / 6.0, within(1e-14));
    }

    @Test
    void weightsOfZeroCountForNothing() {
        WeightedSample sample = WeightedSample.of(new double[] {1, 1e9, 3}, new double[] {1, 0, 1});
        assertThat(sample.mean()).isEqualTo(2);
        assertThat(sample.quantile(0.25)).isEqualTo(1);
        assertThat(sample.quantile(0.5)).isCloseTo(2, within(1e-12));
    }

    @Test
    void aLargeCommonValueDoesNotSpoilTheSpread() {
        WeightedSample sample = WeightedSample.of(new double[] {1e9 + 1, 1e9 + 2, 1e9 + 3});
        assertThat(sample.standardDeviation()).isCloseTo(Math.sqrt(2 / 3.0), within(1e-9));
    }

    /**
     * Draws from N(0, 1.5^2) weighted to N(0, 1). Over R = 400 repeats the sd of an estimate has itself a relative
     * standard error of about 1/sqrt(2 R) = 3.5 %, more where the estimate is not Gaussian, and the stated error
     * averages to the true one up to O(1/n): 6 times 3.5 % has a false-alarm rate below 1e-8 each.
     */
    @Test
    void statedErrorsAreTheSpreadOfRepeatedEstimates() {
        int repeats = 400;
        int draws = 1000;
        double[][] estimates = new double[4][repeats];
        double[] stated = new double[4];
        for (int r = 0; r < repeats; r++) {
            RandomGenerator random = RandomStreams.of(1).generator("repeat", r);
            double[] values = new double[draws];
            double[] weights = new double[draws];
            for (int s = 0; s < draws; s++) {
                double e = random.nextGaussian();
                values[s] = 1.5 * e;
                weights[s] = Math.exp((e * e - values[s] * values[s]) / 2);
            }
            WeightedSample sample = WeightedSample.of(values, weights);
            estimates[0][r] = sample.mean();
            estimates[1][r] = sample.standardDeviation();
            estimates[2][r] = sample.quantile(0.5);
            estimates[3][r] = sample.quantile(0.95);
            stated[0] += sample.meanError() / repeats;
            stated[1] += sample.standardDeviationError() / repeats;
            stated[2] += sample.quantileError(0.5) / repeats;
            stated[3] += sample.quantileError(0.95) / repeats;
        }
        for (int k = 0; k < stated.length; k++) {
            double spread = WeightedSample.of(estimates[k]).standardDeviation();
            assertThat(stated[k] / spread).as("statistic %d", k).isCloseTo(1, within(6 * 0.0354));
        }
    }

    @Test
    void equalValuesHaveNoError() {
        double[] values = new double[10];
        Arrays.fill(values, 4);
        WeightedSample sample = WeightedSample.of(values);
        assertThat(sample.meanError()).isZero();
        assertThat(sample.standardDeviationError()).isZero();
        assertThat(sample.quantileError(0.5)).isZero();
    }

    @Test
    void badSamplesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> WeightedSample.of(new double[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedSample.of(new double[] {1}, new double[] {1, 2}))
                .withMessageContaining("2 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedSample.of(new double[] {Double.NaN}))
                .withMessageContaining("value 0 is NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedSample.of(new double[] {1}, new double[] {-1}))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> WeightedSample.of(new double[] {1}, new double[] {0}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightedSample.of(new double[] {1}).quantile(1.5))
                .withMessageContaining("1.5");
    }
}

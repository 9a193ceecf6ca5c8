package org.variational.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogWeightsTest {
    private static final double NONE = Double.NEGATIVE_INFINITY;

    @Test
    void softmaxIsTheNormalisedPower() {
        LogWeights weights = LogWeights.of(new double[] {0, Math.log(2), Math.log(3)});
        double[] output = new double[3];
        weights.softmax(1, output);
        assertThat(output).containsExactly(new double[] {1 / 6.0, 2 / 6.0, 3 / 6.0}, within(1e-15));
        weights.softmax(2, output);
        assertThat(output).containsExactly(new double[] {1 / 14.0, 4 / 14.0, 9 / 14.0}, within(1e-15));
        weights.softmax(-1, output);
        assertThat(output).containsExactly(new double[] {6 / 11.0, 3 / 11.0, 2 / 11.0}, within(1e-15));
    }

    @Test
    void effectiveSampleSizeIsKongs() {
        assertThat(LogWeights.of(new double[] {5, 5, 5, 5}).effectiveSampleSize())
                .isCloseTo(4, within(1e-12));
        assertThat(LogWeights.of(new double[] {0, NONE, NONE}).effectiveSampleSize())
                .isEqualTo(1);
        assertThat(LogWeights.of(new double[] {NONE, NONE}).effectiveSampleSize())
                .isZero();
        // W = 1/6, 2/6, 3/6
        assertThat(LogWeights.of(new double[] {0, Math.log(2), Math.log(3)}).effectiveSampleSize())
                .isCloseTo(36 / 14.0, within(1e-12));
    }

    @Test
    void nothingOverflowsOrDependsOnAConstant() {
        double[] small = {-3, 0.5, 2};
        double[] shifted = Arrays.stream(small).map(x -> x + 1e6).toArray();
        LogWeights a = LogWeights.of(small);
        LogWeights b = LogWeights.of(shifted);
        assertThat(b.logMeanExp(1) - 1e6).isCloseTo(a.logMeanExp(1), within(1e-9));
        assertThat(b.mean() - 1e6).isCloseTo(a.mean(), within(1e-9));
        assertThat(b.effectiveSampleSize()).isCloseTo(a.effectiveSampleSize(), within(1e-9));
        LogWeights huge = LogWeights.of(new double[] {1e308, -1e308, 1e308});
        double[] output = new double[3];
        huge.softmax(1, output);
        assertThat(output).containsExactly(0.5, 0, 0.5);
        assertThat(huge.mean()).isFinite();
    }

    @Test
    void zeroWeightsCountButCarryNothing() {
        LogWeights weights = LogWeights.of(new double[] {0, NONE});
        assertThat(weights.logMeanExp(1)).isCloseTo(Math.log(0.5), within(1e-15));
        assertThat(weights.logMeanExp(-1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(weights.mean()).isEqualTo(NONE);
        double[] output = new double[2];
        weights.softmax(-1, output);
        assertThat(output).containsExactly(1, 0);
        assertThat(LogWeights.of(new double[] {NONE, NONE}).logMeanExp(1)).isEqualTo(NONE);
    }

    @Test
    void baseWeightsAreNormalisedAndEnterEveryAverage() {
        LogWeights weights = LogWeights.of(new double[] {1, 2}, new double[] {Math.log(3) + 7, 7});
        assertThat(weights.baseWeight(0)).isCloseTo(0.75, within(1e-15));
        assertThat(weights.mean()).isCloseTo(1.25, within(1e-15));
        double z = 0.75 * Math.E + 0.25 * Math.E * Math.E;
        assertThat(weights.logMeanExp(1)).isCloseTo(Math.log(z), within(1e-14));
        assertThat(weights.normalisedLogWeight(1)).isCloseTo(2 - Math.log(z), within(1e-14));
        double[] output = new double[2];
        weights.softmax(1, output);
        assertThat(output[0]).isCloseTo(0.75 * Math.E / z, within(1e-14));
    }

    @Test
    void argumentsAreCopied() {
        double[] values = {1, 2};
        LogWeights weights = LogWeights.of(values);
        values[0] = 100;
        weights.toArray()[1] = 100;
        assertThat(weights.logWeight(0)).isEqualTo(1);
        assertThat(weights.logWeight(1)).isEqualTo(2);
    }

    @Test
    void badWeightsAreRefusedWithTheirPlace() {
        assertThatIllegalArgumentException().isThrownBy(() -> LogWeights.of(new double[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogWeights.of(new double[] {0, Double.NaN}))
                .withMessageContaining("log weight 1 is NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogWeights.of(new double[] {Double.POSITIVE_INFINITY}))
                .withMessageContaining("Infinity");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogWeights.of(new double[] {1}, new double[] {1, 2}))
                .withMessageContaining("2 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogWeights.of(new double[] {1}, new double[] {NONE}))
                .withMessageContaining("all base weights are zero");
    }
}

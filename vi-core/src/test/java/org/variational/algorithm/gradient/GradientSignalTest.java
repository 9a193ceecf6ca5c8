package org.variational.algorithm.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class GradientSignalTest {

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(5L);

    private static GradientSignal measured(
            int parameters, int steps, double mean, double scale, RandomGenerator random) {
        GradientSignal signal = new GradientSignal(parameters);
        for (int t = 0; t < steps; t++) {
            double[] gradient = new double[parameters];
            for (int i = 0; i < parameters; i++) {
                gradient[i] = scale * (mean + random.nextGaussian());
            }
            signal.add(gradient);
        }
        signal.endBatch();
        return signal;
    }

    /** Mean 0.5 and variance 1 in each of 20 parameters: a ratio of 0.5, known to a few per cent from 1000 steps. */
    @Test
    void theRatioIsThatOfMeanAndNoise() {
        GradientSignal signal = measured(20, 1000, 0.5, 1, random);
        assertThat(signal.ratio()).isCloseTo(0.5, within(0.05));
        assertThat(signal.belowNoise()).isFalse();
    }

    /**
     * The squared norm of a mean of noise is its variance, within 2 unless chi-squared(20) exceeds 40: 0.5 % of the
     * runs.
     */
    @Test
    void pureNoiseIsBelowNoise() {
        int below = 0;
        for (int run = 0; run < 200; run++) {
            below += measured(20, 20, 0, 1, random).belowNoise() ? 1 : 0;
        }
        assertThat(below).isGreaterThanOrEqualTo(190);
    }

    /** Eight batches of 20 steps: a mean of 0.5 in every parameter is 6 standard errors, one of 0 is noise. */
    @Test
    void aGradientVanishesWhereANewtonStepGoesNowhere() {
        assertThat(batches(0.5, 7).vanishes(0.02)).isFalse();
        assertThat(batches(0.5, 8).vanishes(0.02)).isFalse();
        assertThat(batches(0.5, 8).vanishes(0.6)).as("within the tolerance").isTrue();
        assertThat(batches(0, 7).vanishes(0.02)).as("too few").isFalse();
        assertThat(batches(0, 8).vanishes(0.02)).isTrue();
        GradientSignal signal = batches(0, 8);
        signal.forget();
        assertThat(signal.vanishes(0.02)).as("forgotten").isFalse();
    }

    private static GradientSignal batches(double mean, int count) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(8);
        GradientSignal signal = new GradientSignal(20);
        for (int batch = 0; batch < count; batch++) {
            for (int t = 0; t < 20; t++) {
                double[] gradient = new double[20];
                for (int i = 0; i < 20; i++) {
                    gradient[i] = mean + random.nextGaussian();
                }
                signal.add(gradient);
            }
            signal.endBatch();
        }
        return signal;
    }

    @Test
    void aPowerOfTwoChangesNoBit() {
        double ratio = measured(
                        3,
                        50,
                        0.2,
                        1,
                        RandomGeneratorFactory.of("L64X128MixRandom").create(6))
                .ratio();
        assertThat(measured(
                                3,
                                50,
                                0.2,
                                0x1p40,
                                RandomGeneratorFactory.of("L64X128MixRandom").create(6))
                        .ratio())
                .isEqualTo(ratio);
    }

    @Test
    void edgeCases() {
        GradientSignal signal = new GradientSignal(1);
        assertThat(signal.ratio()).isNaN();
        signal.add(new double[] {3});
        signal.endBatch();
        assertThat(signal.ratio()).as("one step").isNaN();
        signal.add(new double[] {3});
        signal.add(new double[] {3});
        signal.endBatch();
        assertThat(signal.ratio()).as("no noise").isInfinite();
        assertThat(signal.belowNoise()).isFalse();
        signal.add(new double[] {3});
        signal.forget();
        signal.add(new double[1]);
        signal.add(new double[1]);
        signal.endBatch();
        assertThat(signal.ratio()).as("nothing at all").isZero();
        assertThat(signal.belowNoise()).isTrue();
    }
}

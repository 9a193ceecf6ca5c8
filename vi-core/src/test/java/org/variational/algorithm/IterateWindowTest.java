package org.variational.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.divergence.Divergences;
import org.variational.estimator.Objective;
import org.variational.family.MeanFieldGaussian;

class IterateWindowTest {

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(11L);

    private static Objective objective(boolean weighted) {
        return Objective.of(
                        Targets.independent(new double[1], new double[] {1}),
                        ParameterLayout.unnamed(1),
                        MeanFieldGaussian.of(1))
                .divergence(weighted ? Divergences.forwardKl() : Divergences.reverseKl())
                .draws(20)
                .build();
    }

    private static IterateWindow filled(
            boolean weighted, int batchLength, int iterates, IntToDoubleFunction mean, double sampleSize) {
        IterateWindow window = new IterateWindow(objective(weighted), batchLength);
        for (int t = 0; t < iterates; t++) {
            window.add(new double[] {mean.applyAsDouble(t), Math.log(2)}, 1, sampleSize, 1);
        }
        return window;
    }

    /**
     * The error of the mean of n independent N(0, 1) in units of the member's sd, 2: 1 / (2 sqrt(n)), known to a third.
     */
    @Test
    void independentNoiseIsStationaryWithTheRightError() {
        IterateWindow window = filled(false, 100, 2400, t -> 5 + random.nextGaussian(), 20);
        IterateWindow.Test test = window.test(0.02);
        assertThat(test.stationary()).isTrue();
        double expected = 0.5 / Math.sqrt(100.0 * test.replicates().size());
        assertThat(test.errors()[0]).isBetween(expected / 1.7, expected * 2);
        assertThat(test.errors()[1]).isZero();
        assertThat(test.average()[0]).isCloseTo(5, within(0.15));
        assertThat(test.monitored().logScale()[0]).isCloseTo(Math.log(2), within(1e-12));
    }

    @Test
    void aTrendIsNotStationary() {
        IterateWindow.Test test = filled(false, 10, 240, t -> 0.01 * t + 0.1 * random.nextGaussian(), 20)
                .test(0.02);
        assertThat(test.stationary()).isFalse();
        assertThat(test.drift()).isZero();
        assertThat(test.driftSize()).isGreaterThan(0.2);
        assertThat(test.batchSpread()).isLessThan(0.1);
    }

    /** The window forgets a transient by dropping its first half. */
    @Test
    void aTransientIsDropped() {
        IterateWindow.Test test = filled(
                        false, 10, 310, t -> 100 * Math.exp(-0.1 * t) + 0.1 * random.nextGaussian(), 20)
                .test(0.02);
        assertThat(test.stationary()).isTrue();
        assertThat(test.average()[0]).isCloseTo(0, within(0.1));
    }

    @Test
    void tooFewBatchesAreNotStationary() {
        assertThat(filled(false, 10, 150, t -> 0, 20).test(0.02).stationary()).isFalse();
        assertThat(filled(false, 10, 160, t -> 0, 20).test(0.02).stationary()).isTrue();
    }

    /**
     * A slow random walk has correlated batches, so that its error is larger than independent batches would make it.
     */
    @Test
    void slowModesRaiseTheError() {
        double[] state = {0};
        IterateWindow.Test test = filled(
                        false,
                        10,
                        300,
                        t -> state[0] = 0.99 * state[0] + Math.sqrt(1 - 0.99 * 0.99) * random.nextGaussian(),
                        20)
                .test(0.02);
        assertThat(test.errors()[0]).isGreaterThan(0.1);
    }

    /**
     * A slow random walk of a size that passes for accurate: a window of neighbours that hardly differ is worth few
     * independent batches, whatever its error. Independent noise of the same size is worth 16 or more of them, 8 after
     * the correlation it seems to have.
     */
    @Test
    void aWindowMustBeWorthIndependentBatches() {
        double[] state = {0};
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(12L);
        IterateWindow.Test slow = filled(
                        false,
                        10,
                        200,
                        t -> state[0] = 0.999 * state[0] + 0.04 * Math.sqrt(1 - 0.999 * 0.999) * random.nextGaussian(),
                        20)
                .test(0.02);
        assertThat(slow.independentBatches()).isLessThan(4);
        assertThat(slow.error()).isGreaterThan(0.02 / 8).isLessThan(0.02);
        assertThat(slow.isAccurate(0.02)).isFalse();
        IterateWindow.Test independent =
                filled(false, 10, 200, t -> 0.1 * random.nextGaussian(), 20).test(0.02);
        assertThat(independent.independentBatches()).isGreaterThan(8);
        assertThat(independent.isAccurate(0.02)).isTrue();
        assertThat(independent.isAccurate(independent.error() / 2)).isFalse();
    }

    /**
     * An average with a quarter of the window's weight has twice its error, and that of its last quarter as replicates.
     */
    @Test
    void anAverageOfPartOfTheWindowIsDiscounted() {
        IterateWindow.Test test =
                filled(false, 10, 200, t -> random.nextGaussian(), 20).test(0.02);
        IterateWindow.Test quarter = test.discounted(0.25);
        assertThat(quarter.error()).isCloseTo(2 * test.error(), within(1e-15));
        assertThat(quarter.errors()[0]).isCloseTo(2 * test.errors()[0], within(1e-15));
        assertThat(quarter.independentBatches()).isCloseTo(0.25 * test.independentBatches(), within(1e-12));
        assertThat(quarter.replicates()).isEqualTo(test.replicates().subList(15, 20));
        assertThat(test.discounted(1)).isSameAs(test);
    }

    @Test
    void weightsOnAFewDrawsAreNotStationary() {
        assertThat(filled(true, 10, 200, t -> 0, 2).test(0.02).collapsed()).isTrue();
        assertThat(filled(true, 10, 200, t -> 0, 2).test(0.02).stationary()).isFalse();
        assertThat(filled(true, 10, 200, t -> 0, 15).test(0.02).stationary()).isTrue();
        assertThat(filled(false, 10, 200, t -> 0, 2).test(0.02).stationary()).isTrue();
    }

    @Test
    void aMovingDivergenceIsNotStationary() {
        IterateWindow window = new IterateWindow(objective(true), 10);
        for (int t = 0; t < 200; t++) {
            window.add(new double[2], 1, 15, 0.5 + t / 400.0);
        }
        assertThat(window.test(0.02).stationary()).isFalse();
    }

    @Test
    void memoryIsBoundedAndTheAverageKept() {
        IterateWindow window = filled(false, 1, 1 << 12, t -> t, 20);
        assertThat(window.batches()).isLessThan(IterateWindow.CAPACITY);
        assertThat(window.batchLength() * window.batches()).isLessThanOrEqualTo(1 << 12);
        double[] average = window.average(0, window.batches());
        assertThat(average[0]).isCloseTo((window.batchLength() * window.batches() - 1) / 2.0, within(1e-9));
    }
}

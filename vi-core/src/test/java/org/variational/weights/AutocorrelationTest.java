package org.variational.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.variational.random.RandomStreams;

class AutocorrelationTest {

    private static double[] autoregression(double coefficient, int length, long stream) {
        RandomGenerator random = RandomStreams.of(1).generator("ar", stream);
        double[] chain = new double[length];
        double innovation = Math.sqrt(1 - coefficient * coefficient);
        chain[0] = random.nextGaussian();
        for (int t = 1; t < length; t++) {
            chain[t] = coefficient * chain[t - 1] + innovation * random.nextGaussian();
        }
        return chain;
    }

    /**
     * An autoregression with coefficient a is worth N (1 - a)/(1 + a) draws. With four chains of 5000 the estimate has
     * a relative sd of about 5 %: five of them.
     */
    @Test
    void autoregressionsAreWorthWhatTheoryStates() {
        for (double a : new double[] {0, 0.5, 0.9}) {
            double[][] chains = new double[4][];
            Arrays.setAll(chains, c -> autoregression(a, 5000, c));
            double exact = 20_000 * (1 - a) / (1 + a);
            assertThat(Autocorrelation.effectiveSampleSize(chains) / exact).isCloseTo(1, within(0.25));
            assertThat(Autocorrelation.standardErrorOfMean(chains) * Math.sqrt(exact))
                    .isCloseTo(1, within(0.2));
        }
    }

    @Test
    void negativeCorrelationIsWorthMoreButNotWithoutLimit() {
        double[] chain = autoregression(-0.9, 5000, 9);
        assertThat(Autocorrelation.effectiveSampleSize(chain))
                .isGreaterThan(5000)
                .isLessThanOrEqualTo(5000 * Math.log10(5000));
    }

    @Test
    void chainsInDifferentPlacesAreWorthLittle() {
        double[] low = autoregression(0, 1000, 20);
        double[] high =
                Arrays.stream(autoregression(0, 1000, 21)).map(x -> x + 10).toArray();
        assertThat(Autocorrelation.effectiveSampleSize(low, high)).isLessThan(10);
        assertThat(Autocorrelation.splitRHat(low, high)).isGreaterThan(3);
    }

    @Test
    void splitRHatSeesADriftWithinAChain() {
        double[] flat = autoregression(0, 1000, 30);
        double[] drifting = flat.clone();
        Arrays.setAll(drifting, t -> flat[t] + t * 0.005);
        // sqrt(1 + B/W) of independent draws: B is about W / half, far below 0.01.
        assertThat(Autocorrelation.splitRHat(flat)).isCloseTo(1, within(0.01));
        assertThat(Autocorrelation.splitRHat(drifting)).isGreaterThan(1.3);
    }

    @Test
    void constantChains() {
        double[] constant = {2, 2, 2, 2, 2};
        assertThat(Autocorrelation.effectiveSampleSize(constant)).isEqualTo(5);
        assertThat(Autocorrelation.standardErrorOfMean(constant)).isZero();
        assertThat(Autocorrelation.splitRHat(constant)).isEqualTo(1);
        assertThat(Autocorrelation.splitRHat(constant, new double[] {3, 3, 3, 3, 3}))
                .isInfinite();
    }

    @Test
    void badChainsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(Autocorrelation::effectiveSampleSize);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autocorrelation.effectiveSampleSize(new double[] {1, 2, 3}))
                .withMessageContaining("at least 4, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autocorrelation.splitRHat(new double[4], new double[5]))
                .withMessageContaining("5 beside 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autocorrelation.effectiveSampleSize(new double[] {1, 2, Double.NaN, 3}))
                .withMessageContaining("entry 2 is NaN");
    }
}

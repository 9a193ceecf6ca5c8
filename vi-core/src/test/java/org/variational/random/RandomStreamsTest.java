package org.variational.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

    @Test
    void aStreamIsDeterminedBySeedPurposeAndIndex() {
        RandomGenerator first = RandomStreams.of(7).generator("noise", 3);
        RandomGenerator second = RandomStreams.of(7).generator("noise", 3);
        for (int i = 0; i < 100; i++) {
            assertThat(first.nextLong()).isEqualTo(second.nextLong());
        }
    }

    @Test
    void everyPartOfTheNameMatters() {
        Set<Long> firstNumbers = new HashSet<>();
        int streams = 0;
        for (long seed : new long[] {0, 1, -1, Long.MIN_VALUE, 0x9E3779B97F4A7C15L, -0x9E3779B97F4A7C15L}) {
            for (String purpose : new String[] {"", "noise", "noisf", "start"}) {
                for (long index = -2; index < 50; index++) {
                    firstNumbers.add(
                            RandomStreams.of(seed).generator(purpose, index).nextLong());
                    firstNumbers.add(RandomStreams.of(seed)
                            .child(purpose, index)
                            .generator(purpose, index)
                            .nextLong());
                    streams += 2;
                }
            }
        }
        assertThat(firstNumbers).hasSize(streams);
    }

    @Test
    void theBitsAreTheSameOnEveryJavaVersion() {
        RandomGenerator random = RandomStreams.of(20260101).generator("noise", 0);
        assertThat(random.nextLong()).isEqualTo(-7256726539558698544L);
        assertThat(random.nextGaussian()).isEqualTo(0.6718251371669912);
    }

    @Test
    void neighbouringStreamsAreUncorrelated() {
        // The correlation of n pairs has standard error 1/sqrt(n); 5 of them are exceeded once in 1.7 million times.
        int n = 20_000;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double x = RandomStreams.of(1).generator("noise", i).nextGaussian();
            double y = RandomStreams.of(1).generator("noise", i + 1).nextGaussian();
            sum += x * y;
        }
        assertThat(sum / n).isBetween(-5 / Math.sqrt(n), 5 / Math.sqrt(n));
    }
}

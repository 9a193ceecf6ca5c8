package org.variational.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;

class NormalQuantileTest {

    @Test
    void invertsTheDistributionFunction() {
        // erfc is good to about 1e-14 relative; the quantile's error is that over x phi(x) / Phi(x), at most as much.
        for (double x = -37; x <= 0; x += 0.0173) {
            double probability = 0.5 * Erf.erfc(-x / Math.sqrt(2));
            assertThat(NormalQuantile.of(probability)).isCloseTo(x, within(2e-14 * (1 + Math.abs(x))));
        }
    }

    @Test
    void isAntisymmetric() {
        for (int k = 1; k < 1024; k++) {
            assertThat(NormalQuantile.of(k / 1024.0)).isEqualTo(-NormalQuantile.of(1 - k / 1024.0));
        }
    }

    @Test
    void knownValues() {
        // Wichura (1988), table of check values, and the usual 97.5 % point.
        assertThat(NormalQuantile.of(0.25)).isCloseTo(-0.6744897501960817, within(1e-15));
        assertThat(NormalQuantile.of(0.001)).isCloseTo(-3.090232306167814, within(1e-15));
        assertThat(NormalQuantile.of(1e-20)).isCloseTo(-9.262340089798408, within(4e-15));
        assertThat(NormalQuantile.of(0.975)).isCloseTo(1.959963984540054, within(1e-15));
    }

    @Test
    void ends() {
        assertThat(NormalQuantile.of(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(NormalQuantile.of(1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(NormalQuantile.of(0.5)).isZero();
        assertThat(NormalQuantile.of(-0.1)).isNaN();
        assertThat(NormalQuantile.of(1.1)).isNaN();
        assertThat(NormalQuantile.of(Double.NaN)).isNaN();
    }
}

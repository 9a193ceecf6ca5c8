package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SkewedNormalTest {

    /** Below it rounding of the noise, of its density, and of their sums. */
    private static final double ROUNDING = 1e-12;

    /** Of central differences by 1e-5: truncation 1e-10 and cancellation 1e-11, times derivatives of order ten. */
    private static final double OF_DIFFERENCES = 1e-8;

    /** The trapezoidal rule, which converges geometrically for what falls as a normal density does. */
    private static double integral(DoubleUnaryOperator f, double limit) {
        int n = 40_000;
        double step = 2 * limit / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            sum += f.applyAsDouble(-limit + i * step);
        }
        return sum * step;
    }

    private static double slope(DoubleUnaryOperator f, double at) {
        double h = 1e-5;
        return (f.applyAsDouble(at + h) - f.applyAsDouble(at - h)) / (2 * h);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-3, -0.5, -1e-9, 1e-3, 0.4, 2.5})
    void integratesToOneWithMeanZeroAndVarianceOne(double bend) {
        SkewedNormal skewed = SkewedNormal.of(bend);
        // y is at most sinh(asinh(12) + 3), and the step is small against its narrow side
        DoubleUnaryOperator density = y -> Math.exp(skewed.logDensity(y));
        assertThat(integral(density, 60)).isCloseTo(1, within(1e-10));
        assertThat(integral(y -> y * density.applyAsDouble(y), 60)).isCloseTo(0, within(1e-10));
        assertThat(integral(y -> y * y * density.applyAsDouble(y), 60)).isCloseTo(1, within(1e-10));
    }

    /** Draws are the density's: their moments by the normal noise are those by the density. */
    @ParameterizedTest
    @ValueSource(doubles = {-1.5, -0.3, 0.3, 2})
    void drawsHaveTheDensity(double bend) {
        SkewedNormal skewed = SkewedNormal.of(bend);
        for (double noise = -6; noise <= 6; noise += 0.5) {
            double byNoise = -0.5 * noise * noise - 0.5 * Math.log(2 * Math.PI);
            double y = skewed.sample(noise);
            double stretch = Math.log(slope(skewed::sample, noise));
            assertThat(skewed.logDensity(y) + stretch).isCloseTo(byNoise, within(OF_DIFFERENCES * 10));
        }
        double third = integral(e -> Math.pow(skewed.sample(e), 3) * Math.exp(-0.5 * e * e), 12);
        assertThat(Math.signum(third)).isEqualTo(Math.signum(bend));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1.2, -0.3, 0, 0.3, 1.2})
    void derivatives(double bend) {
        SkewedNormal skewed = SkewedNormal.of(bend);
        for (double y = -4; y <= 4; y += 0.37) {
            double at = y;
            double scale = 1 + y * y * Math.cosh(2 * bend) * 10;
            assertThat(-skewed.score(y)).isCloseTo(slope(skewed::logDensity, y), within(OF_DIFFERENCES * scale));
            double byBend = slope(a -> SkewedNormal.of(a).logDensity(at), bend);
            assertThat(skewed.byBend(y)).isCloseTo(byBend, within(OF_DIFFERENCES * scale));
        }
    }

    /** Without a bend it is the standard normal to the bit, and close to none it comes close to it. */
    @Test
    void withoutABendItIsNormal() {
        SkewedNormal normal = SkewedNormal.of(0);
        for (double y = -9; y <= 9; y += 0.61) {
            assertThat(normal.sample(y)).isEqualTo(y);
            assertThat(normal.logDensity(y)).isEqualTo(-0.5 * y * y - 0.5 * Math.log(2 * Math.PI));
            assertThat(normal.score(y)).isEqualTo(y);
            SkewedNormal nearly = SkewedNormal.of(1e-15);
            assertThat(nearly.sample(y)).isCloseTo(y, within(ROUNDING));
            assertThat(nearly.logDensity(y)).isCloseTo(normal.logDensity(y), within(ROUNDING * (1 + y * y)));
            assertThat(nearly.score(y)).isCloseTo(y, within(ROUNDING * (1 + y * y)));
        }
    }

    /** To first order a bend gives the third moment that refinement divides by. */
    @Test
    void aSmallBendHasTheStatedSkewness() {
        double bend = 1e-4;
        SkewedNormal skewed = SkewedNormal.of(bend);
        double third = integral(y -> y * y * y * Math.exp(skewed.logDensity(y)), 60);
        assertThat(third / bend).isCloseTo(1.694672541736924, within(1e-6));
    }

    /** Far out nothing overflows that does not for a normal number. */
    @Test
    void farOut() {
        SkewedNormal skewed = SkewedNormal.of(-0.4);
        for (double y : new double[] {-1e8, -1e4, 1e4, 1e8}) {
            assertThat(skewed.logDensity(y)).isFinite().isLessThan(-1e6);
            assertThat(skewed.score(y) / y).isFinite().isPositive();
            assertThat(skewed.byBend(y)).isFinite();
        }
    }
}

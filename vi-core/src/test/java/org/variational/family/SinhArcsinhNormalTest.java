package org.variational.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinhArcsinhNormalTest {

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

    /** Bounds on what a power of 1 / e to e does to twelve deviations, and a step small against its narrow side. */
    @ParameterizedTest
    @CsvSource({"-3, 0", "-0.5, 0", "-1e-9, 0", "1e-3, 0", "0.4, 0", "2.5, 0", "0, 0.5", "0, -2", "0.7, 0.3", "-1, -0.6"
    })
    void integratesToOneWithMeanZeroAndVarianceOne(double bend, double tail) {
        SinhArcsinhNormal shaped = SinhArcsinhNormal.of(bend, tail);
        DoubleUnaryOperator density = y -> Math.exp(shaped.logDensity(y));
        assertThat(integral(density, 60)).isCloseTo(1, within(1e-10));
        assertThat(integral(y -> y * density.applyAsDouble(y), 60)).isCloseTo(0, within(1e-10));
        assertThat(integral(y -> y * y * density.applyAsDouble(y), 60)).isCloseTo(1, within(1e-9));
    }

    /** Draws are the density's: what the normal noise has as its density is stretched by their slope. */
    @ParameterizedTest
    @CsvSource({"-1.5, 0", "-0.3, 0", "0.3, 0", "2, 0", "0, -0.4", "0.6, 0.5", "-0.6, -0.7"})
    void drawsHaveTheDensity(double bend, double tail) {
        SinhArcsinhNormal shaped = SinhArcsinhNormal.of(bend, tail);
        for (double noise = -6; noise <= 6; noise += 0.5) {
            double byNoise = -0.5 * noise * noise - 0.5 * Math.log(2 * Math.PI);
            double y = shaped.sample(noise);
            double stretch = Math.log(slope(shaped::sample, noise));
            assertThat(shaped.logDensity(y) + stretch).isCloseTo(byNoise, within(OF_DIFFERENCES * 10));
        }
        double third = integral(e -> Math.pow(shaped.sample(e), 3) * Math.exp(-0.5 * e * e), 12);
        assertThat(Math.abs(third) < 1e-9 ? 0 : Math.signum(third)).isEqualTo(Math.signum(bend));
    }

    @ParameterizedTest
    @CsvSource({"-1.2, 0", "-0.3, 0", "0, 0", "0.3, 0", "1.2, 0", "0, 0.4", "0.5, -0.6", "-0.7, 1.5"})
    void derivatives(double bend, double tail) {
        SinhArcsinhNormal shaped = SinhArcsinhNormal.of(bend, tail);
        for (double y = -4; y <= 4; y += 0.37) {
            double at = y;
            double scale = 1 + y * y * Math.cosh(2 * bend) * 20 + Math.pow(y, 4);
            assertThat(-shaped.score(y)).isCloseTo(slope(shaped::logDensity, y), within(OF_DIFFERENCES * scale));
            double byBend = slope(a -> SinhArcsinhNormal.of(a, tail).logDensity(at), bend);
            assertThat(shaped.byBend(y)).isCloseTo(byBend, within(OF_DIFFERENCES * scale));
            double byTail = slope(h -> SinhArcsinhNormal.of(bend, h).logDensity(at), tail);
            assertThat(shaped.byTail(y)).isCloseTo(byTail, within(OF_DIFFERENCES * scale));
        }
    }

    /** Without a bend it is the standard normal to the bit, and close to none it comes close to it. */
    @Test
    void withoutABendItIsNormal() {
        SinhArcsinhNormal normal = SinhArcsinhNormal.of(0, 0);
        for (double y = -9; y <= 9; y += 0.61) {
            assertThat(normal.sample(y)).isEqualTo(y);
            assertThat(normal.logDensity(y)).isEqualTo(-0.5 * y * y - 0.5 * Math.log(2 * Math.PI));
            assertThat(normal.score(y)).isEqualTo(y);
            for (double tail : new double[] {0, 1e-15}) {
                SinhArcsinhNormal nearly = SinhArcsinhNormal.of(1e-15, tail);
                assertThat(nearly.sample(y)).isCloseTo(y, within(ROUNDING));
                assertThat(nearly.logDensity(y)).isCloseTo(normal.logDensity(y), within(ROUNDING * (1 + y * y)));
                assertThat(nearly.score(y)).isCloseTo(y, within(ROUNDING * (1 + y * y)));
            }
        }
    }

    /** The shape asked for is that of the density, by quadrature; a tail is used only where the bend does not do. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, false",
        "0.3, 0.12, false",
        "-0.5, 0.8, true",
        "0.2, -0.2, true",
        "0.6, 0.45, false",
        "0, 1, true"
    })
    void hasTheMomentsAskedFor(double skewness, double kurtosis, boolean tails) {
        NestedGaussian.Shape shape = NestedGaussian.Shape.of(skewness, kurtosis);
        SinhArcsinhNormal shaped = SinhArcsinhNormal.of(shape.bend(), shape.tail());
        double third = integral(e -> Math.pow(shaped.sample(e), 3) * Math.exp(-0.5 * e * e), 12);
        double fourth = integral(e -> Math.pow(shaped.sample(e), 4) * Math.exp(-0.5 * e * e), 12);
        double root = Math.sqrt(2 * Math.PI);
        assertThat(third / root).isCloseTo(skewness, within(1e-3));
        assertThat(fourth / root - 3).isCloseTo(kurtosis, within(tails ? 1e-3 : 0.05));
        assertThat(shape.tail() != 0).isEqualTo(tails);
    }

    /** What is beyond the limits gets the shape at the limits. */
    @Test
    void shapesHaveLimits() {
        assertThat(NestedGaussian.Shape.of(7, 1.5)).isEqualTo(NestedGaussian.Shape.of(1, 1.5));
        assertThat(NestedGaussian.Shape.of(0.2, 50)).isEqualTo(NestedGaussian.Shape.of(0.2, 2));
    }

    /** Far out nothing overflows that does not for a normal number. */
    @Test
    void farOut() {
        SinhArcsinhNormal skewed = SinhArcsinhNormal.of(-0.4, 0);
        for (double y : new double[] {-1e8, -1e4, 1e4, 1e8}) {
            assertThat(skewed.logDensity(y)).isFinite().isLessThan(-1e6);
            assertThat(skewed.score(y) / y).isFinite().isPositive();
            assertThat(skewed.byBend(y)).isFinite();
        }
    }
}

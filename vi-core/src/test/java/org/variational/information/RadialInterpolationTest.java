package org.variational.information;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.random.RandomStreams;

/** Systems of up to 40 points within a few units of each other have conditions up to 1e5, so that rounding is 1e-10. */
class RadialInterpolationTest {

    private static final double ROUNDING = 1e-10;

    private static double[][] scattered(int n, int k, long seed) {
        RandomGenerator random = RandomStreams.of(seed).generator("points", 0);
        double[][] points = new double[n][k];
        for (double[] point : points) {
            Arrays.setAll(point, a -> 2 * random.nextGaussian() + a);
        }
        return points;
    }

    private static double[][] line(double... at) {
        return Arrays.stream(at).mapToObj(x -> new double[] {x}).toArray(double[][]::new);
    }

    /** Neither diagonal nor symmetric. */
    private static DMatrixRMaj whitening(int k) {
        DMatrixRMaj whitening = new DMatrixRMaj(k, k);
        for (int a = 0; a < k; a++) {
            for (int b = 0; b < k; b++) {
                whitening.set(a, b, a == b ? 0.7 : 0.2 / (1 + a + 2 * b));
            }
        }
        return whitening;
    }

    private static double[] known(double[][] points, ToDoubleFunction<double[]> f) {
        return Arrays.stream(points).mapToDouble(f).toArray();
    }

    /** A mean of some of the points: inside the box around them, whatever the whitening. */
    private static double[] between(double[][] points, int from, double share) {
        double[] at = points[from].clone();
        Arrays.setAll(at, a -> at[a] + share * (points[from + 1][a] - at[a]));
        return at;
    }

    private static double at(RadialInterpolation interpolation, double[] x, double[] known) {
        double value = interpolation.through(known).applyAsDouble(x);
        double[] weights = new double[known.length];
        interpolation.weights(x, weights);
        double sum = IntStream.range(0, known.length)
                .mapToDouble(j -> weights[j] * known[j])
                .sum();
        double scale = IntStream.range(0, known.length)
                .mapToDouble(j -> Math.abs(known[j]))
                .sum();
        assertThat(value).isCloseTo(sum, within(ROUNDING * 10 * (1 + scale)));
        return value;
    }

    private static double wave(double[] x) {
        double value = 0.3;
        for (int a = 0; a < x.length; a++) {
            value += Math.sin(x[a] + a) * (1 + x[(a + 1) % x.length]);
        }
        return value;
    }

    private static double quadratic(double[] x) {
        double value = 1;
        for (int a = 0; a < x.length; a++) {
            for (int b = 0; b <= a; b++) {
                value += (0.3 * a - 0.5 * b + 0.7) * x[a] * x[b];
            }
            value -= (a + 1) * x[a];
        }
        return value;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "9, 1", "2, 2", "5, 2", "25, 2", "7, 3", "40, 3", "30, 5"})
    void theWeightsAreThoseOfAnInterpolation(int n, int k) {
        double[][] points = scattered(n, k, n + 100L * k);
        RadialInterpolation interpolation = new RadialInterpolation(points, whitening(k));
        assertThat(interpolation.size()).isEqualTo(n);
        double[] known = known(points, RadialInterpolationTest::wave);
        double[] weights = new double[n];
        for (int j = 0; j < n; j++) {
            assertThat(at(interpolation, points[j], known)).isCloseTo(known[j], within(ROUNDING * 100));
            double[] at = j + 1 < n ? between(points, j, 0.37) : points[j];
            interpolation.weights(at, weights);
            assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(ROUNDING));
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "12, 1", "8, 2", "25, 2", "13, 3", "40, 3"})
    void quadraticsAreReproduced(int n, int k) {
        double[][] points = scattered(n, k, 7 + n + 100L * k);
        RadialInterpolation interpolation = new RadialInterpolation(points, whitening(k));
        double[] known = known(points, RadialInterpolationTest::quadratic);
        for (int j = 0; j + 1 < n; j++) {
            double[] at = between(points, j, 0.61);
            double scale = 1 + Arrays.stream(known).map(Math::abs).max().orElse(0);
            assertThat(at(interpolation, at, known)).isCloseTo(quadratic(at), within(ROUNDING * scale));
        }
    }

    /** Only distances matter: far from the origin, where squares are large, all is as near it. */
    @Test
    void thePlaceDoesNotMatter() {
        double[][] points = scattered(20, 2, 5);
        double[][] far = Arrays.stream(points)
                .map(x -> new double[] {x[0] + 4096, x[1] - 8192})
                .toArray(double[][]::new);
        double[] known = known(points, RadialInterpolationTest::wave);
        RadialInterpolation near = new RadialInterpolation(points, whitening(2));
        RadialInterpolation away = new RadialInterpolation(far, whitening(2));
        for (int j = 0; j + 1 < 20; j++) {
            // the points themselves are rounded to 1e-12
            assertThat(at(away, between(far, j, 0.3), known))
                    .isCloseTo(at(near, between(points, j, 0.3), known), within(1e-9));
        }
    }

    /** Of three points in one dimension the polynomial is linear: the natural cubic spline, by its own equations. */
    @Test
    void threePointsInOneDimensionAreTheNaturalSpline() {
        double[][] points = line(-1, 0.5, 3);
        double[] y = {2, -1, 4};
        RadialInterpolation interpolation = new RadialInterpolation(points, new DMatrixRMaj(1, 1, true, 1));
        double h0 = 1.5;
        double h1 = 2.5;
        double bend = 3 * ((y[2] - y[1]) / h1 - (y[1] - y[0]) / h0) / (h0 + h1);
        for (double x = -1; x <= 3; x += 0.125) {
            boolean left = x < 0.5;
            double h = left ? h0 : h1;
            double from = left ? x + 1 : 3 - x;
            double other = h - from;
            double end = left ? y[0] : y[2];
            double expected = (end * other + y[1] * from) / h + bend * (from * from * from - h * h * from) / (6 * h);
            assertThat(at(interpolation, new double[] {x}, y)).isCloseTo(expected, within(ROUNDING));
        }
    }

    /** More points: a cubic between neighbours, with two continuous derivatives where they meet. */
    @Test
    void morePointsInOneDimensionAreASpline() {
        double[] places = {-2, -0.5, 0.25, 2, 3.5};
        RadialInterpolation interpolation = new RadialInterpolation(line(places), new DMatrixRMaj(1, 1, true, 1));
        double[] y = {1, -2, 0.5, 3, -1};
        double[] curvatureAtStart = new double[4];
        double[] curvatureAtEnd = new double[4];
        double[] slopeAtStart = new double[4];
        double[] slopeAtEnd = new double[4];
        for (int piece = 0; piece < 4; piece++) {
            double from = places[piece];
            double h = (places[piece + 1] - from) / 4;
            double[] f = IntStream.rangeClosed(0, 4)
                    .mapToDouble(i -> at(interpolation, new double[] {from + i * h}, y))
                    .toArray();
            double fourth = f[0] - 4 * f[1] + 6 * f[2] - 4 * f[3] + f[4];
            assertThat(fourth).isCloseTo(0, within(ROUNDING));
            // Newton's form of the cubic through four of them, differentiated at both ends
            double d2 = f[0] - 2 * f[1] + f[2];
            double d3 = f[3] - 3 * f[2] + 3 * f[1] - f[0];
            curvatureAtStart[piece] = (d2 - d3) / (h * h);
            curvatureAtEnd[piece] = (d2 + 3 * d3) / (h * h);
            slopeAtStart[piece] = (f[1] - f[0] - d2 / 2 + d3 / 3) / h;
            slopeAtEnd[piece] = slopeAtStart[piece] + (curvatureAtStart[piece] + curvatureAtEnd[piece]) / 2 * 4 * h;
        }
        for (int knot = 1; knot < 4; knot++) {
            assertThat(curvatureAtStart[knot]).isCloseTo(curvatureAtEnd[knot - 1], within(ROUNDING * 1000));
            assertThat(slopeAtStart[knot]).isCloseTo(slopeAtEnd[knot - 1], within(ROUNDING * 100));
        }
        // the two conditions that are left: the ends bend alike, and as the slopes differ
        assertThat(curvatureAtStart[0]).isCloseTo(curvatureAtEnd[3], within(ROUNDING * 1000));
        assertThat(slopeAtEnd[3] - slopeAtStart[0]).isCloseTo(5.5 * curvatureAtEnd[3], within(ROUNDING * 1000));
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 1", "9, 1", "5, 2", "25, 2", "40, 3"})
    void slopesAreTheDerivatives(int n, int k) {
        double[][] points = scattered(n, k, 3 + n + 100L * k);
        RadialInterpolation interpolation = new RadialInterpolation(points, whitening(k));
        double[][] slopes = new double[k][n];
        double[] up = new double[n];
        double[] down = new double[n];
        for (int j = 0; j + 1 < n; j++) {
            double[] at = between(points, j, 0.43);
            interpolation.slopes(at, slopes);
            for (int a = 0; a < k; a++) {
                double[] moved = at.clone();
                moved[a] = at[a] + 1e-5;
                interpolation.weights(moved, up);
                moved[a] = at[a] - 1e-5;
                interpolation.weights(moved, down);
                for (int i = 0; i < n; i++) {
                    // truncation 1e-10 and rounding of the weights over the step
                    assertThat(slopes[a][i]).isCloseTo((up[i] - down[i]) / 2e-5, within(1e-6));
                }
            }
        }
    }

    @Test
    void beyondTheBoxNothingChanges() {
        RadialInterpolation interpolation = new RadialInterpolation(
                new double[][] {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.4, 0.3}}, new DMatrixRMaj(2, 2, true, 1, 0, 0, 1));
        double[] known = {1, 3, -2, 5, 0};
        for (double y : new double[] {0, 0.2, 0.9}) {
            double atFace = at(interpolation, new double[] {1, y}, known);
            assertThat(at(interpolation, new double[] {1.5, y}, known)).isEqualTo(atFace);
            assertThat(at(interpolation, new double[] {1e300, y}, known)).isEqualTo(atFace);
            double[][] slopes = new double[2][5];
            interpolation.slopes(new double[] {7, y}, slopes);
            assertThat(slopes[0]).containsOnly(0);
        }
        assertThat(at(interpolation, new double[] {-3, 9}, known)).isCloseTo(-2, within(ROUNDING));
    }

    /** At the corner that a grid lacks, 2.6 units from the nearest point, whose fourth neighbour is sqrt 2 away. */
    @Test
    void farFromAllPointsItIsAsOnTheWayToTheNearest() {
        List<double[]> grid = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                if (i + j < 5) {
                    grid.add(new double[] {i, j});
                }
            }
        }
        double[][] points = grid.toArray(double[][]::new);
        DMatrixRMaj identity = new DMatrixRMaj(2, 2, true, 1, 0, 0, 1);
        RadialInterpolation interpolation = new RadialInterpolation(points, identity);
        double[] known = known(points, RadialInterpolationTest::wave);
        double[] nearest = points[nearest(points, 3.9, 3.8)];
        double distance = Math.hypot(3.9 - nearest[0], 3.8 - nearest[1]);
        double share = 1.5 * Math.sqrt(2) / distance;
        assertThat(share).as("beyond the reach").isLessThan(1);
        double[] onTheWay = {nearest[0] + share * (3.9 - nearest[0]), nearest[1] + share * (3.8 - nearest[1])};
        assertThat(at(interpolation, new double[] {3.9, 3.8}, known))
                .isCloseTo(at(interpolation, onTheWay, known), within(ROUNDING));
        double[][] slopes = new double[2][points.length];
        interpolation.slopes(new double[] {3.9, 3.8}, slopes);
        double[] up = new double[points.length];
        double[] down = new double[points.length];
        for (int a = 0; a < 2; a++) {
            interpolation.weights(new double[] {3.9 + (a == 0 ? 1e-5 : 0), 3.8 + (a == 1 ? 1e-5 : 0)}, up);
            interpolation.weights(new double[] {3.9 - (a == 0 ? 1e-5 : 0), 3.8 - (a == 1 ? 1e-5 : 0)}, down);
            for (int i = 0; i < points.length; i++) {
                assertThat(slopes[a][i]).isCloseTo((up[i] - down[i]) / 2e-5, within(1e-6));
            }
        }
    }

    private static int nearest(double[][] points, double x, double y) {
        int near = 0;
        for (int j = 1; j < points.length; j++) {
            double distance = Math.hypot(points[j][0] - x, points[j][1] - y);
            near = distance < Math.hypot(points[near][0] - x, points[near][1] - y) ? j : near;
        }
        return near;
    }

    /** On a line there is no polynomial in two coordinates; along it, the interpolation is that of one dimension. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 8, 12})
    void pointsOnALineAreInterpolatedAlongIt(int n) {
        double[] along = new double[n];
        Arrays.setAll(along, j -> j - 0.4 * n + 0.3 * Math.sin(5 * j));
        double[][] points = Arrays.stream(along)
                .mapToObj(t -> new double[] {1 + 0.6 * t, -2 + 0.8 * t})
                .toArray(double[][]::new);
        double[] known = Arrays.stream(along).map(t -> Math.exp(0.2 * t)).toArray();
        RadialInterpolation interpolation = new RadialInterpolation(points, new DMatrixRMaj(2, 2, true, 1, 0, 0, 1));
        double[] weights = new double[n];
        for (int j = 0; j + 1 < n; j++) {
            double[] at = between(points, j, 0.5);
            assertThat(at(interpolation, points[j], known)).isCloseTo(known[j], within(ROUNDING * 10));
            double low = Math.min(known[j], known[j + 1]);
            double high = Math.max(known[j], known[j + 1]);
            assertThat(at(interpolation, at, known)).isBetween(low - 0.05, high + 0.05);
            interpolation.weights(at, weights);
            assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(ROUNDING));
            assertThat(Arrays.stream(weights).map(Math::abs).sum()).isLessThan(4);
        }
    }

    @Test
    void equalPointsAreRefused() {
        DMatrixRMaj one = new DMatrixRMaj(1, 1, true, 0.37);
        for (double[] at : new double[][] {{1.1, 1.1}, {0.1, 0.7, 0.1}, {0.3, 2.1, 0.9, 0.9, 4.4, 5.1, 6.3}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new RadialInterpolation(line(at), one))
                    .withMessageContaining("distinct");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RadialInterpolation(line(0, Double.NaN, 2), one))
                .withMessageContaining("finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RadialInterpolation(new double[0][], one))
                .withMessageContaining("at least one");
    }
}

package org.variational.kernel;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/** Arguments for accuracy tests: a grid, random magnitudes, and neighbourhoods of the points where formulas change. */
final class Points {

    private static final int PADDING = 64;

    private Points() {}

    /** Over the range of {@code exp}, from subnormal results to just below overflow. */
    static double[] real() {
        SplittableRandom random = new SplittableRandom(1);
        DoubleStream grid = DoubleStream.iterate(-745, x -> x < 709.7, x -> x + 1.37);
        DoubleStream centre = random.doubles(600, -5, 5);
        DoubleStream wide = random.doubles(300, -745, 709.7);
        DoubleStream small =
                random.doubles(300, -80, 0).map(x -> Math.copySign(Math.exp(x), random.nextDouble() - 0.5));
        DoubleStream edges = near(
                Math.log(2) / 2,
                -Math.log(2) / 2,
                1.5 * Math.log(2),
                709,
                709.4361393,
                -708.3964185322641,
                -50,
                -25,
                25,
                0.5,
                -0.5,
                36.7,
                -36.7,
                1e-300,
                -1e-300,
                0x1p-53,
                0x1p-54);
        return padded(concat(grid, centre, wide, small, edges), 0.25);
    }

    /** Over all positive numbers, subnormal ones too. */
    static double[] positive() {
        SplittableRandom random = new SplittableRandom(2);
        DoubleStream all = random.longs(600, 1, 0x7FF0000000000000L).mapToDouble(Double::longBitsToDouble);
        DoubleStream nearOne = random.doubles(600, 0.6, 1.6);
        DoubleStream closeToOne =
                random.doubles(200, -36, -1).map(x -> 1 + Math.copySign(Math.exp(x), random.nextDouble() - 0.5));
        DoubleStream subnormal = random.longs(100, 1, 0x0010000000000000L).mapToDouble(Double::longBitsToDouble);
        DoubleStream edges = near(Math.sqrt(0.5), Math.sqrt(2), 0.5, 2, 0x1p-1022, 0x1p1023 * Math.sqrt(2));
        return padded(
                concat(all, nearOne, closeToOne, subnormal, edges, DoubleStream.of(Double.MIN_VALUE, Double.MAX_VALUE)),
                2);
    }

    /** Over the domain of {@code log1p}. */
    static double[] aboveMinusOne() {
        SplittableRandom random = new SplittableRandom(3);
        DoubleStream positive = Arrays.stream(positive());
        DoubleStream small = random.doubles(600, -0.9, 1.5);
        DoubleStream tiny =
                random.doubles(300, -80, -1).map(x -> Math.copySign(Math.exp(x), random.nextDouble() - 0.5));
        DoubleStream nearMinusOne = random.doubles(100, -36, -1).map(x -> -1 + Math.exp(x));
        DoubleStream edges =
                near(-0.25, 0.5, Math.sqrt(2) - 1, Math.sqrt(0.5) - 1, 0x1p53, 0x1p54, 0x1p-53, -0x1p-53, 0x1p-52);
        return padded(concat(positive, small, tiny, nearMinusOne, edges), 2);
    }

    private static DoubleStream near(double... centres) {
        return Arrays.stream(centres)
                .flatMap(c -> DoubleStream.of(c, Math.nextUp(c), Math.nextDown(c), c * (1 + 1e-9), c * (1 - 1e-9)));
    }

    private static DoubleStream concat(DoubleStream... parts) {
        return Arrays.stream(parts).reduce(DoubleStream.empty(), DoubleStream::concat);
    }

    private static double[] padded(DoubleStream points, double filler) {
        double[] given = points.toArray();
        double[] all = Arrays.copyOf(given, (given.length + PADDING - 1) / PADDING * PADDING);
        Arrays.fill(all, given.length, all.length, filler);
        return all;
    }
}

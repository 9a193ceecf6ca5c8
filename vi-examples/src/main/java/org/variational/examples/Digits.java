package org.variational.examples;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Handwritten digits as images of 8 by 8 grey values from 0 to 1, row after row, and what they show.
 *
 * @param images one image a row, 64 numbers each
 * @param labels the digit of each image
 */
record Digits(double[][] images, int[] labels) {
    static final int SIDE = 8;
    static final int PIXELS = SIDE * SIDE;
    private static final double WHITE = 16;

    static Digits read() {
        Table table = Table.read("digits.csv");
        double[][] images =
                table.numbers(IntStream.range(0, PIXELS).mapToObj(i -> "p" + i).toArray(String[]::new));
        for (double[] image : images) {
            for (int i = 0; i < PIXELS; i++) {
                image[i] /= WHITE;
            }
        }
        return new Digits(images, table.integers("digit"));
    }

    int count() {
        return labels.length;
    }

    /** The images from one number to another, the latter not included. */
    Digits range(int from, int to) {
        return new Digits(Arrays.copyOfRange(images, from, to), Arrays.copyOfRange(labels, from, to));
    }

    /** All images but those from one number to another. */
    Digits without(int from, int to) {
        int[] kept =
                IntStream.range(0, count()).filter(n -> n < from || n >= to).toArray();
        return new Digits(
                Arrays.stream(kept).mapToObj(n -> images[n]).toArray(double[][]::new),
                Arrays.stream(kept).map(n -> labels[n]).toArray());
    }

    /** Every pixel as 1 where it is at least half white, otherwise 0. */
    double[][] binary() {
        double[][] binary = new double[count()][];
        for (int n = 0; n < binary.length; n++) {
            binary[n] =
                    Arrays.stream(images[n]).map(grey -> grey >= 0.5 ? 1 : 0).toArray();
        }
        return binary;
    }

    /** Images of the means of blocks of pixels, {@code block} along a side. */
    double[][] coarse(int block) {
        int side = SIDE / block;
        double[][] coarse = new double[count()][side * side];
        for (int n = 0; n < coarse.length; n++) {
            for (int i = 0; i < PIXELS; i++) {
                coarse[n][i / SIDE / block * side + i % SIDE / block] += images[n][i] / (block * block);
            }
        }
        return coarse;
    }
}

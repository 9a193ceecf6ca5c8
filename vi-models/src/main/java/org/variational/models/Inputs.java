package org.variational.models;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Checks of what users hand in, and the averages and spreads that priors are scaled by. */
final class Inputs {

    private Inputs() {}

    /** What a builder was given, refused if it was not. */
    static <T> T given(@Nullable T value, String call) {
        if (value == null) {
            throw new IllegalStateException("something is missing: call " + call + " before build()");
        }
        return value;
    }

    /** The number itself, refused unless positive and finite. */
    static double requirePositive(String name, double value) {
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ", but must be positive and finite");
        }
        return value;
    }

    /** Refuses fewer rows than a model can be scaled by, and non-finite numbers, naming the row. */
    static void requireSeries(String name, double[] values, int least) {
        if (values.length < least) {
            throw new IllegalArgumentException(
                    name + " has " + values.length + " values, but at least " + least + " are needed");
        }
        for (int n = 0; n < values.length; n++) {
            if (!Double.isFinite(values[n])) {
                throw new IllegalArgumentException(name + "[" + n + "] is " + values[n]
                        + "; remove or impute missing values before building the model");
            }
        }
    }

    /** Refuses a pair of arrays of different lengths. */
    static void requireSameLength(String nameA, int lengthA, String nameB, int lengthB) {
        if (lengthA != lengthB) {
            throw new IllegalArgumentException(nameA + " has " + lengthA + " rows, but " + nameB + " has " + lengthB
                    + " rows; both need one entry per observation");
        }
    }

    /** Refuses an empty, ragged or non-finite matrix of predictors, and one with a constant column. */
    static void requirePredictors(double[][] x, int rows) {
        requireSameLength("x", x.length, "y", rows);
        if (rows == 0 || x[0].length == 0) {
            throw new IllegalArgumentException("x is " + rows + " x " + (rows == 0 ? 0 : x[0].length)
                    + ", but at least one row and one column are needed");
        }
        for (int n = 0; n < rows; n++) {
            if (x[n].length != x[0].length) {
                throw new IllegalArgumentException("x[" + n + "] has " + x[n].length + " entries, but x[0] has "
                        + x[0].length + "; give all rows the same length");
            }
            for (int k = 0; k < x[n].length; k++) {
                if (!Double.isFinite(x[n][k])) {
                    throw new IllegalArgumentException("x[" + n + "][" + k + "] is " + x[n][k]
                            + "; remove or impute missing values before building the model");
                }
            }
        }
        for (int k = 0; k < x[0].length; k++) {
            if (!(sd(column(x, k)) > 0)) {
                throw new IllegalArgumentException("column " + k + " of x is constant; leave it out, since the model "
                        + "has an intercept already and the scale of its prior would be unknown");
            }
        }
    }

    /** Refuses group numbers that are negative, or {@code count} and above. */
    static void requireIndices(String name, int[] indices, int count) {
        for (int n = 0; n < indices.length; n++) {
            if (indices[n] < 0 || indices[n] >= count) {
                throw new IllegalArgumentException(
                        name + "[" + n + "] is " + indices[n] + ", but must be from 0 to " + (count - 1));
            }
        }
    }

    /** Refuses negative counts. */
    static void requireCounts(String name, int[] counts) {
        for (int n = 0; n < counts.length; n++) {
            if (counts[n] < 0) {
                throw new IllegalArgumentException(name + "[" + n + "] is " + counts[n] + ", but counts start at 0");
            }
        }
    }

    static double[] column(double[][] x, int k) {
        return Arrays.stream(x).mapToDouble(row -> row[k]).toArray();
    }

    static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }

    /** The sample standard deviation, 0 for a single value. */
    static double sd(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / Math.max(1, values.length - 1));
    }

    /** The sample standard deviation, refused where it is 0 and so gives no scale. */
    static double scale(String name, double[] values) {
        double sd = sd(values);
        if (!(sd > 0)) {
            throw new IllegalArgumentException(
                    name + " is constant, so its spread cannot scale the priors; there is nothing to explain");
        }
        return sd;
    }
}

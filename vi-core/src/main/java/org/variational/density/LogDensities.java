package org.variational.density;

import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/** Makes log densities from functions of one point. */
public final class LogDensities {

    private LogDensities() {}

    /** A log density and its gradient at one point. */
    @FunctionalInterface
    public interface ValueAndGradient {
        /**
         * Evaluates at one point.
         *
         * @param point D coordinates; a copy, which the function may change or keep
         * @param gradient D entries to be overwritten with the gradient
         * @return the log density
         */
        double evaluate(double[] point, double[] gradient);
    }

    /**
     * A density from a function that computes its value and gradient at one point.
     *
     * @param dimension the number of coordinates D
     * @throws IllegalArgumentException if {@code dimension} is not positive
     */
    public static LogDensity of(int dimension, ValueAndGradient function) {
        requireDimension(dimension);
        return new Pointwise(dimension, function, true);
    }

    /**
     * A density known by its values alone; estimators that need no gradient can fit it.
     *
     * @param dimension the number of coordinates D
     * @throws IllegalArgumentException if {@code dimension} is not positive
     */
    public static LogDensity ofValues(int dimension, ToDoubleFunction<double[]> function) {
        requireDimension(dimension);
        return new Pointwise(dimension, (point, gradient) -> function.applyAsDouble(point), false);
    }

    private static void requireDimension(int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension must be at least 1, got " + dimension);
        }
    }

    private record Pointwise(int dimension, ValueAndGradient function, boolean hasGradient) implements LogDensity {

        /** Lanes that are taken out of a matrix together, as many as share a cache line of its rows. */
        private static final int BLOCK = 8;

        /** Rows of a tile: few, as rows a power of two apart compete for the same places in the cache. */
        private static final int TILE = 16;

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            if (gradient != null && !hasGradient) {
                throw new UnsupportedOperationException("this density was declared without a gradient; "
                        + "use an estimator that needs values alone, such as the score function");
            }
            for (int first = 0; first < points.numCols; first += BLOCK) {
                int count = Math.min(BLOCK, points.numCols - first);
                double[][] at = new double[count][dimension];
                copy(points, first, at, true);
                double[][] slopes = new double[count][dimension];
                for (int k = 0; k < count; k++) {
                    logDensity[first + k] = function.evaluate(at[k], slopes[k]);
                }
                if (gradient != null) {
                    copy(gradient, first, slopes, false);
                }
            }
        }

        /** Copies columns out of a matrix, or into it, by tiles that stay in the cache. */
        private static void copy(DMatrixRMaj matrix, int first, double[][] columns, boolean out) {
            int lanes = matrix.numCols;
            for (int from = 0; from < matrix.numRows; from += TILE) {
                int to = Math.min(matrix.numRows, from + TILE);
                for (int k = 0; k < columns.length; k++) {
                    double[] column = columns[k];
                    int at = from * lanes + first + k;
                    for (int d = from; d < to; d++, at += lanes) {
                        if (out) {
                            column[d] = matrix.data[at];
                        } else {
                            matrix.data[at] = column[d];
                        }
                    }
                }
            }
        }
    }
}

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

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            if (gradient != null && !hasGradient) {
                throw new UnsupportedOperationException("this density was declared without a gradient; "
                        + "use an estimator that needs values alone, such as the score function");
            }
            int lanes = points.numCols;
            for (int s = 0; s < lanes; s++) {
                double[] point = new double[dimension];
                double[] slope = new double[dimension];
                for (int d = 0; d < dimension; d++) {
                    point[d] = points.data[d * lanes + s];
                }
                logDensity[s] = function.evaluate(point, slope);
                if (gradient != null) {
                    for (int d = 0; d < dimension; d++) {
                        gradient.data[d * lanes + s] = slope[d];
                    }
                }
            }
        }
    }
}

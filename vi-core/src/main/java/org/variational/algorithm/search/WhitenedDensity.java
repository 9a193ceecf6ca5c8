package org.variational.algorithm.search;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.chain.Metric;
import org.variational.density.LogDensity;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;

/**
 * A log density in the coordinates y of a {@link Metric} around a point, {@code x = mean + L y}, without the constant
 * {@code log |L|}. It counts its evaluations; for one thread.
 */
final class WhitenedDensity implements LogDensity {

    private final GuardedDensity density;
    private final Metric metric;
    private final double[] mean;
    private final DMatrixRMaj points = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj gradients = new DMatrixRMaj(0, 0);
    private long evaluations;

    WhitenedDensity(LogDensity density, CoordinateSplit split, Metric metric, double[] mean) {
        this.density = new GuardedDensity(density, split);
        this.metric = metric;
        this.mean = mean;
    }

    /** The points evaluated so far. */
    long evaluations() {
        return evaluations;
    }

    /** {@code mean + L y}. */
    void place(DMatrixRMaj y, DMatrixRMaj x) {
        x.reshape(y.numRows, y.numCols);
        metric.push(y, x);
        for (int i = 0; i < y.numRows; i++) {
            for (int s = 0; s < y.numCols; s++) {
                x.data[i * y.numCols + s] += mean[i];
            }
        }
    }

    @Override
    public int dimension() {
        return mean.length;
    }

    @Override
    public void evaluate(DMatrixRMaj y, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        place(y, points);
        density.evaluate(points, logDensity, gradient == null ? null : gradients);
        evaluations += density.evaluations();
        if (gradient != null) {
            metric.pull(gradients, gradient);
        }
    }
}

package org.variational.algorithm.search;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.EvaluationCount;
import org.variational.density.LogDensity;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Rejection;

/** {@code -log p} as a function to be minimised, with a count of all evaluations of the density. */
public final class NegativeLogDensity implements BatchedLbfgs.Function {

    private final GuardedDensity density;
    private long evaluations;
    private long rejected;
    private @Nullable Rejection firstRejection;

    /**
     * The negative of a log density, guarded.
     *
     * @param target the log density
     * @param split its coordinates, for the names in messages
     */
    public NegativeLogDensity(LogDensity target, CoordinateSplit split) {
        this.density = new GuardedDensity(target, split);
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] values, DMatrixRMaj gradients) {
        logDensity(points, values, gradients);
        for (int s = 0; s < points.numCols; s++) {
            values[s] = -values[s];
        }
        for (int at = 0; at < gradients.getNumElements(); at++) {
            gradients.data[at] = -gradients.data[at];
        }
    }

    /** The log density itself, as {@link GuardedDensity#evaluate(DMatrixRMaj, double[], DMatrixRMaj)}. */
    void logDensity(DMatrixRMaj points, double[] values, @Nullable DMatrixRMaj gradients) {
        density.evaluate(points, values, gradients);
        evaluations += density.evaluations();
        rejected += density.rejected();
        if (firstRejection == null) {
            firstRejection = density.firstRejection();
        }
    }

    /** The evaluations so far. */
    EvaluationCount count() {
        return new EvaluationCount(evaluations, rejected);
    }

    /** The first evaluation that could not be used, or null. */
    @Nullable
    Rejection firstRejection() {
        return firstRejection;
    }
}

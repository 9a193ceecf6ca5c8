package org.variational.model;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Interactions;
import org.variational.density.LogDensityParts;
import org.variational.density.RowLogDensity;
import org.variational.expression.Evaluator;
import org.variational.expression.RowAxis;

/** The log density of a model, compiled and with working memory. */
record ModelDensity(
        int dimension, Evaluator evaluator, @Nullable RowAxis axis, Structured structured) implements RowLogDensity {

    /** What the declaration knows of its density. */
    interface Structured {
        Interactions interactions();

        @Nullable
        LogDensityParts parts(int[] setOf);
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        evaluator.evaluate(points, logDensity, gradient);
    }

    @Override
    public String implementation() {
        return evaluator.kernels().name();
    }

    @Override
    public Interactions interactions() {
        return structured.interactions();
    }

    @Override
    public @Nullable LogDensityParts parts(int[] setOf) {
        return structured.parts(setOf);
    }

    @Override
    public int rowCount() {
        return axis == null ? 0 : evaluator.rowCount(axis);
    }

    @Override
    public void evaluateRows(
            int[] rows, int count, DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        if (axis == null) {
            throw new IllegalStateException("the model has no rows to choose from");
        }
        evaluator.evaluateRows(axis, rows, count, points, logDensity, gradient);
    }
}

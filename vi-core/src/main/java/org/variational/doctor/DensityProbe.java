package org.variational.doctor;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Gradients;
import org.variational.density.LogDensity;

/**
 * A density under examination: it sees copies, its exceptions become NaN in the lanes that caused them, and nothing
 * else of what it gives is changed. Not thread-safe.
 */
final class DensityProbe implements LogDensity {

    private final LogDensity target;
    private @Nullable RuntimeException[] thrown = {};
    private boolean changesPoints;
    private long evaluations;

    DensityProbe(LogDensity target) {
        this.target = target;
    }

    @Override
    public int dimension() {
        return target.dimension();
    }

    @Override
    public boolean hasGradient() {
        return target.hasGradient();
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int lanes = points.numCols;
        thrown = new RuntimeException[lanes];
        RuntimeException whole = call(points, logDensity, gradient);
        if (whole == null) {
            return;
        }
        if (lanes == 1) {
            refuse(0, whole, logDensity, gradient);
            return;
        }
        double[] value = new double[1];
        DMatrixRMaj column = new DMatrixRMaj(points.numRows, 1);
        for (int s = 0; s < lanes; s++) {
            DMatrixRMaj slope = gradient == null ? null : new DMatrixRMaj(points.numRows, 1);
            for (int d = 0; d < points.numRows; d++) {
                column.data[d] = points.data[d * lanes + s];
            }
            RuntimeException alone = call(column, value, slope);
            if (alone != null) {
                refuse(s, alone, logDensity, gradient);
                continue;
            }
            logDensity[s] = value[0];
            if (gradient != null && slope != null) {
                for (int d = 0; d < points.numRows; d++) {
                    gradient.data[d * lanes + s] = slope.data[d];
                }
            }
        }
    }

    private @Nullable RuntimeException call(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int lanes = points.numCols;
        evaluations += lanes;
        DMatrixRMaj seen = points.copy();
        double[] values = new double[lanes];
        Arrays.fill(values, Double.NaN);
        DMatrixRMaj slopes = null;
        if (gradient != null) {
            slopes = new DMatrixRMaj(points.numRows, lanes);
            Arrays.fill(slopes.data, Double.NaN);
        }
        try {
            target.evaluate(seen, values, slopes);
            if (slopes != null) {
                Gradients.requireFilled(slopes, points.numRows, lanes);
            }
        } catch (RuntimeException e) {
            return e;
        }
        changesPoints |= !Arrays.equals(seen.data, points.data);
        System.arraycopy(values, 0, logDensity, 0, lanes);
        if (gradient != null && slopes != null) {
            System.arraycopy(slopes.data, 0, gradient.data, 0, points.numRows * lanes);
        }
        return null;
    }

    private void refuse(int s, RuntimeException e, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        thrown[s] = e;
        logDensity[s] = Double.NaN;
        if (gradient != null) {
            for (int d = 0; d < gradient.numRows; d++) {
                gradient.data[d * gradient.numCols + s] = Double.NaN;
            }
        }
    }

    /** What lane s of the last evaluation threw, or null. */
    @Nullable
    RuntimeException thrown(int s) {
        return thrown[s];
    }

    /** Whether any evaluation changed the points it was given. */
    boolean changesPoints() {
        return changesPoints;
    }

    long evaluations() {
        return evaluations;
    }
}

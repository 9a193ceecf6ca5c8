package org.variational.density;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A layout that never throws from {@link #quantitiesAt}: a point at which the user's code throws, or does not fill the
 * matrix it is passed, has quantities that are all NaN. A batch that fails is repeated point by point.
 *
 * <p>Keeps what was thrown first; as other layouts, for one thread at a time.
 */
public final class GuardedLayout implements ParameterLayout {

    private final ParameterLayout layout;
    private @Nullable RuntimeException firstException;

    private GuardedLayout(ParameterLayout layout) {
        this.layout = layout;
    }

    /** Guards a layout; one that is guarded is returned as it is. */
    public static GuardedLayout of(ParameterLayout layout) {
        return layout instanceof GuardedLayout guarded ? guarded : new GuardedLayout(layout);
    }

    @Override
    public int dimension() {
        return layout.dimension();
    }

    @Override
    public List<String> coordinateNames() {
        return layout.coordinateNames();
    }

    @Override
    public List<Block> blocks() {
        return layout.blocks();
    }

    @Override
    public List<Quantity> quantities() {
        return layout.quantities();
    }

    @Override
    public double[] initialPoint() {
        return layout.initialPoint();
    }

    @Override
    public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
        int lanes = points.numCols;
        int scalars = values.numRows;
        if (succeeds(points, values)) {
            return;
        }
        values.reshape(scalars, lanes);
        DMatrixRMaj point = new DMatrixRMaj(points.numRows, 1);
        DMatrixRMaj column = new DMatrixRMaj(scalars, 1);
        for (int s = 0; s < lanes; s++) {
            for (int i = 0; i < points.numRows; i++) {
                point.data[i] = points.data[i * lanes + s];
            }
            column.reshape(scalars, 1);
            if (!succeeds(point, column)) {
                column.reshape(scalars, 1);
                Arrays.fill(column.data, Double.NaN);
            }
            for (int row = 0; row < scalars; row++) {
                values.data[row * lanes + s] = column.data[row];
            }
        }
    }

    private boolean succeeds(DMatrixRMaj points, DMatrixRMaj values) {
        int scalars = values.numRows;
        int lanes = values.numCols;
        try {
            layout.quantitiesAt(points, values);
            if (values.numRows != scalars || values.numCols != lanes || values.data.length < scalars * lanes) {
                throw new IllegalStateException("the layout returned quantities of " + values.numRows + " x "
                        + values.numCols + ", expected " + scalars + " x " + lanes
                        + " (scalars x points): fill the matrix that is passed, do not reshape it and do not replace"
                        + " its array");
            }
            return true;
        } catch (RuntimeException e) {
            if (firstException == null) {
                firstException = e;
            }
            return false;
        }
    }

    /** The first exception of the layout so far; null if there was none. */
    public @Nullable RuntimeException firstException() {
        return firstException;
    }
}

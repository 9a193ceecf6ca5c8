package org.variational.density;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A log density that is a global term plus a sum over exchangeable data rows, and that can be estimated from a random
 * subset of them.
 */
public interface RowLogDensity extends LogDensity {

    /** The number of data rows N. */
    int rowCount();

    /**
     * Estimates the log density and its gradient from some rows: the row terms of the subset are multiplied by
     * {@code rowCount() / count}, so that the expectation over uniformly drawn subsets is the full value. Coordinates
     * local to rows outside the subset get gradient 0.
     *
     * @param rows the indices of the chosen rows, distinct, read only
     * @param count how many entries of {@code rows} are used, from 1 to {@link #rowCount()}
     * @param points D x S, read only
     * @param logDensity the values, at least S long, overwritten
     * @param gradient D x S, overwritten; null where only values are wanted
     */
    void evaluateRows(int[] rows, int count, DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient);
}

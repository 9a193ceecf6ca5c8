package org.variational.density;

import org.ejml.data.DMatrixRMaj;

/**
 * A log density as a sum: of one part for each of several sets of coordinates, such as the effects of one group, and of
 * a rest. A part depends on the coordinates of its set and on those of no set; so do all of them together, given the
 * latter, fall apart.
 *
 * <p>Shapes and lanes are those of {@link LogDensity}. Not thread-safe.
 */
public interface LogDensityParts {

    /** The number of sets J. */
    int count();

    /**
     * Evaluates all parts at S points.
     *
     * @param points D x S, read only
     * @param parts reshaped to (J + 1) x S and overwritten; the last row is the rest, and each column sums to the log
     *     density, up to rounding
     */
    void evaluate(DMatrixRMaj points, DMatrixRMaj parts);
}

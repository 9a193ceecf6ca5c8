package org.variational.density;

import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A log density on R^D, evaluated at S points at once.
 *
 * <p>The density need not be normalised. Points are columns: {@code points} is D x S, row-major, and column s is
 * <em>lane</em> s.
 * <ul>
 *   <li>Any S of at least 1 is legal, and may change from call to call.
 *   <li>A point that cannot be evaluated gets NaN in its own lane and does not disturb the others. A point of density
 *       zero gets {@code -Infinity}.
 *   <li>{@code points} must not be changed, and no argument may be kept after the call.
 *   <li>An exception rejects the whole batch; the library then retries it lane by lane.
 * </ul>
 *
 * <p>Natural logarithms throughout. Implementations need not be thread-safe: the library never calls one instance from
 * two threads at once.
 */
public interface LogDensity {

    /** What {@link #implementation} says of a density written by a user. */
    String OWN_CODE = "own code";

    /** The number of coordinates D, at least 1. */
    int dimension();

    /**
     * Evaluates the log density, and its gradient where wanted, at S points.
     *
     * @param points D x S, read only
     * @param logDensity the values, at least S long; entries 0 to S - 1 are overwritten
     * @param gradient D x S, overwritten with the gradient of lane s in column s; null where only values are wanted
     */
    void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient);

    /**
     * What evaluates this density, for the record of a fit: the name of the kernels, or {@link #OWN_CODE} of its
     * author.
     */
    default String implementation() {
        return OWN_CODE;
    }

    /**
     * Which coordinates act together; sparse and nested inference live on it.
     *
     * @return what is known; null if nothing is, so that all may act with all
     */
    default @Nullable Interactions interactions() {
        return null;
    }

    /**
     * The log density by parts of which each belongs to one set of coordinates.
     *
     * @param setOf for each coordinate the number of its set, from 0; -1 where it is in none
     * @return null if the density does not come apart like this, or it is not known how
     */
    default @Nullable LogDensityParts parts(int[] setOf) {
        return null;
    }

    /** Whether {@link #evaluate} can fill a gradient; false for a density known by its values alone. */
    default boolean hasGradient() {
        return true;
    }
}

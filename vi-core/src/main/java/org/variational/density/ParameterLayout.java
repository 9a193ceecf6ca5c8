package org.variational.density;

import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * What the coordinates of a log density mean: their names, the blocks they form, and the quantities on the user's scale
 * that a point determines.
 *
 * <p>A density lives on the <em>unconstrained</em> scale R^D. Its user thinks in <em>quantities</em>: constrained
 * parameters, derived values, optimised weights. A layout connects the two. Implementations are immutable; like a
 * {@link LogDensity}, {@link #quantitiesAt} must not be called on one instance from two threads at once.
 */
public interface ParameterLayout {

    /**
     * A run of consecutive coordinates that belongs to one declared parameter.
     *
     * @param name the parameter's name
     * @param offset its first coordinate
     * @param length the number of its coordinates, which may be 0 and need not be the size of the parameter
     * @param role whether the coordinates are inferred or optimised
     * @param local whether there is one run of {@code length / rows} coordinates per data row
     */
    record Block(String name, int offset, int length, Role role, boolean local) {}

    /**
     * A named scalar, vector or matrix on the user's scale.
     *
     * @param name the declared name
     * @param rows the number of rows, 1 for a scalar
     * @param columns the number of columns, 1 for a scalar or a vector
     * @param role where it comes from
     */
    record Quantity(String name, int rows, int columns, Role role) {

        /** The number of scalars, rows times columns. */
        public int size() {
            return rows * columns;
        }

        /**
         * The names of the scalars in row-major order: {@code tau}, {@code theta[3]}, {@code L[2,0]}; indices count
         * from 0.
         */
        public List<String> scalarNames() {
            return Quantities.scalarNames(this);
        }
    }

    /** Where a quantity comes from. */
    enum Role {
        /** A parameter with a posterior distribution. */
        INFERRED,
        /** A value learnt by optimisation, reported as a point. */
        OPTIMISED,
        /** A function of parameters. */
        DERIVED
    }

    /** The number of coordinates D. */
    int dimension();

    /** The names of the D unconstrained coordinates, for messages and traces. */
    List<String> coordinateNames();

    /** The blocks in order of their offsets; together they cover all D coordinates. */
    List<Block> blocks();

    /** The quantities in order of declaration. */
    List<Quantity> quantities();

    /** A point to start from, D coordinates: 0 but where the declaration says otherwise. */
    default double[] initialPoint() {
        return new double[dimension()];
    }

    /**
     * Computes all quantities at S points.
     *
     * @param points D x S, on the unconstrained scale, read only
     * @param values Q x S, overwritten, Q the total of the quantities' sizes; quantities in order, each row-major
     */
    void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values);

    /**
     * The layout of a bare density of the given dimension: one unconstrained vector quantity {@code x}.
     *
     * @throws IllegalArgumentException if {@code dimension} is not positive
     */
    static ParameterLayout unnamed(int dimension) {
        return Quantities.vector("x", dimension);
    }
}

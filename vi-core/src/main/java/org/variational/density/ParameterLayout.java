package org.variational.density;

import java.util.List;
import java.util.stream.Collectors;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

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
     * @param labels the labels of its elements: none for a scalar, one of a vector's elements, two for a matrix, of its
     *     rows and of its columns; {@linkplain Labels#numbered numbered} where elements have no labels
     * @param role where it comes from
     * @param auxiliary whether it serves the parameterisation and is not what a user asks for, such as standardised
     *     effects and Cholesky factors
     */
    record Quantity(String name, List<Labels> labels, Role role, boolean auxiliary) {

        /**
         * A quantity.
         *
         * @throws IllegalArgumentException if there are more than two labels
         */
        public Quantity {
            labels = List.copyOf(labels);
            if (labels.size() > 2) {
                throw new IllegalArgumentException(
                        "quantity \"" + name + "\" has " + labels.size() + " labels, but a matrix has 2");
            }
        }

        /** A scalar that is no auxiliary. */
        public static Quantity scalar(String name, Role role) {
            return new Quantity(name, List.of(), role, false);
        }

        /** A vector with numbered elements that is no auxiliary. */
        public static Quantity vector(String name, int size, Role role) {
            return new Quantity(name, List.of(Labels.numbered(size)), role, false);
        }

        /** A matrix with numbered rows and columns that is no auxiliary. */
        public static Quantity matrix(String name, int rows, int columns, Role role) {
            return new Quantity(name, List.of(Labels.numbered(rows), Labels.numbered(columns)), role, false);
        }

        /** The number of rows, 1 for a scalar. */
        public int rows() {
            return labels.isEmpty() ? 1 : labels.get(0).size();
        }

        /** The number of columns, 1 for a scalar or a vector. */
        public int columns() {
            return labels.size() < 2 ? 1 : labels.get(1).size();
        }

        /** The number of scalars, rows times columns. */
        public int size() {
            return rows() * columns();
        }

        /**
         * The names of the scalars in row-major order: {@code tau}, {@code theta[3]}, {@code theta[Choate]}, {@code
         * L[2,0]}; positions count from 0, and labels are written as {@link Labels} says. A vector of one element is
         * {@code theta[0]}, which tells it from a scalar.
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

    /**
     * The quantities: parameters, then derived values, then optimised values, then auxiliaries, each in order of
     * declaration. {@link QuantityIndex} finds them by name.
     */
    List<Quantity> quantities();

    /** A point to start from, D coordinates: 0 but where the declaration says otherwise. */
    default double[] initialPoint() {
        return new double[dimension()];
    }

    /**
     * Which coordinates act together in the density, for families that are built along them.
     *
     * @return what is known; null if nothing is
     */
    default @Nullable Interactions interactions() {
        return null;
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

    /**
     * What a layout says in a line: the number of its coordinates, and its quantities with their sizes.
     */
    static String describe(ParameterLayout layout) {
        List<String> names = layout.quantities().stream()
                .map(quantity -> quantity.labels().isEmpty()
                        ? quantity.name()
                        : quantity.name() + " ("
                                + quantity.labels().stream()
                                        .map(labels -> String.valueOf(labels.size()))
                                        .collect(Collectors.joining(" x "))
                                + ")")
                .toList();
        return layout.dimension()
                + (layout.dimension() == 1 ? " coordinate: " : " coordinates: ")
                + Quantities.some(names);
    }
}

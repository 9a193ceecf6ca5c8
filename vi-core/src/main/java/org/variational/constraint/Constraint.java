package org.variational.constraint;

import java.util.List;
import org.variational.expression.Expr;

/**
 * A set of values that a parameter may take, as the image of unconstrained coordinates under a smooth map, one-to-one
 * but for {@link Constraints#unitVector}.
 *
 * <p>An <em>elementwise</em> constraint maps each coordinate to one element, and so applies to values of any shape,
 * row-wise ones included. Others apply to a global vector or matrix as a whole, and may need fewer coordinates than
 * elements. Implementations are immutable and thread-safe.
 */
public interface Constraint {

    /** The name used in messages, such as {@code "positive"}. */
    String name();

    /** Whether each element is mapped by itself. */
    boolean elementwise();

    /**
     * The number of coordinates that a value of the given shape needs.
     *
     * @throws IllegalArgumentException if no value of this shape can satisfy the constraint
     */
    int coordinates(int rows, int columns);

    /**
     * The constrained value of some coordinates.
     *
     * @param coordinates as many as {@link #coordinates} says, of the value's shape if elementwise, else a vector
     * @param rows the number of rows of the value
     * @param columns the number of columns of the value
     */
    Expr constrain(Expr coordinates, int rows, int columns);

    /**
     * The logarithm of the absolute Jacobian determinant of {@link #constrain}, as an expression whose elements sum to
     * it; exact, with the shape of the coordinates where elementwise.
     *
     * @param coordinates as given to {@link #constrain}
     * @param constrained what {@link #constrain} made of them
     */
    Expr logJacobian(Expr coordinates, Expr constrained);

    /** The expressions that the set depends on, such as bounds that are parameters; none for a fixed set. */
    default List<Expr> dependencies() {
        return List.of();
    }

    /**
     * This constraint with numbers in place of its {@link #dependencies}, so that it has a fixed inverse.
     *
     * @param values the elements of each dependency, in order
     */
    default Constraint fixedAt(List<double[]> values) {
        return this;
    }

    /**
     * The coordinates of a constrained value: the inverse of {@link #constrain}.
     *
     * @param value row-major, of the given shape
     * @throws IllegalArgumentException if the value is outside the set or on its boundary, naming the element; or if a
     *     bound of this constraint depends on parameters, so that there is no fixed inverse
     */
    double[] unconstrain(double[] value, int rows, int columns);
}

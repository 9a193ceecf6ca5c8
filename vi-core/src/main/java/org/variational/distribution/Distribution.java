package org.variational.distribution;

import java.util.List;
import org.variational.constraint.Constraint;
import org.variational.expression.Expr;

/**
 * A family of probability distributions at parameters that are expressions.
 *
 * <p>Log densities are complete: no normalising constant is dropped. Outside the support they are {@code -Infinity} or
 * NaN, which makes the log density of that lane so; a transform keeps parameters inside. Immutable and thread-safe.
 */
public non-sealed interface Distribution extends Prior {

    /** The name used in messages, such as {@code "normal"}. */
    String name();

    /**
     * The parameters, in the order of the factory's arguments; {@link Sampler} gets their values in this order. A
     * vector that an elementwise distribution has as a parameter, such as the probabilities of categories, appears as
     * its elements.
     */
    List<Expr> parameters();

    /**
     * The log density, or log probability, of a value.
     *
     * @param value what is observed, or a parameter
     * @return elementwise for a univariate distribution, with the shape that value and parameters broadcast to; a
     *     scalar (one per row for row-wise values) for a multivariate one
     */
    Expr logDensity(Expr value);

    /** Draws from this distribution once its parameters are numbers. */
    Sampler sampler();

    /** The number of elements of one draw: 1 unless the distribution is multivariate. */
    default int size() {
        return 1;
    }

    /**
     * Refuses data that this distribution cannot produce: NaN, and values outside the support as far as it is known
     * before the parameters are.
     *
     * @param name the name of the data, for the message
     * @param values the data, row after row with {@link #size} elements each
     * @throws IllegalArgumentException naming the row, the value, and what is possible
     */
    void checkObserved(String name, double[] values);

    /** Whether the values are integers. */
    default boolean discrete() {
        return false;
    }

    /** This distribution on a smaller set, without renormalising; see {@link Prior.Restricted}. */
    default Prior.Restricted on(Constraint constraint) {
        return new Prior.Restricted(this, constraint);
    }
}

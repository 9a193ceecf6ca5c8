package org.variational.model;

import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.density.ParameterLayout.Role;
import org.variational.distribution.Distribution;
import org.variational.distribution.Prior;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/** What a model builder has been told, in the order in which it was told. */
sealed interface Declaration {

    /**
     * A run of coordinates and the value they stand for.
     *
     * @param name the name
     * @param role inferred or optimised
     * @param offset the first coordinate
     * @param length the number of coordinates
     * @param axis the rows it is local to, null for a global parameter
     * @param prior its prior; null for an optimised value
     * @param constraint the transform of its coordinates
     * @param rows rows of the transformed value, per data row where local
     * @param columns columns of the transformed value
     * @param unconstrained the coordinates
     * @param transformed what the transform gives: the parameter, or its standardised value where non-centred
     * @param value the parameter
     * @param initial the coordinates to start from
     */
    record Parameter(
            String name,
            Role role,
            int offset,
            int length,
            @Nullable RowAxis axis,
            @Nullable Prior prior,
            Constraint constraint,
            int rows,
            int columns,
            Expr unconstrained,
            Expr transformed,
            Expr value,
            double[] initial)
            implements Declaration {}

    /** A named function of parameters. */
    record Derived(String name, Expr value) implements Declaration {}

    /** Observed data and their distribution. */
    record Observation(String name, Distribution distribution, Expr data) implements Declaration {}

    /** A term added to the log density. */
    record Term(Expr value) implements Declaration {}
}

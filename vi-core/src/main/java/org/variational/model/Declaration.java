package org.variational.model;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.density.Labels;
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
     * @param role inferred or optimised
     * @param prior null for an optimised value
     * @param constraint the transform of the coordinates
     */
    record Parameter(
            String name,
            Role role,
            Coordinates coordinates,
            Shape shape,
            @Nullable Prior prior,
            Constraint constraint,
            Values values)
            implements Declaration {}

    /** The first coordinate of a parameter, and what its coordinates start from. */
    record Coordinates(int offset, double[] initial) {

        /** The number of coordinates. */
        int length() {
            return initial.length;
        }
    }

    /**
     * The shape of a value.
     *
     * @param axis the rows it is local to, null for a global value
     * @param labels those of its elements: none for a scalar, one for a vector, two for a matrix; per data row where
     *     local
     */
    record Shape(@Nullable RowAxis axis, List<Labels> labels) {

        /** The rows of the value, 1 for each data row where local. */
        int rows() {
            return axis != null || labels.isEmpty() ? 1 : labels.get(0).size();
        }

        /** The columns of the value. */
        int columns() {
            int place = axis == null ? 1 : 0;
            return labels.size() > place ? labels.get(place).size() : 1;
        }
    }

    /**
     * The stages of a parameter's value.
     *
     * @param unconstrained the coordinates
     * @param transformed what the transform gives: the parameter, or its standardised value where non-centred
     */
    record Values(Expr unconstrained, Expr transformed, Expr parameter) {}

    /** A named function of parameters; with the labels of its elements, of one data row where it is row-wise. */
    record Derived(String name, Expr value, List<Labels> labels) implements Declaration {}

    /** Names of quantities that serve the parameterisation. */
    record Auxiliary(Set<String> names) implements Declaration {}

    /** Observed data and their distribution. */
    record Observation(String name, Distribution distribution, Expr data) implements Declaration {}

    /** A term added to the log density. */
    record Term(Expr value) implements Declaration {}
}

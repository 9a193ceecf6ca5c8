package org.variational.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.constraint.Constraint;
import org.variational.density.ParameterLayout.Role;
import org.variational.distribution.Distribution;
import org.variational.distribution.Prior;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/** Draws of one declared parameter from its prior, and its coordinates. */
final class PriorDraws {

    /** How often a draw outside a restricted support is drawn again. */
    private static final int ATTEMPTS = 1000;

    private PriorDraws() {}

    /** Writes draws of the parameter, given those of the parameters before it, to its rows of {@code points}. */
    static void write(
            Declaration.Parameter parameter,
            DMatrixRMaj points,
            Function<List<Expr>, double[][]> outputs,
            RandomGenerator random) {
        int count = points.numCols;
        if (parameter.role() == Role.OPTIMISED) {
            for (int i = 0; i < parameter.coordinates().length(); i++) {
                for (int s = 0; s < count; s++) {
                    points.set(
                            parameter.coordinates().offset() + i,
                            s,
                            parameter.coordinates().initial()[i]);
                }
            }
            return;
        }
        Distribution distribution = proper(parameter);
        Constraint[] constraints = constraints(parameter, outputs, count);
        boolean[] done = new boolean[count];
        int left = count;
        IllegalArgumentException last = null;
        for (int attempt = 0; attempt < ATTEMPTS && left > 0; attempt++) {
            DMatrixRMaj draws = Draws.of(distribution, parameter.values().transformed(), outputs, count, random);
            for (int s = 0; s < count; s++) {
                if (done[s]) {
                    continue;
                }
                try {
                    writeColumn(parameter, constraints[s], draws, points, s);
                    done[s] = true;
                    left--;
                } catch (IllegalArgumentException outside) {
                    last = outside;
                }
            }
        }
        if (left > 0) {
            throw new IllegalStateException(
                    "parameter \"" + parameter.name() + "\": " + ATTEMPTS + " draws of its prior \""
                            + distribution.name() + "\" fell outside its constraint \""
                            + parameter.constraint().name() + "\"",
                    last);
        }
    }

    private static Distribution proper(Declaration.Parameter parameter) {
        Prior prior = parameter.prior();
        if (prior instanceof Prior.NonCentered nonCentered) {
            return nonCentered.distribution().standard();
        }
        if (prior instanceof Prior.Restricted restricted) {
            return restricted.distribution();
        }
        if (prior instanceof Distribution distribution) {
            return distribution;
        }
        throw new IllegalStateException("parameter \"" + parameter.name()
                + "\" has a flat prior, which cannot be drawn; give it a proper prior");
    }

    /** The parameter's constraint at every point: bounds may depend on the parameters before it. */
    static Constraint[] constraints(
            Declaration.Parameter parameter, Function<List<Expr>, double[][]> outputs, int count) {
        Constraint[] constraints = new Constraint[count];
        Arrays.fill(constraints, parameter.constraint());
        List<Expr> dependencies = parameter.constraint().dependencies();
        if (!dependencies.isEmpty()) {
            double[][] values = outputs.apply(dependencies);
            for (int s = 0; s < count; s++) {
                List<double[]> column = new ArrayList<>();
                for (double[] elements : values) {
                    double[] atPoint = new double[elements.length / count];
                    for (int i = 0; i < atPoint.length; i++) {
                        atPoint[i] = elements[i * count + s];
                    }
                    column.add(atPoint);
                }
                constraints[s] = parameter.constraint().fixedAt(column);
            }
        }
        return constraints;
    }

    private static void writeColumn(
            Declaration.Parameter parameter, Constraint constraint, DMatrixRMaj draws, DMatrixRMaj points, int s) {
        double[] value = new double[draws.numRows];
        for (int i = 0; i < value.length; i++) {
            value[i] = draws.get(i, s);
        }
        double[] coordinates = coordinates(parameter, constraint, value);
        for (int i = 0; i < coordinates.length; i++) {
            points.set(parameter.coordinates().offset() + i, s, coordinates[i]);
        }
    }

    /** Writes the coordinates of a value on the user's scale to their place in a point. */
    static void unconstrain(Declaration.Parameter parameter, double[] value, double[] point) {
        int expected = parameter.shape().rows() * parameter.shape().columns() * rowCount(parameter);
        if (value.length != expected) {
            throw new IllegalArgumentException(
                    "parameter \"" + parameter.name() + "\" has " + expected + " values, got " + value.length);
        }
        double[] coordinates;
        try {
            coordinates = coordinates(parameter, parameter.constraint(), value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("parameter \"" + parameter.name() + "\": " + e.getMessage(), e);
        }
        System.arraycopy(coordinates, 0, point, parameter.coordinates().offset(), coordinates.length);
    }

    static double[] coordinates(Declaration.Parameter parameter, Constraint constraint, double[] value) {
        return constraint.unconstrain(
                value,
                parameter.shape().rows() * rowCount(parameter),
                parameter.shape().columns());
    }

    private static int rowCount(Declaration.Parameter parameter) {
        RowAxis axis = parameter.shape().axis();
        return axis == null ? 1 : axis.length();
    }
}

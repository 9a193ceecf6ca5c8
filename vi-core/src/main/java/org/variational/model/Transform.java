package org.variational.model;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.constraint.Constraint;

/**
 * The map from the coordinates of one declared parameter to its value, or to its standardised value where it is
 * non-centred, with its log-Jacobian and its inverse.
 *
 * <p>Points are those of the whole model, since bounds may depend on other parameters. Immutable and thread-safe.
 */
public final class Transform {

    private final Declaration.Parameter parameter;
    private final Model model;

    Transform(Declaration.Parameter parameter, Model model) {
        this.parameter = parameter;
        this.model = model;
    }

    /** The name of the parameter. */
    public String name() {
        return parameter.name();
    }

    /** The constraint that makes the map. */
    public Constraint constraint() {
        return parameter.constraint();
    }

    /** The first coordinate. */
    public int offset() {
        return parameter.coordinates().offset();
    }

    /** The number of coordinates. */
    public int length() {
        return parameter.coordinates().length();
    }

    /** The number of rows of the value, of a single data row where there is one value per row. */
    public int rows() {
        return parameter.shape().rows();
    }

    /** The number of columns of the value. */
    public int columns() {
        return parameter.shape().columns();
    }

    /**
     * The values at some points.
     *
     * @param points D x S
     * @return elements x S, elements row-major
     */
    public DMatrixRMaj constrain(DMatrixRMaj points) {
        double[] values = model.outputs(List.of(parameter.values().transformed()), points)[0];
        DMatrixRMaj result = new DMatrixRMaj(values.length / points.numCols, points.numCols);
        System.arraycopy(values, 0, result.data, 0, values.length);
        return result;
    }

    /**
     * The logarithms of the absolute Jacobian determinants at some points, in the measure that the {@link #constraint}
     * states.
     *
     * @param points D x S
     * @return S numbers
     */
    public double[] logJacobian(DMatrixRMaj points) {
        double[] terms = model.outputs(
                        List.of(parameter
                                .constraint()
                                .logJacobian(
                                        parameter.values().unconstrained(),
                                        parameter.values().transformed())),
                        points)[0];
        double[] sums = new double[points.numCols];
        for (int k = 0; k < terms.length; k++) {
            sums[k % points.numCols] += terms[k];
        }
        return sums;
    }

    /**
     * The coordinates of a value.
     *
     * @param value the elements, row-major
     * @param point D coordinates; those of other parameters fix the bounds that depend on them
     * @return as many numbers as {@link #length} says
     * @throws IllegalArgumentException if the value is not inside the set
     */
    public double[] unconstrain(double[] value, double[] point) {
        DMatrixRMaj points = new DMatrixRMaj(point.length, 1, true, point.clone());
        Constraint fixed = PriorDraws.constraints(parameter, values -> model.outputs(values, points), 1)[0];
        return PriorDraws.coordinates(parameter, fixed, value);
    }
}

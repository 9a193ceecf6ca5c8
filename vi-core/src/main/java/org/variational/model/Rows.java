package org.variational.model;

import java.util.List;
import org.variational.density.Labels;
import org.variational.density.Matrices;
import org.variational.distribution.Distribution;
import org.variational.distribution.Prior;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;
import org.variational.expression.RowIndex;

/**
 * A set of data rows under declaration: their data, indices, local parameters and observations.
 *
 * <p>Rows are conditionally independent given the global parameters, which is what lets a fit use random subsets of
 * them, threads, and other data. Mutable through its {@link ModelBuilder}; belongs to one thread.
 */
public final class Rows {

    private final ModelBuilder builder;
    private final RowAxis axis;

    Rows(ModelBuilder builder, RowAxis axis) {
        this.builder = builder;
        this.axis = axis;
    }

    /** The axis of these rows. */
    public RowAxis axis() {
        return axis;
    }

    /**
     * Names one number per row.
     *
     * @throws IllegalArgumentException if the name is taken, the length is not the number of rows, or a value is not
     *     finite
     */
    public Expr data(String name, double[] values) {
        return builder.newData(name, () -> Expr.data(name, axis, 1, ModelBuilder.requireFinite(name, values, 1)));
    }

    /** Names one integer per row, used as a number; {@link #index} is for integers that select. */
    public Expr data(String name, int[] values) {
        return data(name, toDoubles(values));
    }

    /**
     * Names one vector per row: the rows of a matrix.
     *
     * @throws IllegalArgumentException if the name is taken, rows differ in length, or a value is not finite
     */
    public Expr data(String name, double[][] values) {
        return data(name, values, values.length == 0 ? 1 : values[0].length);
    }

    /**
     * Names one vector of a stated width per row, which matters where there are no rows.
     *
     * @throws IllegalArgumentException if the name is taken, a row has another length, or a value is not finite
     */
    public Expr data(String name, double[][] values, int width) {
        if (values.length != axis.length()) {
            throw new IllegalArgumentException(
                    "data \"" + name + "\" has " + values.length + " rows, but " + axis + " needs " + axis.length());
        }
        if (values.length > 0 && values[0].length != width) {
            throw new IllegalArgumentException(
                    "data \"" + name + "\" has rows of length " + values[0].length + ", but the width is " + width);
        }
        return builder.newData(
                name,
                () -> Expr.data(
                        name,
                        axis,
                        width,
                        ModelBuilder.requireFinite(name, Matrices.flatten("data \"" + name + "\"", values), width)));
    }

    /**
     * Names one index per row, counting from 0, for {@link Expr#at} and {@link Expr#pick}.
     *
     * @throws IllegalArgumentException if the name is taken, the length is wrong, or an index is negative
     */
    public RowIndex index(String name, int[] values) {
        return builder.newData(name, () -> RowIndex.of(name, axis, values));
    }

    /**
     * Names one label per row, such as its county, for {@link Expr#at} a parameter that was declared with these labels.
     * {@link Labels#indices} gives the indices that replace them on a built model.
     *
     * @throws IllegalArgumentException if the name is taken, the length is wrong, or a text is not one of the labels;
     *     {@link Expr#at} refuses a parameter with other labels, or in another order
     */
    public RowIndex index(String name, Labels labels, String... values) {
        int[] indices;
        try {
            indices = labels.indices(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("index \"" + name + "\", " + e.getMessage(), e);
        }
        return index(name, indices).labelled(labels);
    }

    /** Declares a parameter with one value per row. */
    public Expr parameter(String name, Prior prior) {
        return builder.declare(name, prior, axis, List.of());
    }

    /** Declares a parameter with one vector per row; an elementwise prior holds for each element. */
    public Expr parameter(String name, Prior prior, int width) {
        return builder.declare(name, prior, axis, ModelBuilder.numbered("parameter", name, width));
    }

    /**
     * The rows of a global matrix, or the elements of a global vector, one for each data row.
     *
     * @throws IllegalArgumentException if the number of rows differs, or the value is row-wise already
     */
    public Expr of(Expr matrix) {
        if (matrix.axis() != null) {
            throw new IllegalArgumentException(
                    matrix.describe() + " has a value for each row of " + matrix.axis() + " already; use it as it is");
        }
        if (matrix.rows() != axis.length()) {
            throw new IllegalArgumentException(matrix.describe() + " has " + matrix.rows() + " rows, but " + axis
                    + " needs one for each of its own; at(index) gives a row to each data row by its group");
        }
        return matrix.at(position());
    }

    private RowIndex position() {
        int[] values = new int[axis.length()];
        for (int t = 0; t < values.length; t++) {
            values[t] = t;
        }
        return RowIndex.of(axis.name() + " position", axis, values);
    }

    /**
     * Observes one number per row.
     *
     * @throws IllegalArgumentException if the values do not fit the rows, or are impossible under the distribution
     */
    public void observe(String name, Distribution distribution, double[] values) {
        builder.observe(name, distribution, data(name, values), values);
    }

    /** Observes one integer per row. */
    public void observe(String name, Distribution distribution, int[] values) {
        observe(name, distribution, toDoubles(values));
    }

    /** Observes one vector per row. */
    public void observe(String name, Distribution distribution, double[][] values) {
        Expr declared = data(name, values);
        builder.observe(name, distribution, declared, Matrices.flatten("data \"" + name + "\"", values));
    }

    private static double[] toDoubles(int[] values) {
        double[] numbers = new double[values.length];
        for (int t = 0; t < values.length; t++) {
            numbers[t] = values[t];
        }
        return numbers;
    }
}

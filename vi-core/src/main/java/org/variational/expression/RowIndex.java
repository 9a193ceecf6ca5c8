package org.variational.expression;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;

/** Named integer data, one number per row of an axis, that select elements: group numbers, categories. */
public final class RowIndex {

    private final String name;
    private final RowAxis axis;
    private final int[] values;
    private final Expr leaf;
    private final @Nullable Labels labels;

    private RowIndex(String name, RowAxis axis, int[] values, @Nullable Labels labels) {
        this.labels = labels;
        this.name = name;
        this.axis = axis;
        this.values = values;
        this.leaf = Expr.leaf(new Leaf.IndexData(name, values), 1, 1, axis, false, name);
    }

    /**
     * Index data under a name by which they can be replaced; copied.
     *
     * @throws IllegalArgumentException if the length is not that of the axis, or an index is negative
     */
    public static RowIndex of(String name, RowAxis axis, int[] values) {
        if (values.length != axis.length()) {
            throw new IllegalArgumentException(
                    "index \"" + name + "\" has " + values.length + " values, but " + axis + " needs " + axis.length());
        }
        for (int t = 0; t < values.length; t++) {
            if (values[t] < 0) {
                throw new IllegalArgumentException(
                        "index \"" + name + "\" is " + values[t] + " at row " + t + "; indices count from 0");
            }
        }
        return new RowIndex(name, axis, values.clone(), null);
    }

    /** The same index with the labels of what it selects, which must be those of the parameter it is used with. */
    public RowIndex labelled(Labels others) {
        return new RowIndex(name, axis, values, others);
    }

    /**
     * Refuses to select by the position of other labels.
     *
     * @param of the labels of the elements, null if they have none
     */
    void requireLabels(@Nullable Labels of, String what) {
        if (of == null || labels == null || of.isNumbered() || labels.isNumbered()) {
            return;
        }
        if (!of.labels().equals(labels.labels())) {
            throw new IllegalArgumentException("index \"" + name + "\" has the labels " + labels + ", but " + what
                    + " has " + of + ": declare both with the same labels in the same order");
        }
    }

    /** The name of the data. */
    public String name() {
        return name;
    }

    /** The axis of the data. */
    public RowAxis axis() {
        return axis;
    }

    Expr leaf() {
        return leaf;
    }

    void requireBelow(int size, String what) {
        requireWithin(name, values, size, what);
    }

    static void requireWithin(String name, int[] values, int size, String what) {
        for (int t = 0; t < values.length; t++) {
            if (values[t] < 0 || values[t] >= size) {
                throw new IllegalArgumentException("index \"" + name + "\" is " + values[t] + " at row " + t + ", but "
                        + what + " has " + size + " elements, numbered from 0" + remedy(values, size));
            }
        }
    }

    private static String remedy(int[] values, int size) {
        int least = Arrays.stream(values).min().orElse(0);
        int most = Arrays.stream(values).max().orElse(0);
        if (least == 1 && most == size) {
            return ". The values run from 1 to " + size + ": subtract 1 from each, so that they count from 0";
        }
        if (least < 0) {
            return ". The values run from " + least + " to " + most + ": number the groups from 0";
        }
        return ". The values run from " + least + " to " + most + ": number the groups from 0, or declare "
                + (most + 1L) + " elements";
    }
}

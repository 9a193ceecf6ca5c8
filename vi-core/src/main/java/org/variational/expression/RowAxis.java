package org.variational.expression;

/**
 * A set of data rows: the axis along which row-wise expressions have one value per row.
 *
 * <p>Identity is what matters: two axes of equal name and length are different axes, and their expressions do not mix.
 */
public final class RowAxis {

    private final String name;
    private final int length;

    private RowAxis(String name, int length) {
        this.name = name;
        this.length = length;
    }

    /**
     * A new axis.
     *
     * @param name the name used in messages
     * @param length the number of rows declared, which other data may replace later
     * @throws IllegalArgumentException if {@code length} is negative
     */
    public static RowAxis of(String name, int length) {
        if (length < 0) {
            throw new IllegalArgumentException("rows \"" + name + "\" must have a length of at least 0, got " + length);
        }
        return new RowAxis(name, length);
    }

    /** The name used in messages. */
    public String name() {
        return name;
    }

    /** The number of rows declared. */
    public int length() {
        return length;
    }

    @Override
    public String toString() {
        return name + " (" + length + " rows)";
    }
}

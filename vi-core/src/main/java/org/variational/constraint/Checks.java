package org.variational.constraint;

/** Refusals that several constraints share. */
final class Checks {

    private Checks() {}

    static void requireLength(Constraint constraint, double[] value, int rows, int columns) {
        if (value.length != rows * columns) {
            throw new IllegalArgumentException(constraint.name() + ": a value of shape " + rows + " x " + columns
                    + " has " + rows * columns + " elements, got " + value.length);
        }
    }

    static void requireVector(Constraint constraint, int rows, int columns, int least) {
        if (rows < least || columns != 1) {
            throw new IllegalArgumentException(constraint.name() + " needs a vector of at least " + least
                    + " elements, got the shape " + rows + " x " + columns);
        }
    }

    static void requireSquare(Constraint constraint, int rows, int columns) {
        if (rows != columns) {
            throw new IllegalArgumentException(
                    constraint.name() + " needs a square matrix, got the shape " + rows + " x " + columns);
        }
    }

    static IllegalArgumentException outside(Constraint constraint, String element, double value, String demand) {
        return new IllegalArgumentException(
                constraint.name() + ": element " + element + " is " + value + ", but must be " + demand);
    }

    static void requireFinite(Constraint constraint, double[] value, int columns) {
        for (int i = 0; i < value.length; i++) {
            if (!Double.isFinite(value[i])) {
                throw outside(constraint, position(i, columns), value[i], "finite");
            }
        }
    }

    static String position(int i, int columns) {
        return columns == 1 ? Integer.toString(i) : "(" + i / columns + ", " + i % columns + ")";
    }
}

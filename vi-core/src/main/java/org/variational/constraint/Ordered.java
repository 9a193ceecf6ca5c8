package org.variational.constraint;

import org.variational.expression.Expr;

/** Increasing vectors, from a first element and the logarithms of the steps between neighbours. */
record Ordered(boolean positive) implements Constraint {

    static final Ordered REAL = new Ordered(false);
    static final Ordered POSITIVE = new Ordered(true);

    @Override
    public String name() {
        return positive ? "positiveOrdered" : "ordered";
    }

    @Override
    public boolean elementwise() {
        return false;
    }

    @Override
    public int coordinates(int rows, int columns) {
        Checks.requireVector(this, rows, columns, 0);
        return rows;
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        if (positive) {
            return coordinates.exp().cumulativeSum();
        }
        return rows < 2
                ? coordinates
                : Expr.concatenate(
                                coordinates.element(0),
                                coordinates.slice(1, rows).exp())
                        .cumulativeSum();
    }

    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        int free = positive ? 0 : 1;
        return coordinates.size() <= free ? Expr.constant(0) : coordinates.slice(free, coordinates.size());
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireVector(this, rows, columns, 0);
        Checks.requireFinite(this, value, 1);
        double[] u = new double[rows];
        for (int i = 0; i < rows; i++) {
            if (i == 0 && !positive) {
                u[0] = value[0];
                continue;
            }
            double before = i == 0 ? 0 : value[i - 1];
            if (!(value[i] > before)) {
                throw Checks.outside(this, Integer.toString(i), value[i], "above " + before);
            }
            u[i] = Math.log(value[i] - before);
        }
        return u;
    }
}

package org.variational.constraint;

import org.variational.expression.Expr;

/** Vectors that sum to zero, with the Helmert contrasts as orthonormal basis. */
record SumToZero() implements Constraint {

    static final SumToZero INSTANCE = new SumToZero();

    /** How far from zero the elements may sum, relative to the sum of their sizes, when a vector is given. */
    private static final double TOLERANCE = 1e-8;

    @Override
    public String name() {
        return "sumToZero";
    }

    @Override
    public boolean elementwise() {
        return false;
    }

    @Override
    public int coordinates(int rows, int columns) {
        Checks.requireVector(this, rows, columns, 1);
        return rows - 1;
    }

    /** The length of contrast i, which is i + 1 ones followed by {@code -(i + 1)}. */
    private static double length(int i) {
        return Math.sqrt((i + 1.0) * (i + 2.0));
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        int free = rows - 1;
        if (free == 0) {
            return Expr.constant(new double[] {0});
        }
        double[] scale = new double[free];
        double[] last = new double[free];
        int[] reversed = new int[free];
        for (int i = 0; i < free; i++) {
            scale[i] = 1 / length(i);
            last[i] = -(i + 1);
            reversed[i] = free - 1 - i;
        }
        Expr weight = coordinates.times(Expr.constant(scale));
        Expr ones = weight.select(reversed).cumulativeSum().select(reversed);
        Expr zero = Expr.constant(0);
        return Expr.concatenate(ones, zero).plus(Expr.concatenate(zero, weight.times(Expr.constant(last))));
    }

    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        return Expr.constant(0);
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireVector(this, rows, columns, 1);
        Checks.requireFinite(this, value, 1);
        double[] u = new double[rows - 1];
        double sum = 0;
        double size = 0;
        for (int i = 0; i < rows; i++) {
            if (i > 0) {
                u[i - 1] = (sum - i * value[i]) / length(i - 1);
            }
            sum += value[i];
            size += Math.abs(value[i]);
        }
        if (Math.abs(sum) > TOLERANCE * size) {
            throw new IllegalArgumentException(name() + ": the elements must sum to 0, but sum to " + sum);
        }
        return u;
    }
}

package org.variational.constraint;

import org.variational.expression.Expr;

/** Positive vectors that sum to one, by stick breaking; computed on the log scale throughout. */
record Simplex() implements Constraint {

    static final Simplex INSTANCE = new Simplex();

    /** How far from one the elements may sum, per element, when a simplex is given. */
    private static final double TOLERANCE = 1e-8;

    @Override
    public String name() {
        return "simplex";
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

    /** {@code u[k] - log(K - 1 - k)}: 0 where the fraction broken off leaves equal shares. */
    private static Expr centred(Expr coordinates) {
        int pieces = coordinates.size();
        double[] logOthers = new double[pieces];
        for (int k = 0; k < pieces; k++) {
            logOthers[k] = Math.log(pieces - k);
        }
        return pieces == 1 ? coordinates : coordinates.minus(Expr.constant(logOthers));
    }

    /** The logarithm of what is left after each break. */
    private static Expr logLeft(Expr centred) {
        return centred.softplus().negate().cumulativeSum();
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        if (rows == 1) {
            return Expr.constant(new double[] {1});
        }
        Expr v = centred(coordinates);
        Expr left = logLeft(v);
        Expr logValue = Expr.concatenate(v.plus(left), left.element(rows - 2));
        return logValue.exp();
    }

    /** {@code dx[k] / du[k] = x[k] (1 - z[k])}, and the Jacobian is triangular. */
    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        if (coordinates.size() == 0) {
            return Expr.constant(0);
        }
        Expr v = centred(coordinates);
        return v.plus(logLeft(v)).minus(v.softplus());
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireVector(this, rows, columns, 1);
        double sum = 0;
        for (int k = 0; k < rows; k++) {
            if (!(value[k] > 0 && value[k] <= 1 + TOLERANCE)) {
                throw Checks.outside(this, Integer.toString(k), value[k], "between 0 and 1");
            }
            sum += value[k];
        }
        if (Math.abs(sum - 1) > TOLERANCE * rows) {
            throw new IllegalArgumentException(name() + ": the elements must sum to 1, but sum to " + sum);
        }
        double[] u = new double[rows - 1];
        double after = value[rows - 1];
        for (int k = rows - 2; k >= 0; k--) {
            u[k] = Math.log(value[k]) - Math.log(after) + Math.log(rows - 1 - k);
            after += value[k];
        }
        return u;
    }
}

package org.variational.constraint;

import org.apache.commons.math3.special.Gamma;
import org.variational.expression.Expr;

/** Vectors of length one, as directions of vectors whose length is a nuisance with a distribution of its own. */
record UnitVector() implements Constraint {

    static final UnitVector INSTANCE = new UnitVector();

    /** How many degrees of freedom the squared length has more than that of a standard normal vector. */
    private static final int MORE = 1;

    /** How far from one the length of a given vector may be. */
    private static final double TOLERANCE = 1e-8;

    @Override
    public String name() {
        return "unitVector";
    }

    @Override
    public boolean elementwise() {
        return false;
    }

    @Override
    public int coordinates(int rows, int columns) {
        Checks.requireVector(this, rows, columns, 2);
        return rows;
    }

    /** The length at which the density of a vector whose direction is uniform is highest. */
    private static double mode() {
        return Math.sqrt(MORE);
    }

    /** The vector whose direction counts; coordinates of 0 stand for equal elements and a likely length. */
    private static Expr vector(Expr coordinates) {
        return coordinates.plus(mode() / Math.sqrt(coordinates.size()));
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        Expr w = vector(coordinates);
        return w.times(w.square().sum().sqrt().reciprocal());
    }

    /** {@code log |w| - |w|^2 / 2}, less the logarithm of its integral over the lengths. */
    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        Expr square = vector(coordinates).square().sum();
        double half = 0.5 * (coordinates.size() + MORE);
        double logIntegral = (half - 1) * Math.log(2) + Gamma.logGamma(half);
        return square.log().times(0.5 * MORE).minus(square.times(0.5)).minus(logIntegral);
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireVector(this, rows, columns, 2);
        Checks.requireFinite(this, value, 1);
        double square = 0;
        for (double x : value) {
            square += x * x;
        }
        double length = Math.sqrt(square);
        if (Math.abs(length - 1) > TOLERANCE) {
            throw new IllegalArgumentException(name() + ": the length must be 1, but is " + length);
        }
        double[] u = new double[rows];
        for (int i = 0; i < rows; i++) {
            u[i] = mode() * (value[i] / length - 1 / Math.sqrt(rows));
        }
        return u;
    }
}

package org.variational.constraint;

import org.variational.expression.Expr;

/** Lower-triangular matrices with positive diagonal. */
record CholeskyCovariance() implements Constraint {

    static final CholeskyCovariance INSTANCE = new CholeskyCovariance();

    @Override
    public String name() {
        return "choleskyCovariance";
    }

    @Override
    public boolean elementwise() {
        return false;
    }

    @Override
    public int coordinates(int rows, int columns) {
        Checks.requireSquare(this, rows, columns);
        return triangle(rows);
    }

    private static int triangle(int n) {
        return n * (n + 1) / 2;
    }

    /** The positions of the diagonal among the coordinates. */
    private static int[] diagonal(int n) {
        int[] positions = new int[n];
        for (int i = 0; i < n; i++) {
            positions[i] = triangle(i) + i;
        }
        return positions;
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        int free = triangle(rows);
        Expr parts =
                Expr.concatenate(coordinates, coordinates.select(diagonal(rows)).exp(), Expr.constant(0));
        int[] source = new int[rows * rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                source[i * rows + j] = j < i ? triangle(i) + j : j == i ? free + i : free + rows;
            }
        }
        return parts.select(source).reshape(rows, rows);
    }

    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        return coordinates.select(diagonal(constrained.rows()));
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireSquare(this, rows, columns);
        Checks.requireFinite(this, value, columns);
        Triangles.requireZeroAbove(this, value, rows);
        double[] u = new double[triangle(rows)];
        int at = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < i; j++) {
                u[at++] = value[i * rows + j];
            }
            u[at++] = Math.log(Triangles.positiveDiagonal(this, value, rows, i));
        }
        return u;
    }
}

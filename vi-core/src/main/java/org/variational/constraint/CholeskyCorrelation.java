package org.variational.constraint;

import java.util.Arrays;
import org.variational.expression.Expr;

/** Cholesky factors of correlation matrices, from canonical partial correlations that are hyperbolic tangents. */
record CholeskyCorrelation() implements Constraint {

    static final CholeskyCorrelation INSTANCE = new CholeskyCorrelation();

    /** How far from one the squares of a row may sum when a factor is given. */
    private static final double TOLERANCE = 1e-8;

    @Override
    public String name() {
        return "choleskyCorrelation";
    }

    @Override
    public boolean elementwise() {
        return false;
    }

    @Override
    public int coordinates(int rows, int columns) {
        Checks.requireSquare(this, rows, columns);
        return below(rows);
    }

    /** The number of elements in the first i rows that lie below the diagonal. */
    private static int below(int i) {
        return i * (i - 1) / 2;
    }

    /**
     * {@code log(sech u) = log 2 - u - log(1 + exp(-2 u))}, the logarithm of the root of what a partial correlation
     * leaves.
     */
    private static Expr logSech(Expr u) {
        return u.times(-2).softplus().negate().minus(u).plus(Math.log(2));
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        int free = below(rows);
        int[] tangent = new int[rows * rows];
        int[] left = new int[rows * rows];
        Arrays.fill(left, free);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                tangent[i * rows + j] = j < i ? below(i) + j : j == i ? free : free + 1;
                if (j > 0 && j <= i) {
                    left[i * rows + j] = below(i) + j - 1;
                }
            }
        }
        Expr correlation = Expr.concatenate(coordinates.tanh(), Expr.constant(1), Expr.constant(0))
                .select(tangent)
                .reshape(rows, rows);
        Expr logLeft = Expr.concatenate(logSech(coordinates), Expr.constant(0))
                .select(left)
                .reshape(rows, rows)
                .cumulativeSum();
        return correlation.times(logLeft.exp());
    }

    /**
     * {@code dL[i][j] / du[i][j] = sech(u[i][j])^2 times the product of sech(u[i][l]) over l < j}, and triangular by
     * rows.
     */
    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        int n = constrained.rows();
        if (n < 2) {
            return Expr.constant(0);
        }
        double[] times = new double[below(n)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                times[below(i) + j] = i - j + 1;
            }
        }
        return logSech(coordinates).times(Expr.constant(times));
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        Checks.requireSquare(this, rows, columns);
        Checks.requireFinite(this, value, columns);
        Triangles.requireZeroAbove(this, value, rows);
        double[] u = new double[below(rows)];
        for (int i = 0; i < rows; i++) {
            double after = Triangles.positiveDiagonal(this, value, rows, i);
            for (int j = i - 1; j >= 0; j--) {
                double entry = value[i * rows + j];
                u[below(i) + j] = inverseSinh(entry / after);
                after = Math.hypot(after, entry);
            }
            if (Math.abs(after - 1) > TOLERANCE) {
                throw new IllegalArgumentException(name() + ": row " + i
                        + " must have length 1, the root of a unit variance, but has length " + after);
            }
        }
        return u;
    }

    /** The coordinate of a partial correlation r is {@code atanh(r) = asinh(r / sqrt(1 - r^2))}. */
    private static double inverseSinh(double x) {
        double size = Math.abs(x);
        double root = Math.hypot(1, size);
        double result = size < 1 ? Math.log1p(size + size * size / (1 + root)) : Math.log(size + root);
        return Math.copySign(result, x);
    }
}

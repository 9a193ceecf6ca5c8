package org.variational.constraint;

/** Checks of lower-triangular matrices. */
final class Triangles {

    private Triangles() {}

    static void requireZeroAbove(Constraint constraint, double[] value, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                if (value[i * n + j] != 0) {
                    throw Checks.outside(
                            constraint, Checks.position(i * n + j, n), value[i * n + j], "0 above the diagonal");
                }
            }
        }
    }

    static double positiveDiagonal(Constraint constraint, double[] value, int n, int i) {
        double diagonal = value[i * n + i];
        if (!(diagonal > 0)) {
            throw Checks.outside(constraint, "(" + i + ", " + i + ")", diagonal, "positive on the diagonal");
        }
        return diagonal;
    }
}

package org.variational.expression;

import org.variational.density.Matrices;

/**
 * Covariance functions of Gaussian processes, as expressions of the distances between inputs.
 *
 * <p>With r the distance, a the amplitude and l the length scale; distances are data, computed once by {@link
 * #distances}. The results are the same shape as the distances. Add a jitter or the noise variance to the diagonal,
 * {@link #onDiagonal}, before {@link Expr#cholesky}.
 */
public final class Covariances {

    private static final double SQRT_3 = Math.sqrt(3);
    private static final double SQRT_5 = Math.sqrt(5);

    private Covariances() {}

    /**
     * The Euclidean distances between the rows of two sets of inputs.
     *
     * @param left m points, each of some length
     * @param right n points of the same length
     * @return m x n distances
     * @throws IllegalArgumentException if points differ in length
     */
    public static double[][] distances(double[][] left, double[][] right) {
        double[][] distances = new double[left.length][right.length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < right.length; j++) {
                if (left[i].length != right[j].length) {
                    throw new IllegalArgumentException("input " + i + " on the left has " + left[i].length
                            + " coordinates, input " + j + " on the right " + right[j].length);
                }
                double square = 0;
                for (int k = 0; k < left[i].length; k++) {
                    double gap = left[i][k] - right[j][k];
                    square += gap * gap;
                }
                distances[i][j] = Math.sqrt(square);
            }
        }
        return distances;
    }

    /** The distances between numbers. */
    public static double[][] distances(double[] left, double[] right) {
        return distances(Matrices.rowsOf(left), Matrices.rowsOf(right));
    }

    /** {@code a^2 exp(-r^2 / (2 l^2))}, the squared-exponential covariance. */
    public static Expr squaredExponential(Expr distances, Expr amplitude, Expr lengthScale) {
        return distances
                .square()
                .times(lengthScale.square().reciprocal().times(-0.5))
                .exp()
                .times(amplitude.square());
    }

    /** {@code a^2 exp(-r / l)}, the Matern covariance of smoothness 1/2. */
    public static Expr matern12(Expr distances, Expr amplitude, Expr lengthScale) {
        return distances.times(lengthScale.reciprocal().negate()).exp().times(amplitude.square());
    }

    /** {@code a^2 (1 + s) exp(-s)} with {@code s = sqrt(3) r / l}, the Matern covariance of smoothness 3/2. */
    public static Expr matern32(Expr distances, Expr amplitude, Expr lengthScale) {
        Expr s = distances.times(lengthScale.reciprocal().times(SQRT_3));
        return s.plus(1).times(s.negate().exp()).times(amplitude.square());
    }

    /**
     * {@code a^2 (1 + s + s^2 / 3) exp(-s)} with {@code s = sqrt(5) r / l}, the Matern covariance of smoothness 5/2.
     */
    public static Expr matern52(Expr distances, Expr amplitude, Expr lengthScale) {
        Expr s = distances.times(lengthScale.reciprocal().times(SQRT_5));
        Expr polynomial = s.square().dividedBy(3).plus(s).plus(1);
        return polynomial.times(s.negate().exp()).times(amplitude.square());
    }

    /** The square matrix of the given order with one value on its diagonal and 0 elsewhere. */
    public static Expr onDiagonal(Expr value, int order) {
        double[][] identity = new double[order][order];
        for (int i = 0; i < order; i++) {
            identity[i][i] = 1;
        }
        return Expr.constant(identity).times(value);
    }
}

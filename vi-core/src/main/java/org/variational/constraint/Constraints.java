package org.variational.constraint;

import org.variational.expression.Expr;

/**
 * The constraints, each with its map from coordinates u to a value x and the log-Jacobian of that map. Write s for the
 * logistic function.
 *
 * <p>All maps are one-to-one but that of {@link #unitVector}, which forgets a length. The log-Jacobians of {@link
 * #simplex}, {@link #choleskyCorrelation}, {@link #choleskyCovariance} and {@link #sumToZero} are with respect to the
 * elements that are free: see each. That is the measure a density on such values refers to.
 */
public final class Constraints {

    private Constraints() {}

    /** All real numbers: {@code x = u}. */
    public static Constraint real() {
        return Bounded.REAL;
    }

    /** Positive numbers: {@code x = exp(u)}, log-Jacobian u. */
    public static Constraint positive() {
        return Bounded.POSITIVE;
    }

    /**
     * Numbers above a bound: {@code x = bound + exp(u)}, log-Jacobian u.
     *
     * @throws IllegalArgumentException if the bound is not finite
     */
    public static Constraint lower(double bound) {
        return bound == 0 ? positive() : lower(Expr.constant(bound));
    }

    /**
     * Numbers above a bound that may depend on other parameters.
     *
     * @param bound a scalar, or of the shape of the value
     * @throws IllegalArgumentException if the bound is fixed and not finite
     */
    public static Constraint lower(Expr bound) {
        return Bounded.of(bound, null);
    }

    /**
     * Numbers below a bound: {@code x = bound - exp(u)}, log-Jacobian u.
     *
     * @throws IllegalArgumentException if the bound is not finite
     */
    public static Constraint upper(double bound) {
        return upper(Expr.constant(bound));
    }

    /**
     * Numbers below a bound that may depend on other parameters.
     *
     * @param bound a scalar, or of the shape of the value
     * @throws IllegalArgumentException if the bound is fixed and not finite
     */
    public static Constraint upper(Expr bound) {
        return Bounded.of(null, bound);
    }

    /**
     * Numbers between two bounds: {@code x = a + (b - a) s(u)}, log-Jacobian {@code log(b - a) + log s(u) + log s(-u)}.
     *
     * @throws IllegalArgumentException if a bound is not finite, or {@code lower} is not below {@code upper}
     */
    public static Constraint interval(double lower, double upper) {
        return interval(Expr.constant(lower), Expr.constant(upper));
    }

    /**
     * Numbers between two bounds that may depend on other parameters.
     *
     * @param lower a scalar, or of the shape of the value
     * @param upper a scalar, or of the shape of the value
     * @throws IllegalArgumentException if a bound is fixed and not finite, or both are and {@code lower} is not below
     *     {@code upper}
     */
    public static Constraint interval(Expr lower, Expr upper) {
        return Bounded.of(lower, upper);
    }

    /**
     * Increasing vectors: {@code x[0] = u[0]}, {@code x[k+1] = x[k] + exp(u[k+1])}. Unconstraining a vector whose
     * neighbours differ by less than their rounding error recovers that difference only to this error.
     */
    public static Constraint ordered() {
        return Ordered.REAL;
    }

    /** Increasing vectors of positive numbers: {@code x[0] = exp(u[0])}, {@code x[k+1] = x[k] + exp(u[k+1])}. */
    public static Constraint positiveOrdered() {
        return Ordered.POSITIVE;
    }

    /**
     * Vectors of K positive numbers that sum to one, from K - 1 coordinates, by stick breaking: with
     * {@code z[k] = s(u[k] - log(K - 1 - k))}, counting from 0, {@code x[k]} is the fraction {@code z[k]} of what the
     * elements before it leave; {@code u = 0} is the uniform vector, and for K = 2 {@code x[0] = s(u[0])}. The Jacobian
     * is with respect to the first K - 1 elements.
     */
    public static Constraint simplex() {
        return Simplex.INSTANCE;
    }

    /**
     * Lower Cholesky factors of K x K correlation matrices, from K (K - 1) / 2 coordinates, row by row. The hyperbolic
     * tangents of the coordinates are canonical partial correlations (Lewandowski, Kurowicka and Joe 2009,
     * doi:10.1016/j.jmva.2009.04.008): {@code L[i][j] = tanh(u[i][j]) sqrt(1 - sum of L[i][l]^2 over l < j)}. The
     * Jacobian is with respect to the elements below the diagonal.
     */
    public static Constraint choleskyCorrelation() {
        return CholeskyCorrelation.INSTANCE;
    }

    /**
     * Lower-triangular K x K matrices with positive diagonal, from K (K + 1) / 2 coordinates, row by row: elements
     * below the diagonal are coordinates, those on it exponentials of coordinates. The Jacobian is with respect to the
     * lower triangle.
     */
    public static Constraint choleskyCovariance() {
        return CholeskyCovariance.INSTANCE;
    }

    /**
     * Vectors of K numbers that sum to zero, from K - 1 coordinates with respect to an orthonormal basis of these
     * vectors (the Helmert contrasts), so that lengths and volumes are kept: the log-Jacobian is 0, a standard normal
     * density on the coordinates is the standard normal on the K elements conditioned on their sum, and each element
     * has variance {@code 1 - 1/K} under it.
     */
    public static Constraint sumToZero() {
        return SumToZero.INSTANCE;
    }

    /**
     * Vectors of K numbers with length one, K at least 2: the directions {@code w / |w|} of {@code w = u + 1 /
     * sqrt(K)}, so that {@code u = 0} stands for equal elements. K coordinates have one more dimension than the unit
     * sphere. The length is a nuisance, independent of the direction: in place of a log-Jacobian stands {@code log |w|
     * - |w|^2 / 2 - ((K - 1) / 2) log 2 - log Gamma((K + 1) / 2)}, under which the squared length is chi-squared with K
     * + 1 degrees of freedom and which integrates to one over the lengths. The density is then with respect to the area
     * of the sphere; the flat one is uniform. The factor {@code |w|} keeps the coordinates away from the origin, which
     * has no direction and where a standard normal vector, the usual choice, has its mode.
     */
    public static Constraint unitVector() {
        return UnitVector.INSTANCE;
    }
}

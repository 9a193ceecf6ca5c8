package org.variational.algorithm.gaussian;

import java.util.Arrays;

/**
 * Regressions on some rows of a panel, by least squares without the part of their bias that falls like one over the
 * number of observations (the jackknife, in closed form from the leverages).
 *
 * <p>Least squares is exact where the response is linear. Where it is not, coefficients from n observations differ from
 * those of the population by about {@code 2 / n} of what is not linear, which does not average out over batches. Holds
 * scratch space and is not thread-safe.
 *
 * @see <a href="https://doi.org/10.1093/biomet/61.1.1">Miller (1974), The jackknife: a review</a>
 */
final class LeastSquares {

    /** An observation that the fit follows closer says too little of what it would be without it. */
    private static final double LEAST_REST = 0.1;

    /** A row of which others leave less is theirs but for rounding. */
    private static final double SMALLEST_RATIO = 1e-12;

    private int rows;
    private int n;
    /** Orthonormal rows that span the regressors, n columns. */
    private double[] basis = {};
    /** The regressors in that basis: row k of them is the sum of {@code upper[a][k]} times row a. */
    private double[] upper = {};
    /** One minus the leverages. */
    private double[] rests = {};

    private double[] coordinates = {};

    /**
     * Takes the regressors.
     *
     * @param on the rows of {@code x}
     * @param x a panel
     * @param observations its columns n
     * @return whether the rows are independent, so that they determine coefficients
     */
    boolean regressors(int[] on, double[] x, int observations) {
        rows = on.length;
        n = observations;
        basis = basis.length < rows * n ? new double[rows * n] : basis;
        upper = upper.length < rows * rows ? new double[rows * rows] : upper;
        rests = rests.length < n ? new double[n] : rests;
        coordinates = coordinates.length < rows ? new double[rows] : coordinates;
        for (int a = 0; a < rows; a++) {
            System.arraycopy(x, on[a] * n, basis, a * n, n);
        }
        if (!orthonormalise()) {
            return false;
        }
        for (int p = 0; p < n; p++) {
            double leverage = 0;
            for (int a = 0; a < rows; a++) {
                leverage += basis[a * n + p] * basis[a * n + p];
            }
            rests[p] = Math.max(LEAST_REST, 1 - leverage);
        }
        return true;
    }

    /** Modified Gram-Schmidt. */
    private boolean orthonormalise() {
        for (int a = 0; a < rows; a++) {
            double whole = Math.sqrt(dot(a, basis, a * n));
            for (int b = 0; b < a; b++) {
                double along = dot(b, basis, a * n);
                upper[b * rows + a] = along;
                subtract(along, b, basis, a * n);
            }
            double left = Math.sqrt(dot(a, basis, a * n));
            if (!(left > SMALLEST_RATIO * whole)) {
                return false;
            }
            upper[a * rows + a] = left;
            for (int at = a * n; at < (a + 1) * n; at++) {
                basis[at] /= left;
            }
        }
        return true;
    }

    private double dot(int row, double[] x, int at) {
        double sum = 0;
        for (int p = 0; p < n; p++) {
            sum += basis[row * n + p] * x[at + p];
        }
        return sum;
    }

    private void subtract(double times, int row, double[] from, int at) {
        for (int p = 0; p < n; p++) {
            from[at + p] -= times * basis[row * n + p];
        }
    }

    /** Takes out of n numbers what the regressors explain. */
    void residual(double[] response, int at) {
        for (int a = 0; a < rows; a++) {
            subtract(dot(a, response, at), a, response, at);
        }
    }

    /** Divides residuals by one minus the leverages: what they would be had the fit been without them. */
    void predictive(double[] residuals) {
        for (int p = 0; p < n; p++) {
            residuals[p] /= rests[p];
        }
    }

    /**
     * The coefficients, corrected for their bias.
     *
     * @param response the numbers to be explained from {@code at} on
     * @param predictive their {@link #predictive} residuals
     * @param coefficients overwritten, one for each regressor
     */
    void coefficients(double[] response, int at, double[] predictive, double[] coefficients) {
        double share = (n - 1.0) / n;
        for (int a = 0; a < rows; a++) {
            coefficients[a] = dot(a, response, at) + share * dot(a, predictive, 0);
        }
        for (int a = rows - 1; a >= 0; a--) {
            for (int b = a + 1; b < rows; b++) {
                coefficients[a] -= upper[a * rows + b] * coefficients[b];
            }
            coefficients[a] /= upper[a * rows + a];
        }
    }

    /** Writes how much each observation's response adds to the coefficient of a regressor. */
    void influence(int regressor, double[] influence) {
        // by the row of the inverse of the triangle, whose first entries are zero
        Arrays.fill(influence, 0, n, 0);
        for (int a = regressor; a < rows; a++) {
            coordinates[a] = a == regressor ? 1 : 0;
            for (int b = regressor; b < a; b++) {
                coordinates[a] -= coordinates[b] * upper[b * rows + a];
            }
            coordinates[a] /= upper[a * rows + a];
            for (int p = 0; p < n; p++) {
                influence[p] += coordinates[a] * basis[a * n + p];
            }
        }
    }
}

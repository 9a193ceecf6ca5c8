package org.variational.information;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Interpolation of numbers known at scattered points of R^k: cubic radial functions with a polynomial, whose values at
 * any point are weighted sums of the known ones.
 *
 * <p>{@code f(x) = sum_j c_j |x - x_j|^3 + polynomial}, exact at the points, and the cubic spline in one dimension. The
 * polynomial is quadratic where there are points enough, else linear, else constant. Beyond the box around the points
 * f stays as it is at the box. Immutable and thread-safe.
 */
public final class RadialInterpolation {

    private final DMatrixRMaj whitening;
    private final double[] low;
    private final double[] high;
    /** Whitened points, n x k. */
    private final double[][] points;

    private final int degree;
    /** The rows of the inverse system that give weights: n x (n + terms). */
    private final DMatrixRMaj inverse;

    /**
     * Prepares for points.
     *
     * @param points n x k, distinct
     * @param whitening k x k; distances are those of {@code whitening x}
     * @throws IllegalArgumentException if the points do not determine the polynomial
     */
    public RadialInterpolation(double[][] points, DMatrixRMaj whitening) {
        this.whitening = whitening;
        int n = points.length;
        int k = whitening.numRows;
        this.points = new double[n][];
        this.low = new double[k];
        this.high = new double[k];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
        for (int j = 0; j < n; j++) {
            this.points[j] = whiten(points[j]);
            for (int a = 0; a < k; a++) {
                low[a] = Math.min(low[a], this.points[j][a]);
                high[a] = Math.max(high[a], this.points[j][a]);
            }
        }
        int chosen = 2;
        while (chosen > 0 && n < 1.3 * terms(chosen, k)) {
            chosen--;
        }
        this.degree = chosen;
        int terms = terms(degree, k);
        DMatrixRMaj system = new DMatrixRMaj(n + terms, n + terms);
        double[] polynomial = new double[terms];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                system.set(i, j, cube(this.points[i], this.points[j]));
            }
            polynomial(this.points[i], polynomial);
            for (int t = 0; t < terms; t++) {
                system.set(i, n + t, polynomial[t]);
                system.set(n + t, i, polynomial[t]);
            }
        }
        DMatrixRMaj whole = new DMatrixRMaj(n + terms, n + terms);
        if (!CommonOps_DDRM.invert(system, whole)) {
            throw new IllegalArgumentException(n + " points do not determine a polynomial of degree " + degree + " in "
                    + k + " dimensions: give distinct points that do not lie on one line or surface");
        }
        this.inverse = CommonOps_DDRM.extract(whole, 0, n, 0, n + terms);
    }

    private static int terms(int degree, int k) {
        return degree == 0 ? 1 : degree == 1 ? 1 + k : (k + 1) * (k + 2) / 2;
    }

    private double[] whiten(double[] x) {
        int k = whitening.numRows;
        double[] whitened = new double[k];
        for (int a = 0; a < k; a++) {
            for (int b = 0; b < k; b++) {
                whitened[a] += whitening.data[a * k + b] * x[b];
            }
        }
        return whitened;
    }

    private static double cube(double[] x, double[] y) {
        double square = 0;
        for (int a = 0; a < x.length; a++) {
            square += (x[a] - y[a]) * (x[a] - y[a]);
        }
        return square * Math.sqrt(square);
    }

    private void polynomial(double[] x, double[] out) {
        int at = 0;
        out[at++] = 1;
        for (int a = 0; a < x.length && degree > 0; a++) {
            out[at++] = x[a];
        }
        for (int a = 0; a < x.length && degree > 1; a++) {
            for (int b = 0; b <= a; b++) {
                out[at++] = x[a] * x[b];
            }
        }
    }

    /** The number n of points. */
    public int size() {
        return points.length;
    }

    /** Writes the n weights at a point, which sum to 1. */
    public void weights(double[] at, double[] weights) {
        int n = points.length;
        double[] x = clamped(whiten(at));
        double[] basis = new double[inverse.numCols];
        for (int j = 0; j < n; j++) {
            basis[j] = cube(x, points[j]);
        }
        double[] polynomial = new double[inverse.numCols - n];
        polynomial(x, polynomial);
        System.arraycopy(polynomial, 0, basis, n, polynomial.length);
        multiply(basis, weights);
    }

    private double[] clamped(double[] x) {
        double[] inside = x.clone();
        for (int a = 0; a < x.length; a++) {
            inside[a] = Math.max(low[a], Math.min(high[a], x[a]));
        }
        return inside;
    }

    private void multiply(double[] basis, double[] weights) {
        int columns = inverse.numCols;
        for (int i = 0; i < points.length; i++) {
            double sum = 0;
            for (int j = 0; j < columns; j++) {
                sum += inverse.data[i * columns + j] * basis[j];
            }
            weights[i] = sum;
        }
    }

    /** The interpolated number at a point, for numbers given at the n points. */
    public double at(double[] at, double[] known) {
        double[] weights = new double[points.length];
        weights(at, weights);
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
            sum += weights[j] * known[j];
        }
        return sum;
    }

    /** Writes the derivatives of the weights by the coordinates of the point: k arrays of n. */
    public void slopes(double[] at, double[][] slopes) {
        int n = points.length;
        int k = whitening.numRows;
        double[] raw = whiten(at);
        double[] x = clamped(raw);
        double[][] byWhitened = new double[k][n];
        double[] basis = new double[inverse.numCols];
        for (int a = 0; a < k; a++) {
            if (raw[a] != x[a]) {
                continue;
            }
            Arrays.fill(basis, 0);
            for (int j = 0; j < n; j++) {
                basis[j] = 3 * Math.cbrt(cube(x, points[j])) * (x[a] - points[j][a]);
            }
            if (degree > 0) {
                basis[n + 1 + a] = 1;
            }
            int at2 = n + 1 + k;
            for (int c = 0; c < k && degree > 1; c++) {
                for (int b = 0; b <= c; b++, at2++) {
                    basis[at2] = (c == a ? x[b] : 0) + (b == a ? x[c] : 0);
                }
            }
            multiply(basis, byWhitened[a]);
        }
        for (int b = 0; b < k; b++) {
            Arrays.fill(slopes[b], 0, n, 0);
            for (int a = 0; a < k; a++) {
                for (int j = 0; j < n; j++) {
                    slopes[b][j] += whitening.data[a * k + b] * byWhitened[a][j];
                }
            }
        }
    }
}

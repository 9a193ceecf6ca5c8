package org.variational.information;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Interpolation of numbers known at scattered points of R^k: cubic radial functions with a polynomial, whose values at
 * any point are weighted sums of the known ones.
 *
 * <p>{@code f(x) = sum_j c_j |x - x_j|^3 + polynomial}, exact at the points, and a cubic spline in one dimension. The
 * polynomial is quadratic where there are points enough, else linear, else constant, without the terms that the points
 * do not tell from others, as of points on a line.
 * Beyond the box around the points, and farther from the nearest point than 1.5 times the distance from there to its
 * neighbours, f stays as it is on the way. Immutable and thread-safe.
 */
public final class RadialInterpolation {

    /** What is left of a term of the polynomial, relative to itself, below which it is a sum of others. */
    private static final double INDEPENDENT = 1e-6;

    /** How far f is followed from a point, in distances to its neighbours. */
    private static final double REACH = 1.5;

    private final DMatrixRMaj whitening;
    /** The mean of the whitened points, from which all are measured, so that the polynomial is well conditioned. */
    private final double[] centre;

    private final double[] low;
    private final double[] high;
    /** By point: how far from it f is followed; beyond, it stays as it is on the way there. */
    private final double[] reach;

    /** Whitened points, n x k. */
    private final double[][] points;

    private final int degree;
    /** The terms of a polynomial of that degree that are used, by their places in {@link #polynomial}. */
    private final int[] terms;

    /** The rows of the inverse system that give weights: n x (n + terms). */
    private final DMatrixRMaj inverse;

    /**
     * Prepares for points.
     *
     * @param points n x k, distinct
     * @param whitening k x k; distances are those of {@code whitening x}
     * @throws IllegalArgumentException if there is no point, one is not finite, or two are the same
     */
    public RadialInterpolation(double[][] points, DMatrixRMaj whitening) {
        this.whitening = whitening;
        int n = points.length;
        int k = whitening.numRows;
        if (n == 0) {
            throw new IllegalArgumentException("interpolation needs at least one point, got none");
        }
        this.centre = new double[k];
        double[] mean = new double[k];
        for (double[] point : points) {
            double[] whitened = whiten(point);
            for (int a = 0; a < k; a++) {
                mean[a] += whitened[a] / n;
            }
        }
        System.arraycopy(mean, 0, centre, 0, k);
        this.points = new double[n][];
        this.low = new double[k];
        this.high = new double[k];
        Arrays.fill(low, Double.POSITIVE_INFINITY);
        Arrays.fill(high, Double.NEGATIVE_INFINITY);
        for (int j = 0; j < n; j++) {
            this.points[j] = whiten(points[j]);
            requireNew(points, j);
            for (int a = 0; a < k; a++) {
                low[a] = Math.min(low[a], this.points[j][a]);
                high[a] = Math.max(high[a], this.points[j][a]);
            }
        }
        this.reach = new double[n];
        for (int j = 0; j < n; j++) {
            double[] distances = new double[n];
            for (int i = 0; i < n; i++) {
                distances[i] = Math.cbrt(cube(this.points[i], this.points[j]));
            }
            Arrays.sort(distances);
            // as many neighbours as a point of a grid has; the first is the point itself
            reach[j] = 2 * k < n ? REACH * distances[2 * k] : Double.POSITIVE_INFINITY;
        }
        int chosen = 2;
        while (chosen > 0 && n < 1.3 * terms(chosen, k)) {
            chosen--;
        }
        this.degree = chosen;
        this.terms = independentTerms();
        this.inverse = inverse();
    }

    /** Refuses a point that is not finite or the same as one before. */
    private void requireNew(double[][] given, int j) {
        for (double x : points[j]) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("points of an interpolation must be finite, but point " + j + " is "
                        + Arrays.toString(given[j]));
            }
        }
        for (int i = 0; i < j; i++) {
            if (cube(points[i], points[j]) == 0) {
                throw new IllegalArgumentException("points of an interpolation must be distinct, but points " + i
                        + " and " + j + " are both " + Arrays.toString(given[j]));
            }
        }
    }

    /** The terms that are no sums of terms before at the points, by Gram and Schmidt. */
    private int[] independentTerms() {
        int n = points.length;
        int all = terms(degree, centre.length);
        double[][] columns = new double[all][n];
        double[] polynomial = new double[all];
        for (int j = 0; j < n; j++) {
            polynomial(points[j], polynomial);
            for (int t = 0; t < all; t++) {
                columns[t][j] = polynomial[t];
            }
        }
        int[] kept = new int[all];
        int count = 0;
        for (int t = 0; t < all; t++) {
            double before = Math.sqrt(dot(columns[t], columns[t]));
            for (int earlier = 0; earlier < count; earlier++) {
                double[] basis = columns[kept[earlier]];
                double share = dot(columns[t], basis);
                for (int j = 0; j < n; j++) {
                    columns[t][j] -= share * basis[j];
                }
            }
            double left = Math.sqrt(dot(columns[t], columns[t]));
            if (left > INDEPENDENT * before) {
                for (int j = 0; j < n; j++) {
                    columns[t][j] /= left;
                }
                kept[count++] = t;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private DMatrixRMaj inverse() {
        int n = points.length;
        DMatrixRMaj system = new DMatrixRMaj(n + terms.length, n + terms.length);
        double[] polynomial = new double[terms(degree, centre.length)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                system.set(i, j, cube(points[i], points[j]));
            }
            polynomial(points[i], polynomial);
            for (int t = 0; t < terms.length; t++) {
                system.set(i, n + t, polynomial[terms[t]]);
                system.set(n + t, i, polynomial[terms[t]]);
            }
        }
        DMatrixRMaj whole = new DMatrixRMaj(system.numRows, system.numRows);
        if (!CommonOps_DDRM.invert(system, whole)) {
            throw new IllegalArgumentException("some of the " + n + " points in " + centre.length
                    + " dimensions are too near to each other to interpolate between: give distinct points");
        }
        return CommonOps_DDRM.extract(whole, 0, n, 0, n + terms.length);
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
            whitened[a] -= centre[a];
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

    /** The derivatives of the terms by coordinate {@code a}. */
    private void polynomialSlope(double[] x, int a, double[] out) {
        Arrays.fill(out, 0);
        if (degree > 0) {
            out[1 + a] = 1;
        }
        int at = 1 + x.length;
        for (int c = 0; c < x.length && degree > 1; c++) {
            for (int b = 0; b <= c; b++, at++) {
                out[at] = (c == a ? x[b] : 0) + (b == a ? x[c] : 0);
            }
        }
    }

    /** The number n of points. */
    public int size() {
        return points.length;
    }

    /** Writes the n weights at a point, which sum to 1. */
    public void weights(double[] at, double[] weights) {
        multiply(basis(at), weights);
    }

    private double[] basis(double[] at) {
        int n = points.length;
        double[] x = clamped(whiten(at));
        double[] basis = new double[inverse.numCols];
        for (int j = 0; j < n; j++) {
            basis[j] = cube(x, points[j]);
        }
        double[] polynomial = new double[terms(degree, x.length)];
        polynomial(x, polynomial);
        for (int t = 0; t < terms.length; t++) {
            basis[n + t] = polynomial[terms[t]];
        }
        return basis;
    }

    /** The point of the box around the points, within the reach of the nearest one, to which x is moved. */
    private double[] clamped(double[] x) {
        double[] inside = boxed(x);
        int near = nearest(inside);
        double share = share(inside, near);
        for (int a = 0; a < x.length && share < 1; a++) {
            inside[a] = points[near][a] + share * (inside[a] - points[near][a]);
        }
        return inside;
    }

    private double[] boxed(double[] x) {
        double[] inside = x.clone();
        for (int a = 0; a < x.length; a++) {
            inside[a] = Math.max(low[a], Math.min(high[a], x[a]));
        }
        return inside;
    }

    private int nearest(double[] x) {
        int near = 0;
        for (int j = 1; j < points.length; j++) {
            near = cube(x, points[j]) < cube(x, points[near]) ? j : near;
        }
        return near;
    }

    /** The part of the way from a point to x that is within its reach. */
    private double share(double[] x, int near) {
        double distance = Math.cbrt(cube(x, points[near]));
        return distance > reach[near] ? reach[near] / distance : 1;
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

    /** The function that goes through numbers given at the n points, at a cost of order n for each value of it. */
    public ToDoubleFunction<double[]> through(double[] known) {
        double[] coefficients = new double[inverse.numCols];
        for (int i = 0; i < points.length; i++) {
            for (int j = 0; j < coefficients.length; j++) {
                coefficients[j] += inverse.data[i * coefficients.length + j] * known[i];
            }
        }
        return at -> dot(coefficients, basis(at));
    }

    /** Writes the derivatives of the weights by the coordinates of the point: k arrays of n. */
    public void slopes(double[] at, double[][] slopes) {
        int n = points.length;
        int k = whitening.numRows;
        double[] raw = whiten(at);
        double[] box = boxed(raw);
        double[] x = clamped(raw);
        double[][] byWhitened = new double[k][n];
        double[] basis = new double[inverse.numCols];
        double[] polynomial = new double[terms(degree, k)];
        for (int a = 0; a < k; a++) {
            for (int j = 0; j < n; j++) {
                basis[j] = 3 * Math.cbrt(cube(x, points[j])) * (x[a] - points[j][a]);
            }
            polynomialSlope(x, a, polynomial);
            for (int t = 0; t < terms.length; t++) {
                basis[n + t] = polynomial[terms[t]];
            }
            multiply(basis, byWhitened[a]);
        }
        pullBack(box, byWhitened);
        for (int a = 0; a < k; a++) {
            if (raw[a] != box[a]) {
                Arrays.fill(byWhitened[a], 0);
            }
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

    /** Derivatives by the point in the box from those by the point that it is moved to. */
    private void pullBack(double[] box, double[][] slopes) {
        int near = nearest(box);
        double share = share(box, near);
        if (share == 1) {
            return;
        }
        int k = box.length;
        double distance = Math.cbrt(cube(box, points[near]));
        for (int j = 0; j < points.length; j++) {
            double along = 0;
            for (int a = 0; a < k; a++) {
                along += (box[a] - points[near][a]) / distance * slopes[a][j];
            }
            for (int a = 0; a < k; a++) {
                slopes[a][j] = share * (slopes[a][j] - along * (box[a] - points[near][a]) / distance);
            }
        }
    }
}

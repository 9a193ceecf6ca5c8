package org.variational.lab.simulated;

import java.util.Arrays;

/** A symmetric positive definite band matrix, factored in place as L L'. Mutable, for one thread. */
final class Band {

    private final int n;
    private final int width;
    /** Row i has the elements (i, i), (i, i - 1), ..., (i, i - width). */
    private final double[] elements;

    /**
     * A matrix of zeros.
     *
     * @param n rows and columns
     * @param width the largest difference of row and column of an element that is not 0
     */
    Band(int n, int width) {
        this.n = n;
        this.width = Math.min(width, n - 1);
        this.elements = new double[n * (this.width + 1)];
    }

    int size() {
        return n;
    }

    void clear() {
        Arrays.fill(elements, 0);
    }

    /** Adds to the elements (i, j) and (j, i), which are one. */
    void add(int i, int j, double value) {
        int row = Math.max(i, j);
        elements[row * (width + 1) + row - Math.min(i, j)] += value;
    }

    /** Takes over the elements of a matrix of the same shape. */
    void set(Band other) {
        System.arraycopy(other.elements, 0, elements, 0, elements.length);
    }

    /** The matrix, not factored, times x. */
    double[] product(double[] x) {
        double[] product = new double[n];
        for (int i = 0; i < n; i++) {
            product[i] += at(i, i) * x[i];
            for (int j = Math.max(0, i - width); j < i; j++) {
                product[i] += at(i, j) * x[j];
                product[j] += at(i, j) * x[i];
            }
        }
        return product;
    }

    /** Element (i, j) of the lower triangle, i >= j. */
    private double at(int i, int j) {
        return elements[i * (width + 1) + i - j];
    }

    /**
     * Replaces the matrix by its factor L.
     *
     * @return whether it is positive definite
     */
    boolean factor() {
        for (int i = 0; i < n; i++) {
            int first = Math.max(0, i - width);
            for (int j = first; j <= i; j++) {
                double sum = at(i, j);
                for (int k = Math.max(first, j - width); k < j; k++) {
                    sum -= at(i, k) * at(j, k);
                }
                if (i == j && !(sum > 0)) {
                    return false;
                }
                elements[i * (width + 1) + i - j] = i == j ? Math.sqrt(sum) : sum / at(j, j);
            }
        }
        return true;
    }

    /** The logarithm of the determinant of L L'. */
    double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += 2 * Math.log(at(i, i));
        }
        return sum;
    }

    /** Replaces x by L^-1 x. */
    void solveLower(double[] x) {
        for (int i = 0; i < n; i++) {
            double sum = x[i];
            for (int k = Math.max(0, i - width); k < i; k++) {
                sum -= at(i, k) * x[k];
            }
            x[i] = sum / at(i, i);
        }
    }

    /** Replaces x by L'^-1 x. */
    void solveUpper(double[] x) {
        for (int i = n - 1; i >= 0; i--) {
            double value = x[i] / at(i, i);
            x[i] = value;
            for (int k = Math.max(0, i - width); k < i; k++) {
                x[k] -= at(i, k) * value;
            }
        }
    }

    /** Replaces x by (L L')^-1 x. */
    void solve(double[] x) {
        solveLower(x);
        solveUpper(x);
    }

    /** Replaces x by L x. */
    void times(double[] x) {
        for (int i = n - 1; i >= 0; i--) {
            double sum = 0;
            for (int k = Math.max(0, i - width); k <= i; k++) {
                sum += at(i, k) * x[k];
            }
            x[i] = sum;
        }
    }

    /** The diagonal of (L L')^-1, by the recursion for the elements of the inverse within the band. */
    double[] diagonalOfInverse() {
        Band inverse = new Band(n, width);
        double[] diagonal = new double[n];
        for (int j = n - 1; j >= 0; j--) {
            int last = Math.min(n - 1, j + width);
            for (int i = last; i >= j; i--) {
                double sum = i == j ? 1 / at(j, j) : 0;
                for (int k = j + 1; k <= last; k++) {
                    sum -= at(k, j) * inverse.at(Math.max(i, k), Math.min(i, k));
                }
                inverse.elements[i * (width + 1) + i - j] = sum / at(j, j);
            }
            diagonal[j] = inverse.at(j, j);
        }
        return diagonal;
    }
}

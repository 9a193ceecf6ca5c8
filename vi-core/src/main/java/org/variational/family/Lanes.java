package org.variational.family;

/** Loops over panels: rows x S arrays with the S lanes contiguous. */
final class Lanes {

    private Lanes() {}

    /** Sums the first {@code lanes} entries. */
    static double sum(double[] row, int lanes) {
        double total = 0;
        for (int s = 0; s < lanes; s++) {
            total += row[s];
        }
        return total;
    }

    /** Multiplies every row of a panel by {@code factors}, lane by lane. */
    static void multiplyRows(int rows, int lanes, double[] panel, double[] factors) {
        for (int i = 0, at = 0; i < rows; i++) {
            for (int s = 0; s < lanes; s++, at++) {
                panel[at] *= factors[s];
            }
        }
    }

    /** Adds the sum of every row to {@code sums}. */
    static void addRowSums(int rows, int lanes, double[] panel, int panelAt, double[] sums, int sumsAt) {
        for (int i = 0, at = panelAt; i < rows; i++) {
            double total = 0;
            for (int end = at + lanes; at < end; at++) {
                total += panel[at];
            }
            sums[sumsAt + i] += total;
        }
    }

    /** Adds the squares of a panel's entries to {@code sums}, lane by lane. */
    static void addSquares(int rows, int lanes, double[] panel, double[] sums) {
        for (int i = 0, at = 0; i < rows; i++, at += lanes) {
            for (int s = 0; s < lanes; s++) {
                sums[s] += panel[at + s] * panel[at + s];
            }
        }
    }

    /** Adds {@code A x} to {@code out}, A rows x columns and row-major from {@code aAt}, x columns x S. */
    static void addProduct(
            int rows, int columns, int lanes, double[] a, int aAt, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0, at = aAt, o = outAt; i < rows; i++, o += lanes) {
            for (int k = 0, xk = xAt; k < columns; k++, at++, xk += lanes) {
                double factor = a[at];
                for (int s = 0; s < lanes; s++) {
                    out[o + s] += factor * x[xk + s];
                }
            }
        }
    }

    /** Adds {@code A' y} to {@code out}, A rows x columns and row-major from {@code aAt}, y rows x S. */
    static void addTransposedProduct(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0, at = aAt, yi = yAt; i < rows; i++, yi += lanes) {
            for (int k = 0, o = outAt; k < columns; k++, at++, o += lanes) {
                double factor = a[at];
                for (int s = 0; s < lanes; s++) {
                    out[o + s] += factor * y[yi + s];
                }
            }
        }
    }

    /** Adds {@code sum over s of y[.,s] x[.,s]'}, rows x columns, to {@code gradient} from {@code at}. */
    static void addOuter(
            int rows, int columns, int lanes, double[] y, int yAt, double[] x, int xAt, double[] gradient, int at) {
        for (int i = 0, g = at, yi = yAt; i < rows; i++, yi += lanes) {
            for (int k = 0, xk = xAt; k < columns; k++, g++, xk += lanes) {
                double t = 0;
                for (int s = 0; s < lanes; s++) {
                    t += y[yi + s] * x[xk + s];
                }
                gradient[g] += t;
            }
        }
    }
}

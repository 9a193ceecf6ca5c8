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
            int k = 0;
            int x0 = xAt;
            for (; k + 3 < columns; k += 4, at += 4, x0 += 4 * lanes) {
                addFourRows(lanes, a[at], a[at + 1], a[at + 2], a[at + 3], x, x0, out, o);
            }
            for (; k < columns; k++, at++, x0 += lanes) {
                addRow(lanes, a[at], x, x0, out, o);
            }
        }
    }

    /** Adds {@code A' y} to {@code out}, A rows x columns and row-major from {@code aAt}, y rows x S. */
    static void addTransposedProduct(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] out, int outAt) {
        int i = 0;
        int a0 = aAt;
        int yi = yAt;
        for (; i + 3 < rows; i += 4, a0 += 4 * columns, yi += 4 * lanes) {
            for (int k = 0, at = a0, o = outAt; k < columns; k++, at++, o += lanes) {
                addFourRows(lanes, a[at], a[at + columns], a[at + 2 * columns], a[at + 3 * columns], y, yi, out, o);
            }
        }
        for (; i < rows; i++, a0 += columns, yi += lanes) {
            for (int k = 0, at = a0, o = outAt; k < columns; k++, at++, o += lanes) {
                addRow(lanes, a[at], y, yi, out, o);
            }
        }
    }

    /** Adds {@code factor} times a row to another. */
    static void addRow(int lanes, double factor, double[] x, int xAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s++) {
            out[outAt + s] += factor * x[xAt + s];
        }
    }

    /** Adds a combination of four consecutive rows of a panel to a row. */
    static void addFourRows(
            int lanes, double f0, double f1, double f2, double f3, double[] x, int xAt, double[] out, int outAt) {
        int x1 = xAt + lanes;
        int x2 = x1 + lanes;
        int x3 = x2 + lanes;
        for (int s = 0; s < lanes; s++) {
            out[outAt + s] += f0 * x[xAt + s] + f1 * x[x1 + s] + f2 * x[x2 + s] + f3 * x[x3 + s];
        }
    }

    /** Adds {@code sum over s of y[.,s] x[.,s]'}, rows x columns, to {@code gradient} from {@code at}. */
    static void addOuter(
            int rows, int columns, int lanes, double[] y, int yAt, double[] x, int xAt, double[] gradient, int at) {
        for (int i = 0; i < rows; i++) {
            addOuterRow(columns, lanes, y, yAt + i * lanes, x, xAt, gradient, at + i * columns);
        }
    }

    /**
     * Adds {@code sum over s of y[s] x[.,s]'}, a row of length {@code columns}, to {@code gradient} from {@code at}.
     */
    static void addOuterRow(
            int columns, int lanes, double[] y, int yAt, double[] x, int xAt, double[] gradient, int at) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            double y0 = y[yAt + s];
            double y1 = y[yAt + s + 1];
            double y2 = y[yAt + s + 2];
            double y3 = y[yAt + s + 3];
            for (int k = 0, xk = xAt + s; k < columns; k++, xk += lanes) {
                gradient[at + k] += y0 * x[xk] + y1 * x[xk + 1] + y2 * x[xk + 2] + y3 * x[xk + 3];
            }
        }
        for (; s < lanes; s++) {
            double y0 = y[yAt + s];
            for (int k = 0, xk = xAt + s; k < columns; k++, xk += lanes) {
                gradient[at + k] += y0 * x[xk];
            }
        }
    }
}

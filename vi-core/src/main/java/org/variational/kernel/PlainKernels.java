package org.variational.kernel;

import java.util.Arrays;

/**
 * Kernels in plain Java.
 *
 * <p>Products are rounded before they are added: without fused instructions {@code Math.fma} is a hundred times slower.
 * Reductions keep one accumulator for each residue of the element index modulo four. The matrix kernels keep a block of
 * four lanes by two rows in local variables; every entry is summed in the order of its definition, so that blocks of
 * any shape give the same bits.
 */
final class PlainKernels implements Kernels {

    /** Rows of a matrix that are summed before they are added to the total: they fit into the first-level cache. */
    private static final int ROW_BLOCK = 32;

    PlainKernels() {}

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public int laneMultiple() {
        return 1;
    }

    @Override
    public void exp(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = Math.exp(x[xAt + i]);
        }
    }

    @Override
    public void log(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = Math.log(x[xAt + i]);
        }
    }

    @Override
    public void log1p(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = ScalarFunctions.log1p(x[xAt + i]);
        }
    }

    @Override
    public void expm1(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = ScalarFunctions.expm1(x[xAt + i]);
        }
    }

    @Override
    public void tanh(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = ScalarFunctions.tanh(x[xAt + i]);
        }
    }

    @Override
    public void sqrt(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = Math.sqrt(x[xAt + i]);
        }
    }

    /**
     * With {@code e = exp(-|x|)} and {@code q = e / (1 + e)}: {@code 1 - q}, or {@code q = e - e q} for a negative x,
     * chosen by arithmetic because signs are hard to predict.
     */
    @Override
    public void logistic(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            double xi = x[xAt + i];
            double e = Math.exp(-Math.abs(xi));
            double q = e / (1 + e);
            double positive = 0.5 + Math.copySign(0.5, xi);
            out[outAt + i] = positive * (1 - q) + (1 - positive) * (e - e * q);
        }
    }

    /** {@code max(x, 0) + log(1 + e)} with {@code e = exp(-|x|)}; the slope as in {@link #logistic}. */
    @Override
    public void softplus(int length, double[] x, int xAt, double[] out, int outAt, double[] slope, int slopeAt) {
        for (int i = 0; i < length; i++) {
            double xi = x[xAt + i];
            double e = Math.exp(-Math.abs(xi));
            double q = e / (1 + e);
            double positive = 0.5 + Math.copySign(0.5, xi);
            out[outAt + i] = Math.max(xi, 0) + ScalarFunctions.log1pOfUnit(e);
            slope[slopeAt + i] = positive * (1 - q) + (1 - positive) * (e - e * q);
        }
    }

    @Override
    public void lgamma(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = GammaFunctions.lgamma(x[xAt + i]);
        }
    }

    @Override
    public void digamma(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = GammaFunctions.digamma(x[xAt + i]);
        }
    }

    @Override
    public void add(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = x[xAt + i] + y[yAt + i];
        }
    }

    @Override
    public void subtract(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = x[xAt + i] - y[yAt + i];
        }
    }

    @Override
    public void multiply(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = x[xAt + i] * y[yAt + i];
        }
    }

    @Override
    public void divide(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = x[xAt + i] / y[yAt + i];
        }
    }

    @Override
    public void affine(int length, double scale, double shift, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i++) {
            out[outAt + i] = scale * x[xAt + i] + shift;
        }
    }

    @Override
    public void addTo(int length, double[] x, int xAt, double[] sum, int sumAt) {
        for (int i = 0; i < length; i++) {
            sum[sumAt + i] += x[xAt + i];
        }
    }

    @Override
    public void addScaledTo(int length, double scale, double[] x, int xAt, double[] sum, int sumAt) {
        for (int i = 0; i < length; i++) {
            sum[sumAt + i] += scale * x[xAt + i];
        }
    }

    @Override
    public void addProductTo(int length, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int i = 0; i < length; i++) {
            sum[sumAt + i] += x[xAt + i] * y[yAt + i];
        }
    }

    @Override
    public void addRow(int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int at = 0, end = elements * lanes; at < end; at += lanes) {
            for (int s = 0; s < lanes; s++) {
                out[outAt + at + s] = x[xAt + at + s] + row[rowAt + s];
            }
        }
    }

    @Override
    public void multiplyRow(
            int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int at = 0, end = elements * lanes; at < end; at += lanes) {
            for (int s = 0; s < lanes; s++) {
                out[outAt + at + s] = x[xAt + at + s] * row[rowAt + s];
            }
        }
    }

    @Override
    public void addRowTo(int elements, int lanes, double[] row, int rowAt, double[] sum, int sumAt) {
        for (int at = 0, end = elements * lanes; at < end; at += lanes) {
            for (int s = 0; s < lanes; s++) {
                sum[sumAt + at + s] += row[rowAt + s];
            }
        }
    }

    @Override
    public void addRowProductTo(
            int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] sum, int sumAt) {
        for (int at = 0, end = elements * lanes; at < end; at += lanes) {
            for (int s = 0; s < lanes; s++) {
                sum[sumAt + at + s] += x[xAt + at + s] * row[rowAt + s];
            }
        }
    }

    @Override
    public void addColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt) {
        for (int e = 0, at = 0; e < elements; e++, at += lanes) {
            double c = column[columnAt + e];
            for (int s = 0; s < lanes; s++) {
                out[outAt + at + s] = x[xAt + at + s] + c;
            }
        }
    }

    @Override
    public void multiplyColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt) {
        for (int e = 0, at = 0; e < elements; e++, at += lanes) {
            double c = column[columnAt + e];
            for (int s = 0; s < lanes; s++) {
                out[outAt + at + s] = x[xAt + at + s] * c;
            }
        }
    }

    @Override
    public void addColumnProductTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt) {
        for (int e = 0, at = 0; e < elements; e++, at += lanes) {
            double c = column[columnAt + e];
            for (int s = 0; s < lanes; s++) {
                sum[sumAt + at + s] += x[xAt + at + s] * c;
            }
        }
    }

    @Override
    public void outer(
            int elements, int lanes, double[] column, int columnAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int e = 0, at = 0; e < elements; e++, at += lanes) {
            double c = column[columnAt + e];
            for (int s = 0; s < lanes; s++) {
                out[outAt + at + s] = c * row[rowAt + s];
            }
        }
    }

    @Override
    public void expandColumn(int elements, int lanes, double[] column, int columnAt, double[] out, int outAt) {
        for (int e = 0, at = outAt; e < elements; e++, at += lanes) {
            Arrays.fill(out, at, at + lanes, column[columnAt + e]);
        }
    }

    @Override
    public void expandRow(int elements, int lanes, double[] row, int rowAt, double[] out, int outAt) {
        for (int e = 0, at = outAt; e < elements; e++, at += lanes) {
            for (int s = 0; s < lanes; s++) {
                out[at + s] = row[rowAt + s];
            }
        }
    }

    @Override
    public void addSumTo(int elements, int lanes, double[] x, int xAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s++) {
            double t0 = 0;
            double t1 = 0;
            double t2 = 0;
            double t3 = 0;
            int e = 0;
            int xe = xAt + s;
            for (; e + 3 < elements; e += 4, xe += 4 * lanes) {
                t0 += x[xe];
                t1 += x[xe + lanes];
                t2 += x[xe + 2 * lanes];
                t3 += x[xe + 3 * lanes];
            }
            for (; e < elements; e++, xe += lanes) {
                t0 += x[xe];
            }
            sum[sumAt + s] += (t0 + t1) + (t2 + t3);
        }
    }

    @Override
    public void addDotTo(int elements, int lanes, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s++) {
            double t0 = 0;
            double t1 = 0;
            double t2 = 0;
            double t3 = 0;
            int e = 0;
            int xe = xAt + s;
            int ye = yAt + s;
            for (; e + 3 < elements; e += 4, xe += 4 * lanes, ye += 4 * lanes) {
                t0 += x[xe] * y[ye];
                t1 += x[xe + lanes] * y[ye + lanes];
                t2 += x[xe + 2 * lanes] * y[ye + 2 * lanes];
                t3 += x[xe + 3 * lanes] * y[ye + 3 * lanes];
            }
            for (; e < elements; e++, xe += lanes, ye += lanes) {
                t0 += x[xe] * y[ye];
            }
            sum[sumAt + s] += (t0 + t1) + (t2 + t3);
        }
    }

    @Override
    public void addColumnDotTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s++) {
            double t0 = 0;
            double t1 = 0;
            double t2 = 0;
            double t3 = 0;
            int e = 0;
            int xe = xAt + s;
            for (; e + 3 < elements; e += 4, xe += 4 * lanes) {
                int c = columnAt + e;
                t0 += x[xe] * column[c];
                t1 += x[xe + lanes] * column[c + 1];
                t2 += x[xe + 2 * lanes] * column[c + 2];
                t3 += x[xe + 3 * lanes] * column[c + 3];
            }
            for (; e < elements; e++, xe += lanes) {
                t0 += x[xe] * column[columnAt + e];
            }
            sum[sumAt + s] += (t0 + t1) + (t2 + t3);
        }
    }

    @Override
    public void multiplyMatrix(
            int rows, int columns, int lanes, double[] a, int aAt, double[] x, int xAt, double[] out, int outAt) {
        int r = 0;
        for (; r + 1 < rows; r += 2) {
            multiplyTwoRows(columns, lanes, a, aAt + r * columns, x, xAt, out, outAt + r * lanes);
        }
        if (r < rows) {
            int ar = aAt + r * columns;
            for (int s = 0; s < lanes; s++) {
                double t = 0;
                for (int k = 0, xk = xAt + s; k < columns; k++, xk += lanes) {
                    t += a[ar + k] * x[xk];
                }
                out[outAt + r * lanes + s] = t;
            }
        }
    }

    private static void multiplyTwoRows(
            int columns, int lanes, double[] a, int aAt, double[] x, int xAt, double[] out, int outAt) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            double t00 = 0;
            double t01 = 0;
            double t02 = 0;
            double t03 = 0;
            double t10 = 0;
            double t11 = 0;
            double t12 = 0;
            double t13 = 0;
            for (int k = aAt, xk = xAt + s; k < aAt + columns; k++, xk += lanes) {
                double a0 = a[k];
                double a1 = a[k + columns];
                double x0 = x[xk];
                double x1 = x[xk + 1];
                double x2 = x[xk + 2];
                double x3 = x[xk + 3];
                t00 += a0 * x0;
                t01 += a0 * x1;
                t02 += a0 * x2;
                t03 += a0 * x3;
                t10 += a1 * x0;
                t11 += a1 * x1;
                t12 += a1 * x2;
                t13 += a1 * x3;
            }
            int o = outAt + s;
            out[o] = t00;
            out[o + 1] = t01;
            out[o + 2] = t02;
            out[o + 3] = t03;
            o += lanes;
            out[o] = t10;
            out[o + 1] = t11;
            out[o + 2] = t12;
            out[o + 3] = t13;
        }
        for (; s < lanes; s++) {
            double t0 = 0;
            double t1 = 0;
            for (int k = aAt, xk = xAt + s; k < aAt + columns; k++, xk += lanes) {
                t0 += a[k] * x[xk];
                t1 += a[k + columns] * x[xk];
            }
            out[outAt + s] = t0;
            out[outAt + lanes + s] = t1;
        }
    }

    @Override
    public void addTransposedMatrixTo(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int r = 0; r < rows; r += ROW_BLOCK) {
            int blockRows = Math.min(ROW_BLOCK, rows - r);
            int ar = aAt + r * columns;
            int yr = yAt + r * lanes;
            int k = 0;
            for (; k + 1 < columns; k += 2) {
                addTwoColumnsTo(blockRows, columns, lanes, a, ar + k, y, yr, sum, sumAt + k * lanes);
            }
            if (k < columns) {
                for (int s = 0; s < lanes; s++) {
                    double t = 0;
                    for (int i = 0, ai = ar + k, yi = yr + s; i < blockRows; i++, ai += columns, yi += lanes) {
                        t += a[ai] * y[yi];
                    }
                    sum[sumAt + k * lanes + s] += t;
                }
            }
        }
    }

    private static void addTwoColumnsTo(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] sum, int sumAt) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            double t00 = 0;
            double t01 = 0;
            double t02 = 0;
            double t03 = 0;
            double t10 = 0;
            double t11 = 0;
            double t12 = 0;
            double t13 = 0;
            for (int i = 0, ai = aAt, yi = yAt + s; i < rows; i++, ai += columns, yi += lanes) {
                double a0 = a[ai];
                double a1 = a[ai + 1];
                double y0 = y[yi];
                double y1 = y[yi + 1];
                double y2 = y[yi + 2];
                double y3 = y[yi + 3];
                t00 += a0 * y0;
                t01 += a0 * y1;
                t02 += a0 * y2;
                t03 += a0 * y3;
                t10 += a1 * y0;
                t11 += a1 * y1;
                t12 += a1 * y2;
                t13 += a1 * y3;
            }
            int o = sumAt + s;
            sum[o] += t00;
            sum[o + 1] += t01;
            sum[o + 2] += t02;
            sum[o + 3] += t03;
            o += lanes;
            sum[o] += t10;
            sum[o + 1] += t11;
            sum[o + 2] += t12;
            sum[o + 3] += t13;
        }
        for (; s < lanes; s++) {
            double t0 = 0;
            double t1 = 0;
            for (int i = 0, ai = aAt, yi = yAt + s; i < rows; i++, ai += columns, yi += lanes) {
                t0 += a[ai] * y[yi];
                t1 += a[ai + 1] * y[yi];
            }
            sum[sumAt + s] += t0;
            sum[sumAt + lanes + s] += t1;
        }
    }

    @Override
    public void addMatrixProductTo(
            int rows,
            int inner,
            int columns,
            int lanes,
            double[] a,
            int aAt,
            int aRowStride,
            int aColumnStride,
            double[] b,
            int bAt,
            int bRowStride,
            int bColumnStride,
            double[] sum,
            int sumAt,
            int sumRowStride,
            int sumColumnStride) {
        int aStep = aColumnStride * lanes;
        int bStep = bRowStride * lanes;
        for (int i = 0; i < rows; i++) {
            int ai = aAt + i * aRowStride * lanes;
            for (int j = 0; j < columns; j++) {
                int bj = bAt + j * bColumnStride * lanes;
                int sij = sumAt + (i * sumRowStride + j * sumColumnStride) * lanes;
                addDots(inner, lanes, a, ai, aStep, b, bj, bStep, sum, sij);
            }
        }
    }

    private static void addDots(
            int inner,
            int lanes,
            double[] a,
            int aAt,
            int aStep,
            double[] b,
            int bAt,
            int bStep,
            double[] sum,
            int at) {
        int s = 0;
        for (; s + 3 < lanes; s += 4) {
            double t0 = 0;
            double t1 = 0;
            double t2 = 0;
            double t3 = 0;
            for (int k = 0, ak = aAt + s, bk = bAt + s; k < inner; k++, ak += aStep, bk += bStep) {
                t0 += a[ak] * b[bk];
                t1 += a[ak + 1] * b[bk + 1];
                t2 += a[ak + 2] * b[bk + 2];
                t3 += a[ak + 3] * b[bk + 3];
            }
            sum[at + s] += t0;
            sum[at + s + 1] += t1;
            sum[at + s + 2] += t2;
            sum[at + s + 3] += t3;
        }
        for (; s < lanes; s++) {
            double t = 0;
            for (int k = 0, ak = aAt + s, bk = bAt + s; k < inner; k++, ak += aStep, bk += bStep) {
                t += a[ak] * b[bk];
            }
            sum[at + s] += t;
        }
    }

    @Override
    public void gather(
            int elements, int lanes, double[] x, int xAt, int[] index, int indexAt, double[] out, int outAt) {
        for (int e = 0, at = outAt; e < elements; e++, at += lanes) {
            int xe = xAt + index[indexAt + e] * lanes;
            for (int s = 0; s < lanes; s++) {
                out[at + s] = x[xe + s];
            }
        }
    }

    @Override
    public void addScatteredTo(
            int elements, int lanes, double[] y, int yAt, int[] index, int indexAt, double[] sum, int sumAt) {
        for (int e = 0, at = yAt; e < elements; e++, at += lanes) {
            int se = sumAt + index[indexAt + e] * lanes;
            for (int s = 0; s < lanes; s++) {
                sum[se + s] += y[at + s];
            }
        }
    }
}

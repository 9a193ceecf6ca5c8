package org.variational.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels in the Vector API.
 *
 * <p>They use only lane operations that are exact or correctly rounded, so that interpreted and compiled code agree to
 * the bit, and treat lanes apart, so that the width of a vector does not matter. No loop keeps more than eight vectors
 * alive: the compiler of JDK 17 spills more than that. No vector is passed to a method or returned from one, not even
 * from a helper that only loads it: where the compiler does not inline the call, every vector that crosses it is an
 * object on the heap.
 *
 * <p>Reductions keep one accumulator for each residue of the element index modulo four; the matrix kernels sum every
 * entry in the order of its definition, so that blocks of any shape give the same bits.
 */
final class VectorKernels implements Kernels {

    private static final VectorSpecies<Double> SPECIES = VectorFunctions.SPECIES;
    private static final int WIDTH = SPECIES.length();

    /** Rows of a matrix that are summed before they are added to the total: they fit into the first-level cache. */
    private static final int ROW_BLOCK = 32;

    VectorKernels() {}

    @Override
    public String name() {
        return "vector-" + SPECIES.vectorBitSize();
    }

    @Override
    public int laneMultiple() {
        return WIDTH;
    }

    @Override
    public void exp(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.exp(length, x, xAt, out, outAt);
    }

    @Override
    public void log(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.log(length, x, xAt, out, outAt);
    }

    @Override
    public void log1p(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.log1p(length, x, xAt, out, outAt);
    }

    @Override
    public void expm1(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.expm1(length, x, xAt, out, outAt);
    }

    @Override
    public void tanh(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.tanh(length, x, xAt, out, outAt);
    }

    @Override
    public void logistic(int length, double[] x, int xAt, double[] out, int outAt) {
        VectorFunctions.logistic(length, x, xAt, out, outAt);
    }

    @Override
    public void softplus(int length, double[] x, int xAt, double[] out, int outAt, double[] slope, int slopeAt) {
        VectorFunctions.softplus(length, x, xAt, out, outAt, slope, slopeAt);
    }

    @Override
    public void sqrt(int length, double[] x, int xAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i).sqrt().intoArray(out, outAt + i);
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
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .add(DoubleVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, outAt + i);
        }
    }

    @Override
    public void subtract(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .sub(DoubleVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, outAt + i);
        }
    }

    @Override
    public void multiply(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .mul(DoubleVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, outAt + i);
        }
    }

    @Override
    public void divide(int length, double[] x, int xAt, double[] y, int yAt, double[] out, int outAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .div(DoubleVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, outAt + i);
        }
    }

    @Override
    public void affine(int length, double scale, double shift, double[] x, int xAt, double[] out, int outAt) {
        DoubleVector a = DoubleVector.broadcast(SPECIES, scale);
        DoubleVector b = DoubleVector.broadcast(SPECIES, shift);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i).fma(a, b).intoArray(out, outAt + i);
        }
    }

    @Override
    public void addTo(int length, double[] x, int xAt, double[] sum, int sumAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, sum, sumAt + i)
                    .add(DoubleVector.fromArray(SPECIES, x, xAt + i))
                    .intoArray(sum, sumAt + i);
        }
    }

    @Override
    public void addScaledTo(int length, double scale, double[] x, int xAt, double[] sum, int sumAt) {
        DoubleVector a = DoubleVector.broadcast(SPECIES, scale);
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .fma(a, DoubleVector.fromArray(SPECIES, sum, sumAt + i))
                    .intoArray(sum, sumAt + i);
        }
    }

    @Override
    public void addProductTo(int length, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int i = 0; i < length; i += WIDTH) {
            DoubleVector.fromArray(SPECIES, x, xAt + i)
                    .fma(DoubleVector.fromArray(SPECIES, y, yAt + i), DoubleVector.fromArray(SPECIES, sum, sumAt + i))
                    .intoArray(sum, sumAt + i);
        }
    }

    @Override
    public void addRow(int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at).add(shared).intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void multiplyRow(
            int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at).mul(shared).intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void addRowTo(int elements, int lanes, double[] row, int rowAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, sum, sumAt + at).add(shared).intoArray(sum, sumAt + at);
            }
        }
    }

    @Override
    public void addRowProductTo(
            int elements, int lanes, double[] x, int xAt, double[] row, int rowAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .fma(shared, DoubleVector.fromArray(SPECIES, sum, sumAt + at))
                        .intoArray(sum, sumAt + at);
            }
        }
    }

    @Override
    public void addColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .add(DoubleVector.broadcast(SPECIES, column[columnAt + e]))
                        .intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void multiplyColumn(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .mul(DoubleVector.broadcast(SPECIES, column[columnAt + e]))
                        .intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void addColumnProductTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .fma(
                                DoubleVector.broadcast(SPECIES, column[columnAt + e]),
                                DoubleVector.fromArray(SPECIES, sum, sumAt + at))
                        .intoArray(sum, sumAt + at);
            }
        }
    }

    @Override
    public void outer(
            int elements, int lanes, double[] column, int columnAt, double[] row, int rowAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                shared.mul(DoubleVector.broadcast(SPECIES, column[columnAt + e]))
                        .intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void expandColumn(int elements, int lanes, double[] column, int columnAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.broadcast(SPECIES, column[columnAt + e]).intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void expandRow(int elements, int lanes, double[] row, int rowAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector shared = DoubleVector.fromArray(SPECIES, row, rowAt + s);
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                shared.intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void addSumTo(int elements, int lanes, double[] x, int xAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector t0 = DoubleVector.zero(SPECIES);
            DoubleVector t1 = t0;
            DoubleVector t2 = t0;
            DoubleVector t3 = t0;
            int e = 0;
            for (; e + 3 < elements; e += 4) {
                int at = e * lanes + s;
                t0 = t0.add(DoubleVector.fromArray(SPECIES, x, xAt + at));
                t1 = t1.add(DoubleVector.fromArray(SPECIES, x, xAt + at + lanes));
                t2 = t2.add(DoubleVector.fromArray(SPECIES, x, xAt + at + 2 * lanes));
                t3 = t3.add(DoubleVector.fromArray(SPECIES, x, xAt + at + 3 * lanes));
            }
            for (; e < elements; e++) {
                int at = e * lanes + s;
                t0 = t0.add(DoubleVector.fromArray(SPECIES, x, xAt + at));
            }
            DoubleVector.fromArray(SPECIES, sum, sumAt + s)
                    .add(t0.add(t1).add(t2.add(t3)))
                    .intoArray(sum, sumAt + s);
        }
    }

    @Override
    public void addDotTo(int elements, int lanes, double[] x, int xAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector t0 = DoubleVector.zero(SPECIES);
            DoubleVector t1 = t0;
            DoubleVector t2 = t0;
            DoubleVector t3 = t0;
            int e = 0;
            for (; e + 3 < elements; e += 4) {
                int at = e * lanes + s;
                t0 = DoubleVector.fromArray(SPECIES, x, xAt + at).fma(DoubleVector.fromArray(SPECIES, y, yAt + at), t0);
                t1 = DoubleVector.fromArray(SPECIES, x, xAt + at + lanes)
                        .fma(DoubleVector.fromArray(SPECIES, y, yAt + at + lanes), t1);
                t2 = DoubleVector.fromArray(SPECIES, x, xAt + at + 2 * lanes)
                        .fma(DoubleVector.fromArray(SPECIES, y, yAt + at + 2 * lanes), t2);
                t3 = DoubleVector.fromArray(SPECIES, x, xAt + at + 3 * lanes)
                        .fma(DoubleVector.fromArray(SPECIES, y, yAt + at + 3 * lanes), t3);
            }
            for (; e < elements; e++) {
                int at = e * lanes + s;
                t0 = DoubleVector.fromArray(SPECIES, x, xAt + at).fma(DoubleVector.fromArray(SPECIES, y, yAt + at), t0);
            }
            DoubleVector.fromArray(SPECIES, sum, sumAt + s)
                    .add(t0.add(t1).add(t2.add(t3)))
                    .intoArray(sum, sumAt + s);
        }
    }

    @Override
    public void addColumnDotTo(
            int elements, int lanes, double[] x, int xAt, double[] column, int columnAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            DoubleVector t0 = DoubleVector.zero(SPECIES);
            DoubleVector t1 = t0;
            DoubleVector t2 = t0;
            DoubleVector t3 = t0;
            int e = 0;
            for (; e + 3 < elements; e += 4) {
                int at = e * lanes + s;
                t0 = DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .fma(DoubleVector.broadcast(SPECIES, column[columnAt + e]), t0);
                t1 = DoubleVector.fromArray(SPECIES, x, xAt + at + lanes)
                        .fma(DoubleVector.broadcast(SPECIES, column[columnAt + e + 1]), t1);
                t2 = DoubleVector.fromArray(SPECIES, x, xAt + at + 2 * lanes)
                        .fma(DoubleVector.broadcast(SPECIES, column[columnAt + e + 2]), t2);
                t3 = DoubleVector.fromArray(SPECIES, x, xAt + at + 3 * lanes)
                        .fma(DoubleVector.broadcast(SPECIES, column[columnAt + e + 3]), t3);
            }
            for (; e < elements; e++) {
                int at = e * lanes + s;
                t0 = DoubleVector.fromArray(SPECIES, x, xAt + at)
                        .fma(DoubleVector.broadcast(SPECIES, column[columnAt + e]), t0);
            }
            DoubleVector.fromArray(SPECIES, sum, sumAt + s)
                    .add(t0.add(t1).add(t2.add(t3)))
                    .intoArray(sum, sumAt + s);
        }
    }

    @Override
    public void multiplyMatrix(
            int rows, int columns, int lanes, double[] a, int aAt, double[] x, int xAt, double[] out, int outAt) {
        int r = 0;
        for (; r + 3 < rows; r += 4) {
            for (int s = 0; s < lanes; s += WIDTH) {
                multiplyFourRows(columns, lanes, a, aAt + r * columns, x, xAt + s, out, outAt + r * lanes + s);
            }
        }
        for (; r < rows; r++) {
            for (int s = 0; s < lanes; s += WIDTH) {
                DoubleVector t = DoubleVector.zero(SPECIES);
                for (int k = 0; k < columns; k++) {
                    t = DoubleVector.broadcast(SPECIES, a[aAt + r * columns + k])
                            .fma(DoubleVector.fromArray(SPECIES, x, xAt + k * lanes + s), t);
                }
                t.intoArray(out, outAt + r * lanes + s);
            }
        }
    }

    private static void multiplyFourRows(
            int columns, int lanes, double[] a, int a0, double[] x, int xAt, double[] out, int outAt) {
        int a1 = a0 + columns;
        int a2 = a1 + columns;
        int a3 = a2 + columns;
        DoubleVector t0 = DoubleVector.zero(SPECIES);
        DoubleVector t1 = t0;
        DoubleVector t2 = t0;
        DoubleVector t3 = t0;
        for (int k = 0; k < columns; k++) {
            DoubleVector xk = DoubleVector.fromArray(SPECIES, x, xAt + k * lanes);
            t0 = DoubleVector.broadcast(SPECIES, a[a0 + k]).fma(xk, t0);
            t1 = DoubleVector.broadcast(SPECIES, a[a1 + k]).fma(xk, t1);
            t2 = DoubleVector.broadcast(SPECIES, a[a2 + k]).fma(xk, t2);
            t3 = DoubleVector.broadcast(SPECIES, a[a3 + k]).fma(xk, t3);
        }
        t0.intoArray(out, outAt);
        t1.intoArray(out, outAt + lanes);
        t2.intoArray(out, outAt + 2 * lanes);
        t3.intoArray(out, outAt + 3 * lanes);
    }

    @Override
    public void addTransposedMatrixTo(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] sum, int sumAt) {
        for (int r = 0; r < rows; r += ROW_BLOCK) {
            int blockRows = Math.min(ROW_BLOCK, rows - r);
            int ar = aAt + r * columns;
            int yr = yAt + r * lanes;
            int k = 0;
            for (; k + 3 < columns; k += 4) {
                for (int s = 0; s < lanes; s += WIDTH) {
                    addFourColumnsTo(blockRows, columns, lanes, a, ar + k, y, yr + s, sum, sumAt + k * lanes + s);
                }
            }
            for (; k < columns; k++) {
                for (int s = 0; s < lanes; s += WIDTH) {
                    DoubleVector t = DoubleVector.zero(SPECIES);
                    for (int i = 0; i < blockRows; i++) {
                        t = DoubleVector.broadcast(SPECIES, a[ar + i * columns + k])
                                .fma(DoubleVector.fromArray(SPECIES, y, yr + i * lanes + s), t);
                    }
                    DoubleVector.fromArray(SPECIES, sum, sumAt + k * lanes + s)
                            .add(t)
                            .intoArray(sum, sumAt + k * lanes + s);
                }
            }
        }
    }

    private static void addFourColumnsTo(
            int rows, int columns, int lanes, double[] a, int aAt, double[] y, int yAt, double[] sum, int sumAt) {
        DoubleVector t0 = DoubleVector.zero(SPECIES);
        DoubleVector t1 = t0;
        DoubleVector t2 = t0;
        DoubleVector t3 = t0;
        for (int i = 0; i < rows; i++) {
            int ai = aAt + i * columns;
            DoubleVector yi = DoubleVector.fromArray(SPECIES, y, yAt + i * lanes);
            t0 = DoubleVector.broadcast(SPECIES, a[ai]).fma(yi, t0);
            t1 = DoubleVector.broadcast(SPECIES, a[ai + 1]).fma(yi, t1);
            t2 = DoubleVector.broadcast(SPECIES, a[ai + 2]).fma(yi, t2);
            t3 = DoubleVector.broadcast(SPECIES, a[ai + 3]).fma(yi, t3);
        }
        DoubleVector.fromArray(SPECIES, sum, sumAt).add(t0).intoArray(sum, sumAt);
        DoubleVector.fromArray(SPECIES, sum, sumAt + lanes).add(t1).intoArray(sum, sumAt + lanes);
        DoubleVector.fromArray(SPECIES, sum, sumAt + 2 * lanes).add(t2).intoArray(sum, sumAt + 2 * lanes);
        DoubleVector.fromArray(SPECIES, sum, sumAt + 3 * lanes).add(t3).intoArray(sum, sumAt + 3 * lanes);
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
        int aRow = aRowStride * lanes;
        int aStep = aColumnStride * lanes;
        int bColumn = bColumnStride * lanes;
        int bStep = bRowStride * lanes;
        int sumRow = sumRowStride * lanes;
        int sumColumn = sumColumnStride * lanes;
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int i = 0; i < rows; i += 2) {
                int ai = aAt + i * aRow + s;
                int si = sumAt + i * sumRow + s;
                boolean twoRows = i + 1 < rows;
                for (int j = 0; j < columns; j += 2) {
                    int bj = bAt + j * bColumn + s;
                    int sij = si + j * sumColumn;
                    boolean twoColumns = j + 1 < columns;
                    if (twoRows && twoColumns) {
                        addFourDotsTo(inner, a, ai, aRow, aStep, b, bj, bColumn, bStep, sum, sij, sumRow, sumColumn);
                    } else {
                        addLaneDotTo(inner, a, ai, aStep, b, bj, bStep, sum, sij);
                        if (twoRows) {
                            addLaneDotTo(inner, a, ai + aRow, aStep, b, bj, bStep, sum, sij + sumRow);
                        } else if (twoColumns) {
                            addLaneDotTo(inner, a, ai, aStep, b, bj + bColumn, bStep, sum, sij + sumColumn);
                        }
                    }
                }
            }
        }
    }

    private static void addFourDotsTo(
            int inner,
            double[] a,
            int aAt,
            int aRow,
            int aStep,
            double[] b,
            int bAt,
            int bColumn,
            int bStep,
            double[] sum,
            int sumAt,
            int sumRow,
            int sumColumn) {
        DoubleVector t00 = DoubleVector.zero(SPECIES);
        DoubleVector t01 = t00;
        DoubleVector t10 = t00;
        DoubleVector t11 = t00;
        for (int k = 0; k < inner; k++) {
            int ak = aAt + k * aStep;
            int bk = bAt + k * bStep;
            DoubleVector a0 = DoubleVector.fromArray(SPECIES, a, ak);
            DoubleVector a1 = DoubleVector.fromArray(SPECIES, a, ak + aRow);
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bk);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bk + bColumn);
            t00 = a0.fma(b0, t00);
            t01 = a0.fma(b1, t01);
            t10 = a1.fma(b0, t10);
            t11 = a1.fma(b1, t11);
        }
        DoubleVector.fromArray(SPECIES, sum, sumAt).add(t00).intoArray(sum, sumAt);
        DoubleVector.fromArray(SPECIES, sum, sumAt + sumColumn).add(t01).intoArray(sum, sumAt + sumColumn);
        DoubleVector.fromArray(SPECIES, sum, sumAt + sumRow).add(t10).intoArray(sum, sumAt + sumRow);
        DoubleVector.fromArray(SPECIES, sum, sumAt + sumRow + sumColumn)
                .add(t11)
                .intoArray(sum, sumAt + sumRow + sumColumn);
    }

    private static void addLaneDotTo(
            int inner, double[] a, int aAt, int aStep, double[] b, int bAt, int bStep, double[] sum, int sumAt) {
        DoubleVector t = DoubleVector.zero(SPECIES);
        for (int k = 0; k < inner; k++) {
            t = DoubleVector.fromArray(SPECIES, a, aAt + k * aStep)
                    .fma(DoubleVector.fromArray(SPECIES, b, bAt + k * bStep), t);
        }
        DoubleVector.fromArray(SPECIES, sum, sumAt).add(t).intoArray(sum, sumAt);
    }

    @Override
    public void gather(
            int elements, int lanes, double[] x, int xAt, int[] index, int indexAt, double[] out, int outAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, x, xAt + index[indexAt + e] * lanes + s)
                        .intoArray(out, outAt + at);
            }
        }
    }

    @Override
    public void addScatteredTo(
            int elements, int lanes, double[] y, int yAt, int[] index, int indexAt, double[] sum, int sumAt) {
        for (int s = 0; s < lanes; s += WIDTH) {
            for (int e = 0; e < elements; e++) {
                int at = e * lanes + s;
                DoubleVector.fromArray(SPECIES, sum, sumAt + index[indexAt + e] * lanes + s)
                        .add(DoubleVector.fromArray(SPECIES, y, yAt + at))
                        .intoArray(sum, sumAt + index[indexAt + e] * lanes + s);
            }
        }
    }
}

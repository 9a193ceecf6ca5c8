package org.variational.expression;

import java.util.Arrays;
import org.variational.kernel.Kernels;

/** Matrix products, Cholesky factors and triangular solves, lane by lane, with their reverse rules. */
final class LinearAlgebra {

    private LinearAlgebra() {}

    /**
     * {@code A B} with A {@code rows} x {@code inner}, or one row of length {@code inner} per data row, and B {@code inner} x
     * {@code columns}. A may be data; B varies.
     */
    record MatrixProduct(int inner, int columns) implements Op {
        @Override
        public String name() {
            return "matmul";
        }

        private int rows(Frame f, Instruction p) {
            return p.elements(f) / columns;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] a = f.value[p.in[0]];
            int aAt = f.valueAt[p.in[0]];
            double[] b = f.value[p.in[1]];
            int bAt = f.valueAt[p.in[1]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int rows = rows(f, p);
            if (p.varying[0]) {
                Arrays.fill(out, outAt, outAt + rows * columns * f.lanes, 0);
                f.kernels.addMatrixProductTo(
                        rows, inner, columns, f.lanes, a, aAt, inner, 1, b, bAt, columns, 1, out, outAt, columns, 1);
            } else {
                f.kernels.multiplyMatrix(rows, inner, columns * f.lanes, a, aAt, b, bAt, out, outAt);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            int rows = rows(f, p);
            if (!p.varying[0]) {
                f.kernels.addTransposedMatrixTo(
                        rows,
                        inner,
                        columns * f.lanes,
                        f.value[p.in[0]],
                        f.valueAt[p.in[0]],
                        adjoint,
                        at,
                        f.adjoint[p.in[1]],
                        f.adjointAt[p.in[1]]);
                return;
            }
            f.kernels.addMatrixProductTo(
                    rows,
                    columns,
                    inner,
                    f.lanes,
                    adjoint,
                    at,
                    columns,
                    1,
                    f.value[p.in[1]],
                    f.valueAt[p.in[1]],
                    1,
                    columns,
                    f.adjoint[p.in[0]],
                    f.adjointAt[p.in[0]],
                    inner,
                    1);
            f.kernels.addMatrixProductTo(
                    inner,
                    rows,
                    columns,
                    f.lanes,
                    f.value[p.in[0]],
                    f.valueAt[p.in[0]],
                    1,
                    inner,
                    adjoint,
                    at,
                    columns,
                    1,
                    f.adjoint[p.in[1]],
                    f.adjointAt[p.in[1]],
                    columns,
                    1);
        }
    }

    /**
     * The lower Cholesky factor of a symmetric n x n matrix, of which only the lower triangle is read; zeros above the
     * diagonal. A lane whose matrix is not positive definite becomes NaN. Reverse rule: Smith (1995, "Differentiation of
     * the Cholesky algorithm"), one column at a time.
     */
    record Cholesky(int n) implements Op {
        @Override
        public String name() {
            return "cholesky";
        }

        @Override
        public int scratch(Instruction p) {
            return n;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] a = f.value[p.in[0]];
            int aAt = f.valueAt[p.in[0]];
            double[] factor = f.value[p.out];
            int at = f.valueAt[p.out];
            double[] row = f.value[p.scratch];
            int rowAt = f.valueAt[p.scratch];
            int lanes = f.lanes;
            for (int i = 0; i < n; i++) {
                int from = i * n * lanes;
                int below = (i + 1) * lanes;
                System.arraycopy(a, aAt + from, factor, at + from, below);
                Arrays.fill(factor, at + from + below, at + from + n * lanes, 0);
            }
            for (int j = 0; j < n; j++) {
                int diagonal = at + (j * n + j) * lanes;
                f.kernels.affine(j * lanes, -1, 0, factor, at + j * n * lanes, row, rowAt);
                f.kernels.addMatrixProductTo(
                        n - j, j, 1, lanes, factor, at + j * n * lanes, n, 1, row, rowAt, 1, 1, factor, diagonal, n, 1);
                for (int s = 0; s < lanes; s++) {
                    double square = factor[diagonal + s];
                    double root = square > 0 ? Math.sqrt(square) : Double.NaN;
                    factor[diagonal + s] = root;
                    row[rowAt + s] = 1 / root;
                }
                for (int i = j + 1; i < n; i++) {
                    int entry = at + (i * n + j) * lanes;
                    for (int s = 0; s < lanes; s++) {
                        factor[entry + s] *= row[rowAt + s];
                    }
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] factor = f.value[p.out];
            int at = f.valueAt[p.out];
            double[] adjoint = f.adjoint[p.out];
            int adjointAt = f.adjointAt[p.out];
            double[] column = f.value[p.scratch];
            int columnAt = f.valueAt[p.scratch];
            double[] sum = f.adjoint[p.in[0]];
            int sumAt = f.adjointAt[p.in[0]];
            Kernels k = f.kernels;
            int lanes = f.lanes;
            for (int j = n - 1; j >= 0; j--) {
                int diagonal = (j * n + j) * lanes;
                for (int i = j + 1; i < n; i++) {
                    int entry = (i * n + j) * lanes;
                    int to = columnAt + (i - j - 1) * lanes;
                    for (int s = 0; s < lanes; s++) {
                        double bar = adjoint[adjointAt + entry + s] / factor[at + diagonal + s];
                        adjoint[adjointAt + diagonal + s] -= factor[at + entry + s] * bar;
                        sum[sumAt + entry + s] += bar;
                        column[to + s] = -bar;
                    }
                }
                int row = j * n * lanes;
                int below = (j + 1) * n * lanes;
                k.addMatrixProductTo(
                        n - j - 1,
                        1,
                        j,
                        lanes,
                        column,
                        columnAt,
                        1,
                        1,
                        factor,
                        at + row,
                        1,
                        1,
                        adjoint,
                        adjointAt + below,
                        n,
                        1);
                k.addMatrixProductTo(
                        1,
                        n - j - 1,
                        j,
                        lanes,
                        column,
                        columnAt,
                        1,
                        1,
                        factor,
                        at + below,
                        n,
                        1,
                        adjoint,
                        adjointAt + row,
                        1,
                        1);
                for (int s = 0; s < lanes; s++) {
                    double bar = 0.5 * adjoint[adjointAt + diagonal + s] / factor[at + diagonal + s];
                    sum[sumAt + diagonal + s] += bar;
                    column[columnAt + s] = -2 * bar;
                }
                k.addRowProductTo(j, lanes, factor, at + row, column, columnAt, adjoint, adjointAt + row);
            }
        }
    }

    /** {@code L^-1 B}, or {@code L^-T B} if transposed, with L lower triangular n x n and B n x columns, both varying. */
    record TriangularSolve(int n, int columns, boolean transposed) implements Op {
        @Override
        public String name() {
            return transposed ? "solveLowerTransposed" : "solveLower";
        }

        /** Room for a negated row or column of L and for the adjoint of B. */
        @Override
        public int scratch(Instruction p) {
            return n + n * columns;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.out];
            int xAt = f.valueAt[p.out];
            System.arraycopy(f.value[p.in[1]], f.valueAt[p.in[1]], x, xAt, n * columns * f.lanes);
            solve(f, p, x, xAt, transposed);
        }

        /** Solves in place. */
        private void solve(Frame f, Instruction p, double[] x, int xAt, boolean upper) {
            double[] factor = f.value[p.in[0]];
            int at = f.valueAt[p.in[0]];
            double[] coefficients = f.value[p.scratch];
            int coefficientsAt = f.valueAt[p.scratch];
            int lanes = f.lanes;
            int width = columns * lanes;
            for (int step = 0; step < n; step++) {
                int i = upper ? n - 1 - step : step;
                int known = upper ? i + 1 : 0;
                for (int j = 0; j < step; j++) {
                    int entry = at + (upper ? (known + j) * n + i : i * n + j) * lanes;
                    for (int s = 0; s < lanes; s++) {
                        coefficients[coefficientsAt + j * lanes + s] = -factor[entry + s];
                    }
                }
                int row = xAt + i * width;
                f.kernels.addMatrixProductTo(
                        1,
                        step,
                        columns,
                        lanes,
                        coefficients,
                        coefficientsAt,
                        n,
                        1,
                        x,
                        xAt + known * width,
                        columns,
                        1,
                        x,
                        row,
                        columns,
                        1);
                int diagonal = at + (i * n + i) * lanes;
                for (int c = 0; c < columns; c++) {
                    for (int s = 0; s < lanes; s++) {
                        x[row + c * lanes + s] /= factor[diagonal + s];
                    }
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            int lanes = f.lanes;
            double[] bar = f.value[p.scratch];
            int barAt = f.valueAt[p.scratch] + n * lanes;
            System.arraycopy(f.adjoint[p.out], f.adjointAt[p.out], bar, barAt, n * columns * lanes);
            solve(f, p, bar, barAt, !transposed);
            if (p.varying[1]) {
                f.kernels.addTo(n * columns * lanes, bar, barAt, f.adjoint[p.in[1]], f.adjointAt[p.in[1]]);
            }
            if (!p.varying[0]) {
                return;
            }
            double[] x = f.value[p.out];
            int xAt = f.valueAt[p.out];
            double[] sum = f.adjoint[p.in[0]];
            int sumAt = f.adjointAt[p.in[0]];
            int width = columns * lanes;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    int left = (transposed ? j : i) * width;
                    int right = (transposed ? i : j) * width;
                    int entry = sumAt + (i * n + j) * lanes;
                    for (int c = 0; c < columns; c++) {
                        for (int s = 0; s < lanes; s++) {
                            sum[entry + s] -= bar[barAt + left + c * lanes + s] * x[xAt + right + c * lanes + s];
                        }
                    }
                }
            }
        }
    }
}

package org.variational.expression;

import java.util.Arrays;
import org.variational.kernel.Kernels;

/** Matrix products, Cholesky factors and triangular solves, lane by lane, with their reverse rules. */
final class LinearAlgebra {

    private LinearAlgebra() {}

    /**
     * {@code A B} with A {@code rows} x {@code inner}, or one row of length {@code inner} per data row, and B {@code
     * inner} x {@code columns}. A may be data; B varies.
     */
    record MatrixProduct(int inner, int columns) implements Op {
        @Override
        public String name() {
            return "matmul";
        }

        @Override
        public long operations() {
            return inner;
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
     * diagonal. A lane whose matrix is not positive definite becomes NaN.
     *
     * <p>Left-looking by panels of a few columns: a matrix product brings a panel up to date with the columns before
     * it, and the panel is factored column by column. The reverse rule runs the same steps backwards (Murray 2016,
     * "Differentiation of the Cholesky decomposition", arXiv:1602.07527).
     */
    record Cholesky(int n) implements Op {

        /**
         * Columns of a panel: enough for products to run at speed, few enough for the work inside a panel not to
         * matter.
         */
        private static final int PANEL = 8;

        @Override
        public String name() {
            return "cholesky";
        }

        @Override
        public long operations() {
            return n;
        }

        @Override
        public int scratch(Instruction p) {
            return n * PANEL;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] a = f.value[p.in[0]];
            int aAt = f.valueAt[p.in[0]];
            double[] factor = f.value[p.out];
            int at = f.valueAt[p.out];
            double[] scratch = f.value[p.scratch];
            int scratchAt = f.valueAt[p.scratch];
            int lanes = f.lanes;
            for (int i = 0; i < n; i++) {
                int from = i * n * lanes;
                int below = (i + 1) * lanes;
                System.arraycopy(a, aAt + from, factor, at + from, below);
                Arrays.fill(factor, at + from + below, at + from + n * lanes, 0);
            }
            for (int first = 0; first < n; first += PANEL) {
                int width = Math.min(PANEL, n - first);
                for (int j = 0; j < width; j++) {
                    f.kernels.affine(
                            first * lanes,
                            -1,
                            0,
                            factor,
                            at + (first + j) * n * lanes,
                            scratch,
                            scratchAt + j * first * lanes);
                }
                f.kernels.addMatrixProductTo(
                        n - first,
                        first,
                        width,
                        lanes,
                        factor,
                        at + first * n * lanes,
                        n,
                        1,
                        scratch,
                        scratchAt,
                        1,
                        first,
                        factor,
                        at + (first * n + first) * lanes,
                        n,
                        1);
                factorPanel(factor, at, first, width, lanes);
            }
        }

        /** Factors columns {@code first} to {@code first + width - 1}, already free of the columns before them. */
        private void factorPanel(double[] factor, int at, int first, int width, int lanes) {
            for (int j = first; j < first + width; j++) {
                int row = at + j * n * lanes;
                int diagonal = row + j * lanes;
                for (int k = first; k < j; k++) {
                    for (int s = 0; s < lanes; s++) {
                        double x = factor[row + k * lanes + s];
                        factor[diagonal + s] -= x * x;
                    }
                }
                for (int s = 0; s < lanes; s++) {
                    double square = factor[diagonal + s];
                    factor[diagonal + s] = square > 0 ? Math.sqrt(square) : Double.NaN;
                }
                for (int j2 = j + 1; j2 < first + width; j2++) {
                    Arrays.fill(factor, row + j2 * lanes, row + (j2 + 1) * lanes, 0);
                }
                for (int i = j + 1; i < n; i++) {
                    int other = at + i * n * lanes;
                    int entry = other + j * lanes;
                    for (int k = first; k < j; k++) {
                        for (int s = 0; s < lanes; s++) {
                            factor[entry + s] -= factor[other + k * lanes + s] * factor[row + k * lanes + s];
                        }
                    }
                    for (int s = 0; s < lanes; s++) {
                        factor[entry + s] /= factor[diagonal + s];
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
            double[] scratch = f.value[p.scratch];
            int scratchAt = f.valueAt[p.scratch];
            double[] sum = f.adjoint[p.in[0]];
            int sumAt = f.adjointAt[p.in[0]];
            Kernels k = f.kernels;
            int lanes = f.lanes;
            for (int first = (n - 1) / PANEL * PANEL; first >= 0; first -= PANEL) {
                int width = Math.min(PANEL, n - first);
                int rows = n - first;
                reversePanel(factor, at, adjoint, adjointAt, first, width, lanes);
                for (int i = first; i < n; i++) {
                    int columns = Math.min(width, i - first + 1);
                    int entry = (i * n + first) * lanes;
                    int to = scratchAt + (i - first) * width * lanes;
                    k.addTo(columns * lanes, adjoint, adjointAt + entry, sum, sumAt + entry);
                    k.affine(columns * lanes, -1, 0, adjoint, adjointAt + entry, scratch, to);
                    Arrays.fill(scratch, to + columns * lanes, to + width * lanes, 0);
                }
                int panelRow = first * n * lanes;
                k.addMatrixProductTo(
                        rows,
                        width,
                        first,
                        lanes,
                        scratch,
                        scratchAt,
                        width,
                        1,
                        factor,
                        at + panelRow,
                        n,
                        1,
                        adjoint,
                        adjointAt + panelRow,
                        n,
                        1);
                k.addMatrixProductTo(
                        width,
                        rows,
                        first,
                        lanes,
                        scratch,
                        scratchAt,
                        1,
                        width,
                        factor,
                        at + panelRow,
                        n,
                        1,
                        adjoint,
                        adjointAt + panelRow,
                        n,
                        1);
            }
        }

        /** Turns the adjoints of the factored panel, in place, into those of the panel before {@link #factorPanel}. */
        private void reversePanel(
                double[] factor, int at, double[] adjoint, int adjointAt, int first, int width, int lanes) {
            for (int j = first + width - 1; j >= first; j--) {
                int row = j * n * lanes;
                int diagonal = row + j * lanes;
                for (int i = j + 1; i < n; i++) {
                    int other = i * n * lanes;
                    int entry = other + j * lanes;
                    for (int s = 0; s < lanes; s++) {
                        double bar = adjoint[adjointAt + entry + s] / factor[at + diagonal + s];
                        adjoint[adjointAt + entry + s] = bar;
                        adjoint[adjointAt + diagonal + s] -= factor[at + entry + s] * bar;
                    }
                    for (int k = first; k < j; k++) {
                        int mine = row + k * lanes;
                        int its = other + k * lanes;
                        for (int s = 0; s < lanes; s++) {
                            double bar = adjoint[adjointAt + entry + s];
                            adjoint[adjointAt + its + s] -= bar * factor[at + mine + s];
                            adjoint[adjointAt + mine + s] -= bar * factor[at + its + s];
                        }
                    }
                }
                for (int s = 0; s < lanes; s++) {
                    adjoint[adjointAt + diagonal + s] *= 0.5 / factor[at + diagonal + s];
                }
                for (int k = first; k < j; k++) {
                    int mine = row + k * lanes;
                    for (int s = 0; s < lanes; s++) {
                        adjoint[adjointAt + mine + s] -= 2 * adjoint[adjointAt + diagonal + s] * factor[at + mine + s];
                    }
                }
            }
        }
    }

    /**
     * {@code L^-1 B}, or {@code L^-T B} if transposed, with L lower triangular n x n and B n x columns, both varying.
     */
    record TriangularSolve(int n, int columns, boolean transposed) implements Op {
        @Override
        public String name() {
            return transposed ? "solveLowerTransposed" : "solveLower";
        }

        @Override
        public long operations() {
            return n;
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

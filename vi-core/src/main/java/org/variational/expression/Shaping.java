package org.variational.expression;

/** Operations that move elements: selection, gathering by row index, and joining. */
final class Shaping {

    private Shaping() {}

    /** Fixed elements of the operand, row by row where it is row-wise: slices, transposes, diagonals, repetitions. */
    static final class Select implements Op {

        private final int[] index;

        Select(int[] index) {
            this.index = index;
        }

        /** For each element of the result, the element of the operand; not to be changed. */
        int[] index() {
            return index;
        }

        @Override
        public String name() {
            return "select";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int rows = p.outRowWise ? f.rows : 1;
            int xStep = p.inSize[0] * f.lanes;
            int outStep = p.outSize * f.lanes;
            for (int row = 0; row < rows; row++) {
                f.kernels.gather(index.length, f.lanes, x, xAt + row * xStep, index, 0, out, outAt + row * outStep);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            double[] sum = f.adjoint[p.in[0]];
            int sumAt = f.adjointAt[p.in[0]];
            int rows = p.outRowWise ? f.rows : 1;
            int xStep = p.inSize[0] * f.lanes;
            int outStep = p.outSize * f.lanes;
            for (int row = 0; row < rows; row++) {
                f.kernels.addScatteredTo(
                        index.length, f.lanes, adjoint, at + row * outStep, index, 0, sum, sumAt + row * xStep);
            }
        }
    }

    /** Row {@code index[t]} of a global matrix for every data row t. */
    record GatherRows() implements Op {
        @Override
        public String name() {
            return "at";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            f.kernels.gather(
                    f.rows,
                    p.outSize * f.lanes,
                    f.value[p.in[0]],
                    f.valueAt[p.in[0]],
                    f.index[p.index],
                    f.indexAt[p.index],
                    f.value[p.out],
                    f.valueAt[p.out]);
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            f.kernels.addScatteredTo(
                    f.rows,
                    p.outSize * f.lanes,
                    f.adjoint[p.out],
                    f.adjointAt[p.out],
                    f.index[p.index],
                    f.indexAt[p.index],
                    f.adjoint[p.in[0]],
                    f.adjointAt[p.in[0]]);
        }
    }

    /** Element {@code index[t]} of the row-wise vector of every data row t. */
    record Pick() implements Op {
        @Override
        public String name() {
            return "pick";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int[] index = f.index[p.index];
            int lanes = f.lanes;
            for (int t = 0; t < f.rows; t++) {
                int element = t * p.inSize[0] + index[f.indexAt[p.index] + t];
                System.arraycopy(
                        x, f.valueAt[p.in[0]] + element * lanes, f.value[p.out], f.valueAt[p.out] + t * lanes, lanes);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            int[] index = f.index[p.index];
            int lanes = f.lanes;
            for (int t = 0; t < f.rows; t++) {
                int element = t * p.inSize[0] + index[f.indexAt[p.index] + t];
                f.kernels.addTo(
                        lanes,
                        f.adjoint[p.out],
                        f.adjointAt[p.out] + t * lanes,
                        f.adjoint[p.in[0]],
                        f.adjointAt[p.in[0]] + element * lanes);
            }
        }
    }

    /**
     * The element of a vector, global or of each data row, that a number names; NaN where it is not the number of an
     * element. Nothing flows back to the numbers.
     */
    record Lookup() implements Op {
        @Override
        public String name() {
            return "elementAt";
        }

        /** The start of the element that output element e needs in lane s, or -1. */
        private static int source(Frame f, Instruction p, int e, int s) {
            int positionLanes = p.varying[1] ? f.lanes : 1;
            int positionElement = p.inRowWise[1] || !p.outRowWise ? e : 0;
            double position =
                    f.value[p.in[1]][f.valueAt[p.in[1]] + positionElement * positionLanes + (p.varying[1] ? s : 0)];
            int element = (int) position;
            if (element != position || element < 0 || element >= p.inSize[0]) {
                return -1;
            }
            int base = p.inRowWise[0] ? e * p.inSize[0] : 0;
            return (base + element) * (p.varying[0] ? f.lanes : 1) + (p.varying[0] ? s : 0);
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int elements = p.elements(f);
            int step = p.varying[0] ? 1 : 0;
            for (int e = 0; e < elements; e++) {
                int source = source(f, p, e, 0);
                for (int s = 0; s < f.lanes; s++) {
                    if (p.varying[1]) {
                        source = source(f, p, e, s);
                    }
                    int at = xAt + source + (p.varying[1] ? 0 : s * step);
                    out[outAt + e * f.lanes + s] = source < 0 ? Double.NaN : x[at];
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            if (!p.varying[0]) {
                return;
            }
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            double[] sum = f.adjoint[p.in[0]];
            int sumAt = f.adjointAt[p.in[0]];
            int elements = p.elements(f);
            for (int e = 0; e < elements; e++) {
                for (int s = 0; s < f.lanes; s++) {
                    int source = source(f, p, e, s);
                    if (source >= 0) {
                        sum[sumAt + source] += adjoint[at + e * f.lanes + s];
                    }
                }
            }
        }
    }

    /** The elements of full operands one after the other, row by row where they are row-wise. */
    record Concatenate() implements Op {
        @Override
        public String name() {
            return "concatenate";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            int rows = p.outRowWise ? f.rows : 1;
            int lanes = f.lanes;
            for (int row = 0; row < rows; row++) {
                int at = f.valueAt[p.out] + row * p.outSize * lanes;
                for (int i = 0; i < p.in.length; i++) {
                    int length = p.inSize[i] * lanes;
                    System.arraycopy(f.value[p.in[i]], f.valueAt[p.in[i]] + row * length, f.value[p.out], at, length);
                    at += length;
                }
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            int rows = p.outRowWise ? f.rows : 1;
            int lanes = f.lanes;
            for (int row = 0; row < rows; row++) {
                int at = f.adjointAt[p.out] + row * p.outSize * lanes;
                for (int i = 0; i < p.in.length; i++) {
                    int length = p.inSize[i] * lanes;
                    if (p.varying[i]) {
                        f.kernels.addTo(
                                length, f.adjoint[p.out], at, f.adjoint[p.in[i]], f.adjointAt[p.in[i]] + row * length);
                    }
                    at += length;
                }
            }
        }
    }
}

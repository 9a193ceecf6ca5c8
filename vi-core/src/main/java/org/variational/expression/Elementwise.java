package org.variational.expression;

import java.util.Arrays;

/** Elementwise operations with fixed parameters, and those of two full operands that are not smooth everywhere. */
final class Elementwise {

    private Elementwise() {}

    /** {@code x^exponent} for a fixed exponent; its slope at 0 is that of the limit. */
    record Power(double exponent) implements Op {
        @Override
        public String name() {
            return "pow " + exponent;
        }

        @Override
        public int scratch(Instruction p) {
            return p.outSize;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] y = f.value[p.out];
            int yAt = f.valueAt[p.out];
            double[] slope = f.value[p.scratch];
            int slopeAt = f.valueAt[p.scratch];
            int n = p.length(f);
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                y[yAt + i] = Math.pow(a, exponent);
                slope[slopeAt + i] = exponent * Math.pow(a, exponent - 1);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            f.kernels.addProductTo(
                    p.length(f),
                    f.adjoint[p.out],
                    f.adjointAt[p.out],
                    f.value[p.scratch],
                    f.valueAt[p.scratch],
                    f.adjoint[p.in[0]],
                    f.adjointAt[p.in[0]]);
        }
    }

    /** The larger or the smaller of two full operands; at ties the first receives the adjoint. NaN if either is NaN. */
    record Extremum(boolean largest) implements Op {
        @Override
        public String name() {
            return largest ? "max" : "min";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] y = f.value[p.in[1]];
            int yAt = f.valueAt[p.in[1]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int n = p.length(f);
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                double b = y[yAt + i];
                out[outAt + i] = largest ? Math.max(a, b) : Math.min(a, b);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] y = f.value[p.in[1]];
            int yAt = f.valueAt[p.in[1]];
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            int n = p.length(f);
            for (int i = 0; i < n; i++) {
                double a = x[xAt + i];
                double b = y[yAt + i];
                int side = (largest ? a >= b : a <= b) ? 0 : 1;
                if (p.varying[side]) {
                    f.adjoint[p.in[side]][f.adjointAt[p.in[side]] + i] += adjoint[at + i];
                }
            }
        }
    }

    /** How the elements of a smaller operand repeat over those of a larger result. */
    enum Repeat {
        /** Same elements: only the lanes are new. */
        NONE,
        /** One element for all. */
        SCALAR,
        /** The element of the result's column. */
        COLUMN_OF,
        /** The element of the result's row. */
        ROW_OF
    }

    /** Repeats an operand over the elements of a result of the given columns, in every lane. */
    record Broadcast(Repeat repeat, int columns) implements Op {
        @Override
        public String name() {
            return "broadcast";
        }

        private int source(Instruction p, int element) {
            int row = element / p.outSize;
            int within = element % p.outSize;
            int base = p.inRowWise[0] ? row * p.inSize[0] : 0;
            return base + within(within);
        }

        /** The element of the operand, of one row, for an element of the result. */
        int within(int element) {
            return switch (repeat) {
                case NONE -> element;
                case SCALAR -> 0;
                case COLUMN_OF -> element % columns;
                case ROW_OF -> element / columns;
            };
        }

        @Override
        public void forward(Frame f, Instruction p) {
            double[] x = f.value[p.in[0]];
            int xAt = f.valueAt[p.in[0]];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            int lanes = f.lanes;
            int elements = p.elements(f);
            boolean laneWise = p.varying[0] || lanes == 1;
            if (!laneWise && repeat == Repeat.NONE && p.inRowWise[0] == p.outRowWise) {
                f.kernels.expandColumn(elements, lanes, x, xAt, out, outAt);
                return;
            }
            for (int e = 0; e < elements; e++) {
                int source = source(p, e);
                if (laneWise) {
                    System.arraycopy(x, xAt + source * lanes, out, outAt + e * lanes, lanes);
                } else {
                    Arrays.fill(out, outAt + e * lanes, outAt + (e + 1) * lanes, x[xAt + source]);
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
            int lanes = f.lanes;
            int elements = p.elements(f);
            for (int e = 0; e < elements; e++) {
                f.kernels.addTo(lanes, adjoint, at + e * lanes, sum, sumAt + source(p, e) * lanes);
            }
        }
    }
}

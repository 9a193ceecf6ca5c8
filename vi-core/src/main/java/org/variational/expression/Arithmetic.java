package org.variational.expression;

import java.util.Arrays;
import org.variational.expression.Instruction.Operand;
import org.variational.kernel.Kernels;

/** The four arithmetic operations and the fixed affine map, for every way their operands can line up. */
final class Arithmetic {

    private Arithmetic() {}

    /** Writes operand i, expanded to every element and lane, to the output. */
    private static void expand(Frame f, Instruction p, int i) {
        double[] x = f.value[p.in[i]];
        int xAt = f.valueAt[p.in[i]];
        double[] out = f.value[p.out];
        int outAt = f.valueAt[p.out];
        switch (p.kind[i]) {
            case FULL -> System.arraycopy(x, xAt, out, outAt, p.length(f));
            case ROW -> f.kernels.expandRow(p.elements(f), f.lanes, x, xAt, out, outAt);
            case COLUMN -> f.kernels.expandColumn(p.elements(f), f.lanes, x, xAt, out, outAt);
            case SCALAR -> Arrays.fill(out, outAt, outAt + p.length(f), x[xAt]);
        }
    }

    /** The index of a full operand, preferring the first; the first is expanded into the output if there is none. */
    private static int fullOperand(Instruction p) {
        return p.kind[0] == Operand.FULL || p.kind[1] != Operand.FULL ? 0 : 1;
    }

    /** {@code x + y}. */
    record Add() implements Op {
        @Override
        public String name() {
            return "plus";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            int first = fullOperand(p);
            int second = 1 - first;
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            double[] x = f.value[p.in[first]];
            int xAt = f.valueAt[p.in[first]];
            if (p.kind[first] != Operand.FULL) {
                expand(f, p, first);
                x = out;
                xAt = outAt;
            }
            double[] y = f.value[p.in[second]];
            int yAt = f.valueAt[p.in[second]];
            Kernels k = f.kernels;
            switch (p.kind[second]) {
                case FULL -> k.add(p.length(f), x, xAt, y, yAt, out, outAt);
                case ROW -> k.addRow(p.elements(f), f.lanes, x, xAt, y, yAt, out, outAt);
                case COLUMN -> k.addColumn(p.elements(f), f.lanes, x, xAt, y, yAt, out, outAt);
                case SCALAR -> k.affine(p.length(f), 1, y[yAt], x, xAt, out, outAt);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            addAdjoint(f, p, 0);
            addAdjoint(f, p, 1);
        }
    }

    /** Adds the adjoint of the output to that of operand i, which enters with slope 1. */
    private static void addAdjoint(Frame f, Instruction p, int i) {
        if (!p.varying[i]) {
            return;
        }
        double[] adjoint = f.adjoint[p.out];
        int at = f.adjointAt[p.out];
        double[] sum = f.adjoint[p.in[i]];
        int sumAt = f.adjointAt[p.in[i]];
        if (sum == adjoint && sumAt == at) {
            return;
        }
        if (p.kind[i] == Operand.FULL) {
            f.kernels.addTo(p.length(f), adjoint, at, sum, sumAt);
        } else {
            f.kernels.addSumTo(p.elements(f), f.lanes, adjoint, at, sum, sumAt);
        }
    }

    /** {@code x - y}, both full. */
    record Subtract() implements Op {
        @Override
        public String name() {
            return "minus";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            f.kernels.subtract(
                    p.length(f),
                    f.value[p.in[0]],
                    f.valueAt[p.in[0]],
                    f.value[p.in[1]],
                    f.valueAt[p.in[1]],
                    f.value[p.out],
                    f.valueAt[p.out]);
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            addAdjoint(f, p, 0);
            if (p.varying[1]) {
                f.kernels.addScaledTo(
                        p.length(f),
                        -1,
                        f.adjoint[p.out],
                        f.adjointAt[p.out],
                        f.adjoint[p.in[1]],
                        f.adjointAt[p.in[1]]);
            }
        }
    }

    /** {@code x * y}. */
    record Multiply() implements Op {
        @Override
        public String name() {
            return "times";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            int first = fullOperand(p);
            int second = 1 - first;
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            double[] x = f.value[p.in[first]];
            int xAt = f.valueAt[p.in[first]];
            double[] y = f.value[p.in[second]];
            int yAt = f.valueAt[p.in[second]];
            Kernels k = f.kernels;
            if (p.kind[first] == Operand.COLUMN && p.kind[second] == Operand.ROW) {
                k.outer(p.elements(f), f.lanes, x, xAt, y, yAt, out, outAt);
                return;
            }
            if (p.kind[first] == Operand.ROW && p.kind[second] == Operand.COLUMN) {
                k.outer(p.elements(f), f.lanes, y, yAt, x, xAt, out, outAt);
                return;
            }
            if (p.kind[first] != Operand.FULL) {
                expand(f, p, first);
                x = out;
                xAt = outAt;
            }
            switch (p.kind[second]) {
                case FULL -> k.multiply(p.length(f), x, xAt, y, yAt, out, outAt);
                case ROW -> k.multiplyRow(p.elements(f), f.lanes, x, xAt, y, yAt, out, outAt);
                case COLUMN -> k.multiplyColumn(p.elements(f), f.lanes, x, xAt, y, yAt, out, outAt);
                case SCALAR -> k.affine(p.length(f), y[yAt], 0, x, xAt, out, outAt);
            }
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            addAdjoint(f, p, 0, 1);
            addAdjoint(f, p, 1, 0);
        }

        private static void addAdjoint(Frame f, Instruction p, int i, int other) {
            if (!p.varying[i]) {
                return;
            }
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            double[] y = f.value[p.in[other]];
            int yAt = f.valueAt[p.in[other]];
            double[] sum = f.adjoint[p.in[i]];
            int sumAt = f.adjointAt[p.in[i]];
            Kernels k = f.kernels;
            int elements = p.elements(f);
            if (p.kind[i] == Operand.FULL) {
                switch (p.kind[other]) {
                    case FULL -> k.addProductTo(p.length(f), adjoint, at, y, yAt, sum, sumAt);
                    case ROW -> k.addRowProductTo(elements, f.lanes, adjoint, at, y, yAt, sum, sumAt);
                    case COLUMN -> k.addColumnProductTo(elements, f.lanes, adjoint, at, y, yAt, sum, sumAt);
                    case SCALAR -> k.addScaledTo(p.length(f), y[yAt], adjoint, at, sum, sumAt);
                }
            } else if (p.kind[other] == Operand.FULL) {
                k.addDotTo(elements, f.lanes, adjoint, at, y, yAt, sum, sumAt);
            } else {
                k.addColumnDotTo(elements, f.lanes, adjoint, at, y, yAt, sum, sumAt);
            }
        }

        @Override
        public void reverseUniform(Frame f, Instruction p, double weight) {
            if (p.kind[0] != Operand.FULL || p.kind[1] != Operand.FULL) {
                Op.super.reverseUniform(f, p, weight);
                return;
            }
            boolean square = p.in[0] == p.in[1];
            for (int i = 0; i < (square ? 1 : 2); i++) {
                if (p.varying[i]) {
                    int other = p.in[1 - i];
                    f.kernels.addScaledTo(
                            p.length(f),
                            square ? 2 * weight : weight,
                            f.value[other],
                            f.valueAt[other],
                            f.adjoint[p.in[i]],
                            f.adjointAt[p.in[i]]);
                }
            }
        }
    }

    /** {@code x / y}, both full. */
    record Divide() implements Op {
        @Override
        public String name() {
            return "dividedBy";
        }

        @Override
        public void forward(Frame f, Instruction p) {
            f.kernels.divide(
                    p.length(f),
                    f.value[p.in[0]],
                    f.valueAt[p.in[0]],
                    f.value[p.in[1]],
                    f.valueAt[p.in[1]],
                    f.value[p.out],
                    f.valueAt[p.out]);
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            double[] adjoint = f.adjoint[p.out];
            int at = f.adjointAt[p.out];
            double[] out = f.value[p.out];
            int outAt = f.valueAt[p.out];
            double[] y = f.value[p.in[1]];
            int yAt = f.valueAt[p.in[1]];
            double[] xSum = f.adjoint[p.in[0]];
            int xSumAt = f.adjointAt[p.in[0]];
            double[] ySum = f.adjoint[p.in[1]];
            int ySumAt = f.adjointAt[p.in[1]];
            int length = p.length(f);
            if (p.varying[0]) {
                for (int i = 0; i < length; i++) {
                    xSum[xSumAt + i] += adjoint[at + i] / y[yAt + i];
                }
            }
            if (p.varying[1]) {
                for (int i = 0; i < length; i++) {
                    ySum[ySumAt + i] -= adjoint[at + i] * out[outAt + i] / y[yAt + i];
                }
            }
        }
    }

    /** {@code scale * x + shift}. */
    record Affine(double scale, double shift) implements Op {
        @Override
        public String name() {
            return scale == 1 ? "plus " + shift : "times " + scale;
        }

        @Override
        public void forward(Frame f, Instruction p) {
            f.kernels.affine(
                    p.length(f), scale, shift, f.value[p.in[0]], f.valueAt[p.in[0]], f.value[p.out], f.valueAt[p.out]);
        }

        @Override
        public void reverse(Frame f, Instruction p) {
            f.kernels.addScaledTo(
                    p.length(f), scale, f.adjoint[p.out], f.adjointAt[p.out], f.adjoint[p.in[0]], f.adjointAt[p.in[0]]);
        }
    }
}

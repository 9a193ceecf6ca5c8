package org.variational.expression;

/** One step of a compiled program: an operation with the slots of its operands and of its result. */
final class Instruction {

    /** How an operand lines up with the elements of the result. */
    enum Operand {
        /** One value per element and lane. */
        FULL,
        /** One value per lane, shared by all elements. */
        ROW,
        /** One value per element, shared by all lanes. */
        COLUMN,
        /** One value. */
        SCALAR
    }

    final Op op;
    final int[] in;
    final int out;
    /** Slot of the scratch elements, -1 for none. */
    final int scratch;
    /** Elements of each input, per row if it is row-wise. */
    final int[] inSize;
    /** Elements of the output, per row if it is row-wise. */
    final int outSize;
    /** Which inputs are row-wise. */
    final boolean[] inRowWise;

    final boolean outRowWise;
    /** Which inputs vary with the lanes and so receive adjoints. */
    final boolean[] varying;

    final Operand[] kind;
    /** Slot of the row index data this instruction reads, -1 for none. */
    final int index;

    Instruction(
            Op op,
            int[] in,
            int out,
            int scratch,
            int[] inSize,
            int outSize,
            boolean[] inRowWise,
            boolean outRowWise,
            boolean[] varying,
            boolean constantStage,
            int index) {
        this.op = op;
        this.in = in;
        this.out = out;
        this.scratch = scratch;
        this.inSize = inSize;
        this.outSize = outSize;
        this.inRowWise = inRowWise;
        this.outRowWise = outRowWise;
        this.varying = varying;
        this.index = index;
        this.kind = new Operand[in.length];
        for (int i = 0; i < in.length; i++) {
            boolean everyElement = inSize[i] == outSize && inRowWise[i] == outRowWise;
            boolean lanes = varying[i] || constantStage;
            if (lanes) {
                kind[i] = everyElement ? Operand.FULL : Operand.ROW;
            } else {
                kind[i] = everyElement && (outRowWise || outSize > 1) ? Operand.COLUMN : Operand.SCALAR;
            }
        }
    }

    /** The number of elements of the output in this frame. */
    int elements(Frame frame) {
        return outRowWise ? outSize * frame.rows : outSize;
    }

    /** The number of elements of input i in this frame. */
    int elements(Frame frame, int i) {
        return inRowWise[i] ? inSize[i] * frame.rows : inSize[i];
    }

    /** The number of doubles of the output in this frame. */
    int length(Frame frame) {
        return elements(frame) * frame.lanes;
    }
}

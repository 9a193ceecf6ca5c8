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

    /** The operands: their slots, their elements, per row if row-wise, and whether they vary with the lanes. */
    record Inputs(int[] slots, int[] sizes, boolean[] rowWise, boolean[] varying) {

        /** As many operands, to be filled. */
        static Inputs of(int arity) {
            return new Inputs(new int[arity], new int[arity], new boolean[arity], new boolean[arity]);
        }
    }

    /** The result: its slot, and its elements, per row if row-wise. */
    record Output(int slot, int size, boolean rowWise) {}

    Instruction(Op op, Inputs inputs, Output output, int scratch, int index, boolean constantStage) {
        this.op = op;
        this.in = inputs.slots;
        this.out = output.slot;
        this.scratch = scratch;
        this.inSize = inputs.sizes;
        this.outSize = output.size;
        this.inRowWise = inputs.rowWise;
        this.outRowWise = output.rowWise;
        this.varying = inputs.varying;
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

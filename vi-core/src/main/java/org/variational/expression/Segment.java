package org.variational.expression;

import java.util.Arrays;
import java.util.List;

/** Instructions that run together over one frame, and the memory their results need. */
final class Segment {

    private final Instruction[] instructions;

    Segment(List<Instruction> instructions) {
        this.instructions = instructions.toArray(new Instruction[0]);
    }

    /** The number of doubles of values and scratch for the given rows, or outside tiles. */
    int valueLength(Frame frame, int rows) {
        int elements = 0;
        for (Instruction p : instructions) {
            int repeat = p.outRowWise ? rows : 1;
            elements += repeat * (p.outSize + p.op.scratch(p));
        }
        return elements * frame.lanes;
    }

    private int outElements(int rows) {
        int elements = 0;
        for (Instruction p : instructions) {
            elements += (p.outRowWise ? rows : 1) * p.outSize;
        }
        return elements;
    }

    /** About how many arithmetic operations one pass over the given rows takes in each lane. */
    long operations(int rows) {
        long operations = 0;
        for (Instruction p : instructions) {
            operations += (p.outRowWise ? rows : 1) * p.outSize * p.op.operations();
        }
        return operations;
    }

    /** Gives every result and scratch a place in one value array and one adjoint array, sized for the rows and lanes. */
    void allocate(Frame frame, int rows) {
        allocate(frame, rows, new double[valueLength(frame, rows)]);
    }

    /** As {@link #allocate(Frame, int)}, with values placed from the start of a given array. */
    void allocate(Frame frame, int rows, double[] values) {
        int lanes = frame.lanes;
        double[] adjoints = new double[outElements(rows) * lanes];
        int valueAt = 0;
        int adjointAt = 0;
        for (Instruction p : instructions) {
            int repeat = (p.outRowWise ? rows : 1) * lanes;
            frame.alias(p.out, values, valueAt);
            frame.aliasAdjoint(p.out, adjoints, adjointAt);
            valueAt += repeat * p.outSize;
            adjointAt += repeat * p.outSize;
            if (p.scratch >= 0) {
                frame.alias(p.scratch, values, valueAt);
                valueAt += repeat * p.op.scratch(p);
            }
        }
        for (Instruction p : instructions) {
            frame.workspace[p.out] = p.op.workspace(frame, p);
        }
    }

    /** Moves the values of every result and scratch by an offset within the value array. */
    void shiftValues(Frame frame, int by) {
        for (Instruction p : instructions) {
            frame.valueAt[p.out] += by;
            if (p.scratch >= 0) {
                frame.valueAt[p.scratch] += by;
            }
        }
    }

    void forward(Frame frame) {
        for (Instruction p : instructions) {
            p.op.forward(frame, p);
        }
    }

    void clearAdjoints(Frame frame) {
        for (Instruction p : instructions) {
            int at = frame.adjointAt[p.out];
            Arrays.fill(frame.adjoint[p.out], at, at + p.length(frame), 0);
        }
    }

    /**
     * Runs in reverse. An output whose slot has a weight other than 0 enters the log density only as a sum, and its adjoint
     * is {@code scale} times that weight everywhere.
     */
    void reverse(Frame frame, double[] weightOfSlot, double scale) {
        for (int i = instructions.length - 1; i >= 0; i--) {
            Instruction p = instructions[i];
            double weight = weightOfSlot[p.out];
            if (weight != 0) {
                p.op.reverseUniform(frame, p, weight * scale);
            } else {
                p.op.reverse(frame, p);
            }
        }
    }
}

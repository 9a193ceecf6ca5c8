package org.variational.expression;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Instructions that run together over one frame, and the memory their results need. */
final class Segment {

    private final Instruction[] instructions;
    /** Per instruction: the slot whose adjoint is that of its output, because nothing else contributes; -1 for none. */
    private final int[] passedOn;

    Segment(List<Instruction> instructions) {
        this.instructions = instructions.toArray(new Instruction[0]);
        this.passedOn = new int[this.instructions.length];
        Arrays.fill(passedOn, -1);
    }

    /**
     * Lets sums share the memory of their adjoint with one summand: if the sum is all that a summand of this segment
     * enters, the two adjoints are equal, and need neither clearing nor adding.
     *
     * @param uses by slot, how often it is an operand or a term
     */
    void shareAdjoints(int[] uses) {
        Set<Integer> own = new HashSet<>();
        for (int i = 0; i < instructions.length; i++) {
            Instruction p = instructions[i];
            if (p.op instanceof Arithmetic.Add || p.op instanceof Arithmetic.Subtract) {
                int candidates = p.op instanceof Arithmetic.Add ? 2 : 1;
                for (int j = 0; j < candidates && passedOn[i] < 0; j++) {
                    if (p.kind[j] == Instruction.Operand.FULL
                            && p.varying[j]
                            && uses[p.in[j]] == 1
                            && own.contains(p.in[j])) {
                        passedOn[i] = p.in[j];
                    }
                }
            }
            own.add(p.out);
        }
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

    /**
     * Gives every result and scratch a place in one value array and one adjoint array, sized for the rows and lanes.
     */
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
        for (int i = instructions.length - 1; i >= 0; i--) {
            int out = instructions[i].out;
            if (passedOn[i] >= 0) {
                frame.aliasAdjoint(passedOn[i], frame.adjoint[out], frame.adjointAt[out]);
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

    /**
     * As {@link #forward(Frame)}, without the outputs of which only sums are wanted that need no values; see {@link
     * Terms}.
     */
    void forward(Frame frame, boolean[] skipped) {
        for (Instruction p : instructions) {
            if (!skipped[p.out]) {
                p.op.forward(frame, p);
            }
        }
    }

    void clearAdjoints(Frame frame) {
        for (Instruction p : instructions) {
            int at = frame.adjointAt[p.out];
            Arrays.fill(frame.adjoint[p.out], at, at + p.length(frame), 0);
        }
    }

    /**
     * Runs in reverse. An output whose slot has a weight other than 0 enters the log density only as a sum, and its
     * adjoint is {@code scale} times that weight everywhere.
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

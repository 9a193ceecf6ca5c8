package org.variational.expression;

import java.util.Arrays;

/**
 * What a node of the expression graph computes, forward and in reverse. Operations hold no state of an evaluation:
 * values, adjoints and scratch live in the {@link Frame}. Operations that are records are equal by value, which lets
 * the compiler merge equal nodes.
 */
interface Op {

    /** The name shown in messages. */
    String name();

    /** The number of scratch elements per row of the frame. */
    default int scratch(Instruction instruction) {
        return 0;
    }

    /** About how many arithmetic operations one output element takes. */
    default long operations() {
        return 1;
    }

    /** A workspace of its own that this operation keeps in each frame, made when the frame is sized; null for none. */
    default @org.jspecify.annotations.Nullable Object workspace(Frame frame, Instruction instruction) {
        return null;
    }

    /** Writes the value of the instruction's output, and the scratch that {@link #reverse} needs. */
    void forward(Frame frame, Instruction instruction);

    /** Adds to the adjoints of the varying inputs what the adjoint of the output implies. */
    void reverse(Frame frame, Instruction instruction);

    /** {@link #reverse} for an output whose adjoint is {@code weight} everywhere and has not been written. */
    default void reverseUniform(Frame frame, Instruction instruction, double weight) {
        int at = frame.adjointAt[instruction.out];
        Arrays.fill(frame.adjoint[instruction.out], at, at + instruction.length(frame), weight);
        reverse(frame, instruction);
    }
}

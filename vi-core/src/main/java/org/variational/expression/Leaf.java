package org.variational.expression;

/** The operations without inputs: what an expression graph starts from. They are placed, not computed. */
sealed interface Leaf extends Op {

    /** Fixed numbers, row-major. */
    record Constant(double[] values) implements Leaf {}

    /** Named, replaceable numbers of fixed shape. */
    record GlobalData(String dataName, double[] values) implements Leaf {}

    /** Named, replaceable numbers with a fixed width per data row. */
    record RowData(String dataName, double[] values) implements Leaf {}

    /** Named, replaceable indices, one per data row. */
    record IndexData(String dataName, int[] values) implements Leaf {}

    /** Coordinates of the point. */
    record Coordinates(int offset) implements Leaf {}

    /** An argument of a scan step; every placeholder is its own. */
    final class Placeholder implements Leaf {}

    @Override
    default String name() {
        return "leaf";
    }

    @Override
    default void forward(Frame frame, Instruction instruction) {
        throw new IllegalStateException("a leaf is placed, not computed");
    }

    @Override
    default void reverse(Frame frame, Instruction instruction) {
        throw new IllegalStateException("a leaf is placed, not computed");
    }
}

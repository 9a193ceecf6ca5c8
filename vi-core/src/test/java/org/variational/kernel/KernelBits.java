package org.variational.kernel;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Prints what a virtual machine computes: run by {@link InterpretedAndCompiledTest} in one that interprets and in one
 * that has compiled.
 *
 * <p>Argument: how often to call each operation before looking. Output: one line {@code kernels operation hash bytes}
 * for each set and operation, with the bytes that a further call allocates.
 */
final class KernelBits {

    private static final int LANES = 8;
    private static final int ELEMENTS = 9;
    private static final int MEASURED_CALLS = 200;

    private KernelBits() {}

    public static void main(String[] arguments) {
        int calls = Integer.parseInt(arguments[0]);
        List<Kernels> sets = new ArrayList<>(List.of(Kernels.plain()));
        Kernels.vector().ifPresent(sets::add);
        for (Kernels kernels : sets) {
            for (KernelOperations.Operation operation : KernelOperations.ALL) {
                print(kernels, operation, calls);
            }
        }
    }

    private static void print(Kernels kernels, KernelOperations.Operation operation, int calls) {
        Operands operands = Operands.random(ELEMENTS, LANES, 0, 42);
        double[] x = operands.x();
        SplittableRandom random = new SplittableRandom(43);
        for (int i = 0; i < x.length; i++) {
            x[i] *= Math.scalb(1, random.nextInt(-8, 8));
        }
        double[] out = new double[operation.outputElements(ELEMENTS) * LANES];
        for (int i = 0; i < calls; i++) {
            Arrays.fill(out, 0.125);
            operation.run(kernels, operands, out, 0);
        }
        int hash = Arrays.hashCode(out);
        long bytes = allocatedBytes();
        int measured = Math.min(calls, MEASURED_CALLS);
        for (int i = 0; i < measured; i++) {
            operation.run(kernels, operands, out, 0);
        }
        bytes = (allocatedBytes() - bytes) / measured;
        System.out.printf("%s %s %08x %d%n", kernels.name(), operation.name(), hash, bytes);
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}

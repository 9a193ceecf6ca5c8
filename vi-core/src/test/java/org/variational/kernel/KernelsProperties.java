package org.variational.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Identities between operations, and between the two sets of kernels, for shapes of any kind. */
class KernelsProperties {

    private static final List<Kernels> SETS =
            List.of(Kernels.plain(), Kernels.vector().orElse(Kernels.plain()));

    /** {@code <y, A x> = <A' y, x>} in every lane. */
    @Property(tries = 200, seed = "1")
    void transposedMatrixIsTheAdjoint(
            @ForAll @IntRange(max = 90) int rows,
            @ForAll @IntRange(min = 1, max = 20) int columns,
            @ForAll @IntRange(min = 1, max = 3) int groups) {
        for (Kernels kernels : SETS) {
            int lanes = groups * kernels.laneMultiple();
            SplittableRandom random = new SplittableRandom(rows * 100L + columns);
            double[] a = random.doubles(rows * columns, -1, 1).toArray();
            double[] x = random.doubles(columns * lanes, -1, 1).toArray();
            double[] y = random.doubles(rows * lanes, -1, 1).toArray();
            double[] ax = new double[rows * lanes];
            double[] aty = new double[columns * lanes];
            double[] left = new double[lanes];
            double[] right = new double[lanes];
            kernels.multiplyMatrix(rows, columns, lanes, a, 0, x, 0, ax, 0);
            kernels.addTransposedMatrixTo(rows, columns, lanes, a, 0, y, 0, aty, 0);
            kernels.addDotTo(rows, lanes, y, 0, ax, 0, left, 0);
            kernels.addDotTo(columns, lanes, aty, 0, x, 0, right, 0);
            assertThat(left).containsExactly(right, within(1e-12));
        }
    }

    /** {@code <g, gather(x)> = <scatter(g), x>} in every lane. */
    @Property(tries = 200, seed = "2")
    void scatterIsTheAdjointOfGather(
            @ForAll @IntRange(max = 50) int elements,
            @ForAll @IntRange(min = 1, max = 10) int groups,
            @ForAll @IntRange(min = 1, max = 3) int laneGroups) {
        for (Kernels kernels : SETS) {
            int lanes = laneGroups * kernels.laneMultiple();
            SplittableRandom random = new SplittableRandom(elements * 100L + groups);
            int[] index = random.ints(elements, 0, groups).toArray();
            double[] x = random.doubles(groups * lanes, -1, 1).toArray();
            double[] g = random.doubles(elements * lanes, -1, 1).toArray();
            double[] gathered = new double[elements * lanes];
            double[] scattered = new double[groups * lanes];
            double[] left = new double[lanes];
            double[] right = new double[lanes];
            kernels.gather(elements, lanes, x, 0, index, 0, gathered, 0);
            kernels.addScatteredTo(elements, lanes, g, 0, index, 0, scattered, 0);
            kernels.addDotTo(elements, lanes, g, 0, gathered, 0, left, 0);
            kernels.addDotTo(groups, lanes, scattered, 0, x, 0, right, 0);
            assertThat(left).containsExactly(right, within(1e-12));
        }
    }

    /** Plain and vector kernels agree to rounding in every operation. */
    @Property(tries = 100, seed = "3")
    void bothSetsAgree(@ForAll @IntRange(max = 70) int elements, @ForAll @IntRange(min = 1, max = 3) int groups) {
        int lanes = groups * SETS.get(1).laneMultiple();
        Operands operands = Operands.random(elements, lanes, 2, elements);
        for (KernelOperations.Operation operation : KernelOperations.ALL) {
            double[] plain = new double[operation.outputElements(elements) * lanes];
            double[] vector = plain.clone();
            operation.run(SETS.get(0), operands, plain, 0);
            operation.run(SETS.get(1), operands, vector, 0);
            for (int i = 0; i < plain.length; i++) {
                assertThat(vector[i])
                        .as(operation.name())
                        .isCloseTo(plain[i], within(1e-13 * Math.max(1, Math.abs(plain[i]))));
            }
        }
    }
}

package org.variational.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;

/** What holds for the structure and the colouring of any pattern. */
class StructureProperties {

    private static boolean related(Adjacency adjacency, int a, int b) {
        return Arrays.binarySearch(adjacency.neighbours(a), b) >= 0;
    }

    /** A random pattern, and hubs that are related to most. */
    private static Adjacency pattern(int n, double share, int hubs, RandomGenerator random) {
        List<int[]> terms = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (random.nextDouble() < (j < hubs ? 0.9 : share)) {
                    terms.add(new int[] {j, i});
                }
            }
        }
        return Adjacency.of(n, terms);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void coloursAreValid(
            @ForAll @IntRange(min = 1, max = 40) int n,
            @ForAll @DoubleRange(min = 0, max = 0.3) double share,
            @ForAll @IntRange(min = 0, max = 3) int hubs,
            @ForAll long seed) {
        Adjacency adjacency = pattern(n, share, hubs, Patterns.random(seed));
        Colouring colouring = Colouring.of(adjacency);
        assertThat(IntStream.range(0, n).map(colouring::colour).distinct().count())
                .isEqualTo(colouring.count());
        for (int a = 0; a < n; a++) {
            assertThat(colouring.colour(a)).isBetween(0, colouring.count() - 1);
            for (int b = 0; b < a; b++) {
                if (colouring.colour(a) != colouring.colour(b)) {
                    continue;
                }
                assertThat(colouring.isAlone(a) || colouring.isAlone(b)).isFalse();
                assertThat(related(adjacency, a, b)).isFalse();
                for (int third : adjacency.neighbours(a)) {
                    assertThat(!colouring.isAlone(third) && related(adjacency, b, third))
                            .as(third + " is related to both " + a + " and " + b)
                            .isFalse();
                }
            }
        }
    }

    /** A quadratic's differences along the colours are sums of columns, in which every entry stands alone. */
    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void theHessianOfAQuadraticIsReadExactly(
            @ForAll @IntRange(min = 1, max = 30) int n,
            @ForAll @DoubleRange(min = 0, max = 0.3) double share,
            @ForAll @IntRange(min = 0, max = 3) int hubs,
            @ForAll long seed) {
        RandomGenerator random = Patterns.random(seed);
        Adjacency adjacency = pattern(n, share, hubs, random);
        DMatrixRMaj hessian = Patterns.matrix(adjacency, random);
        Colouring colouring = Colouring.of(adjacency);
        double[][] slopes = new double[colouring.count()][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                slopes[colouring.colour(i)][j] += hessian.get(j, i);
            }
        }
        for (int a = 0; a < n; a++) {
            assertThat(slopes[colouring.colour(a)][a]).isEqualTo(hessian.get(a, a));
            for (int b : adjacency.neighbours(a)) {
                if (colouring.isAlone(a) || !colouring.isAlone(b)) {
                    assertThat(slopes[colouring.colour(a)][b]).isEqualTo(hessian.get(a, b));
                }
            }
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void partsAreApart(
            @ForAll @IntRange(min = 1, max = 60) int n,
            @ForAll @DoubleRange(min = 0, max = 0.1) double share,
            @ForAll @IntRange(min = 0, max = 3) int hubs,
            @ForAll @IntRange(min = 0, max = 4) int scales,
            @ForAll long seed) {
        RandomGenerator random = Patterns.random(seed);
        int[] scaling = IntStream.range(0, Math.min(n, scales))
                .map(i -> random.nextInt(n))
                .distinct()
                .toArray();
        Interactions interactions =
                new Interactions(pattern(n, share, hubs, random), Adjacency.of(n, List.of())).withScales(scaling);
        List<String> names = IntStream.range(0, n).mapToObj(i -> "x" + i).toList();
        Structure structure = Structure.of(names, interactions);
        int[] outer = structure.outer();
        int[] inner = structure.inner();
        assertThat(outer.length).isLessThanOrEqualTo(Structure.MOST_OUTER);
        assertThat(outer.length == 0)
                .isEqualTo(interactions.multiplied().pairs() == 0
                        || !structure.refusal().isEmpty());
        assertThat(IntStream.concat(Arrays.stream(outer), Arrays.stream(inner))
                        .sorted()
                        .toArray())
                .isEqualTo(IntStream.range(0, n).toArray());
        for (int a : structure.refusal().isEmpty() ? inner : new int[0]) {
            for (int b : interactions.multiplied().neighbours(a)) {
                assertThat(Arrays.binarySearch(outer, b)).as(a + " and " + b).isNotNegative();
            }
        }
        int[] blockOf = new int[n];
        Arrays.fill(blockOf, -1);
        List<int[]> blocks = structure.blocks();
        for (int k = 0; k < blocks.size(); k++) {
            for (int coordinate : blocks.get(k)) {
                assertThat(blockOf[coordinate]).isEqualTo(-1);
                blockOf[coordinate] = k;
            }
        }
        for (int separator : structure.separators()) {
            assertThat(blockOf[separator]).isEqualTo(-1);
            blockOf[separator] = -2;
            assertThat(interactions.related().degree(separator)).isGreaterThanOrEqualTo(3);
        }
        for (int a : inner) {
            assertThat(blockOf[a]).isNotEqualTo(-1);
            for (int b : interactions.related().neighbours(a)) {
                if (blockOf[a] >= 0 && blockOf[b] >= 0) {
                    assertThat(blockOf[a]).isEqualTo(blockOf[b]);
                }
            }
        }
        assertThat(structure.pattern()).isNotNull();
        assertThat(structure.toString()).startsWith(n + (n == 1 ? " coordinate" : " coordinates"));
    }
}

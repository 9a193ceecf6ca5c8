package org.variational.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;

/** The structure of well-known models, as it is printed. */
class StructureTest {

    private static List<String> lines(Structure structure) {
        return structure.toString().lines().toList();
    }

    private static Structure structure(int n, List<int[]> terms) {
        return Structure.of(IntStream.range(0, n).mapToObj(i -> "x[" + i + "]").toList(), Interactions.of(n, terms));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eightSchoolsIsTheSameHoweverItIsDeclared(boolean centred) {
        Structure structure = ModelStructures.eightSchools(centred).structure();
        assertThat(lines(structure))
                .containsExactly(
                        "10 coordinates; 1 scale, handled first (tau); 1 coupled to many (mu); 8 independent"
                                + " blocks of 1",
                        "Cholesky factor of the inner coordinates: 17 entries; their Hessian takes 4 gradients");
        assertThat(structure.refusal()).isEmpty();
        assertThat(structure.outer()).containsExactly(1);
        assertThat(structure.separators()).containsExactly(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 30, 64, 100})
    void aLatentSeriesIsAChain(int n) {
        Structure structure = ModelStructures.localLevel(new double[n]).structure();
        assertThat(lines(structure))
                .containsExactly(
                        n + 2 + " coordinates; 2 scales, handled first (walk, noise); a chain of " + n,
                        "Cholesky factor of the inner coordinates: " + (2 * n - 1)
                                + " entries; their Hessian takes 6 gradients");
        assertThat(structure.separators()).isEmpty();
    }

    @Test
    void varyingInterceptsAreIndependentGivenAFew() {
        assertThat(lines(ModelStructures.varyingIntercepts(new int[40], new double[40], 20)
                        .structure()))
                .containsExactly(
                        "23 coordinates; 1 scale, handled first (tau); 1 coupled to many (mu); 21 independent"
                                + " blocks of 1",
                        "Cholesky factor of the inner coordinates: 42 entries; their Hessian takes 4 gradients");
        double[] x = new double[40];
        Arrays.setAll(x, i -> Math.sin(i));
        assertThat(lines(ModelStructures.varyingIntercepts(new int[40], x, 20).structure()))
                .containsExactly(
                        "23 coordinates; 1 scale, handled first (tau); 2 coupled to many (mu, slope);"
                                + " 20 independent blocks of 1",
                        "Cholesky factor of the inner coordinates: 63 entries; their Hessian takes 6 gradients");
    }

    @Test
    void crossedEffectsHaveTheFewerOnesAsSeparators() {
        Structure structure =
                ModelStructures.crossedEffects(6, 9, Patterns.random(1)).structure();
        assertThat(lines(structure).get(0))
                .isEqualTo("19 coordinates; 3 scales, handled first (scale_a, scale_b, sigma); 7 coupled to"
                        + " many (mu, a[0], a[1], a[2], a[3], a[4], ...); 9 independent blocks of 1");
        // each of 9 with 7 separators, and these with one another
        assertThat(lines(structure).get(1)).contains(": " + (9 * 8 + 7 * 8 / 2) + " entries");
    }

    /** Abilities times discriminations: each item scales each person. */
    @Test
    void itemResponseIsRefused() {
        Structure structure =
                ModelStructures.itemResponse(30, 12, Patterns.random(1)).structure();
        assertThat(structure.outer()).isEmpty();
        assertThat(structure.refusal())
                .isEqualTo("9 coordinates or more scale others and would have to be handled first (discrimination[0],"
                        + " discrimination[1], discrimination[2], discrimination[3], discrimination[4],"
                        + " discrimination[5], ...); at most 8 can");
        assertThat(lines(structure)).last().isEqualTo("not used: " + structure.refusal());
    }

    /** A scale for each of 12 groups, which has only its own effects to scale, stays inside with them. */
    @Test
    void scalesOfSingleGroupsStayInside() {
        List<int[]> related = new ArrayList<>();
        List<String> names = new ArrayList<>(List.of("tau", "spread"));
        List<int[]> scaled = new ArrayList<>();
        for (int group = 0; group < 12; group++) {
            int effect = 2 + 2 * group;
            names.add("effect[" + group + "]");
            names.add("scale[" + group + "]");
            related.add(new int[] {0, effect});
            related.add(new int[] {1, effect + 1});
            related.add(new int[] {effect, effect + 1});
            scaled.addAll(related.subList(related.size() - 3, related.size()));
        }
        Interactions interactions =
                new Interactions(Adjacency.of(names.size(), related), Adjacency.of(names.size(), scaled));
        Structure structure = Structure.of(names, interactions);
        assertThat(structure.refusal()).isEmpty();
        assertThat(structure.outer()).containsExactly(0, 1);
        assertThat(structure.blocks()).hasSize(12);
    }

    @Test
    void aFactorThatFillsInIsRefused() {
        int n = 3200;
        Structure structure = Structure.of(
                IntStream.range(0, n).mapToObj(i -> "x[" + i + "]").toList(),
                new Interactions(Adjacency.complete(n), Adjacency.of(n, List.of())));
        assertThat(structure.pattern()).isNull();
        assertThat(structure.refusal())
                .isEqualTo("the Cholesky factor of the inner coordinates has more than 5000000 entries");
        assertThat(lines(structure))
                .containsExactly("3200 coordinates; a block of 3200", "not used: " + structure.refusal());
    }

    /** What has no hub has no separator: cutting a lattice or a ring by numbers would say nothing. */
    @Test
    void latticesAndRingsAreNotCut() {
        List<int[]> lattice = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 8; j++) {
                if (i > 0) {
                    lattice.add(new int[] {8 * i + j - 8, 8 * i + j});
                }
                if (j > 0) {
                    lattice.add(new int[] {8 * i + j - 1, 8 * i + j});
                }
            }
        }
        assertThat(lines(structure(64, lattice)).get(0)).isEqualTo("64 coordinates; a block of 64");
        List<int[]> ring = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            ring.add(new int[] {i, (i + 1) % 9});
        }
        assertThat(lines(structure(9, ring)).get(0)).isEqualTo("9 coordinates; a block of 9");
    }

    @Test
    void partsOfSeveralKindsAreCounted() {
        Structure structure = structure(
                12,
                List.of(new int[] {0, 1}, new int[] {1, 2}, new int[] {3, 4}, new int[] {5, 6}, new int[] {7, 8, 9}));
        assertThat(lines(structure).get(0))
                .isEqualTo("12 coordinates; 2 independent blocks of 1, 2 independent blocks of 2, a block of 3, a chain"
                        + " of 3");
        assertThat(lines(structure(1, List.of())).get(0)).isEqualTo("1 coordinate; a block of 1");
    }

    @Test
    void namesMustFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Structure.of(List.of("a"), Interactions.of(2, List.of())))
                .withMessage("there are 2 coordinates, but 1 names of them");
    }

    @Test
    void coloursOfKnownPatterns() {
        assertThat(Colouring.of(Adjacency.of(50, List.of())).count()).isEqualTo(1);
        assertThat(Colouring.of(Patterns.chain(50)).count()).isEqualTo(3);
        assertThat(Colouring.of(Adjacency.complete(7)).count()).isEqualTo(7);
        List<int[]> star =
                IntStream.range(1, 40).mapToObj(i -> new int[] {0, i}).toList();
        Colouring ofStar = Colouring.of(Adjacency.of(40, star));
        assertThat(ofStar.count()).isEqualTo(2);
        assertThat(ofStar.isAlone(0)).isTrue();
        assertThat(ofStar).hasToString("2 colours of 40 coordinates");
    }
}

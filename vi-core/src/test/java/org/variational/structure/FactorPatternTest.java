package org.variational.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.variational.density.Adjacency;

/** Orders of elimination and the entries they fill, where both are known. */
class FactorPatternTest {

    @Test
    void aChainFillsNothing() {
        FactorPattern pattern = Patterns.pattern(Patterns.chain(50));
        assertThat(pattern.entries()).isEqualTo(99);
        assertThat(pattern.toString()).isEqualTo("factor of 50 rows with 99 entries");
    }

    @Test
    void aTreeFillsNothing() {
        List<int[]> edges = IntStream.range(1, 63)
                .mapToObj(child -> new int[] {(child - 1) / 2, child})
                .toList();
        assertThat(Patterns.pattern(Adjacency.of(63, edges)).entries()).isEqualTo(125);
    }

    /** Two scales that act with 2000 effects: eliminated first they would fill everything. */
    @Test
    void hubsComeLast() {
        List<int[]> terms =
                IntStream.range(2, 2002).mapToObj(i -> new int[] {0, 1, i}).toList();
        FactorPattern pattern = Patterns.pattern(Adjacency.of(2002, terms));
        assertThat(pattern.entries()).isEqualTo(3 * 2000 + 3);
        assertThat(pattern.position(0)).isGreaterThanOrEqualTo(1999);
        assertThat(pattern.position(1)).isGreaterThanOrEqualTo(1999);
    }

    @Test
    void rowsAskedForComeLastWhateverTheirDegree() {
        FactorPattern pattern = Patterns.pattern(Patterns.chain(5), 0, 4);
        assertThat(pattern.position(0)).isGreaterThanOrEqualTo(3);
        assertThat(pattern.position(4)).isGreaterThanOrEqualTo(3);
        for (int position = 0; position < 5; position++) {
            assertThat(pattern.position(pattern.node(position))).isEqualTo(position);
        }
    }

    /** A cycle of n is filled by n - 3 chords, whatever the order. */
    @Test
    void aCycleIsFilledByItsChords() {
        int n = 20;
        List<int[]> edges =
                IntStream.range(0, n).mapToObj(i -> new int[] {i, (i + 1) % n}).toList();
        assertThat(Patterns.pattern(Adjacency.of(n, edges)).entries()).isEqualTo(n + n + n - 3);
    }

    /** Two groups of 1200 that are all related share 300: a chordal relation, found without filling. */
    @Test
    void largeGroupsAreTakenOutAtOnce() {
        int[] first = IntStream.range(0, 1200).toArray();
        int[] second = IntStream.range(900, 2100).toArray();
        Adjacency adjacency = Adjacency.of(2100, List.of(first, second));
        assertThat(Patterns.pattern(adjacency).entries()).isEqualTo(2100 + adjacency.pairs());
    }

    @Test
    void tooMuchFillIsRefused() {
        assertThat(FactorPattern.of(Adjacency.complete(100), new int[0], 5049)).isNull();
        assertThat(FactorPattern.of(Adjacency.complete(100), new int[0], 5050)).isNotNull();
        // refused before any list of it is made
        assertThat(FactorPattern.of(Adjacency.complete(100_000), new int[0], 5_000_000))
                .isNull();
        // a lattice fills more than it has
        assertThat(FactorPattern.of(lattice(20), new int[0], 400 + 2 * 20 * 19)).isNull();
    }

    private static Adjacency lattice(int side) {
        List<int[]> edges = new ArrayList<>();
        for (int i = 0; i < side; i++) {
            for (int j = 1; j < side; j++) {
                edges.add(new int[] {i * side + j - 1, i * side + j});
                edges.add(new int[] {(j - 1) * side + i, j * side + i});
            }
        }
        return Adjacency.of(side * side, edges);
    }

    /** Least degree on a 32 x 32 lattice: within twice of nested dissection's 31 n log2(n) / 4 (George 1973). */
    @Test
    void aLatticeIsFilledModerately() {
        double dissection = 31.0 / 4 * 1024 * Math.log(32) / Math.log(2);
        assertThat(Patterns.pattern(lattice(32)).entries()).isLessThan((int) (2 * dissection));
    }

    @Test
    void theOrderIsDetermined() {
        Adjacency adjacency = Patterns.scattered(40, 0.1, Patterns.random(3));
        assertThat(Patterns.pattern(adjacency)).isEqualTo(Patterns.pattern(adjacency));
        assertThat(Patterns.pattern(adjacency)).hasSameHashCodeAs(Patterns.pattern(adjacency));
        assertThat(Patterns.pattern(adjacency)).isNotEqualTo(Patterns.pattern(Patterns.chain(40)));
    }

    @Test
    void savedAndRestored() {
        FactorPattern pattern = Patterns.pattern(Patterns.scattered(15, 0.2, Patterns.random(5)));
        FactorPattern restored = FactorPattern.of(pattern.nodes(), pattern.starts(), pattern.rows());
        assertThat(restored).isEqualTo(pattern);
        for (int entry = 0; entry < pattern.entries(); entry++) {
            assertThat(restored.row(entry)).isEqualTo(pattern.row(entry));
        }
        assertThat(restored.entry(pattern.row(1), 0)).isEqualTo(pattern.entry(pattern.row(1), 0));
    }

    @Test
    void numbersThatAreNoPatternAreRefused() {
        refused(new int[] {0, 0}, new int[] {0, 1, 2}, 0, 1);
        refused(new int[] {0, 2}, new int[] {0, 1, 2}, 0, 1);
        refused(new int[] {0, 1}, new int[] {0, 1}, 0);
        refused(new int[] {0, 1}, new int[] {0, 1, 3}, 0, 1);
        refused(new int[] {0, 1}, new int[] {0, 2, 3}, 0, 0, 1);
        refused(new int[] {0, 1}, new int[] {0, 2, 3}, 0, 2, 1);
        refused(new int[] {0, 1}, new int[] {0, 1, 2}, 1, 0);
        // the first column joins rows 1 and 2, so that the second column has row 2
        refused(new int[] {0, 1, 2}, new int[] {0, 3, 4, 5}, 0, 1, 2, 1, 2);
        assertThat(FactorPattern.of(new int[] {0, 1, 2}, new int[] {0, 3, 5, 6}, new int[] {0, 1, 2, 1, 2, 2})
                        .entry(2, 1))
                .isEqualTo(4);
    }

    private static void refused(int[] nodes, int[] starts, int... rows) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FactorPattern.of(nodes, starts, rows))
                .withMessageContaining("of " + nodes.length + " rows");
    }
}

package org.variational.algorithm.nested;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.variational.density.Interactions;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;

class NodeCoverTest {

    /** Two outer coordinates with standard deviations 1 and 2, and two inside that do not depend on them. */
    private static final LogDensity GAUSSIAN = LogDensities.of(4, (x, g) -> {
        g[0] = -x[0];
        g[1] = -x[1] / 4;
        g[2] = -x[2];
        g[3] = -x[3];
        return -0.5 * (x[0] * x[0] + x[1] * x[1] / 4 + x[2] * x[2] + x[3] * x[3]);
    });

    private static final List<int[]> PAIRS =
            List.of(new int[] {0, 2}, new int[] {0, 3}, new int[] {1, 2}, new int[] {1, 3});

    private static Conditional node(double... outer) {
        return new Conditional(outer, new double[2], new double[] {1, 1}, new double[2], new double[2], 0, 0);
    }

    private static OuterSearch.Mode mode() {
        return new OuterSearch.Mode(node(0, 0), new double[][] {{1, 0}, {0, 1}}, new double[] {1, 2});
    }

    /**
     * In standard deviations the draws are 3, 2.5, 1 and 4 away from the only node, the first two half of one from each
     * other. The spacing is .9.
     */
    private static final double[][] DRAWS = {{3, 0}, {2.5, 0}, {0, -2}, {0, 8}};

    @Test
    void theFarthestDrawIsNext() {
        NodeCover cover = new NodeCover(mode(), List.of(node(0, 0)), DRAWS);
        assertThat(cover.add(2, 1, d -> true)).isTrue();
        assertThat(added(cover)).isDeepEqualTo(new double[][] {{0, 8}, {3, 0}});
        assertThat(cover.add(2, 1, d -> true)).isFalse();
        assertThat(added(cover)).isDeepEqualTo(new double[][] {{0, 8}, {3, 0}, {0, -2}});
    }

    @Test
    void onlyDrawsThatCountBecomeNodes() {
        NodeCover cover = new NodeCover(mode(), List.of(node(0, 0)), DRAWS);
        assertThat(cover.add(4, 1, d -> d == 1)).isFalse();
        assertThat(added(cover)).isDeepEqualTo(new double[][] {{2.5, 0}});
    }

    private static double[][] added(NodeCover cover) {
        Evaluations evaluations =
                NestedPartsTest.evaluations(GAUSSIAN, Interactions.of(4, PAIRS).withScales(0, 1));
        ConditionalSolver solver = new ConditionalSolver(
                evaluations, Objects.requireNonNull(evaluations.structure().pattern()));
        List<Conditional> nodes = cover.solved(solver);
        return nodes.stream().skip(1).map(Conditional::outer).toArray(double[][]::new);
    }
}

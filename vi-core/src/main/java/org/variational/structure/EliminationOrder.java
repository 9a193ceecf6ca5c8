package org.variational.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;

/**
 * An order of elimination by least degree, and the columns that a Cholesky factor in that order fills.
 *
 * <p>At each step the node with the fewest neighbours is taken out and its neighbours are joined to one another; ties
 * go to the lowest number, so that the order is determined.
 */
final class EliminationOrder {

    /** By position: the node. */
    final int[] nodes;
    /** By position: the nodes below the diagonal of its column, not in order. */
    final int[][] below;

    private EliminationOrder(int[] nodes, int[][] below) {
        this.nodes = nodes;
        this.below = below;
    }

    private record Candidate(int rank, int degree, int node) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byRank = Integer.compare(rank, other.rank);
            int byDegree = Integer.compare(degree, other.degree);
            return byRank != 0 ? byRank : byDegree != 0 ? byDegree : Integer.compare(node, other.node);
        }
    }

    /**
     * The order of some nodes.
     *
     * @param adjacency the relation of all nodes
     * @param last the nodes that are taken out after all others
     * @param mostFill the largest number of entries of the factor
     * @return the order, or null if the factor has more entries
     */
    static @Nullable EliminationOrder of(Adjacency adjacency, int[] last, long mostFill) {
        int n = adjacency.dimension();
        int[] rank = new int[n];
        for (int node : last) {
            rank[node] = 1;
        }
        List<Set<Integer>> neighbours = new ArrayList<>(n);
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int node = 0; node < n; node++) {
            Set<Integer> own = new HashSet<>();
            for (int other : adjacency.neighbours(node)) {
                own.add(other);
            }
            neighbours.add(own);
            queue.add(new Candidate(rank[node], own.size(), node));
        }
        int[] nodes = new int[n];
        int[][] below = new int[n][];
        boolean[] done = new boolean[n];
        long fill = 0;
        for (int position = 0; position < n; ) {
            Candidate next = queue.remove();
            Set<Integer> own = neighbours.get(next.node);
            if (done[next.node] || own.size() != next.degree) {
                continue;
            }
            done[next.node] = true;
            int[] column = own.stream().mapToInt(Integer::intValue).toArray();
            Arrays.sort(column);
            fill += 1 + column.length;
            if (fill > mostFill) {
                return null;
            }
            nodes[position] = next.node;
            below[position++] = column;
            join(next.node, column, neighbours);
            for (int other : column) {
                queue.add(new Candidate(rank[other], neighbours.get(other).size(), other));
            }
            neighbours.set(next.node, Set.of());
        }
        return new EliminationOrder(nodes, below);
    }

    private static void join(int eliminated, int[] column, List<Set<Integer>> neighbours) {
        for (int a : column) {
            Set<Integer> of = neighbours.get(a);
            of.remove(eliminated);
            for (int b : column) {
                if (a != b) {
                    of.add(b);
                }
            }
        }
    }
}

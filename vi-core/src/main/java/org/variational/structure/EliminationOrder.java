package org.variational.structure;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
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
        // what is related is filled at least, and the lists of a dense relation need not be made
        if (adjacency.dimension() + adjacency.pairs() > mostFill) {
            return null;
        }
        Elimination elimination = new Elimination(adjacency, last);
        int n = adjacency.dimension();
        int[] nodes = new int[n];
        int[][] below = new int[n][];
        long fill = 0;
        for (int position = 0; position < n; position++) {
            nodes[position] = elimination.next();
            below[position] = elimination.eliminate(nodes[position]);
            fill += 1 + below[position].length;
            if (fill > mostFill) {
                return null;
            }
        }
        return new EliminationOrder(nodes, below);
    }

    /** What is left of a graph from which nodes are taken out. */
    private static final class Elimination {

        private final int[] rank;
        /** By node its neighbours in rising order; those taken out are among them until the list is made anew. */
        private final int[][] neighbours;

        private final int[] degree;
        private final boolean[] done;
        /** Whether a node's neighbours are known to be joined to one another. */
        private final boolean[] simplicial;

        private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

        Elimination(Adjacency adjacency, int[] last) {
            int n = adjacency.dimension();
            this.rank = new int[n];
            this.neighbours = new int[n][];
            this.degree = new int[n];
            this.done = new boolean[n];
            this.simplicial = new boolean[n];
            for (int node : last) {
                rank[node] = 1;
            }
            for (int node = 0; node < n; node++) {
                neighbours[node] = adjacency.neighbours(node);
                degree[node] = neighbours[node].length;
                queue.add(new Candidate(rank[node], degree[node], node));
            }
        }

        int next() {
            while (true) {
                Candidate first = queue.remove();
                if (!done[first.node] && degree[first.node] == first.degree) {
                    return first.node;
                }
            }
        }

        /** Takes out a node; returns the neighbours it had. */
        int[] eliminate(int node) {
            int[] column = left(neighbours[node]);
            done[node] = true;
            neighbours[node] = new int[0];
            for (int other : column) {
                degree[other]--;
                if (!simplicial[node]) {
                    join(other, column);
                }
            }
            for (int other : column) {
                simplicial[other] = degree[other] == column.length - 1;
                queue.add(new Candidate(rank[other], degree[other], other));
            }
            return column;
        }

        private int[] left(int[] list) {
            return Arrays.stream(list).filter(node -> !done[node]).toArray();
        }

        /** Joins a node to the members of a list that it belongs to. */
        private void join(int node, int[] list) {
            int[] own = neighbours[node];
            int[] added = Arrays.stream(list)
                    .filter(other -> other != node && Arrays.binarySearch(own, other) < 0)
                    .toArray();
            if (added.length > 0) {
                degree[node] += added.length;
                neighbours[node] = IntStream.concat(Arrays.stream(left(own)), Arrays.stream(added))
                        .sorted()
                        .toArray();
            }
        }
    }
}

package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * Nodes and those that are added to them at draws of the outer coordinates, always at the draw that is farthest from
 * all. Distances are in standard deviations along the axes. Mutable, for one thread.
 */
final class NodeCover {

    private final List<Conditional> known;
    private final double[][] draws;
    private final double[][] places;
    /** By draw how far the nearest node is, and which of the known ones was that. */
    private final double[] nearest;

    private final int[] neighbour;
    private final List<double[]> outers = new ArrayList<>();
    private final List<double[]> starts = new ArrayList<>();

    NodeCover(OuterSearch.Mode mode, List<Conditional> known, double[][] draws) {
        this.known = known;
        this.draws = draws;
        this.places = new double[draws.length][];
        this.nearest = new double[draws.length];
        this.neighbour = new int[draws.length];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        List<double[]> nodes = new ArrayList<>();
        known.forEach(node -> nodes.add(mode.place(node.outer())));
        for (int d = 0; d < draws.length; d++) {
            places[d] = mode.place(draws[d]);
            for (int n = 0; n < nodes.size(); n++) {
                double distance = NodeLayout.distance(places[d], nodes.get(n));
                neighbour[d] = distance < nearest[d] ? n : neighbour[d];
                nearest[d] = Math.min(nearest[d], distance);
            }
        }
    }

    /**
     * Adds nodes at some of the draws.
     *
     * @param most how many at most
     * @param closest how near nodes may be to each other, in the spacing of the layout
     * @param counts which draws count
     * @return whether as many as that were added
     */
    boolean add(int most, double closest, IntPredicate counts) {
        for (int added = 0; added < most; added++) {
            int farthest = -1;
            for (int d = 0; d < draws.length; d++) {
                boolean farther = farthest < 0 || nearest[d] > nearest[farthest];
                farthest = farther && counts.test(d) ? d : farthest;
            }
            if (farthest < 0 || !(nearest[farthest] > closest * NodeLayout.spacing(places[farthest].length))) {
                return false;
            }
            outers.add(draws[farthest]);
            starts.add(known.get(neighbour[farthest]).inner());
            for (int d = 0; d < draws.length; d++) {
                nearest[d] = Math.min(nearest[d], NodeLayout.distance(places[d], places[farthest]));
            }
        }
        return true;
    }

    /** All nodes, without those added where nothing was found. */
    List<Conditional> solved(ConditionalSolver solver) {
        List<Conditional> all = new ArrayList<>(known);
        solver.solve(outers, starts).stream().filter(Objects::nonNull).forEach(all::add);
        return all;
    }
}

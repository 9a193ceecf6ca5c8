package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lays out values of the outer coordinates around their mode, where the conditional of the inner ones is found: along
 * the axes until the log density has fallen far, and between the axes as far as the falls along them add up to little.
 */
final class NodeLayout {

    private static final int MOST_ALONG = 30;

    /** How far from the mode the last node on an axis is, in standard deviations: a tail may have no end. */
    private static final double FARTHEST = 40;

    /** The part of the fall wanted without which a side is open: what lies beyond is seen by no draw. */
    private static final double LEAST_FALL = 0.5;

    /** How many nodes stand off the axes. */
    private static final int MOST_BETWEEN = 600;

    /** How fast gaps may widen, so that they stay smooth to the interpolation. */
    private static final double WIDENING = 1.5;

    /** How far the log density is to fall from one node to the next in a long tail. */
    private static final double FALL_OF_STEP = 1;

    /** By the number of outer coordinates, from one: how far nodes are apart, in standard deviations. */
    private static final double[] SPACING = {0.5, 0.9, 1.15, 1.3};

    /** By the number of outer coordinates, from one: how far the log density falls along an axis. */
    private static final double[] FALL = {14, 12, 10, 7};

    /** The same for nodes between the axes, of which there are many. */
    private static final double[] FALL_BETWEEN = {14, 9, 7.5, 6};

    /** From so many outer coordinates on, only two leave their mode at once. */
    private static final int PAIRS_ONLY = 4;

    private final ConditionalSolver solver;
    private final OuterSearch.Mode mode;
    private final int k;
    private boolean open;

    /** A place on an axis, in standard deviations, with its conditional and how far the log density has fallen. */
    private record OnAxis(double place, Conditional conditional, double fall) {}

    NodeLayout(ConditionalSolver solver, OuterSearch.Mode mode) {
        this.solver = solver;
        this.mode = mode;
        this.k = mode.deviations().length;
    }

    static double spacing(int k) {
        return SPACING[Math.min(k, SPACING.length) - 1];
    }

    static double fall(int k) {
        return FALL[Math.min(k, FALL.length) - 1];
    }

    /** The outer coordinates at a place, in standard deviations along the axes. */
    static double[] at(OuterSearch.Mode mode, double[] place) {
        double[] at = mode.centre().outer().clone();
        for (int i = 0; i < at.length; i++) {
            for (int a = 0; a < at.length; a++) {
                at[i] += mode.axes()[i][a] * mode.deviations()[a] * place[a];
            }
        }
        return at;
    }

    static double distance(double[] x, double[] y) {
        double square = 0;
        for (int a = 0; a < x.length; a++) {
            square += (x[a] - y[a]) * (x[a] - y[a]);
        }
        return Math.sqrt(square);
    }

    /** Whether the log density was found to fall little on some side, so that mass lies beyond the nodes. */
    boolean isOpen() {
        return open;
    }

    /** The conditionals at all nodes, that of the mode first; only those on the axes if a side is open. */
    List<Conditional> nodes() {
        List<List<OnAxis>> axes = walk();
        open = axes.stream().anyMatch(axis -> axis.isEmpty() || axis.get(axis.size() - 1).fall < LEAST_FALL * fall(k));
        List<Conditional> nodes = new ArrayList<>();
        nodes.add(mode.centre());
        axes.forEach(axis -> axis.forEach(node -> nodes.add(node.conditional)));
        if (!open) {
            nodes.addAll(between(axes));
        }
        return nodes;
    }

    /** Walks along all axes in both directions at once; a direction ends where the fall is reached. */
    private List<List<OnAxis>> walk() {
        List<List<OnAxis>> found = new ArrayList<>();
        boolean[] open = new boolean[2 * k];
        for (int direction = 0; direction < 2 * k; direction++) {
            found.add(new ArrayList<>());
            open[direction] = true;
        }
        double[] place = new double[2 * k];
        for (int wave = 0; wave < MOST_ALONG; wave++) {
            List<double[]> outers = new ArrayList<>();
            List<double[]> starts = new ArrayList<>();
            List<Integer> directions = new ArrayList<>();
            for (int direction = 0; direction < 2 * k; direction++) {
                if (open[direction]) {
                    double gap = gap(found.get(direction));
                    place[direction] += gap;
                    outers.add(at(mode, onAxis(direction, place[direction])));
                    starts.add(extrapolated(found.get(direction), gap));
                    directions.add(direction);
                }
            }
            if (outers.isEmpty()) {
                break;
            }
            List<@Nullable Conditional> conditionals = solver.solve(outers, starts);
            for (int p = 0; p < outers.size(); p++) {
                int direction = directions.get(p);
                Conditional there = conditionals.get(p);
                double fall = there == null ? Double.NaN : mode.centre().logMarginal() - there.logMarginal();
                if (there == null || Double.isNaN(fall)) {
                    open[direction] = false;
                    continue;
                }
                found.get(direction).add(new OnAxis(place[direction], there, fall));
                open[direction] = fall < fall(k) && place[direction] < FARTHEST;
            }
        }
        return found;
    }

    /** The distance to the next node: wider in a tail that falls slowly. */
    private double gap(List<OnAxis> before) {
        int n = before.size();
        if (n < 2) {
            return spacing(k);
        }
        OnAxis last = before.get(n - 1);
        OnAxis earlier = before.get(n - 2);
        double gap = last.place - earlier.place;
        double fall = Math.max(1e-6, last.fall - earlier.fall);
        return Math.max(spacing(k), Math.min(WIDENING * gap, FALL_OF_STEP * gap / fall));
    }

    private double[] onAxis(int direction, double place) {
        double[] at = new double[k];
        at[direction / 2] = direction % 2 == 0 ? place : -place;
        return at;
    }

    /** Where the mode inside is on the line through the last two. */
    private double[] extrapolated(List<OnAxis> before, double gap) {
        int n = before.size();
        if (n == 0) {
            return mode.centre().inner();
        }
        OnAxis last = before.get(n - 1);
        double[] earlier =
                n == 1 ? mode.centre().inner() : before.get(n - 2).conditional.inner();
        double share = gap / (last.place - (n == 1 ? 0 : before.get(n - 2).place));
        double[] start = last.conditional.inner().clone();
        for (int i = 0; i < start.length; i++) {
            start[i] += share * (start[i] - earlier[i]);
        }
        return start;
    }

    /** On each axis a node, or null for the mode, and how far the log density falls along the axes together. */
    private record Combination(@Nullable OnAxis[] chosen, double fall) {}

    private List<Conditional> between(List<List<OnAxis>> axes) {
        List<Combination> combinations = new ArrayList<>();
        combine(axes, 0, new OnAxis[k], 0, 0, combinations);
        if (combinations.size() > MOST_BETWEEN) {
            combinations.sort(Comparator.comparingDouble(Combination::fall));
            combinations.subList(MOST_BETWEEN, combinations.size()).clear();
        }
        List<double[]> outers = new ArrayList<>();
        List<double[]> starts = new ArrayList<>();
        for (Combination combination : combinations) {
            outers.add(at(mode, places(axes, combination.chosen)));
            starts.add(start(combination.chosen));
        }
        return solver.solve(outers, starts).stream()
                .filter(there -> there != null && mode.centre().logMarginal() - there.logMarginal() < 2.5 * fall(k))
                .map(Objects::requireNonNull)
                .toList();
    }

    private void combine(
            List<List<OnAxis>> axes,
            int axis,
            @Nullable OnAxis[] chosen,
            int away,
            double fall,
            List<Combination> found) {
        if (fall > FALL_BETWEEN[Math.min(k, FALL.length) - 1]) {
            return;
        }
        if (axis == k) {
            if (away > 1) {
                found.add(new Combination(chosen.clone(), fall));
            }
            return;
        }
        chosen[axis] = null;
        combine(axes, axis + 1, chosen, away, fall, found);
        if (k >= PAIRS_ONLY && away == 2) {
            return;
        }
        for (int sign = 0; sign < 2; sign++) {
            List<OnAxis> along = axes.get(2 * axis + sign);
            int most = k > PAIRS_ONLY ? Math.min(1, along.size()) : along.size();
            for (OnAxis node : along.subList(0, most)) {
                chosen[axis] = node;
                combine(axes, axis + 1, chosen, away + 1, fall + Math.max(0, node.fall), found);
            }
        }
        chosen[axis] = null;
    }

    private double[] places(List<List<OnAxis>> axes, @Nullable OnAxis[] chosen) {
        double[] places = new double[k];
        for (int a = 0; a < k; a++) {
            OnAxis node = chosen[a];
            if (node != null) {
                places[a] = axes.get(2 * a).contains(node) ? node.place : -node.place;
            }
        }
        return places;
    }

    private double[] start(@Nullable OnAxis[] chosen) {
        double[] centre = mode.centre().inner();
        double[] start = centre.clone();
        for (OnAxis node : chosen) {
            if (node != null) {
                for (int i = 0; i < start.length; i++) {
                    start[i] += node.conditional.inner()[i] - centre[i];
                }
            }
        }
        return start;
    }
}

package org.variational.structure;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.variational.density.Adjacency;

/**
 * Colours of the coordinates, such that one gradient difference for each colour gives all entries of a Hessian.
 *
 * <p>Coordinates with very many neighbours have a colour to themselves. Two others have the same colour only if they
 * are not related and no third one of these others is related to both. An entry is read from the difference along the
 * one of its two coordinates that has a colour to itself, otherwise from either (Curtis, Powell and Reid 1974; Coleman
 * and Moré 1984). Immutable and thread-safe.
 */
public final class Colouring {

    private final int[] colours;
    private final boolean[] alone;
    private final int count;

    private Colouring(int[] colours, boolean[] alone, int count) {
        this.colours = colours;
        this.alone = alone;
        this.count = count;
    }

    /**
     * A colouring with few colours.
     *
     * @param adjacency where the Hessian has entries off the diagonal
     */
    public static Colouring of(Adjacency adjacency) {
        int n = adjacency.dimension();
        if (adjacency.isComplete()) {
            boolean[] alone = new boolean[n];
            Arrays.fill(alone, true);
            return new Colouring(IntStream.range(0, n).toArray(), alone, n);
        }
        int[] byDegree = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -adjacency.degree(i))
                        .thenComparingInt(i -> i))
                .mapToInt(Integer::intValue)
                .toArray();
        Colouring best = with(adjacency, byDegree, 0);
        for (int apart = 1; apart < Math.min(n, best.count); ) {
            Colouring candidate = with(adjacency, byDegree, apart);
            best = candidate.count < best.count ? candidate : best;
            apart += apart < 32 ? 1 : apart / 8;
        }
        return best;
    }

    /** The colouring in which the first of an order have a colour to themselves. */
    private static Colouring with(Adjacency adjacency, int[] order, int apart) {
        int n = order.length;
        int[] colours = new int[n];
        Arrays.fill(colours, -1);
        boolean[] alone = new boolean[n];
        for (int k = 0; k < apart; k++) {
            colours[order[k]] = k;
            alone[order[k]] = true;
        }
        int count = apart;
        int[] usedBy = new int[n];
        Arrays.fill(usedBy, -1);
        for (int k = apart; k < n; k++) {
            int node = order[k];
            for (int near : adjacency.neighbours(node)) {
                if (alone[near]) {
                    continue;
                }
                mark(usedBy, colours[near], node);
                for (int far : adjacency.neighbours(near)) {
                    mark(usedBy, colours[far], node);
                }
            }
            int colour = apart;
            while (usedBy[colour] == node) {
                colour++;
            }
            colours[node] = colour;
            count = Math.max(count, colour + 1);
        }
        return new Colouring(colours, alone, count);
    }

    private static void mark(int[] usedBy, int colour, int node) {
        if (colour >= 0) {
            usedBy[colour] = node;
        }
    }

    /** The number of coordinates. */
    public int size() {
        return colours.length;
    }

    /** The number of colours. */
    public int count() {
        return count;
    }

    /** The colour of a coordinate, from 0. */
    public int colour(int coordinate) {
        return colours[coordinate];
    }

    /** Whether no other coordinate has the colour of this one. */
    public boolean isAlone(int coordinate) {
        return alone[coordinate];
    }

    @Override
    public String toString() {
        return count + " colours of " + colours.length + " coordinates";
    }
}

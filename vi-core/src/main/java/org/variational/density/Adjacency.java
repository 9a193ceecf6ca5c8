package org.variational.density;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A symmetric relation between the D coordinates of a density: for each coordinate the others that it is related to.
 *
 * <p>Immutable and thread-safe. A relation with very many pairs is kept as {@linkplain #isComplete() complete}: all are
 * related to all.
 */
public final class Adjacency {

    /** With more pairs, a relation is taken as complete. */
    private static final long MOST_PAIRS = 40_000_000;

    private final int dimension;
    private final int @Nullable [][] neighbours;

    private Adjacency(int dimension, int @Nullable [][] neighbours) {
        this.dimension = dimension;
        this.neighbours = neighbours;
    }

    /** The relation of all coordinates to all others. */
    public static Adjacency complete(int dimension) {
        return new Adjacency(dimension, null);
    }

    /**
     * The relation in which the members of each group are related to one another.
     *
     * @param dimension the number of coordinates D
     * @param groups each a list of coordinates from 0 to D - 1; read only
     * @throws IllegalArgumentException if a coordinate is out of range
     */
    public static Adjacency of(int dimension, List<int[]> groups) {
        Builder builder = new Builder(dimension);
        groups.forEach(group -> builder.relate(sorted(group), sorted(group)));
        return builder.build();
    }

    private static int[] sorted(int[] coordinates) {
        return Arrays.stream(coordinates).sorted().distinct().toArray();
    }

    /** The number of coordinates D. */
    public int dimension() {
        return dimension;
    }

    /** Whether all coordinates are related to all others. */
    public boolean isComplete() {
        return neighbours == null;
    }

    /** The number of coordinates that one is related to. */
    public int degree(int coordinate) {
        return neighbours == null ? dimension - 1 : neighbours[coordinate].length;
    }

    /**
     * The coordinates that one is related to.
     *
     * @return in rising order, without itself
     */
    public int[] neighbours(int coordinate) {
        if (neighbours != null) {
            return neighbours[coordinate].clone();
        }
        int[] others = new int[dimension - 1];
        Arrays.setAll(others, i -> i < coordinate ? i : i + 1);
        return others;
    }

    /**
     * The relation between some of the coordinates, numbered by their place among them.
     *
     * @param kept the coordinates, distinct
     */
    public Adjacency between(int[] kept) {
        if (neighbours == null) {
            return complete(kept.length);
        }
        int[] place = new int[dimension];
        Arrays.fill(place, -1);
        for (int k = 0; k < kept.length; k++) {
            place[kept[k]] = k;
        }
        int[][] own = new int[kept.length][];
        for (int k = 0; k < kept.length; k++) {
            own[k] = Arrays.stream(neighbours[kept[k]])
                    .map(other -> place[other])
                    .filter(other -> other >= 0)
                    .sorted()
                    .toArray();
        }
        return new Adjacency(kept.length, own);
    }

    /** The number of related pairs, each counted once. */
    public long pairs() {
        if (neighbours == null) {
            return (long) dimension * (dimension - 1) / 2;
        }
        long ends = 0;
        for (int[] of : neighbours) {
            ends += of.length;
        }
        return ends / 2;
    }

    @Override
    public String toString() {
        return isComplete()
                ? dimension + " coordinates, all related"
                : dimension + " coordinates, " + pairs() + " pairs related";
    }

    /** Collects related coordinates. Mutable, for one thread. */
    public static final class Builder {

        private final int dimension;
        private final Set<Box> boxes = new HashSet<>();
        private long pairs;

        /** A relation in which none is related to any other. */
        public Builder(int dimension) {
            this.dimension = dimension;
        }

        /** Two sets of coordinates of which each member is related to each of the other; equal by content. */
        private record Box(int[] left, int[] right) {
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Box that && Arrays.equals(left, that.left) && Arrays.equals(right, that.right);
            }

            @Override
            public int hashCode() {
                return 31 * Arrays.hashCode(left) + Arrays.hashCode(right);
            }
        }

        /**
         * Relates each coordinate of one set to each of another.
         *
         * @param left coordinates in rising order; kept
         * @param right the same
         * @throws IllegalArgumentException if a coordinate is out of range
         */
        public void relate(int[] left, int[] right) {
            if (left.length == 0 || right.length == 0 || pairs > MOST_PAIRS) {
                return;
            }
            requireRange(left);
            requireRange(right);
            if (boxes.add(new Box(left, right))) {
                pairs += (long) left.length * right.length;
            }
        }

        private void requireRange(int[] rising) {
            if (rising[0] < 0 || rising[rising.length - 1] >= dimension) {
                throw new IllegalArgumentException("coordinates run from 0 to " + (dimension - 1) + ", but "
                        + Arrays.toString(rising) + " is not within");
            }
        }

        /** The relation collected so far. */
        public Adjacency build() {
            if (pairs > MOST_PAIRS) {
                return complete(dimension);
            }
            int[] counts = new int[dimension];
            for (Box box : boxes) {
                for (int a : box.left) {
                    counts[a] += box.right.length;
                }
                for (int b : box.right) {
                    counts[b] += box.left.length;
                }
            }
            int[][] all = new int[dimension][];
            Arrays.setAll(all, i -> new int[counts[i]]);
            Arrays.fill(counts, 0);
            for (Box box : boxes) {
                for (int a : box.left) {
                    for (int b : box.right) {
                        all[a][counts[a]++] = b;
                        all[b][counts[b]++] = a;
                    }
                }
            }
            for (int i = 0; i < dimension; i++) {
                all[i] = risingWithout(all[i], i);
            }
            return new Adjacency(dimension, all);
        }

        private static int[] risingWithout(int[] coordinates, int own) {
            Arrays.sort(coordinates);
            int count = 0;
            for (int k = 0; k < coordinates.length; k++) {
                if (coordinates[k] != own && (count == 0 || coordinates[count - 1] != coordinates[k])) {
                    coordinates[count++] = coordinates[k];
                }
            }
            return Arrays.copyOf(coordinates, count);
        }
    }
}

package org.variational.structure;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;

/**
 * What the interactions of a log density allow: which few coordinates stand outside, so that given them the others are
 * close to Gaussian, and how these others fall apart.
 *
 * <ul>
 *   <li><b>Outer</b> coordinates scale others: standard deviations, correlations, dispersions, parameters of kernels. A
 *       small set is chosen that has a member in every pair that is {@linkplain Interactions#multiplied() multiplied}.
 *   <li><b>Separators</b> are inner coordinates that are related to so many others that without them these fall apart
 *       into blocks: means of groups, fixed effects.
 *   <li><b>Blocks</b> are the remaining coordinates that are connected, independent of other blocks given all outer
 *       coordinates and separators.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class Structure {

    /** The largest number of entries of a factor that is worth its time and memory. */
    public static final long MOST_FILL = 5_000_000;

    /** The most outer coordinates that nested inference is for. */
    public static final int MOST_OUTER = 8;

    /** How many coordinates that stay inside one of them may scale. */
    private static final int PARTNERS_OF_GROUP = 4;

    private static final int MOST_SEPARATORS = 64;
    private static final int MOST_IN_BLOCK = 32;

    /** The neighbours that a separator has at least: a coordinate of a chain is none. */
    private static final int MANY = 3;

    private static final int MOST_NAMED = 6;

    private final List<String> names;
    private final int[] outer;
    private final int[] inner;
    private final Adjacency within;
    private final int[] separators;
    private final List<int[]> blocks;
    private final @Nullable FactorPattern pattern;
    private final Colouring colouring;
    private final String refusal;

    private Structure(List<String> names, Interactions interactions) {
        this.names = List.copyOf(names);
        int[] cover = cover(interactions.multiplied());
        String refused = "";
        if (cover.length > MOST_OUTER) {
            refused = cover.length + " coordinates or more scale others and would have to be handled first ("
                    + named(cover) + "); at most " + MOST_OUTER + " can";
            cover = new int[0];
        }
        this.outer = cover;
        this.inner = others(interactions.dimension(), outer);
        this.within = interactions.related().among(inner);
        int[] apart = separators(within);
        this.separators = Arrays.stream(apart).map(k -> inner[k]).toArray();
        this.blocks = components(within, apart).stream()
                .map(block -> Arrays.stream(block).map(k -> inner[k]).toArray())
                .toList();
        this.colouring = Colouring.of(within);
        this.pattern = FactorPattern.of(within, last(apart, colouring), MOST_FILL);
        if (refused.isEmpty() && pattern == null) {
            refused = String.format(
                    Locale.ROOT, "the Cholesky factor of the inner coordinates has more than %d entries", MOST_FILL);
        }
        this.refusal = refused;
    }

    /**
     * The structure of a log density.
     *
     * @param names the names of its coordinates
     * @param interactions which of them act together
     * @throws IllegalArgumentException if there is not one name a coordinate
     */
    public static Structure of(List<String> names, Interactions interactions) {
        if (names.size() != interactions.dimension()) {
            throw new IllegalArgumentException(
                    "there are " + interactions.dimension() + " coordinates, but " + names.size() + " names of them");
        }
        return new Structure(names, interactions);
    }

    /**
     * Coordinates of which every pair has a member: the one with most partners first, until no pair is left. If these
     * are too many, only those with more than a few partners: what scales a single group may stay with its effects.
     */
    private static int[] cover(Adjacency pairs) {
        int n = pairs.dimension();
        int[] left = IntStream.range(0, n).map(pairs::degree).toArray();
        List<Integer> taken = new ArrayList<>();
        int ofMany = 0;
        while (taken.size() <= MOST_OUTER) {
            int most = 0;
            for (int i = 1; i < n; i++) {
                most = left[i] > left[most] ? i : most;
            }
            if (left[most] == 0) {
                break;
            }
            taken.add(most);
            ofMany += left[most] > PARTNERS_OF_GROUP ? 1 : 0;
            left[most] = 0;
            for (int other : pairs.neighbours(most)) {
                left[other] = taken.contains(other) ? 0 : left[other] - 1;
            }
        }
        int kept = taken.size() > MOST_OUTER && ofMany <= MOST_OUTER ? ofMany : taken.size();
        return taken.subList(0, kept).stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    private static int[] others(int dimension, int[] some) {
        boolean[] given = new boolean[dimension];
        for (int i : some) {
            given[i] = true;
        }
        return IntStream.range(0, dimension).filter(i -> !given[i]).toArray();
    }

    /**
     * The fewest nodes of highest degree without which no component is larger than a block; none if there are none, or
     * these have no more neighbours than others, as in a chain or a lattice.
     */
    private static int[] separators(Adjacency adjacency) {
        int n = adjacency.dimension();
        if (adjacency.isComplete() || n <= 1) {
            return new int[0];
        }
        int[] byDegree = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -adjacency.degree(i))
                        .thenComparingInt(i -> i))
                .mapToInt(Integer::intValue)
                .toArray();
        int whole = largest(components(adjacency, new int[0]));
        for (int count = 1; count <= Math.min(MOST_SEPARATORS, n / 2); count++) {
            int fewest = adjacency.degree(byDegree[count - 1]);
            if (fewest < MANY) {
                break;
            }
            int[] candidates = Arrays.copyOf(byDegree, count);
            List<int[]> components = components(adjacency, candidates);
            if (largest(components) <= Math.min(MOST_IN_BLOCK, whole / 2)
                    && fewest > 2 * largestDegree(adjacency, components)) {
                Arrays.sort(candidates);
                return candidates;
            }
        }
        return new int[0];
    }

    /** The separators, and what is related to so many others that it has a colour to itself, if these are few. */
    private static int[] last(int[] separators, Colouring colouring) {
        int[] alone =
                IntStream.range(0, colouring.size()).filter(colouring::isAlone).toArray();
        return alone.length > MOST_SEPARATORS || alone.length == colouring.size()
                ? separators
                : IntStream.concat(Arrays.stream(separators), Arrays.stream(alone))
                        .sorted()
                        .distinct()
                        .toArray();
    }

    private static int largest(List<int[]> components) {
        return components.stream().mapToInt(block -> block.length).max().orElse(0);
    }

    /** The most neighbours that a member of a component has within it. */
    private static int largestDegree(Adjacency adjacency, List<int[]> components) {
        int largest = 0;
        for (int[] component : components) {
            for (int node : component) {
                int within = 0;
                for (int other : adjacency.neighbours(node)) {
                    within += Arrays.binarySearch(component, other) >= 0 ? 1 : 0;
                }
                largest = Math.max(largest, within);
            }
        }
        return largest;
    }

    /** The connected components without some nodes, each in rising order. */
    private static List<int[]> components(Adjacency adjacency, int[] without) {
        int n = adjacency.dimension();
        if (adjacency.isComplete()) {
            return n == 0 ? List.of() : List.of(IntStream.range(0, n).toArray());
        }
        boolean[] seen = new boolean[n];
        for (int node : without) {
            seen[node] = true;
        }
        List<int[]> components = new ArrayList<>();
        Deque<Integer> pending = new ArrayDeque<>();
        for (int first = 0; first < n; first++) {
            if (seen[first]) {
                continue;
            }
            List<Integer> members = new ArrayList<>();
            seen[first] = true;
            pending.push(first);
            while (!pending.isEmpty()) {
                int node = pending.pop();
                members.add(node);
                for (int other : adjacency.neighbours(node)) {
                    if (!seen[other]) {
                        seen[other] = true;
                        pending.push(other);
                    }
                }
            }
            components.add(members.stream().mapToInt(Integer::intValue).sorted().toArray());
        }
        return components;
    }

    /** The number of coordinates D. */
    public int dimension() {
        return names.size();
    }

    /** The outer coordinates, in rising order; none where nothing scales another, or too many do. */
    public int[] outer() {
        return outer.clone();
    }

    /** The other coordinates, in rising order. */
    public int[] inner() {
        return inner.clone();
    }

    /** The pattern of the Hessian between the inner coordinates, numbered by their place among these. */
    public Adjacency within() {
        return within;
    }

    /** The inner coordinates without which the others fall apart; none if they do not, or do so anyway. */
    public int[] separators() {
        return separators.clone();
    }

    /**
     * The connected parts of the inner coordinates without the separators.
     *
     * @return their coordinates, each list in rising order
     */
    public List<int[]> blocks() {
        return blocks.stream().map(int[]::clone).toList();
    }

    /** The pattern of the Cholesky factor of the inner coordinates; null if it fills in too much. */
    public @Nullable FactorPattern pattern() {
        return pattern;
    }

    /** A colouring of the inner coordinates, by which differences of gradients give their Hessian. */
    public Colouring colouring() {
        return colouring;
    }

    /** Why nested and sparse inference are not for this density; empty if they are. */
    public String refusal() {
        return refusal;
    }

    private String named(int[] coordinates) {
        String first = Arrays.stream(coordinates)
                .limit(MOST_NAMED)
                .mapToObj(names::get)
                .collect(Collectors.joining(", "));
        return first + (coordinates.length > MOST_NAMED ? ", ..." : "");
    }

    /** The structure in a few lines. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(dimension()).append(dimension() == 1 ? " coordinate" : " coordinates");
        if (outer.length > 0) {
            text.append("; ").append(outer.length);
            text.append(outer.length == 1 ? " scale, handled first (" : " scales, handled first (");
            text.append(named(outer)).append(')');
        }
        if (separators.length > 0) {
            text.append("; ").append(separators.length).append(" coupled to many (");
            text.append(named(separators)).append(')');
        }
        text.append("; ").append(parts());
        if (pattern != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "%nCholesky factor of the inner coordinates: %d entries; their Hessian takes %d gradients",
                    pattern.entries(),
                    2 * colouring.count()));
        }
        if (!refusal.isEmpty()) {
            text.append(String.format(Locale.ROOT, "%nnot used: %s", refusal));
        }
        return text.toString();
    }

    private String parts() {
        Map<String, Integer> counts = new TreeMap<>();
        for (int[] block : blocks) {
            String kind = isChain(block) ? "chain of " : "block of ";
            counts.merge(kind + block.length, 1, Integer::sum);
        }
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() == 1
                        ? "a " + entry.getKey()
                        : entry.getValue() + " independent "
                                + entry.getKey().replace("block", "blocks").replace("chain", "chains"))
                .collect(Collectors.joining(", "));
    }

    /** Whether a connected block has two neighbours for each coordinate but two, which have one. */
    private boolean isChain(int[] block) {
        int ends = 0;
        for (int coordinate : block) {
            int inBlock = 0;
            for (int other : within.neighbours(Arrays.binarySearch(inner, coordinate))) {
                inBlock += Arrays.binarySearch(block, inner[other]) >= 0 ? 1 : 0;
            }
            if (inBlock > 2) {
                return false;
            }
            ends += inBlock == 1 ? 1 : 0;
        }
        return block.length > 2 && ends == 2;
    }
}

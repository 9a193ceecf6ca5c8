package org.variational.estimator;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Interactions;
import org.variational.density.ParameterLayout;

/**
 * The division of a target's coordinates into those that are inferred, over which q is a distribution, and those that
 * are optimised, which have one value each.
 *
 * <p>Immutable and thread-safe.
 */
public final class CoordinateSplit {
    private final ParameterLayout layout;
    private final int[] inferred;
    private final int[] optimised;
    private final List<String> names;

    private CoordinateSplit(ParameterLayout layout, int[] inferred, int[] optimised) {
        this.layout = layout;
        this.inferred = inferred;
        this.optimised = optimised;
        this.names = List.copyOf(layout.coordinateNames());
    }

    /**
     * The division that a layout's blocks state.
     *
     * @param layout the layout of all coordinates
     * @throws IllegalArgumentException if the blocks do not cover the coordinates in order, or nothing is inferred
     */
    public static CoordinateSplit of(ParameterLayout layout) {
        int[] inferred = new int[layout.dimension()];
        int[] optimised = new int[layout.dimension()];
        int inferredCount = 0;
        int optimisedCount = 0;
        int next = 0;
        for (ParameterLayout.Block block : layout.blocks()) {
            if (block.offset() != next || block.length() < 0 || next + block.length() > layout.dimension()) {
                throw new IllegalArgumentException(
                        "block " + block + " does not continue at coordinate " + next + " of " + layout.dimension()
                                + ": a layout's blocks must follow each other and cover all coordinates");
            }
            for (int i = 0; i < block.length(); i++, next++) {
                if (block.role() == ParameterLayout.Role.OPTIMISED) {
                    optimised[optimisedCount++] = next;
                } else {
                    inferred[inferredCount++] = next;
                }
            }
        }
        if (next != layout.dimension() || layout.coordinateNames().size() != next) {
            throw new IllegalArgumentException(
                    "the layout has " + layout.dimension() + " coordinates, its blocks cover " + next + " and it names "
                            + layout.coordinateNames().size());
        }
        if (inferredCount == 0) {
            throw new IllegalArgumentException(
                    "no coordinate is inferred: declare at least one parameter with a prior, or optimise without"
                            + " inference");
        }
        return new CoordinateSplit(
                layout,
                java.util.Arrays.copyOf(inferred, inferredCount),
                java.util.Arrays.copyOf(optimised, optimisedCount));
    }

    /**
     * The number of all coordinates.
     *
     * @return D
     */
    public int dimension() {
        return inferred.length + optimised.length;
    }

    /**
     * The number of inferred coordinates, the dimension of q.
     *
     * @return at least 1
     */
    public int inferredCount() {
        return inferred.length;
    }

    /**
     * The number of optimised coordinates.
     *
     * @return at least 0
     */
    public int optimisedCount() {
        return optimised.length;
    }

    /**
     * Where an inferred coordinate stands among all.
     *
     * @param i its index among the inferred coordinates
     */
    public int inferredIndex(int i) {
        return inferred[i];
    }

    /**
     * Where an optimised coordinate stands among all.
     *
     * @param j its index among the optimised coordinates
     */
    public int optimisedIndex(int j) {
        return optimised[j];
    }

    /**
     * The name of a coordinate.
     *
     * @param index its index among all coordinates
     */
    public String name(int index) {
        return names.get(index);
    }

    /**
     * Joins draws of the inferred coordinates with the values of the optimised ones.
     *
     * @param draws inferred coordinates x S, read only
     * @param optimisedValues one value per optimised coordinate, the same in every lane
     * @param points reshaped to D x S and overwritten
     */
    public void join(DMatrixRMaj draws, double[] optimisedValues, DMatrixRMaj points) {
        int lanes = draws.numCols;
        points.reshape(dimension(), lanes);
        for (int i = 0; i < inferred.length; i++) {
            System.arraycopy(draws.data, i * lanes, points.data, inferred[i] * lanes, lanes);
        }
        for (int j = 0; j < optimised.length; j++) {
            int from = optimised[j] * lanes;
            java.util.Arrays.fill(points.data, from, from + lanes, optimisedValues[j]);
        }
    }

    /**
     * The layout of the inferred coordinates alone, to build a family for. It has names and blocks but no quantities:
     * those need all coordinates.
     *
     * @return the layout of {@link #inferredCount()} coordinates; the whole layout if nothing is optimised
     */
    public ParameterLayout inferredLayout() {
        if (optimised.length == 0) {
            return layout;
        }
        List<String> inferredNames = new ArrayList<>(inferred.length);
        for (int index : inferred) {
            inferredNames.add(names.get(index));
        }
        List<ParameterLayout.Block> blocks = new ArrayList<>();
        int offset = 0;
        for (ParameterLayout.Block block : layout.blocks()) {
            if (block.role() != ParameterLayout.Role.OPTIMISED) {
                blocks.add(
                        new ParameterLayout.Block(block.name(), offset, block.length(), block.role(), block.local()));
                offset += block.length();
            }
        }
        return new InferredLayout(List.copyOf(inferredNames), List.copyOf(blocks), this);
    }

    /**
     * Which inferred coordinates act together; null if nothing is known.
     */
    public @Nullable Interactions interactions() {
        Interactions all = layout.interactions();
        return all == null || optimised.length == 0 ? all : all.among(inferred);
    }

    private record InferredLayout(List<String> coordinateNames, List<Block> blocks, CoordinateSplit split)
            implements ParameterLayout {
        @Override
        public int dimension() {
            return coordinateNames.size();
        }

        @Override
        public List<Quantity> quantities() {
            return List.of();
        }

        @Override
        public @Nullable Interactions interactions() {
            return split.interactions();
        }

        @Override
        public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
            throw new UnsupportedOperationException(
                    "quantities depend on the optimised coordinates too: ask the layout of all coordinates");
        }
    }
}

package org.variational.density;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * A layout from which nothing harmful comes out of {@link #quantitiesAt}, whatever the user's code does: it sees copies
 * of a few points at a time, and a point at which it throws, or does not fill the matrix it is passed, has quantities
 * that are all NaN. Points that fail together are repeated one by one. Names and shapes are read once, when it is made.
 *
 * <p>Holds scratch space and what was thrown first; as other layouts, for one thread at a time.
 */
public final class GuardedLayout implements ParameterLayout {

    private static final int BATCH = 256;

    private final ParameterLayout layout;
    private final int dimension;
    private final List<String> coordinateNames;
    private final List<Block> blocks;
    private final List<Quantity> quantities;
    private final DMatrixRMaj seen = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj filled = new DMatrixRMaj(0, 0);
    private final Supplier<@Nullable Interactions> interactions;
    private @Nullable RuntimeException firstException;

    private GuardedLayout(ParameterLayout layout, Supplier<@Nullable Interactions> interactions) {
        this.layout = layout;
        this.interactions = interactions;
        this.dimension = layout.dimension();
        this.coordinateNames = List.copyOf(layout.coordinateNames());
        this.blocks = List.copyOf(layout.blocks());
        this.quantities = List.copyOf(layout.quantities());
        Set<String> names = new HashSet<>();
        for (Quantity quantity : quantities) {
            if (!names.add(quantity.name())) {
                throw new IllegalArgumentException(
                        "the layout has two quantities named \"" + quantity.name() + "\"; give each a name of its own");
            }
        }
    }

    /**
     * Guards a layout; one that is guarded is returned as it is.
     *
     * @throws IllegalArgumentException if two quantities have the same name
     */
    public static GuardedLayout of(ParameterLayout layout) {
        return layout instanceof GuardedLayout guarded ? guarded : new GuardedLayout(layout, layout::interactions);
    }

    /**
     * Guards the layout of a density, from which it has the interactions where it knows none itself.
     *
     * @throws IllegalArgumentException if two quantities have the same name
     */
    public static GuardedLayout of(ParameterLayout layout, LogDensity density) {
        return new GuardedLayout(layout, () -> {
            Interactions own = layout.interactions();
            return own != null ? own : density.interactions();
        });
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public List<String> coordinateNames() {
        return coordinateNames;
    }

    @Override
    public List<Block> blocks() {
        return blocks;
    }

    @Override
    public List<Quantity> quantities() {
        return quantities;
    }

    @Override
    public double[] initialPoint() {
        return layout.initialPoint();
    }

    /**
     * Which coordinates act together.
     *
     * @throws IllegalArgumentException if those known are of another number of coordinates
     */
    @Override
    public @Nullable Interactions interactions() {
        Interactions known = interactions.get();
        if (known != null && known.dimension() != dimension) {
            throw new IllegalArgumentException("the interactions given are between " + known.dimension()
                    + " coordinates, but the density has " + dimension);
        }
        return known;
    }

    @Override
    public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
        int lanes = points.numCols;
        for (int first = 0; first < lanes; first += BATCH) {
            int count = Math.min(BATCH, lanes - first);
            if (!succeeds(points, first, count, values)) {
                for (int s = first; s < first + count; s++) {
                    if (!succeeds(points, s, 1, values)) {
                        for (int row = 0; row < values.numRows; row++) {
                            values.data[row * lanes + s] = Double.NaN;
                        }
                    }
                }
            }
        }
    }

    private boolean succeeds(DMatrixRMaj points, int first, int count, DMatrixRMaj values) {
        int lanes = points.numCols;
        int scalars = values.numRows;
        seen.reshape(points.numRows, count);
        for (int i = 0; i < points.numRows; i++) {
            System.arraycopy(points.data, i * lanes + first, seen.data, i * count, count);
        }
        filled.reshape(scalars, count);
        Arrays.fill(filled.data, 0, scalars * count, Double.NaN);
        try {
            layout.quantitiesAt(seen, filled);
            if (filled.numRows != scalars || filled.numCols != count || filled.data.length < scalars * count) {
                throw new IllegalStateException("the layout returned quantities of " + filled.numRows + " x "
                        + filled.numCols + ", expected " + scalars + " x " + count
                        + " (scalars x points): fill the matrix that is passed, do not reshape it and do not replace"
                        + " its array");
            }
        } catch (RuntimeException e) {
            if (firstException == null) {
                firstException = e;
            }
            return false;
        }
        for (int row = 0; row < scalars; row++) {
            System.arraycopy(filled.data, row * count, values.data, row * lanes + first, count);
        }
        return true;
    }

    /** The first exception of the layout so far; null if there was none. */
    public @Nullable RuntimeException firstException() {
        return firstException;
    }
}

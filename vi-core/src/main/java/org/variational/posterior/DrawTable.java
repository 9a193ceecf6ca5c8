package org.variational.posterior;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.GuardedLayout;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.QuantityIndex;

/** Draws as points of the unconstrained scale and as named values on the user's scale, side by side; immutable. */
final class DrawTable {

    private static final int MOST_NAMES = 8;

    private final List<Quantity> quantities;
    private final QuantityIndex index;
    private final List<String> coordinateNames;
    private final DMatrixRMaj unconstrained;
    private final DMatrixRMaj values;

    private DrawTable(
            List<Quantity> quantities, List<String> coordinateNames, DMatrixRMaj unconstrained, DMatrixRMaj values) {
        this.quantities = quantities;
        this.index = QuantityIndex.of(quantities);
        this.coordinateNames = coordinateNames;
        this.unconstrained = unconstrained;
        this.values = values;
    }

    /** Evaluates the quantities at D x S points, which are copied. */
    static DrawTable of(ParameterLayout layout, DMatrixRMaj unconstrained) {
        if (unconstrained.numRows != layout.dimension()) {
            throw new IllegalArgumentException(
                    "the draws have " + unconstrained.numRows + " coordinates, the layout has " + layout.dimension());
        }
        List<Quantity> quantities = List.copyOf(layout.quantities());
        int size = quantities.stream().mapToInt(Quantity::size).sum();
        DMatrixRMaj values = new DMatrixRMaj(size, unconstrained.numCols);
        DMatrixRMaj copy = unconstrained.copy();
        GuardedLayout.of(layout).quantitiesAt(copy, values);
        return new DrawTable(quantities, List.copyOf(layout.coordinateNames()), copy, values);
    }

    /** The draws with these indices, in this order. */
    DrawTable columns(int[] indices) {
        return new DrawTable(
                quantities,
                coordinateNames,
                Matrices.selectColumns(unconstrained, indices),
                Matrices.selectColumns(values, indices));
    }

    int size() {
        return unconstrained.numCols;
    }

    int scalars() {
        return values.numRows;
    }

    List<Quantity> quantities() {
        return quantities;
    }

    List<String> coordinateNames() {
        return coordinateNames;
    }

    List<String> scalarNames() {
        return index.scalarNames();
    }

    DMatrixRMaj unconstrained() {
        return unconstrained.copy();
    }

    double[] draws(String name) {
        return draws(index.row(name));
    }

    /** The draws of the scalar at a position of {@link #scalarNames()}. */
    double[] draws(int row) {
        return Matrices.row(values, row);
    }

    /** The draws of a selection of quantities and scalars, n x S. */
    DMatrixRMaj drawsOf(String name) {
        int[] rows = index.rows(name);
        DMatrixRMaj copy = new DMatrixRMaj(rows.length, size());
        for (int k = 0; k < rows.length; k++) {
            System.arraycopy(values.data, rows[k] * size(), copy.data, k * size(), size());
        }
        return copy;
    }

    /** All scalars of one draw, in the order of {@link #scalarNames()}. */
    double[] scalarsAt(int draw) {
        return Matrices.column(values, draw);
    }

    /** The number of draws with a value that is not finite on the user's scale. */
    int nonFinite() {
        int count = 0;
        for (int s = 0; s < size(); s++) {
            for (int row = 0; row < scalars(); row++) {
                if (!Double.isFinite(values.data[row * size() + s])) {
                    count++;
                    break;
                }
            }
        }
        return count;
    }

    /** The names of the quantities for people: the first ones, and how many there are. */
    String describe() {
        List<String> names = quantities.stream().map(Quantity::name).toList();
        return names.size() <= MOST_NAMES
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, MOST_NAMES)) + " and " + (names.size() - MOST_NAMES) + " more";
    }
}

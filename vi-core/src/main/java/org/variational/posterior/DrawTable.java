package org.variational.posterior;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;

/** Draws as points of the unconstrained scale and as named values on the user's scale, side by side; immutable. */
final class DrawTable {

    private static final int MOST_NAMES = 20;

    private final List<Quantity> quantities;
    private final List<String> coordinateNames;
    private final DMatrixRMaj unconstrained;
    private final DMatrixRMaj values;
    private final Map<String, Integer> scalarRows = new LinkedHashMap<>();
    private final Map<String, int[]> quantityRows = new LinkedHashMap<>();

    private DrawTable(
            List<Quantity> quantities, List<String> coordinateNames, DMatrixRMaj unconstrained, DMatrixRMaj values) {
        this.quantities = quantities;
        this.coordinateNames = coordinateNames;
        this.unconstrained = unconstrained;
        this.values = values;
        int row = 0;
        for (Quantity quantity : quantities) {
            quantityRows.put(quantity.name(), new int[] {row, quantity.size()});
            for (String name : quantity.scalarNames()) {
                scalarRows.put(name, row++);
            }
        }
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
        layout.quantitiesAt(copy, values);
        return new DrawTable(quantities, List.copyOf(layout.coordinateNames()), copy, values);
    }

    /** The draws with these indices, in this order. */
    DrawTable columns(int[] indices) {
        return new DrawTable(quantities, coordinateNames, columns(unconstrained, indices), columns(values, indices));
    }

    private static DMatrixRMaj columns(DMatrixRMaj matrix, int[] indices) {
        DMatrixRMaj chosen = new DMatrixRMaj(matrix.numRows, indices.length);
        for (int i = 0; i < matrix.numRows; i++) {
            for (int k = 0; k < indices.length; k++) {
                chosen.data[i * indices.length + k] = matrix.data[i * matrix.numCols + indices[k]];
            }
        }
        return chosen;
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
        return List.copyOf(scalarRows.keySet());
    }

    DMatrixRMaj unconstrained() {
        return unconstrained.copy();
    }

    double[] draws(String name) {
        Integer row = scalarRows.get(Objects.requireNonNull(name, "name"));
        if (row == null) {
            int[] rows = quantityRows.get(name);
            throw new IllegalArgumentException(
                    rows != null
                            ? "\"" + name + "\" has " + rows[1] + " elements: ask for one of them, such as \""
                                    + scalarNames().get(rows[0]) + "\", or for drawsOf(\"" + name + "\")"
                            : "there is no scalar \"" + name + "\"; there are " + some(scalarNames()));
        }
        return draws(row);
    }

    /** The draws of the scalar at a position of {@link #scalarNames()}. */
    double[] draws(int row) {
        double[] copy = new double[size()];
        System.arraycopy(values.data, row * size(), copy, 0, copy.length);
        return copy;
    }

    DMatrixRMaj drawsOf(String name) {
        int[] rows = quantityRows.get(Objects.requireNonNull(name, "name"));
        if (rows == null) {
            throw new IllegalArgumentException(
                    "there is no quantity \"" + name + "\"; there are " + some(List.copyOf(quantityRows.keySet())));
        }
        DMatrixRMaj copy = new DMatrixRMaj(rows[1], size());
        System.arraycopy(values.data, rows[0] * size(), copy.data, 0, rows[1] * size());
        return copy;
    }

    /** All scalars of one draw, in the order of {@link #scalarNames()}. */
    double[] scalarsAt(int draw) {
        double[] scalars = new double[scalars()];
        for (int row = 0; row < scalars.length; row++) {
            scalars[row] = values.data[row * size() + draw];
        }
        return scalars;
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
        return some(List.copyOf(quantityRows.keySet()));
    }

    private static String some(List<String> names) {
        int shown = Math.min(MOST_NAMES, names.size());
        List<String> list = new ArrayList<>(names.subList(0, shown));
        if (shown < names.size()) {
            list.add("... (" + names.size() + " in all)");
        }
        return String.join(", ", list);
    }
}

package org.variational.density;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout.Block;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;

/** Naming of scalars, and the layout of a density whose coordinates are its quantities. */
final class Quantities {

    private static final int SHOWN = 20;

    private Quantities() {}

    static List<String> scalarNames(Quantity quantity) {
        if (quantity.labels().isEmpty()) {
            return List.of(quantity.name());
        }
        List<String> names = new ArrayList<>(quantity.size());
        List<String> rows = quantity.labels().get(0).written();
        if (quantity.labels().size() == 1) {
            for (String row : rows) {
                names.add(quantity.name() + "[" + row + "]");
            }
        } else {
            List<String> columns = quantity.labels().get(1).written();
            for (String row : rows) {
                for (String column : columns) {
                    names.add(quantity.name() + "[" + row + "," + column + "]");
                }
            }
        }
        return List.copyOf(names);
    }

    /** The first names of a list, for messages. */
    static String some(List<String> names) {
        return names.size() <= SHOWN
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, SHOWN)) + ", ... (" + names.size() + " in all)";
    }

    static ParameterLayout vector(String name, int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension must be at least 1, got " + dimension);
        }
        return new Vector(Quantity.vector(name, dimension, Role.INFERRED));
    }

    private record Vector(Quantity quantity) implements ParameterLayout {

        @Override
        public int dimension() {
            return quantity.size();
        }

        @Override
        public List<String> coordinateNames() {
            return quantity.scalarNames();
        }

        @Override
        public List<Block> blocks() {
            return List.of(new Block(quantity.name(), 0, dimension(), Role.INFERRED, false));
        }

        @Override
        public List<Quantity> quantities() {
            return List.of(quantity);
        }

        @Override
        public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
            values.setTo(points);
        }

        @Override
        public String toString() {
            return "layout of " + ParameterLayout.describe(this);
        }
    }
}

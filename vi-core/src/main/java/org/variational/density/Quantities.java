package org.variational.density;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout.Block;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;

/** Naming of scalars, and the layout of a density whose coordinates are its quantities. */
final class Quantities {

    private Quantities() {}

    static List<String> scalarNames(Quantity quantity) {
        if (quantity.rows() == 1 && quantity.columns() == 1) {
            return List.of(quantity.name());
        }
        List<String> names = new ArrayList<>(quantity.size());
        for (int row = 0; row < quantity.rows(); row++) {
            for (int column = 0; column < quantity.columns(); column++) {
                String index = quantity.columns() == 1 ? "[" + row + "]" : "[" + row + "," + column + "]";
                names.add(quantity.name() + index);
            }
        }
        return List.copyOf(names);
    }

    static ParameterLayout vector(String name, int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension must be at least 1, got " + dimension);
        }
        return new Vector(new Quantity(name, dimension, 1, Role.INFERRED));
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
    }
}

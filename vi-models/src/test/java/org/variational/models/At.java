package org.variational.models;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Block;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.model.Model;

/** A model at one point: coordinates and quantities by name, the log density and its gradient. */
final class At {

    private final Model model;
    private final ParameterLayout layout;
    private final DMatrixRMaj point;
    private final DMatrixRMaj quantities = new DMatrixRMaj(1, 1);

    private At(Model model, double[] coordinates) {
        this.model = model;
        this.layout = model.layout();
        this.point = new DMatrixRMaj(model.dimension(), 1, true, coordinates);
        layout.quantitiesAt(point, quantities);
    }

    static At point(Model model, double... coordinates) {
        return new At(model, coordinates);
    }

    /** Coordinates drawn independently and uniformly from {@code (-spread, spread)}. */
    static At random(Model model, double spread, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] u = new double[model.dimension()];
        for (int d = 0; d < u.length; d++) {
            u[d] = spread * (2 * random.nextDouble() - 1);
        }
        return new At(model, u);
    }

    /** The coordinates of a parameter. */
    double[] coordinates(String name) {
        for (Block block : layout.blocks()) {
            if (block.name().equals(name)) {
                return Arrays.copyOfRange(point.data, block.offset(), block.offset() + block.length());
            }
        }
        throw new IllegalArgumentException("no parameter " + name);
    }

    /** A parameter or derived value on the user's scale. */
    double[] values(String name) {
        int at = 0;
        for (Quantity quantity : layout.quantities()) {
            if (quantity.name().equals(name)) {
                return Arrays.copyOfRange(quantities.data, at, at + quantity.size());
            }
            at += quantity.size();
        }
        throw new IllegalArgumentException("no quantity " + name);
    }

    double value(String name) {
        return values(name)[0];
    }

    double logDensity() {
        double[] value = new double[1];
        model.density().evaluate(point, value, null);
        return value[0];
    }

    DMatrixRMaj gradient() {
        DMatrixRMaj gradient = new DMatrixRMaj(model.dimension(), 1);
        model.density().evaluate(point, new double[1], gradient);
        return gradient;
    }

    static List<String> quantityNames(Model model) {
        return model.layout().quantities().stream().map(Quantity::name).toList();
    }

    static List<String> parameterNames(Model model) {
        return model.layout().blocks().stream().map(Block::name).toList();
    }
}

package org.variational.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.expression.Data;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.expression.Plan;
import org.variational.expression.RowAxis;

/** The layout of a declared model. */
final class ModelLayout implements ParameterLayout {

    private final int dimension;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Quantity> quantities = new ArrayList<>();
    private final List<String> coordinateNames = new ArrayList<>();
    private final double[] initialPoint;
    private final Evaluator evaluator;

    ModelLayout(int dimension, List<Declaration> declarations, Set<String> dataNames, Data data) {
        this.dimension = dimension;
        this.initialPoint = new double[dimension];
        this.evaluator = evaluator(dimension, declarations, dataNames, data);
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                blocks.add(new Block(
                        parameter.name(),
                        parameter.offset(),
                        parameter.length(),
                        parameter.role(),
                        parameter.axis() != null));
                add(parameter.name(), parameter.value(), parameter.role());
                nameCoordinates(parameter);
                System.arraycopy(parameter.initial(), 0, initialPoint, parameter.offset(), parameter.length());
            } else if (declaration instanceof Declaration.Derived derived) {
                add(derived.name(), derived.value(), Role.DERIVED);
            }
        }
    }

    private static Evaluator evaluator(
            int dimension, List<Declaration> declarations, Set<String> dataNames, Data data) {
        List<Expr> values = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                values.add(parameter.value());
            } else if (declaration instanceof Declaration.Derived derived) {
                values.add(derived.value());
            }
        }
        Plan plan = Plan.of(dimension, List.of(), values, dataNames);
        return plan.evaluator(data, 1);
    }

    private void add(String name, Expr value, Role role) {
        RowAxis axis = value.axis();
        int rows = axis == null ? value.rows() : evaluator.rowCount(axis);
        quantities.add(new Quantity(name, rows, value.columns(), role));
    }

    private void nameCoordinates(Declaration.Parameter parameter) {
        Quantity shape = quantities.get(quantities.size() - 1);
        List<String> scalars = shape.scalarNames();
        for (int i = 0; i < parameter.length(); i++) {
            coordinateNames.add(scalars.size() == parameter.length() ? scalars.get(i) : parameter.name() + "~" + i);
        }
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public List<String> coordinateNames() {
        return List.copyOf(coordinateNames);
    }

    @Override
    public List<Block> blocks() {
        return List.copyOf(blocks);
    }

    @Override
    public List<Quantity> quantities() {
        return List.copyOf(quantities);
    }

    @Override
    public double[] initialPoint() {
        return initialPoint.clone();
    }

    @Override
    public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
        double[][] outputs = evaluator.outputs(points);
        int total = 0;
        for (double[] output : outputs) {
            total += output.length;
        }
        values.reshape(total / points.numCols, points.numCols);
        int at = 0;
        for (double[] output : outputs) {
            System.arraycopy(output, 0, values.data, at, output.length);
            at += output.length;
        }
    }
}

package org.variational.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Interactions;
import org.variational.density.Labels;
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
    private final Supplier<Interactions> interactions;

    ModelLayout(
            int dimension,
            List<Declaration> declarations,
            Set<String> dataNames,
            Data data,
            Supplier<Interactions> interactions) {
        this.interactions = interactions;
        this.dimension = dimension;
        this.initialPoint = new double[dimension];
        List<Reported> reported = reported(declarations);
        List<Expr> values = reported.stream().map(Reported::value).toList();
        this.evaluator = Plan.of(dimension, List.of(), values, dataNames).evaluator(data, 1);
        for (Reported each : reported) {
            quantities.add(
                    new Quantity(each.name(), labels(each.value(), each.labels()), each.role(), each.auxiliary()));
        }
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                blocks.add(new Block(
                        parameter.name(),
                        parameter.coordinates().offset(),
                        parameter.coordinates().length(),
                        parameter.role(),
                        parameter.shape().axis() != null));
                nameCoordinates(parameter);
                System.arraycopy(
                        parameter.coordinates().initial(),
                        0,
                        initialPoint,
                        parameter.coordinates().offset(),
                        parameter.coordinates().length());
            }
        }
    }

    /** What a declaration reports; with the labels of one data row where it is row-wise. */
    private record Reported(String name, Expr value, List<Labels> labels, Role role, boolean auxiliary) {

        /** What users ask for first comes first. */
        int rank() {
            if (auxiliary) {
                return 3;
            }
            return role == Role.INFERRED ? 0 : role == Role.DERIVED ? 1 : 2;
        }
    }

    private static List<Reported> reported(List<Declaration> declarations) {
        Set<String> auxiliaries = new HashSet<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Auxiliary auxiliary) {
                auxiliaries.addAll(auxiliary.names());
            }
        }
        List<Reported> reported = new ArrayList<>();
        for (Declaration declaration : declarations) {
            if (declaration instanceof Declaration.Parameter parameter) {
                reported.add(new Reported(
                        parameter.name(),
                        parameter.values().parameter(),
                        parameter.shape().labels(),
                        parameter.role(),
                        auxiliaries.contains(parameter.name())));
            } else if (declaration instanceof Declaration.Derived derived) {
                reported.add(new Reported(
                        derived.name(),
                        derived.value(),
                        derived.labels(),
                        Role.DERIVED,
                        auxiliaries.contains(derived.name())));
            }
        }
        reported.sort(Comparator.comparingInt(Reported::rank));
        return reported;
    }

    /** The labels of a value's elements, given those of one data row where it is row-wise. */
    private List<Labels> labels(Expr value, List<Labels> declared) {
        RowAxis axis = value.axis();
        if (axis == null) {
            return declared;
        }
        List<Labels> labels = new ArrayList<>();
        labels.add(Labels.numbered(evaluator.rowCount(axis)));
        labels.addAll(declared);
        return labels;
    }

    private void nameCoordinates(Declaration.Parameter parameter) {
        List<Labels> labels =
                labels(parameter.values().parameter(), parameter.shape().labels());
        List<String> scalars = new Quantity(parameter.name(), labels, parameter.role(), false).scalarNames();
        for (int i = 0; i < parameter.coordinates().length(); i++) {
            coordinateNames.add(
                    scalars.size() == parameter.coordinates().length() ? scalars.get(i) : parameter.name() + "~" + i);
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
    public Interactions interactions() {
        return interactions.get();
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

    @Override
    public String toString() {
        return "layout of " + ParameterLayout.describe(this);
    }
}

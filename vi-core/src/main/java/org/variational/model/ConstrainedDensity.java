package org.variational.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.density.Gradients;
import org.variational.density.Interactions;
import org.variational.density.Labels;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.expression.Data;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.expression.Plan;
import org.variational.kernel.Kernels;

/**
 * A hand-written log density of named, constrained parameters, made a density of unconstrained coordinates: the library
 * adds the transforms and their log-Jacobians.
 *
 * <p>The given density sees the parameters' values, row-major and in the order of declaration, as the coordinates of
 * its points. Not thread-safe, like any {@link LogDensity}.
 */
public final class ConstrainedDensity implements LogDensity {

    private final LogDensity density;
    private final ParameterLayout layout;
    private final int dimension;
    /** Gives the constrained values and the log-Jacobian at unconstrained points. */
    private final Evaluator forward;
    /** The log-Jacobian plus the inner product of values and weights; its gradient is the chain rule. */
    private final Evaluator chain;

    /** Whether each coordinate stands for the value of the same place. */
    private final boolean elementwise;

    private ConstrainedDensity(
            LogDensity density,
            ParameterLayout layout,
            boolean elementwise,
            List<Expr> values,
            List<Expr> logJacobians) {
        this.density = density;
        this.elementwise = elementwise;
        this.layout = layout;
        this.dimension = layout.dimension();
        Expr logJacobian = Expr.constant(0);
        for (Expr term : logJacobians) {
            logJacobian = logJacobian.plus(term.sum());
        }
        List<Expr> outputs = new ArrayList<>(values);
        outputs.add(logJacobian);
        this.forward =
                Plan.of(dimension, List.of(), outputs, Set.of()).evaluator(Data.declared(), Kernels.preferred(), 1);
        List<Expr> terms = new ArrayList<>(logJacobians);
        int offset = dimension;
        for (Expr value : values) {
            terms.add(value.times(Expr.coordinates("weight", offset, value.rows(), value.columns())));
            offset += value.size();
        }
        this.chain = Plan.of(offset, terms, List.of(), Set.of()).evaluator(Data.declared(), Kernels.preferred(), 1);
    }

    /** Starts the declaration of the parameters of a density. */
    public static Builder on(LogDensity density) {
        return new Builder(density);
    }

    /** Names and constraints of the parameters, in the order of the density's coordinates. Belongs to one thread. */
    public static final class Builder {

        private final LogDensity density;
        private final ModelBuilder names = Model.named("density");
        private int size;
        private boolean elementwise = true;

        private Builder(LogDensity density) {
            this.density = density;
        }

        /** Declares a scalar. */
        public Builder parameter(String name, Constraint constraint) {
            return declare(name, constraint, List.of());
        }

        /** Declares a vector. */
        public Builder parameter(String name, Constraint constraint, int length) {
            return declare(name, constraint, ModelBuilder.numbered("parameter", name, length));
        }

        /**
         * Declares a matrix.
         *
         * @throws IllegalArgumentException if the name is taken, or the constraint does not allow the shape
         */
        public Builder parameter(String name, Constraint constraint, int rows, int columns) {
            return declare(name, constraint, ModelBuilder.numbered("parameter", name, rows, columns));
        }

        /**
         * Declares a vector with labels, or a matrix with labels of its rows and of its columns.
         *
         * @param labels one for a vector, two for a matrix; {@link Labels#numbered} for a direction without labels
         * @throws IllegalArgumentException if the name is taken, there are more than two labels, or the constraint does
         *     not allow the shape
         */
        public Builder parameter(String name, Constraint constraint, Labels... labels) {
            return declare(name, constraint, ModelBuilder.requireDirections("parameter", name, labels));
        }

        private Builder declare(String name, Constraint constraint, List<Labels> labels) {
            names.declareFlat(name, constraint, labels);
            elementwise &= constraint.elementwise();
            size += labels.stream().mapToInt(Labels::size).reduce(1, (a, b) -> a * b);
            return this;
        }

        /**
         * The density on the unconstrained scale.
         *
         * @throws IllegalStateException if the parameters declared do not have as many values as the density has
         *     coordinates
         */
        public ConstrainedDensity build() {
            if (size != density.dimension()) {
                throw new IllegalStateException("the parameters declared have " + size
                        + " values in all, but the density has dimension " + density.dimension());
            }
            return new ConstrainedDensity(density, names.build().layout(), elementwise, names.values(), names.terms());
        }
    }

    /** The names, blocks and quantities of the parameters. */
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public String toString() {
        return "density of " + ParameterLayout.describe(layout);
    }

    @Override
    public int dimension() {
        return dimension;
    }

    /** Those of the given density, where each coordinate stands for one of its values; otherwise unknown. */
    @Override
    public @Nullable Interactions interactions() {
        return elementwise ? density.interactions() : null;
    }

    @Override
    public boolean hasGradient() {
        return density.hasGradient();
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int lanes = points.numCols;
        double[][] outputs = forward.outputs(points);
        DMatrixRMaj values = new DMatrixRMaj(density.dimension(), lanes);
        int at = 0;
        for (int k = 0; k < outputs.length - 1; k++) {
            System.arraycopy(outputs[k], 0, values.data, at, outputs[k].length);
            at += outputs[k].length;
        }
        DMatrixRMaj slopes = gradient == null ? null : new DMatrixRMaj(density.dimension(), lanes);
        density.evaluate(values, logDensity, slopes);
        if (slopes != null) {
            Gradients.requireFilled(slopes, density.dimension(), lanes);
        }
        double[] logJacobian = outputs[outputs.length - 1];
        for (int s = 0; s < lanes; s++) {
            logDensity[s] += logJacobian[s];
        }
        if (gradient != null && slopes != null) {
            int total = dimension + density.dimension();
            DMatrixRMaj extended = new DMatrixRMaj(total, lanes);
            System.arraycopy(points.data, 0, extended.data, 0, dimension * lanes);
            System.arraycopy(slopes.data, 0, extended.data, dimension * lanes, density.dimension() * lanes);
            DMatrixRMaj all = new DMatrixRMaj(total, lanes);
            chain.evaluate(extended, new double[lanes], all);
            System.arraycopy(all.data, 0, gradient.data, 0, dimension * lanes);
        }
    }
}

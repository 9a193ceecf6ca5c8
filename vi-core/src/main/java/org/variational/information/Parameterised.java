package org.variational.information;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.distribution.Distribution;
import org.variational.expression.Data;
import org.variational.expression.Evaluator;
import org.variational.expression.Expr;
import org.variational.expression.Plan;
import org.variational.kernel.Kernels;

/**
 * A declared distribution with the numbers that its parameters stand for. Immutable.
 *
 * @param distribution the declaration
 * @param parameters the value of each parameter, row-major
 * @param form its closed forms, null if there is none
 */
record Parameterised(
        Distribution distribution,
        double[][] parameters,
        @Nullable Form form) {

    /**
     * Reads the parameters of a distribution.
     *
     * @throws IllegalArgumentException if a parameter depends on a model's parameters or on rows of data, or if a
     *     univariate distribution has parameters that are not scalars
     */
    static Parameterised of(Distribution distribution) {
        for (Expr parameter : distribution.parameters()) {
            if (parameter.dependsOnParameters() || parameter.axis() != null) {
                throw new IllegalArgumentException(
                        "a measure needs a distribution whose parameters are numbers, but " + parameter.describe()
                                + " of " + distribution.name() + " is not; fix the model's parameters first");
            }
            if (distribution.elementwise() && parameter.size() != 1) {
                throw new IllegalArgumentException(
                        "a measure needs scalar parameters, but " + parameter.describe() + " of "
                                + distribution.name() + " has " + parameter.size()
                                + " elements; add the measures of independent elements up");
            }
        }
        double[][] values = outputs(distribution.parameters(), 0);
        return new Parameterised(distribution, values, Forms.of(distribution.name(), values));
    }

    /** The values of expressions at a point of the line. */
    static double[][] outputs(List<Expr> expressions, double point) {
        try (Evaluator evaluator = evaluator(expressions)) {
            return evaluator.outputs(new DMatrixRMaj(new double[][] {{point}}));
        }
    }

    /** Evaluates expressions at points of the line. */
    static Evaluator evaluator(List<Expr> expressions) {
        return Plan.of(1, List.of(), expressions, Set.of()).evaluator(Data.declared(), Kernels.plain(), 1);
    }

    /** The coordinate on the line that distributions are evaluated at. */
    static Expr line() {
        return Expr.coordinates("x", 0, 1, 1);
    }

    /** The ends of the support of a continuous distribution on the line, the lower one first. */
    double[] ends() {
        Expr x = distribution.support().constrain(line(), 1, 1);
        double[] ends = {
            outputs(List.of(x), Double.NEGATIVE_INFINITY)[0][0], outputs(List.of(x), Double.POSITIVE_INFINITY)[0][0]
        };
        Arrays.sort(ends);
        return ends;
    }

    /** Whether a value is in the support; outside it a log density may be anything. */
    boolean isPossible(double... value) {
        try {
            distribution.checkObserved("value", value);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    String name() {
        return distribution.name();
    }
}

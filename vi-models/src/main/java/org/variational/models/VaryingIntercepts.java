package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.normal;

import org.variational.expression.Expr;
import org.variational.expression.RowIndex;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Hierarchical linear regression with an intercept for each group:
 * {@code y_n ~ normal(intercepts[group_n] + (x_n - mean)' coefficients, sigma)}, {@code intercepts_j ~ normal(level, group_sd)}.
 *
 * <p>Priors, with s the standard deviation of y: {@code level ~ normal(mean(y), 2.5 s)}, each coefficient
 * {@code normal(0, 2.5 s / sd(x_k))}, {@code group_sd} and {@code sigma ~ exponential(1 / s)}. The intercepts are inferred
 * standardised (non-centred), which suits groups with few observations; with many in each group, a centred declaration
 * leaves less correlation.
 *
 * <p>Quantities: {@code level} (the expected outcome of a group at the mean predictors), {@code coefficients},
 * {@code group_sd}, {@code intercepts} (of each group, at the mean predictors), {@code sigma}. Data: {@code x},
 * {@code group}, {@code y}.
 */
public final class VaryingIntercepts {

    private VaryingIntercepts() {}

    /**
     * Declares the model.
     *
     * @param x predictors, N x K with N at least 2, without a column of ones
     * @param group the group of each row, N, counted from 0
     * @param groups the number of groups J, which may include groups without rows
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, y or a column of x is constant, there are
     *     fewer than two groups, or a group number is outside {@code 0 .. groups - 1}
     */
    public static Model of(double[][] x, int[] group, int groups, double[] y) {
        Inputs.requireSeries("y", y, 2);
        Inputs.requirePredictors(x, y.length);
        Inputs.requireSameLength("group", group.length, "y", y.length);
        if (groups < 2) {
            throw new IllegalArgumentException("groups is " + groups
                    + ", but at least 2 are needed for their spread to mean anything; use LinearRegression");
        }
        double scale = Inputs.scale("y", y);
        LinearPredictor predictor = new LinearPredictor(x);
        ModelBuilder m = Model.named("varying-intercepts");
        Expr level = m.parameter("level", normal(Inputs.mean(y), 2.5 * scale).nonCentered());
        Expr coefficients = predictor.coefficients(m, 2.5 * scale);
        Expr groupSd = m.parameter("group_sd", exponential(1 / scale));
        Expr intercepts = m.parameter("intercepts", normal(level, groupSd).nonCentered(), groups);
        Expr sigma = m.parameter("sigma", exponential(1 / scale));
        Rows rows = m.rows(y.length);
        RowIndex of = rows.index("group", group);
        Expr atZero = intercepts.minus(predictor.atMeans(coefficients));
        rows.observe("y", normal(atZero.at(of).plus(predictor.slopes(rows, coefficients)), sigma), y);
        return m.build();
    }
}

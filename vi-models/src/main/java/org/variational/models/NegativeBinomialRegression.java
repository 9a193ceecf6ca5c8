package org.variational.models;

import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.negativeBinomialLog;

import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Negative binomial regression of overdispersed counts: as {@link PoissonRegression}, with variance
 * {@code rate + rate^2 / dispersion}.
 *
 * <p>Prior: {@code dispersion ~ gamma(2, 0.1)}, which has no mass at 0 and little beyond 100, where the distribution is
 * Poisson in effect. Those of level and coefficients are as in {@link PoissonRegression}.
 *
 * <p>Quantities: {@code dispersion}, {@code level} (the log rate at the mean predictors), {@code coefficients}; derived:
 * {@code intercept} (the log rate at {@code x = 0}). Data: {@code x}, {@code log_exposure}, {@code y}.
 */
public final class NegativeBinomialRegression {

    private NegativeBinomialRegression() {}

    /**
     * Declares the model with equal exposures.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y counts, N
     * @throws IllegalArgumentException as {@link #of(double[][], int[], double[])}
     */
    public static Model of(double[][] x, int[] y) {
        return of(x, y, CountRegression.equalExposures(y.length));
    }

    /**
     * Declares the model.
     *
     * @param x predictors, N x K, without a column of ones
     * @param y counts, N
     * @param exposure the time, area or population each count was taken over, N, positive
     * @throws IllegalArgumentException if shapes differ, a value is not finite, a column of x is constant, a count is
     *     negative, or an exposure is not positive
     */
    public static Model of(double[][] x, int[] y, double[] exposure) {
        CountRegression regression = CountRegression.check(x, y, exposure);
        ModelBuilder m = Model.named("negative-binomial-regression");
        Expr dispersion = m.parameter("dispersion", gamma(2, 0.1));
        Rows rows = m.rows(y.length);
        rows.observe("y", negativeBinomialLog(regression.logRate(m, rows), dispersion), y);
        return m.build();
    }
}

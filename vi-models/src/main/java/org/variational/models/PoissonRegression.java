package org.variational.models;

import static org.variational.distribution.Distributions.poissonLog;

import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * Poisson regression of counts: {@code y_n ~ Poisson(exposure_n exp(level + (x_n - mean)' coefficients))}.
 *
 * <p>Priors: {@code level ~ normal(log of the average rate, 2.5)}, each coefficient {@code normal(0, 2.5 / sd(x_k))},
 * inferred standardised. Where counts vary more than a Poisson distribution allows, use {@link NegativeBinomialRegression}.
 *
 * <p>Quantities: {@code level} (the log rate at the mean predictors), {@code coefficients}; derived: {@code intercept} (the
 * log rate at {@code x = 0}). Data: {@code x}, {@code log_exposure}, {@code y}.
 */
public final class PoissonRegression {

    private PoissonRegression() {}

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
        ModelBuilder m = Model.named("poisson-regression");
        CountRegression regression = CountRegression.check(x, y, exposure);
        Rows rows = m.rows(y.length);
        rows.observe("y", poissonLog(regression.logRate(m, rows)), y);
        return m.build();
    }
}

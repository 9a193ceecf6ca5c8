package org.variational.models;

import static org.variational.distribution.Distributions.normal;

import org.variational.density.Labels;
import org.variational.expression.Expr;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/**
 * The linear predictor {@code eta_n = level + (x_n - mean)' coefficients} that the regressions share.
 *
 * <p>Predictors are centred at their means at declaration, which takes most of the correlation between intercept and
 * coefficients away; the intercept at {@code x = 0} is reported as derived value.
 */
final class LinearPredictor {

    private final double[][] x;
    private final Labels names;
    private final double[] means;
    private final double[] sds;

    /** With priors in units of the standard deviations of the predictors, or of the predictors as they are. */
    LinearPredictor(double[][] x, boolean standardised, Labels names) {
        this.x = x;
        this.names = names;
        int columns = x[0].length;
        means = new double[columns];
        sds = new double[columns];
        for (int k = 0; k < columns; k++) {
            double[] column = Inputs.column(x, k);
            means[k] = Inputs.mean(column);
            sds[k] = standardised ? Inputs.sd(column) : 1;
        }
    }

    /** Of predictors that have no names, such as the inputs of a function. */
    static LinearPredictor ofInputs(double[][] x) {
        return new LinearPredictor(x, true, Labels.numbered(x[0].length));
    }

    int columns() {
        return means.length;
    }

    /** The names of the predictors, or numbers. */
    Labels names() {
        return names;
    }

    /** The prior scales {@code scale / sd(x_k)}. */
    double[] scales(double scale) {
        double[] scales = new double[sds.length];
        for (int k = 0; k < scales.length; k++) {
            scales[k] = scale / sds[k];
        }
        return scales;
    }

    double[] means() {
        return means.clone();
    }

    /** Coefficients with independent priors {@code normal(0, scale / sd(x_k))}, declared standardised. */
    Expr coefficients(ModelBuilder m, double scale) {
        double[] scales = scales(scale);
        Expr zero = Expr.constant(new double[scales.length]);
        return m.parameter("coefficients", normal(zero, Expr.constant(scales)).nonCentered(), names);
    }

    /** The intercept at {@code x = 0}, derived from the level at the means. */
    Expr intercept(ModelBuilder m, Expr level, Expr coefficients) {
        return m.derived("intercept", level.minus(atMeans(coefficients)));
    }

    /** {@code mean' coefficients}. */
    Expr atMeans(Expr coefficients) {
        return coefficients.dot(Expr.constant(means));
    }

    /** {@code x_n' coefficients} for each row, the predictors declared as data {@code "x"}. */
    Expr slopes(Rows rows, Expr coefficients) {
        return data(rows).matmul(coefficients);
    }

    /** The predictors of each row, declared as data {@code "x"}. */
    Expr data(Rows rows) {
        return rows.data("x", x);
    }

    /**
     * {@code 1 / sd(x_k)}, which brings coefficients of standardised predictors to those of the predictors as given.
     */
    Expr reciprocalSds() {
        double[] reciprocals = new double[sds.length];
        for (int k = 0; k < reciprocals.length; k++) {
            reciprocals[k] = 1 / sds[k];
        }
        return Expr.constant(reciprocals);
    }

    /** Points in units of the standard deviations of the predictors, from their means. */
    double[][] standardise(String name, double[][] points) {
        requireLike(name, points);
        double[][] z = new double[points.length][means.length];
        for (int n = 0; n < points.length; n++) {
            for (int k = 0; k < means.length; k++) {
                z[n][k] = (points[n][k] - means[k]) / sds[k];
            }
        }
        return z;
    }

    /** Refuses points with another number of columns, or that are not finite. */
    void requireLike(String name, double[][] points) {
        for (int n = 0; n < points.length; n++) {
            if (points[n].length != means.length) {
                throw new IllegalArgumentException(name + "[" + n + "] has " + points[n].length + " entries, but x has "
                        + means.length + " columns");
            }
            for (int k = 0; k < means.length; k++) {
                if (!Double.isFinite(points[n][k])) {
                    throw new IllegalArgumentException(
                            name + "[" + n + "][" + k + "] is " + points[n][k] + ", but must be finite");
                }
            }
        }
    }

    /** {@code (x - mean)' b} for the coefficients of one draw, {@code b[k * stride + from]}. */
    double centred(double[] point, double[] b, int from, int stride) {
        double sum = 0;
        for (int k = 0; k < means.length; k++) {
            sum += (point[k] - means[k]) * b[k * stride + from];
        }
        return sum;
    }
}

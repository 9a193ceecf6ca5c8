package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;

import org.variational.expression.Covariances;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * Gaussian process regression with normal noise, the function summed out (Rasmussen and Williams 2006, chapter 2):
 * {@code y ~ multivariate normal(level, K + sigma^2 I)} with the squared-exponential covariance
 * {@code K_ij = amplitude^2 exp(-r_ij^2 / (2 length_scale^2))}, r the distance between inputs in standard deviations of each
 * input.
 *
 * <p>Priors, with s the standard deviation of y: {@code level ~ normal(mean(y), s)},
 * {@code amplitude ~ halfNormal(2 s)}, {@code length_scale ~ logNormal(-0.5, 1)}, {@code sigma ~ exponential(1 / s)}. The
 * diagonal carries {@code 1e-9 amplitude^2} more, so that the covariance stays positive definite as sigma goes to 0. An
 * evaluation takes of the order of {@code N^3} operations.
 *
 * <p>Quantities: {@code level}, {@code amplitude}, {@code length_scale}, {@code sigma}; where new inputs are given, derived:
 * {@code prediction} and {@code prediction_sd}, mean and standard deviation of the function there given y and the
 * parameters. Data: {@code y}; with new inputs also {@code y_known}, the values that predictions are conditioned on.
 */
public final class GaussianProcessRegression {

    private static final double JITTER = 1e-9;

    private GaussianProcessRegression() {}

    /**
     * Declares the model.
     *
     * @param x inputs, N x K with N at least 2
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y) {
        return of(x, y, new double[0][]);
    }

    /**
     * Declares the model with predictions at new inputs.
     *
     * @param x inputs, N x K with N at least 2
     * @param y outcomes, N
     * @param newX inputs to predict at, M x K; none for a model without predictions
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y, double[][] newX) {
        Inputs.requireSeries("y", y, 2);
        Inputs.requirePredictors(x, y.length);
        double scale = Inputs.scale("y", y);
        LinearPredictor inputs = new LinearPredictor(x);
        double[][] known = inputs.standardise("x", x);
        double[][] wanted = inputs.standardise("newX", newX);
        int n = y.length;
        ModelBuilder m = Model.named("gaussian-process-regression");
        Expr level = m.parameter("level", normal(Inputs.mean(y), scale).nonCentered());
        Expr amplitude = m.parameter("amplitude", halfNormal(2 * scale));
        Expr lengthScale = m.parameter("length_scale", logNormal(-0.5, 1));
        Expr sigma = m.parameter("sigma", exponential(1 / scale));
        Expr within = Expr.constant(Covariances.distances(known, known));
        Expr noise = sigma.square().plus(amplitude.square().times(JITTER));
        Expr factor = Covariances.squaredExponential(within, amplitude, lengthScale)
                .plus(Covariances.onDiagonal(noise, n))
                .cholesky();
        m.observe("y", multivariateNormal(level, factor), y);
        if (newX.length > 0) {
            Expr between = Expr.constant(Covariances.distances(known, wanted));
            Expr cross = Covariances.squaredExponential(between, amplitude, lengthScale);
            Expr whitened = factor.solveLower(m.data("y_known", y).minus(level));
            Expr weights = factor.solveLower(cross);
            m.derived("prediction", weights.transpose().matmul(whitened).plus(level));
            Expr explained = weights.square().columnSums();
            Expr variance = amplitude.square().minus(explained).max(Expr.constant(0));
            m.derived("prediction_sd", variance.sqrt());
        }
        return m.build();
    }
}

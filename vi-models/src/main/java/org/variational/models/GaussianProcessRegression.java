package org.variational.models;

import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.multivariateNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.models.GaussianProcess.Conditional;
import org.variational.models.GaussianProcess.Kernel;
import org.variational.posterior.Posterior;

/**
 * Gaussian process regression with normal noise, the function summed out (Rasmussen and Williams 2006, chapter 2):
 * {@code y ~ multivariate normal(level, K + sigma^2 I)} with the squared-exponential covariance
 * {@code K_ij = amplitude^2 exp(-r_ij^2 / (2 length_scale^2))}, r the distance between inputs in standard deviations of
 * each input.
 *
 * <p>Priors, with s the standard deviation of y: {@code level ~ normal(mean(y), s)},
 * {@code amplitude ~ halfNormal(a s)} with a 2 unless set, {@code length_scale ~ logNormal(log l, 1)} with the median l
 * {@code exp(-0.5)} unless set, {@code sigma ~ exponential(1 / s)}. The diagonal carries {@code 1e-9 amplitude^2} more,
 * so that the covariance stays positive definite as sigma goes to 0. An evaluation takes of the order of {@code N^3}
 * operations.
 *
 * <p>Quantities: {@code level}, {@code amplitude}, {@code length_scale}, {@code sigma}; where new inputs are declared,
 * derived: {@code prediction} and {@code prediction_sd}, mean and standard deviation of the function there given y and
 * the parameters. Data: {@code y}; with new inputs also {@code y_known}, the values that predictions are conditioned
 * on.
 *
 * <p>{@link #predict} draws outcomes jointly for all new inputs of a posterior draw, in the order of {@code N^3 + M^3}
 * operations for each draw.
 */
public final class GaussianProcessRegression implements Regression {

    private static final double JITTER = 1e-9;

    private final Model model;
    private final GaussianProcess process;
    private final Expr level;
    private final Expr sigma;
    private final Expr whitened;

    private GaussianProcessRegression(Model model, GaussianProcess process, Expr level, Expr sigma, Expr whitened) {
        this.model = model;
        this.process = process;
        this.level = level;
        this.sigma = sigma;
        this.whitened = whitened;
    }

    /** A builder, which needs inputs and outcomes. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors.
     *
     * @param x inputs, N x K with N at least 2
     * @param y outcomes, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y) {
        return of(x, y, new double[0][]);
    }

    /**
     * The model with default priors that reports the function at new inputs.
     *
     * @param x inputs, N x K with N at least 2
     * @param y outcomes, N
     * @param newX inputs to report the function at, M x K; none for a model without
     * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
     */
    public static Model of(double[][] x, double[] y, double[][] newX) {
        return builder().inputs(x).outcome(y).reportAt(newX).build().model();
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public DMatrixRMaj expected(Posterior posterior, double[][] newX) {
        DMatrixRMaj points = Prediction.points(model, posterior);
        return model.evaluate(process.conditional(newX, whitened).mean().plus(level), points);
    }

    @Override
    public DMatrixRMaj predict(Posterior posterior, double[][] newX, long seed) {
        DMatrixRMaj points = Prediction.points(model, posterior);
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj outcomes = GaussianProcess.draws(model, process.conditional(newX, whitened), points, random);
        DMatrixRMaj levels = model.evaluate(level, points);
        DMatrixRMaj noise = model.evaluate(sigma, points);
        for (int i = 0; i < outcomes.data.length; i++) {
            int s = i % outcomes.numCols;
            outcomes.data[i] += levels.data[s] + noise.data[s] * random.nextGaussian();
        }
        return outcomes;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [][] x;
        private double @Nullable [] y;
        private double[][] newX = new double[0][];
        private double amplitudeScale = 2;
        private double medianLengthScale = Math.exp(-0.5);

        private Builder() {}

        /** The inputs, N x K with N at least 2. */
        public Builder inputs(double[][] values) {
            x = values;
            return this;
        }

        /** The outcomes, N. */
        public Builder outcome(double[] values) {
            y = values;
            return this;
        }

        /** Inputs, M x K, at which the model itself reports the function as derived values; none unless set. */
        public Builder reportAt(double[][] values) {
            newX = values;
            return this;
        }

        /**
         * The scale of the amplitude's prior in standard deviations of y; 2 unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder amplitudeScale(double scale) {
            amplitudeScale = Inputs.requirePositive("amplitudeScale", scale);
            return this;
        }

        /**
         * The median of the length scale's prior in standard deviations of the inputs; {@code exp(-0.5)} unless set.
         *
         * @throws IllegalArgumentException if it is not positive and finite
         */
        public Builder medianLengthScale(double median) {
            medianLengthScale = Inputs.requirePositive("medianLengthScale", median);
            return this;
        }

        /**
         * Declares the model.
         *
         * @throws IllegalStateException if inputs or outcomes are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, or y or a column of x is constant
         */
        public GaussianProcessRegression build() {
            double[][] inputs = Inputs.given(x, "inputs(x)");
            double[] outcomes = Inputs.given(y, "outcome(y)");
            Inputs.requireSeries("y", outcomes, 2);
            Inputs.requirePredictors(inputs, outcomes.length);
            double scale = Inputs.scale("y", outcomes);
            ModelBuilder m = Model.named("gaussian-process-regression");
            Expr level =
                    m.parameter("level", normal(Inputs.mean(outcomes), scale).nonCentered());
            Kernel kernel = Kernel.declare(m, amplitudeScale * scale, medianLengthScale);
            Expr sigma = m.parameter("sigma", exponential(1 / scale));
            GaussianProcess process = kernel.at(inputs, LinearPredictor.ofInputs(inputs), sigma.square(), JITTER);
            m.observe("y", multivariateNormal(level, process.factor()), outcomes);
            if (newX.length > 0) {
                Expr known =
                        process.factor().solveLower(m.data("y_known", outcomes).minus(level));
                Conditional reported = process.conditional(newX, known);
                m.derived("prediction", reported.mean().plus(level));
                m.derived("prediction_sd", reported.variance().sqrt());
            }
            Expr whitened = process.factor().solveLower(Expr.constant(outcomes).minus(level));
            return new GaussianProcessRegression(m.build(), process, level, sigma, whitened);
        }
    }
}

package org.variational.models;

import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.distribution.Sampler;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.models.GaussianProcess.Kernel;
import org.variational.posterior.Posterior;

/**
 * Counts whose logarithmic rate is a smooth function of inputs: {@code y_n ~ Poisson(exposure_n exp(level + f(x_n)))}
 * with f a Gaussian process of mean 0 and the squared-exponential covariance {@code K_ij = amplitude^2 exp(-r_ij^2 / (2
 * length_scale^2))}, r the distance between inputs in standard deviations of each input (a log Gaussian Cox process on
 * cells).
 *
 * <p>Priors: {@code level ~ normal(log of the average rate, 2.5)}, {@code amplitude ~ halfNormal(a)} with a 1 unless
 * set, {@code length_scale ~ logNormal(log l, 1)} with the median l {@code exp(-0.5)} unless set. The values of f are
 * inferred standardised: {@code f = L z} with L the Cholesky factor of {@code K + 1e-8 amplitude^2 I} and standard
 * normal z. An evaluation takes of the order of {@code N^3} operations.
 *
 * <p>Quantities: {@code level}, {@code amplitude}, {@code length_scale}; derived: {@code f} (N); auxiliary: {@code z}
 * (N). Data: {@code log_exposure}, {@code y}.
 *
 * <p>Exposures at new inputs are 1. Counts are drawn jointly for all new inputs of a posterior draw, in the order of
 * {@code N^3 + M^3} operations for each draw.
 */
public final class PoissonGaussianProcess implements Regression {

    private static final double JITTER = 1e-8;

    private final Model model;
    private final GaussianProcess process;
    private final Expr level;
    private final Expr z;

    private PoissonGaussianProcess(Model model, GaussianProcess process, Expr level, Expr z) {
        this.model = model;
        this.process = process;
        this.level = level;
        this.z = z;
    }

    /** A builder, which needs inputs and counts. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The model with default priors and equal exposures.
     *
     * @param x inputs, N x K with N at least 2
     * @param y counts, N
     * @throws IllegalArgumentException if shapes differ, a value is not finite, a column of x is constant, or a count
     *     is negative
     */
    public static Model of(double[][] x, int[] y) {
        return builder().inputs(x).outcome(y).build().model();
    }

    @Override
    public Model model() {
        return model;
    }

    /**
     * The expected count for exposure 1 given the parameters: {@code exp(level + E f + Var f / 2)}, f at the new input.
     */
    @Override
    public DMatrixRMaj expected(Posterior posterior, double[][] newX) {
        DMatrixRMaj points = Prediction.points(model, posterior);
        GaussianProcess.Conditional at = process.conditional(newX, z);
        return model.evaluate(
                at.variance().times(0.5).plus(at.mean()).plus(level).exp(), points);
    }

    @Override
    public DMatrixRMaj predict(Posterior posterior, double[][] newX, long seed) {
        DMatrixRMaj points = Prediction.points(model, posterior);
        RandomGenerator random = Prediction.random(seed);
        DMatrixRMaj counts = GaussianProcess.draws(model, process.conditional(newX, z), points, random);
        DMatrixRMaj levels = model.evaluate(level, points);
        Sampler poisson = poissonLog(Expr.constant(0)).sampler();
        double[] count = new double[1];
        for (int i = 0; i < counts.data.length; i++) {
            double logRate = counts.data[i] + levels.data[i % counts.numCols];
            poisson.draw(random, new double[][] {{logRate}}, count);
            counts.data[i] = count[0];
        }
        return counts;
    }

    /** Settings; mutable, for one thread. */
    public static final class Builder {

        private double @Nullable [][] x;
        private int @Nullable [] y;
        private double @Nullable [] exposure;
        private double amplitudeScale = 1;
        private double medianLengthScale = Math.exp(-0.5);

        private Builder() {}

        /** The inputs, N x K with N at least 2. */
        public Builder inputs(double[][] values) {
            x = values;
            return this;
        }

        /** The counts, N. */
        public Builder outcome(int[] counts) {
            y = counts;
            return this;
        }

        /** The time, area or population that each count was taken over, N, positive; 1 unless set. */
        public Builder exposure(double[] exposures) {
            exposure = exposures;
            return this;
        }

        /**
         * The scale of the amplitude's prior, on the scale of log rates; 1 unless set.
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
         * @throws IllegalStateException if inputs or counts are missing
         * @throws IllegalArgumentException if shapes differ, a value is not finite, a column of x is constant, a count
         *     is negative, or an exposure is not positive
         */
        public PoissonGaussianProcess build() {
            double[][] inputs = Inputs.given(x, "inputs(x)");
            int[] counts = Inputs.given(y, "outcome(y)");
            Inputs.requirePredictors(inputs, counts.length);
            Inputs.requireCounts("y", counts);
            double[] over = CountRegression.exposures(exposure, counts.length);
            double[] logExposure = CountRegression.logExposure("exposure", over);
            ModelBuilder m = Model.named("poisson-gaussian-process");
            double average = CountRegression.averageLogRate(counts, over);
            Expr level = m.parameter("level", normal(average, 2.5).nonCentered());
            Kernel kernel = Kernel.declare(m, amplitudeScale, medianLengthScale);
            Expr z = m.parameter("z", normal(0, 1), counts.length);
            GaussianProcess process = kernel.at(inputs, LinearPredictor.ofInputs(inputs), Expr.constant(0), JITTER);
            m.auxiliary("z");
            Expr f = m.derived("f", process.factor().matmul(z));
            Expr logRate = f.plus(level).plus(m.data("log_exposure", logExposure));
            m.observe(
                    "y",
                    poissonLog(logRate),
                    Arrays.stream(counts).asDoubleStream().toArray());
            return new PoissonGaussianProcess(m.build(), process, level, z);
        }
    }
}

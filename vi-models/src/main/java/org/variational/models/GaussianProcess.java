package org.variational.models;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.logNormal;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.expression.Covariances;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;

/**
 * A function of inputs with a squared-exponential covariance, known through its Cholesky factor at some inputs, and
 * what it is at others. Inputs are standardised.
 */
final class GaussianProcess {

    /** How many points have their covariance factors in memory at a time. */
    private static final int BLOCK = 16;

    /** How much of the squared amplitude is added to diagonals, so that matrices stay positive definite. */
    private final double jitter;

    private final LinearPredictor inputs;
    private final double[][] known;
    private final Expr amplitude;
    private final Expr lengthScale;
    private final Expr factor;

    private GaussianProcess(
            double jitter, LinearPredictor inputs, double[][] known, Expr amplitude, Expr lengthScale, Expr factor) {
        this.jitter = jitter;
        this.inputs = inputs;
        this.known = known;
        this.amplitude = amplitude;
        this.lengthScale = lengthScale;
        this.factor = factor;
    }

    /** Amplitude and length scale, before the covariance is known. */
    record Kernel(Expr amplitude, Expr lengthScale) {

        /** Declares {@code amplitude ~ halfNormal(scale)} and {@code length_scale ~ logNormal(median, 1)}. */
        static Kernel declare(ModelBuilder m, double amplitudeScale, double medianLengthScale) {
            return new Kernel(
                    m.parameter("amplitude", halfNormal(amplitudeScale)),
                    m.parameter("length_scale", logNormal(Math.log(medianLengthScale), 1)));
        }

        /** The process at inputs, with a variance of {@code noise + jitter amplitude^2} added to the diagonal. */
        GaussianProcess at(double[][] x, LinearPredictor inputs, Expr noise, double jitter) {
            double[][] known = inputs.standardise("x", x);
            Expr within = Expr.constant(Covariances.distances(known, known));
            Expr diagonal = noise.plus(amplitude.square().times(jitter));
            Expr factor = Covariances.squaredExponential(within, amplitude, lengthScale)
                    .plus(Covariances.onDiagonal(diagonal, known.length))
                    .cholesky();
            return new GaussianProcess(jitter, inputs, known, amplitude, lengthScale, factor);
        }
    }

    /** The Cholesky factor of the covariance at the known inputs, N x N. */
    Expr factor() {
        return factor;
    }

    /** The function at new inputs, given its values at the known ones. */
    record Conditional(Expr mean, Expr variance, Expr covarianceFactor) {}

    /**
     * The function at new inputs, given that values at the known ones are {@code factor whitened}: means (M),
     * variances (M) and the Cholesky factor of the covariance (M x M).
     */
    Conditional conditional(double[][] newX, Expr whitened) {
        double[][] wanted = inputs.standardise("newX", newX);
        Expr between = Expr.constant(Covariances.distances(known, wanted));
        Expr weights = factor.solveLower(Covariances.squaredExponential(between, amplitude, lengthScale));
        Expr mean = weights.transpose().matmul(whitened);
        Expr explained = weights.square().columnSums();
        Expr variance = amplitude.square().minus(explained).max(Expr.constant(0));
        Expr among = Expr.constant(Covariances.distances(wanted, wanted));
        Expr covariance = Covariances.squaredExponential(among, amplitude, lengthScale)
                .minus(weights.transpose().matmul(weights))
                .plus(Covariances.onDiagonal(amplitude.square().times(jitter), wanted.length));
        return new Conditional(mean, variance, covariance.cholesky());
    }

    /**
     * Draws of the function at new inputs, jointly for each point.
     *
     * @param points D x S
     * @return M x S
     */
    static DMatrixRMaj draws(Model model, Conditional conditional, DMatrixRMaj points, RandomGenerator random) {
        DMatrixRMaj values = model.evaluate(conditional.mean(), points);
        int count = values.numRows;
        double[] noise = new double[count];
        for (int first = 0; first < points.numCols; first += BLOCK) {
            DMatrixRMaj some =
                    CommonOps_DDRM.extract(points, 0, points.numRows, first, Math.min(points.numCols, first + BLOCK));
            DMatrixRMaj factors = model.evaluate(conditional.covarianceFactor(), some);
            for (int s = 0; s < some.numCols; s++) {
                Arrays.setAll(noise, i -> random.nextGaussian());
                for (int i = 0; i < count; i++) {
                    double sum = 0;
                    for (int j = 0; j <= i; j++) {
                        sum += factors.get(i * count + j, s) * noise[j];
                    }
                    values.add(i, first + s, sum);
                }
            }
        }
        return values;
    }
}

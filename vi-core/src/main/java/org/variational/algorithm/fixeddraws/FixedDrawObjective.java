package org.variational.algorithm.fixeddraws;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.variational.estimator.GuardedDensity;
import org.variational.family.GaussianDistribution;
import org.variational.family.VariationalFamily;

/**
 * The negative evidence lower bound as an average over draws whose noise is fixed,
 * {@code F(lambda) = -(1/N) sum_n log p(T_lambda(eps_n)) - H(lambda)}: a smooth deterministic function of the
 * parameters of a Gaussian family.
 *
 * <p>Where the density is zero or cannot be evaluated at one of the draws, F counts as infinite. Holds scratch space
 * and serves one thread.
 */
final class FixedDrawObjective {

    /**
     * The step of differences of gradients, in the whitened coordinates, where curvature and its changes are about 1.
     */
    static final double DIFFERENCE = 4 * Math.cbrt(Math.ulp(1.0));

    private final GuardedDensity target;
    private final VariationalFamily family;
    private final DMatrixRMaj noise;
    private final Meter meter;
    private final DMatrixRMaj points;
    private final DMatrixRMaj scores;
    private final double[] values;
    private final double[] shifted;
    private final double[] direction;
    private final double[] above;
    private final double[] below;
    private double value = Double.NaN;

    /**
     * @param target the density
     * @param family a family of Gaussians of the target's dimension
     * @param noise noise rows x N, kept
     * @param meter told of every evaluation
     */
    FixedDrawObjective(GuardedDensity target, VariationalFamily family, DMatrixRMaj noise, Meter meter) {
        this.target = target;
        this.family = family;
        this.noise = noise;
        this.meter = meter;
        int lanes = noise.numCols;
        this.points = new DMatrixRMaj(family.dimension(), lanes);
        this.scores = new DMatrixRMaj(family.dimension(), lanes);
        this.values = new double[lanes];
        int n = family.parameterCount();
        this.shifted = new double[n];
        this.direction = new double[n];
        this.above = new double[n];
        this.below = new double[n];
    }

    static GaussianDistribution member(VariationalFamily family, double[] parameters) {
        return (GaussianDistribution) family.member(parameters);
    }

    VariationalFamily family() {
        return family;
    }

    GaussianDistribution member(double[] parameters) {
        return member(family, parameters);
    }

    DMatrixRMaj noise() {
        return noise;
    }

    GuardedDensity target() {
        return target;
    }

    Meter meter() {
        return meter;
    }

    int draws() {
        return noise.numCols;
    }

    /** F at the last point evaluated; NaN or infinite where it was not usable. */
    double value() {
        return value;
    }

    /** The draws of the last evaluation, D x N. */
    DMatrixRMaj points() {
        return points;
    }

    /** The gradients of log p at the draws of the last evaluation, D x N. */
    DMatrixRMaj scores() {
        return scores;
    }

    /**
     * Evaluates F and its gradient.
     *
     * @param parameters read only
     * @param gradient overwritten
     * @return whether the density and its gradient are finite at all draws
     */
    boolean evaluate(double[] parameters, double[] gradient) {
        value = Double.NaN;
        if (!isFinite(parameters)) {
            return false;
        }
        GaussianDistribution q = member(parameters);
        q.sample(noise, points);
        target.evaluate(points, values, scores);
        meter.add(target);
        if (target.rejected() > 0 || target.unsupported() > 0) {
            return false;
        }
        int lanes = noise.numCols;
        double mean = 0;
        for (int s = 0; s < lanes; s++) {
            mean += (values[s] - mean) / (s + 1);
        }
        value = -mean - q.entropy();
        Arrays.fill(gradient, 0);
        q.addPathGradient(noise, points, scores, gradient);
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] /= -lanes;
        }
        q.addEntropyGradient(-1, gradient);
        return isFinite(gradient);
    }

    private static boolean isFinite(double[] numbers) {
        for (double number : numbers) {
            if (!Double.isFinite(number)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The product of the Hessian of F with a vector, both in whitened coordinates, from gradients on both sides, or on
     * one side where the other is out of reach; without its part along rotations.
     *
     * @param parameters the point
     * @param gradient the gradient there
     * @param whitening the coordinates
     * @param vector read only, not zero, without a part along rotations
     * @param product overwritten
     * @return whether the gradients could be evaluated
     */
    boolean hessianProduct(
            double[] parameters, double[] gradient, Whitening whitening, double[] vector, double[] product) {
        double norm = norm(vector);
        whitening.push(vector, direction);
        double step = DIFFERENCE / norm;
        boolean hasAbove = shifted(parameters, step, above);
        boolean hasBelow = shifted(parameters, -step, below);
        if (!hasAbove && !hasBelow) {
            return false;
        }
        double width = hasAbove && hasBelow ? 2 * step : step;
        double[] upper = hasAbove ? above : gradient;
        double[] lower = hasBelow ? below : gradient;
        for (int k = 0; k < direction.length; k++) {
            direction[k] = (upper[k] - lower[k]) / width;
        }
        whitening.pull(direction, product);
        whitening.removeRotations(product);
        return true;
    }

    private boolean shifted(double[] parameters, double step, double[] gradient) {
        for (int k = 0; k < shifted.length; k++) {
            shifted[k] = parameters[k] + step * direction[k];
        }
        return evaluate(shifted, gradient);
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    static void addScaled(double scale, double[] from, double[] to) {
        for (int k = 0; k < to.length; k++) {
            to[k] += scale * from[k];
        }
    }
}

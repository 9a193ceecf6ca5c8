package org.variational.family;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * Gaussians with independent coordinates, {@code z = mu + sigma * eps} entrywise.
 *
 * <p>A member has 2 D parameters: the means {@code mu}, then the log standard deviations {@code log sigma}. Every
 * operation costs O(D S). Under reverse KL the family understates the spread of a correlated posterior (for a Gaussian
 * target the fitted variances are {@code 1 / Lambda_ii}, {@code Lambda} the target's precision); under forward KL it
 * matches the marginal variances.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://arxiv.org/abs/1603.00788">Kucukelbir et al. (2017), Automatic differentiation variational
 *     inference</a>
 */
public final class MeanFieldGaussian implements VariationalFamily {
    private final int dimension;

    private MeanFieldGaussian(int dimension) {
        Shapes.checkDimension(dimension);
        this.dimension = dimension;
    }

    /**
     * The family of Gaussians with independent coordinates on R^D.
     *
     * @param dimension D
     * @throws IllegalArgumentException if {@code dimension} is not positive
     */
    public static MeanFieldGaussian of(int dimension) {
        return new MeanFieldGaussian(dimension);
    }

    @Override
    public String name() {
        return "mean-field Gaussian";
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public int parameterCount() {
        return Math.multiplyExact(2, dimension);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        for (int i = 0; i < dimension; i++) {
            parameters[dimension + i] = Math.log(standardDeviation[i]);
        }
        return parameters;
    }

    /** A Gaussian with independent coordinates. */
    public static final class Member implements GaussianDistribution {
        private final MeanFieldGaussian family;
        private final double[] parameters;
        private final double[] sd;
        private final double sumOfLogSd;
        private double[] sums = {};

        private Member(MeanFieldGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            int d = family.dimension;
            this.sd = new double[d];
            double total = 0;
            for (int i = 0; i < d; i++) {
                sd[i] = Math.exp(parameters[d + i]);
                total += parameters[d + i];
            }
            this.sumOfLogSd = total;
        }

        @Override
        public MeanFieldGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public int noiseDimension() {
            return family.dimension;
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int lanes = Shapes.lanes(noise, family.dimension, "noise");
            Shapes.checkLanes(points, family.dimension, lanes, "points");
            double[] e = noise.data;
            double[] z = points.data;
            for (int i = 0, at = 0; i < family.dimension; i++) {
                double mu = parameters[i];
                double sigma = sd[i];
                for (int end = at + lanes; at < end; at++) {
                    z[at] = mu + sigma * e[at];
                }
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            sums = Shapes.atLeast(sums, lanes);
            Arrays.fill(sums, 0, lanes, 0);
            double[] z = points.data;
            for (int i = 0, at = 0; i < family.dimension; i++, at += lanes) {
                double mu = parameters[i];
                double precision = 1 / sd[i];
                for (int s = 0; s < lanes; s++) {
                    double u = (z[at + s] - mu) * precision;
                    sums[s] += u * u;
                }
            }
            double constant = -0.5 * family.dimension * Shapes.LOG_TWO_PI - sumOfLogSd;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * sums[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLanes(score, family.dimension, lanes, "scores");
            double[] z = points.data;
            double[] g = score.data;
            for (int i = 0, at = 0; i < family.dimension; i++) {
                double mu = parameters[i];
                double precision = 1 / sd[i];
                for (int end = at + lanes; at < end; at++) {
                    g[at] = -((z[at] - mu) * precision) * precision;
                }
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            double[] z = points.data;
            for (int i = 0, at = 0; i < d; i++, at += lanes) {
                double mu = parameters[i];
                double precision = 1 / sd[i];
                double first = 0;
                double second = 0;
                for (int s = 0; s < lanes; s++) {
                    double u = (z[at + s] - mu) * precision;
                    first += weights[s] * u;
                    second += weights[s] * (u * u - 1);
                }
                gradient[i] += first * precision;
                gradient[d + i] += second;
            }
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            double[] e = noise.data;
            double[] v = vectors.data;
            for (int i = 0, at = 0; i < d; i++) {
                double byMean = 0;
                double byScale = 0;
                for (int end = at + lanes; at < end; at++) {
                    byMean += v[at];
                    byScale += v[at] * e[at];
                }
                gradient[i] += byMean;
                gradient[d + i] += byScale * sd[i];
            }
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + Shapes.LOG_TWO_PI) + sumOfLogSd;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            for (int i = family.dimension; i < gradient.length; i++) {
                gradient[i] += scale;
            }
        }

        @Override
        public double[] mean() {
            return Arrays.copyOf(parameters, family.dimension);
        }

        @Override
        public double[] standardDeviation() {
            return sd.clone();
        }

        @Override
        public DMatrixRMaj covariance() {
            int d = family.dimension;
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                covariance.data[i * d + i] = sd[i] * sd[i];
            }
            return covariance;
        }
    }
}

package org.variational.lab.evaluation;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.weights.LogWeights;

/** Distributions of R^D with exact moments. */
final class Shapes {

    private Shapes() {}

    /** The standard normal distribution. */
    static Shape normal(int dimension) {
        return new Normal(dimension);
    }

    /** Student's t with identity scale matrix and more than 2 degrees of freedom. */
    static Shape studentT(int dimension, double degrees) {
        return new StudentT(dimension, degrees);
    }

    /** Independent coordinates. */
    static Shape product(List<Marginal> marginals) {
        return new Product(List.copyOf(marginals));
    }

    /** {@code v ~ N(0, spread)} in coordinate 0, and {@code N(0, exp(v / 2))} given v in the others (Neal, 2003). */
    static Shape funnel(int dimension, double spread) {
        return new Funnel(dimension, spread);
    }

    /**
     * A mixture of normal distributions.
     *
     * @param weights K numbers that sum to 1
     * @param centres K x D
     * @param sds the standard deviation of each component, the same in all directions
     */
    static Shape mixture(double[] weights, double[][] centres, double[] sds) {
        return new Mixture(weights, centres, sds);
    }

    /**
     * A twisted normal distribution (banana): {@code z_0 = e_0} and {@code z_j = e_j + bend_j (z_0^2 - 1)} for
     * independent standard normal e.
     *
     * @param bends one for each of the coordinates from 1 on
     */
    static Shape twisted(double[] bends) {
        return new Twisted(bends);
    }

    /**
     * The posterior of a linear regression with unknown scale, in the coefficients that make the predictors orthonormal
     * and the log scale, the last coordinate: {@code sum / sigma^2} has the chi-squared distribution with the given
     * degrees of freedom, and the coefficients given sigma are {@code N(0, sigma)}.
     *
     * @param dimension at least 2
     * @param degrees above 2
     * @param sum the residual sum of squares
     */
    static Shape normalGamma(int dimension, double degrees, double sum) {
        return new NormalGamma(dimension, degrees, sum);
    }

    private static DMatrixRMaj diagonal(double... values) {
        return CommonOps_DDRM.diag(values);
    }

    private static double[] filled(int dimension, double value) {
        double[] values = new double[dimension];
        Arrays.fill(values, value);
        return values;
    }

    private record Normal(int dimension) implements Shape {
        @Override
        public double evaluate(double[] z, double[] gradient) {
            double sum = 0;
            for (int d = 0; d < dimension; d++) {
                sum += z[d] * z[d];
                gradient[d] = -z[d];
            }
            return -0.5 * sum;
        }

        @Override
        public double[] mean() {
            return new double[dimension];
        }

        @Override
        public DMatrixRMaj covariance() {
            return CommonOps_DDRM.identity(dimension);
        }
    }

    private record StudentT(int dimension, double degrees) implements Shape {
        @Override
        public double evaluate(double[] z, double[] gradient) {
            double sum = 0;
            for (double x : z) {
                sum += x * x;
            }
            for (int d = 0; d < dimension; d++) {
                gradient[d] = -(degrees + dimension) * z[d] / (degrees + sum);
            }
            return -0.5 * (degrees + dimension) * Math.log1p(sum / degrees);
        }

        @Override
        public double[] mean() {
            return new double[dimension];
        }

        @Override
        public DMatrixRMaj covariance() {
            return diagonal(filled(dimension, degrees / (degrees - 2)));
        }
    }

    private record Product(List<Marginal> marginals) implements Shape {
        @Override
        public int dimension() {
            return marginals.size();
        }

        @Override
        public double evaluate(double[] z, double[] gradient) {
            double sum = 0;
            for (int d = 0; d < z.length; d++) {
                sum += marginals.get(d).logDensity(z[d]);
                gradient[d] = marginals.get(d).slope(z[d]);
            }
            return sum;
        }

        @Override
        public double[] mean() {
            return marginals.stream().mapToDouble(Marginal::mean).toArray();
        }

        @Override
        public DMatrixRMaj covariance() {
            return diagonal(marginals.stream().mapToDouble(Marginal::variance).toArray());
        }
    }

    private record Funnel(int dimension, double spread) implements Shape {
        @Override
        public double evaluate(double[] z, double[] gradient) {
            double v = z[0];
            double precision = Math.exp(-v);
            double sum = 0;
            for (int d = 1; d < dimension; d++) {
                sum += z[d] * z[d];
                gradient[d] = -z[d] * precision;
            }
            double variance = spread * spread;
            gradient[0] = -v / variance + 0.5 * sum * precision - 0.5 * (dimension - 1);
            return -0.5 * v * v / variance - 0.5 * sum * precision - 0.5 * (dimension - 1) * v;
        }

        @Override
        public double[] mean() {
            return new double[dimension];
        }

        @Override
        public DMatrixRMaj covariance() {
            double[] variances = filled(dimension, Math.exp(0.5 * spread * spread));
            variances[0] = spread * spread;
            return diagonal(variances);
        }
    }

    private record Mixture(double[] weights, double[][] centres, double[] sds) implements Shape {
        @Override
        public int dimension() {
            return centres[0].length;
        }

        @Override
        public double evaluate(double[] z, double[] gradient) {
            double[] terms = new double[weights.length];
            for (int k = 0; k < terms.length; k++) {
                double sum = 0;
                for (int d = 0; d < z.length; d++) {
                    double x = (z[d] - centres[k][d]) / sds[k];
                    sum += x * x;
                }
                terms[k] = Math.log(weights[k]) - z.length * Math.log(sds[k]) - 0.5 * sum;
            }
            double total = LogWeights.logSumExp(terms);
            Arrays.fill(gradient, 0);
            for (int k = 0; k < terms.length; k++) {
                double share = Math.exp(terms[k] - total) / (sds[k] * sds[k]);
                for (int d = 0; d < z.length; d++) {
                    gradient[d] -= share * (z[d] - centres[k][d]);
                }
            }
            return total;
        }

        @Override
        public double[] mean() {
            double[] mean = new double[dimension()];
            for (int k = 0; k < weights.length; k++) {
                for (int d = 0; d < mean.length; d++) {
                    mean[d] += weights[k] * centres[k][d];
                }
            }
            return mean;
        }

        @Override
        public DMatrixRMaj covariance() {
            double[] mean = mean();
            DMatrixRMaj covariance = new DMatrixRMaj(mean.length, mean.length);
            for (int k = 0; k < weights.length; k++) {
                for (int i = 0; i < mean.length; i++) {
                    covariance.add(i, i, weights[k] * sds[k] * sds[k]);
                    for (int j = 0; j < mean.length; j++) {
                        covariance.add(i, j, weights[k] * (centres[k][i] - mean[i]) * (centres[k][j] - mean[j]));
                    }
                }
            }
            return covariance;
        }
    }

    private record Twisted(double[] bends) implements Shape {
        @Override
        public int dimension() {
            return bends.length + 1;
        }

        @Override
        public double evaluate(double[] z, double[] gradient) {
            double first = z[0];
            double sum = first * first;
            gradient[0] = -first;
            for (int j = 0; j < bends.length; j++) {
                double e = z[j + 1] - bends[j] * (first * first - 1);
                sum += e * e;
                gradient[j + 1] = -e;
                gradient[0] += 2 * e * bends[j] * first;
            }
            return -0.5 * sum;
        }

        @Override
        public double[] mean() {
            return new double[dimension()];
        }

        /** {@code z_0^2 - 1} has variance 2 and is not correlated with z_0. */
        @Override
        public DMatrixRMaj covariance() {
            DMatrixRMaj covariance = CommonOps_DDRM.identity(dimension());
            for (int i = 0; i < bends.length; i++) {
                for (int j = 0; j < bends.length; j++) {
                    covariance.add(i + 1, j + 1, 2 * bends[i] * bends[j]);
                }
            }
            return covariance;
        }
    }

    private record NormalGamma(int dimension, double degrees, double sum) implements Shape {
        @Override
        public double evaluate(double[] z, double[] gradient) {
            int last = dimension - 1;
            double precision = Math.exp(-2 * z[last]);
            double squares = sum;
            for (int d = 0; d < last; d++) {
                squares += z[d] * z[d];
                gradient[d] = -z[d] * precision;
            }
            gradient[last] = squares * precision - (degrees + last);
            return -(degrees + last) * z[last] - 0.5 * squares * precision;
        }

        @Override
        public double[] mean() {
            double[] mean = new double[dimension];
            mean[dimension - 1] = 0.5 * (Math.log(sum / 2) - Gamma.digamma(degrees / 2));
            return mean;
        }

        @Override
        public DMatrixRMaj covariance() {
            double[] variances = filled(dimension, sum / (degrees - 2));
            variances[dimension - 1] = Gamma.trigamma(degrees / 2) / 4;
            return diagonal(variances);
        }
    }
}

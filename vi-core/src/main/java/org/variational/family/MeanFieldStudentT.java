package org.variational.family;

import java.util.Arrays;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;

/**
 * Independent Student-t coordinates with a fixed number of degrees of freedom, {@code z = mu + sigma * t}.
 *
 * <p>A member has 2 D parameters: the locations {@code mu}, then the log scales {@code log sigma}. Coordinate i of a
 * draw is {@code mu_i + sigma_i T(eps_i)}, T the quantile function of Student's t at {@code Phi(eps_i)}, accurate to
 * about 1e-12, so that one row of noise serves one coordinate. Heavier tails than a Gaussian's make importance weights
 * behave where the posterior has heavy tails. The standard deviation is {@code sigma sqrt(nu / (nu - 2))}, infinite for
 * {@code nu <= 2}; the mean is undefined for {@code nu <= 1}.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 */
public final class MeanFieldStudentT implements VariationalFamily {
    private final int dimension;
    private final double degrees;
    private final NormalTransport transport;
    private final double logNormaliser;
    private final double standardEntropy;

    private MeanFieldStudentT(int dimension, double degrees) {
        Shapes.checkDimension(dimension);
        Shapes.checkDegrees(degrees);
        this.dimension = dimension;
        this.degrees = degrees;
        this.transport = NormalTransport.toInverseSinhStudent(degrees);
        this.logNormaliser =
                Gamma.logGamma((degrees + 1) / 2) - Gamma.logGamma(degrees / 2) - 0.5 * Math.log(degrees * Math.PI);
        this.standardEntropy =
                (degrees + 1) / 2 * (Gamma.digamma((degrees + 1) / 2) - Gamma.digamma(degrees / 2)) - logNormaliser;
    }

    /**
     * The family of independent Student-t coordinates on R^D.
     *
     * @param dimension D
     * @param degrees the degrees of freedom nu, from 1/2 to 1e6
     * @throws IllegalArgumentException if a number is out of range
     */
    public static MeanFieldStudentT of(int dimension, double degrees) {
        return new MeanFieldStudentT(dimension, degrees);
    }

    @Override
    public String name() {
        return "mean-field Student-t with " + degrees + " degrees of freedom";
    }

    @Override
    public int dimension() {
        return dimension;
    }

    /**
     * The degrees of freedom.
     *
     * @return nu
     */
    public double degrees() {
        return degrees;
    }

    @Override
    public int parameterCount() {
        return Math.multiplyExact(2, dimension);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * The parameters of a member with the given mean and standard deviations; where these do not exist ({@code nu <=
     * 2}), of a member with the given locations and scales.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        double shift = degrees > 2 ? 0.5 * Math.log((degrees - 2) / degrees) : 0;
        for (int i = 0; i < dimension; i++) {
            parameters[dimension + i] = Math.log(standardDeviation[i]) + shift;
        }
        return parameters;
    }

    /** A distribution with independent Student-t coordinates. */
    public static final class Member
            implements VariationalDistribution.Reparameterised, VariationalDistribution.ClosedFormEntropy {
        private final MeanFieldStudentT family;
        private final double[] parameters;
        private final double[] scale;
        private final double sumOfLogScales;
        private double[] sums = {};

        private Member(MeanFieldStudentT family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.scale = new double[family.dimension];
            double total = 0;
            for (int i = 0; i < scale.length; i++) {
                double logScale = parameters[family.dimension + i];
                scale[i] = Math.exp(logScale);
                total += logScale;
            }
            this.sumOfLogScales = total;
        }

        @Override
        public MeanFieldStudentT family() {
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
            double root = Math.sqrt(family.degrees);
            for (int i = 0, at = 0; i < family.dimension; i++) {
                double factor = scale[i] * root;
                for (int end = at + lanes; at < end; at++) {
                    double y = family.transport.at(noise.data[at]);
                    double exp = Math.exp(Math.abs(y));
                    points.data[at] = parameters[i] + factor * Math.copySign(0.5 * (exp - 1 / exp), y);
                }
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            sums = Shapes.atLeast(sums, lanes);
            Arrays.fill(sums, 0, lanes, 0);
            for (int i = 0, at = 0; i < family.dimension; i++, at += lanes) {
                double precision = 1 / scale[i];
                for (int s = 0; s < lanes; s++) {
                    double u = (points.data[at + s] - parameters[i]) * precision;
                    sums[s] += Math.log1p(u * u / family.degrees);
                }
            }
            double constant = family.dimension * family.logNormaliser - sumOfLogScales;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * (family.degrees + 1) * sums[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLanes(score, family.dimension, lanes, "scores");
            for (int i = 0, at = 0; i < family.dimension; i++) {
                double precision = 1 / scale[i];
                for (int end = at + lanes; at < end; at++) {
                    double u = (points.data[at] - parameters[i]) * precision;
                    score.data[at] = -pull(u) * precision;
                }
            }
        }

        /** Minus the derivative of the log density of a standard t. */
        private double pull(double u) {
            return (family.degrees + 1) * u / (family.degrees + u * u);
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            for (int i = 0, at = 0; i < d; i++, at += lanes) {
                double precision = 1 / scale[i];
                double first = 0;
                double second = 0;
                for (int s = 0; s < lanes; s++) {
                    double u = (points.data[at + s] - parameters[i]) * precision;
                    double pull = pull(u);
                    first += weights[s] * pull;
                    second += weights[s] * (u * pull - 1);
                }
                gradient[i] += first * precision;
                gradient[d + i] += second;
            }
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            for (int i = 0, at = 0; i < d; i++) {
                double byLocation = 0;
                double byLogScale = 0;
                for (int end = at + lanes; at < end; at++) {
                    byLocation += vectors.data[at];
                    byLogScale += vectors.data[at] * (points.data[at] - parameters[i]);
                }
                gradient[i] += byLocation;
                gradient[d + i] += byLogScale;
            }
        }

        @Override
        public double entropy() {
            return family.dimension * family.standardEntropy + sumOfLogScales;
        }

        @Override
        public void addEntropyGradient(double factor, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            for (int i = family.dimension; i < gradient.length; i++) {
                gradient[i] += factor;
            }
        }

        @Override
        public double[] mean() {
            double[] mean = Arrays.copyOf(parameters, family.dimension);
            if (family.degrees <= 1) {
                Arrays.fill(mean, Double.NaN);
            }
            return mean;
        }

        @Override
        public double[] standardDeviation() {
            double factor = Shapes.studentDeviation(family.degrees);
            double[] sd = new double[family.dimension];
            Arrays.setAll(sd, i -> scale[i] * factor);
            return sd;
        }
    }
}

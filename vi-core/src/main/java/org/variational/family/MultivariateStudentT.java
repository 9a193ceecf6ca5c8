package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.math3.special.Gamma;
import org.ejml.data.DMatrixRMaj;

/**
 * Multivariate Student-t distributions with a fixed number of degrees of freedom,
 * {@code z = mu + L eps / sqrt(c / nu)} with one chi-square variable c of nu degrees shared by all coordinates.
 *
 * <p>A member has D + D (D + 1) / 2 parameters: the location {@code mu}, then the lower triangular factor L of the
 * scale matrix by rows, each diagonal entry as its logarithm. The noise is eps (D rows) and one more row n that is
 * mapped to c by the quantile function of the chi-square distribution at {@code Phi(n)}, accurate to about 1e-12. The
 * covariance is {@code nu / (nu - 2) L L'}, infinite for {@code nu <= 2}; the mean is undefined for {@code nu <= 1}.
 * Coordinates are dependent even where L is diagonal: they are large together.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 */
public final class MultivariateStudentT implements VariationalFamily {
    private final int dimension;
    private final double degrees;
    private final NormalTransport transport;
    private final double logNormaliser;

    private MultivariateStudentT(int dimension, double degrees) {
        Shapes.checkDimension(dimension);
        Shapes.checkDegrees(degrees);
        long bytes = Double.BYTES * (dimension + (long) dimension * (dimension + 1) / 2);
        if (bytes > FullRankGaussian.MAX_BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a multivariate Student-t of dimension %d has parameter vectors of %d bytes (the limit is %d). Use"
                            + " meanFieldStudentT(), or lowRank()",
                    dimension,
                    bytes,
                    FullRankGaussian.MAX_BYTES));
        }
        this.dimension = dimension;
        this.degrees = degrees;
        this.transport = NormalTransport.toLogMeanChiSquare(degrees);
        this.logNormaliser = Gamma.logGamma((degrees + dimension) / 2)
                - Gamma.logGamma(degrees / 2)
                - 0.5 * dimension * Math.log(degrees * Math.PI);
    }

    /**
     * The family of multivariate Student-t distributions on R^D.
     *
     * @param dimension D
     * @param degrees the degrees of freedom nu, from 1/2 to 1e6
     * @throws IllegalArgumentException if a number is out of range, or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static MultivariateStudentT of(int dimension, double degrees) {
        return new MultivariateStudentT(dimension, degrees);
    }

    @Override
    public String name() {
        return "multivariate Student-t with " + degrees + " degrees of freedom";
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
        return dimension + LowerTriangle.size(dimension);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * The parameters of a member with the given mean and standard deviations and a diagonal scale matrix; where the
     * moments do not exist ({@code nu <= 2}), of a member with the given locations and scales.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        double shift = degrees > 2 ? 0.5 * Math.log((degrees - 2) / degrees) : 0;
        for (int i = 0; i < dimension; i++) {
            parameters[dimension + LowerTriangle.row(i) + i] = Math.log(standardDeviation[i]) + shift;
        }
        return parameters;
    }

    /** A multivariate Student-t distribution. */
    public static final class Member
            implements VariationalDistribution.Reparameterised, VariationalDistribution.ClosedFormEntropy {
        private final MultivariateStudentT family;
        private final double[] parameters;
        private final double[] factor;
        private final double sumOfLogDiagonal;
        private double[] stretched = {};
        private double[] whitened = {};
        private double[] precisionTimesResidual = {};
        private double[] perLane = {};

        private Member(MultivariateStudentT family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            this.factor = Arrays.copyOfRange(parameters, family.dimension, parameters.length);
            this.sumOfLogDiagonal = LowerTriangle.exponentiateDiagonal(family.dimension, factor, 0);
        }

        @Override
        public MultivariateStudentT family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public int noiseDimension() {
            return family.dimension + 1;
        }

        /** Fills {@code stretched} with {@code eps / sqrt(c / nu)}. */
        private void stretch(DMatrixRMaj noise, int lanes) {
            int d = family.dimension;
            perLane = Shapes.atLeast(perLane, lanes);
            for (int s = 0; s < lanes; s++) {
                perLane[s] = Math.exp(-0.5 * family.transport.at(noise.data[d * lanes + s]));
            }
            stretched = Shapes.atLeast(stretched, d * lanes);
            System.arraycopy(noise.data, 0, stretched, 0, d * lanes);
            Lanes.multiplyRows(d, lanes, stretched, perLane);
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d + 1, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            stretch(noise, lanes);
            for (int i = 0; i < d; i++) {
                Arrays.fill(points.data, i * lanes, (i + 1) * lanes, parameters[i]);
            }
            LowerTriangle.addProduct(d, lanes, factor, stretched, 0, points.data, 0);
        }

        /** Fills {@code whitened} with {@code inverse(L) (z - mu)} and {@code perLane} with its squared norms. */
        private void whiten(double[] z, int lanes) {
            int d = family.dimension;
            whitened = Shapes.atLeast(whitened, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    whitened[at] = z[at] - parameters[i];
                }
            }
            LowerTriangle.solve(d, lanes, factor, whitened, 0);
            perLane = Shapes.atLeast(perLane, lanes);
            Arrays.fill(perLane, 0, lanes, 0);
            Lanes.addSquares(d, lanes, whitened, perLane);
        }

        /** Replaces the squared norms u by {@code (nu + D) / (nu + u)}. */
        private void shrinkages(int lanes) {
            for (int s = 0; s < lanes; s++) {
                perLane[s] = (family.degrees + family.dimension) / (family.degrees + perLane[s]);
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = Shapes.lanes(points, family.dimension, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            whiten(points.data, lanes);
            double constant = family.logNormaliser - sumOfLogDiagonal;
            double power = 0.5 * (family.degrees + family.dimension);
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - power * Math.log1p(perLane[s] / family.degrees);
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            whiten(points.data, lanes);
            shrinkages(lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int s = 0; s < lanes; s++, at++) {
                    score.data[at] = -perLane[s] * whitened[at];
                }
            }
            LowerTriangle.solveTransposed(d, lanes, factor, score.data, 0);
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            whiten(points.data, lanes);
            shrinkages(lanes);
            precisionTimesResidual = Shapes.atLeast(precisionTimesResidual, d * lanes);
            System.arraycopy(whitened, 0, precisionTimesResidual, 0, d * lanes);
            LowerTriangle.solveTransposed(d, lanes, factor, precisionTimesResidual, 0);
            Lanes.multiplyRows(d, lanes, precisionTimesResidual, perLane);
            Lanes.multiplyRows(d, lanes, precisionTimesResidual, weights);
            Lanes.addRowSums(d, lanes, precisionTimesResidual, 0, gradient, 0);
            LowerTriangle.addFactorGradient(
                    d, lanes, factor, precisionTimesResidual, 0, whitened, 0, -Lanes.sum(weights, lanes), gradient, d);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d + 1, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            stretch(noise, lanes);
            Lanes.addRowSums(d, lanes, vectors.data, 0, gradient, 0);
            LowerTriangle.addFactorGradient(d, lanes, factor, vectors.data, 0, stretched, 0, 0, gradient, d);
        }

        @Override
        public double entropy() {
            double half = (family.degrees + family.dimension) / 2;
            return half * (Gamma.digamma(half) - Gamma.digamma(family.degrees / 2))
                    - family.logNormaliser
                    + sumOfLogDiagonal;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            for (int i = 0; i < family.dimension; i++) {
                gradient[family.dimension + LowerTriangle.row(i) + i] += scale;
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
            double[] norms = LowerTriangle.rowNorms(family.dimension, factor);
            double deviation = Shapes.studentDeviation(family.degrees);
            Arrays.setAll(norms, i -> norms[i] * deviation);
            return norms;
        }

        /**
         * The scale matrix {@code L L'}; the covariance is {@code nu / (nu - 2)} times it.
         *
         * @return a new D x D matrix
         */
        public DMatrixRMaj scaleMatrix() {
            return LowerTriangle.crossProduct(family.dimension, factor);
        }
    }
}

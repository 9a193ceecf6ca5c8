package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * All Gaussians, {@code z = mu + L eps} with L lower triangular.
 *
 * <p>A member has D + D (D + 1) / 2 parameters: the mean {@code mu}, then L by rows without its zeros, each diagonal
 * entry as its logarithm. A draw, a log density and a gradient cost O(D^2). For a Gaussian target every divergence of
 * this library has its optimum at the target itself.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://arxiv.org/abs/1603.00788">Kucukelbir et al. (2017), Automatic differentiation variational
 *     inference</a>
 */
public final class FullRankGaussian implements VariationalFamily {

    /** The largest size of one parameter vector, in bytes; a fit holds several. Reached at about D = 8190. */
    public static final long MAX_BYTES = 256L << 20;

    private final int dimension;

    private FullRankGaussian(int dimension) {
        Shapes.checkDimension(dimension);
        long count = dimension + (long) dimension * (dimension + 1) / 2;
        if (count * Double.BYTES > MAX_BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a full-rank Gaussian of dimension %d has %d parameters, which take %d bytes for each of the"
                            + " several vectors a fit holds (the limit is %d). Use lowRank(), or meanField()",
                    dimension,
                    count,
                    count * Double.BYTES,
                    MAX_BYTES));
        }
        this.dimension = dimension;
    }

    /**
     * The family of all Gaussians on R^D.
     *
     * @param dimension D
     * @throws IllegalArgumentException if {@code dimension} is not positive, or a parameter vector would be larger than
     *     {@link #MAX_BYTES}
     */
    public static FullRankGaussian of(int dimension) {
        return new FullRankGaussian(dimension);
    }

    @Override
    public String name() {
        return "full-rank Gaussian";
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public int parameterCount() {
        return dimension + LowerTriangle.size(dimension);
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
            parameters[dimension + LowerTriangle.row(i) + i] = Math.log(standardDeviation[i]);
        }
        return parameters;
    }

    /**
     * The parameters of the Gaussian with the given moments.
     *
     * @param mean D finite numbers
     * @param covariance D x D, symmetric (its lower triangle is read) and positive definite
     * @return the parameter vector
     * @throws IllegalArgumentException if a shape is wrong or the covariance is not positive definite
     */
    public double[] parametersOf(double[] mean, DMatrixRMaj covariance) {
        if (mean.length != dimension || covariance.numRows != dimension || covariance.numCols != dimension) {
            throw new IllegalArgumentException("a " + name() + " of dimension " + dimension
                    + " has that many means and a square covariance, but " + mean.length + " means and a "
                    + covariance.numRows + " x " + covariance.numCols + " matrix were given");
        }
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(dimension, true);
        if (!cholesky.decompose(covariance.copy())) {
            throw new IllegalArgumentException("the covariance given for a " + name() + " of dimension " + dimension
                    + " is not positive definite");
        }
        DMatrixRMaj factor = cholesky.getT(null);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        int at = dimension;
        for (int i = 0; i < dimension; i++) {
            for (int j = 0; j < i; j++) {
                parameters[at++] = factor.get(i, j);
            }
            parameters[at++] = Math.log(factor.get(i, i));
        }
        return parameters;
    }

    /** A Gaussian with any covariance. */
    public static final class Member implements GaussianDistribution {
        private final FullRankGaussian family;
        private final double[] parameters;
        private final double[] factor;
        private final double sumOfLogDiagonal;
        private double[] whitened = {};
        private double[] precisionTimesResidual = {};

        private Member(FullRankGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            int d = family.dimension;
            this.factor = Arrays.copyOfRange(parameters, d, parameters.length);
            this.sumOfLogDiagonal = LowerTriangle.exponentiateDiagonal(d, factor, 0);
        }

        @Override
        public FullRankGaussian family() {
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
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            for (int i = 0; i < d; i++) {
                Arrays.fill(points.data, i * lanes, (i + 1) * lanes, parameters[i]);
            }
            LowerTriangle.addProduct(d, lanes, factor, noise.data, 0, points.data, 0);
        }

        /** Fills {@code whitened} with {@code inverse(L) (z - mu)}. */
        private void whiten(double[] z, int lanes) {
            int d = family.dimension;
            whitened = Shapes.atLeast(whitened, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                for (int end = at + lanes; at < end; at++) {
                    whitened[at] = z[at] - mu;
                }
            }
            LowerTriangle.solve(d, lanes, factor, whitened, 0);
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            whiten(points.data, lanes);
            Arrays.fill(logDensity, 0, lanes, 0);
            for (int i = 0, at = 0; i < d; i++, at += lanes) {
                for (int s = 0; s < lanes; s++) {
                    logDensity[s] += whitened[at + s] * whitened[at + s];
                }
            }
            double constant = -0.5 * d * Shapes.LOG_TWO_PI - sumOfLogDiagonal;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * logDensity[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            whiten(points.data, lanes);
            double[] g = score.data;
            for (int at = 0; at < d * lanes; at++) {
                g[at] = -whitened[at];
            }
            LowerTriangle.solveTransposed(d, lanes, factor, g, 0);
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            whiten(points.data, lanes);
            precisionTimesResidual = Shapes.atLeast(precisionTimesResidual, d * lanes);
            System.arraycopy(whitened, 0, precisionTimesResidual, 0, d * lanes);
            LowerTriangle.solveTransposed(d, lanes, factor, precisionTimesResidual, 0);
            Lanes.multiplyRows(d, lanes, precisionTimesResidual, weights);
            Lanes.addRowSums(d, lanes, precisionTimesResidual, 0, gradient, 0);
            LowerTriangle.addFactorGradient(
                    d, lanes, factor, precisionTimesResidual, 0, whitened, 0, -Lanes.sum(weights, lanes), gradient, d);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            Lanes.addRowSums(d, lanes, vectors.data, 0, gradient, 0);
            LowerTriangle.addFactorGradient(d, lanes, factor, vectors.data, 0, noise.data, 0, 0, gradient, d);
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + Shapes.LOG_TWO_PI) + sumOfLogDiagonal;
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
            return Arrays.copyOf(parameters, family.dimension);
        }

        @Override
        public double[] standardDeviation() {
            return LowerTriangle.rowNorms(family.dimension, factor);
        }

        /**
         * The lower triangular factor L of the covariance.
         *
         * @return a new D x D matrix
         */
        public DMatrixRMaj choleskyFactor() {
            int d = family.dimension;
            DMatrixRMaj full = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                System.arraycopy(factor, LowerTriangle.row(i), full.data, i * d, i + 1);
            }
            return full;
        }

        @Override
        public DMatrixRMaj covariance() {
            return LowerTriangle.crossProduct(family.dimension, factor);
        }
    }
}

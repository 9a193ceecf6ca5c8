package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.random.RandomStreams;

/**
 * Gaussians with covariance {@code B B' + diag(d^2)}, {@code z = mu + B e1 + d * e2}, B of size D x K.
 *
 * <p>A member has D (K + 2) parameters: {@code mu}, B by rows, {@code log d}. The noise is {@code e1} (K rows), then
 * {@code e2} (D rows). With {@code C = I + B' diag(d^-2) B} (K x K) Woodbury's identity gives
 * {@code v = C^-1 B' diag(d^-2) r} and {@code Sigma^-1 r = diag(d^-2) (r - B v)}, so that no D x D matrix is ever
 * formed: a draw or a density costs O(D K), a member O(D K^2). The quadratic form is the sum of squares {@code |(r - B
 * v) / d|^2 + |v|^2}, which cannot cancel.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://doi.org/10.1080/10618600.2017.1390472">Ong, Nott and Smith (2018), Gaussian variational
 *     approximation with a factor covariance structure</a>
 */
public final class LowRankGaussian implements VariationalFamily {
    /** The size of the initial factor, relative to the standard deviations. */
    private static final double INITIAL_FACTOR = 0.1;

    private final int dimension;
    private final int rank;

    private LowRankGaussian(int dimension, int rank) {
        Shapes.checkDimension(dimension);
        if (rank < 1 || rank > dimension) {
            throw new IllegalArgumentException("the rank of a low-rank Gaussian of dimension " + dimension
                    + " must be between 1 and " + dimension + ", but it is " + rank
                    + ". Use meanField() for rank 0, fullRank() for more than a low rank");
        }
        if ((long) dimension * (rank + 2L) > FullRankGaussian.MAX_BYTES / Double.BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a low-rank Gaussian of dimension %d and rank %d has parameter vectors of %d bytes (the limit is"
                            + " %d). Use a smaller rank, or meanField()",
                    dimension,
                    rank,
                    (long) dimension * (rank + 2L) * Double.BYTES,
                    FullRankGaussian.MAX_BYTES));
        }
        this.dimension = dimension;
        this.rank = rank;
    }

    /**
     * The family with the default rank, the square root of D rounded to the nearest integer.
     *
     * @param dimension D
     * @throws IllegalArgumentException if {@code dimension} is not positive
     */
    public static LowRankGaussian of(int dimension) {
        return new LowRankGaussian(dimension, Math.max(1, (int) Math.round(Math.sqrt(dimension))));
    }

    /**
     * The family with the given rank.
     *
     * @param dimension D
     * @param rank K, from 1 to D
     * @throws IllegalArgumentException if a number is out of range, or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static LowRankGaussian of(int dimension, int rank) {
        return new LowRankGaussian(dimension, rank);
    }

    @Override
    public String name() {
        return "low-rank Gaussian of rank " + rank;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    /**
     * The number of columns of the factor.
     *
     * @return K
     */
    public int rank() {
        return rank;
    }

    @Override
    public int parameterCount() {
        return dimension * (rank + 2);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * The parameters of a member with the given mean and standard deviations and nearly independent coordinates. A
     * factor of zero would have a zero gradient, so row i of B is the standard deviation times normal numbers of
     * variance {@code 0.1^2 / K} from a fixed stream, the same for every fit; d takes up the rest, so that the standard
     * deviations are exact.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        RandomGenerator random = RandomStreams.of(0).generator("low-rank factor", rank);
        double scale = INITIAL_FACTOR / Math.sqrt(rank);
        double[] row = new double[rank];
        for (int i = 0; i < dimension; i++) {
            double squares = 0;
            for (int k = 0; k < rank; k++) {
                row[k] = scale * random.nextGaussian();
                squares += row[k] * row[k];
            }
            double shrink = squares > 0.5 ? Math.sqrt(0.5 / squares) : 1;
            for (int k = 0; k < rank; k++) {
                parameters[dimension + i * rank + k] = standardDeviation[i] * shrink * row[k];
            }
            parameters[dimension * (rank + 1) + i] =
                    Math.log(standardDeviation[i]) + 0.5 * Math.log1p(-squares * shrink * shrink);
        }
        return parameters;
    }

    /** A Gaussian with low-rank plus diagonal covariance. */
    public static final class Member implements GaussianDistribution {
        private final LowRankGaussian family;
        private final double[] parameters;
        private final double[] diagonal;
        /** Lower Cholesky factor of C, packed. */
        private final double[] coreFactor;

        private final double halfLogDeterminant;
        private double[] latent = {};
        private double[] residual = {};
        private double[] squares = {};

        private Member(LowRankGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            int d = family.dimension;
            int k = family.rank;
            this.diagonal = new double[d];
            this.coreFactor = new double[LowerTriangle.size(k)];
            double logs = 0;
            double[] scaled = new double[k];
            for (int i = 0; i < d; i++) {
                double logDiagonal = parameters[d * (k + 1) + i];
                diagonal[i] = Math.exp(logDiagonal);
                logs += logDiagonal;
                for (int a = 0; a < k; a++) {
                    scaled[a] = parameters[d + i * k + a] / diagonal[i];
                }
                for (int a = 0, at = 0; a < k; a++) {
                    double factor = scaled[a];
                    for (int b = 0; b <= a; b++, at++) {
                        coreFactor[at] += factor * scaled[b];
                    }
                }
            }
            for (int a = 0; a < k; a++) {
                coreFactor[LowerTriangle.row(a) + a] += 1;
            }
            LowerTriangle.factorise(k, coreFactor);
            for (int a = 0; a < k; a++) {
                logs += Math.log(coreFactor[LowerTriangle.row(a) + a]);
            }
            this.halfLogDeterminant = logs;
        }

        @Override
        public LowRankGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        @Override
        public int noiseDimension() {
            return family.rank + family.dimension;
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension;
            int k = family.rank;
            int lanes = Shapes.lanes(noise, k + d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            double[] z = points.data;
            double[] e = noise.data;
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                double scale = diagonal[i];
                for (int end = at + lanes; at < end; at++) {
                    z[at] = mu + scale * e[k * lanes + at];
                }
            }
            Lanes.addProduct(d, k, lanes, parameters, d, e, 0, z, 0);
        }

        /** Fills {@code latent} with v and {@code residual} with r - B v. */
        private void resolve(double[] z, int lanes) {
            int d = family.dimension;
            int k = family.rank;
            residual = Shapes.atLeast(residual, d * lanes);
            latent = Shapes.atLeast(latent, k * lanes);
            Arrays.fill(latent, 0, k * lanes, 0);
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                double precision = 1 / (diagonal[i] * diagonal[i]);
                for (int end = at + lanes; at < end; at++) {
                    residual[at] = (z[at] - mu) * precision;
                }
            }
            Lanes.addTransposedProduct(d, k, lanes, parameters, d, residual, 0, latent, 0);
            LowerTriangle.solve(k, lanes, coreFactor, latent, 0);
            LowerTriangle.solveTransposed(k, lanes, coreFactor, latent, 0);
            // addProduct with the sign of v changed subtracts B v
            for (int at = 0; at < k * lanes; at++) {
                latent[at] = -latent[at];
            }
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                for (int end = at + lanes; at < end; at++) {
                    residual[at] = z[at] - mu;
                }
            }
            Lanes.addProduct(d, k, lanes, parameters, d, latent, 0, residual, 0);
            for (int at = 0; at < k * lanes; at++) {
                latent[at] = -latent[at];
            }
        }

        /** Divides row i of {@code residual} by the diagonal to the given power, 1 or 2. */
        private void divideByDiagonal(int lanes, int power) {
            for (int i = 0, at = 0; i < family.dimension; i++) {
                double factor = power == 1 ? 1 / diagonal[i] : 1 / (diagonal[i] * diagonal[i]);
                for (int end = at + lanes; at < end; at++) {
                    residual[at] *= factor;
                }
            }
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            resolve(points.data, lanes);
            divideByDiagonal(lanes, 1);
            squares = Shapes.atLeast(squares, lanes);
            Arrays.fill(squares, 0, lanes, 0);
            Lanes.addSquares(d, lanes, residual, squares);
            Lanes.addSquares(family.rank, lanes, latent, squares);
            double constant = -0.5 * d * Shapes.LOG_TWO_PI - halfLogDeterminant;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * squares[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            resolve(points.data, lanes);
            divideByDiagonal(lanes, 2);
            for (int at = 0; at < d * lanes; at++) {
                score.data[at] = -residual[at];
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int k = family.rank;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            resolve(points.data, lanes);
            divideByDiagonal(lanes, 2);
            for (int i = 0, at = 0; i < d; i++, at += lanes) {
                double sum = 0;
                double squared = 0;
                for (int s = 0; s < lanes; s++) {
                    double a = residual[at + s];
                    double weighted = weights[s] * a;
                    sum += weighted;
                    squared += weighted * a;
                    residual[at + s] = weighted;
                }
                gradient[i] += sum;
                gradient[d * (k + 1) + i] += squared * diagonal[i] * diagonal[i];
            }
            Lanes.addOuter(d, k, lanes, residual, 0, latent, 0, gradient, d);
            addLogDeterminantGradient(-Lanes.sum(weights, lanes), gradient);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int k = family.rank;
            int lanes = Shapes.lanes(noise, k + d, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            double[] v = vectors.data;
            double[] e = noise.data;
            Lanes.addRowSums(d, lanes, v, 0, gradient, 0);
            Lanes.addOuter(d, k, lanes, v, 0, e, 0, gradient, d);
            for (int i = 0, at = 0; i < d; i++) {
                double sum = 0;
                for (int end = at + lanes; at < end; at++) {
                    sum += v[at] * e[k * lanes + at];
                }
                gradient[d * (k + 1) + i] += sum * diagonal[i];
            }
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + Shapes.LOG_TWO_PI) + halfLogDeterminant;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            addLogDeterminantGradient(scale, gradient);
        }

        /** Adds {@code scale} times the gradient of half the log determinant: Sigma^-1 B, and d^2 diag(Sigma^-1). */
        private void addLogDeterminantGradient(double scale, double[] gradient) {
            int d = family.dimension;
            int k = family.rank;
            double[] row = new double[k];
            for (int i = 0; i < d; i++) {
                double precision = 1 / (diagonal[i] * diagonal[i]);
                System.arraycopy(parameters, d + i * k, row, 0, k);
                LowerTriangle.solve(k, 1, coreFactor, row, 0);
                double norm = 0;
                for (double entry : row) {
                    norm += entry * entry;
                }
                gradient[d * (k + 1) + i] += scale * (1 - norm * precision);
                LowerTriangle.solveTransposed(k, 1, coreFactor, row, 0);
                for (int a = 0; a < k; a++) {
                    gradient[d + i * k + a] += scale * precision * row[a];
                }
            }
        }

        @Override
        public double[] mean() {
            return Arrays.copyOf(parameters, family.dimension);
        }

        @Override
        public double[] standardDeviation() {
            int d = family.dimension;
            int k = family.rank;
            double[] sd = new double[d];
            for (int i = 0; i < d; i++) {
                double sum = diagonal[i] * diagonal[i];
                for (int a = 0; a < k; a++) {
                    sum += parameters[d + i * k + a] * parameters[d + i * k + a];
                }
                sd[i] = Math.sqrt(sum);
            }
            return sd;
        }

        @Override
        public DMatrixRMaj covariance() {
            int d = family.dimension;
            int k = family.rank;
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j <= i; j++) {
                    double sum = i == j ? diagonal[i] * diagonal[i] : 0;
                    for (int a = 0; a < k; a++) {
                        sum += parameters[d + i * k + a] * parameters[d + j * k + a];
                    }
                    covariance.data[i * d + j] = sum;
                    covariance.data[j * d + i] = sum;
                }
            }
            return covariance;
        }
    }
}

package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.variational.random.RandomStreams;

/**
 * Gaussians whose scale is a diagonal times the identity plus low rank, {@code z = mu + d * (P e)} with P a product of
 * K stretches, each along one direction.
 *
 * <p>A stretch {@code E = I + c v v'} with {@code c = (e^t - 1) / (1 + v'v)} multiplies the direction v by
 * {@code (1 + v'v e^t) / (1 + v'v)}, which is positive for every v and t, and leaves what is orthogonal to it alone. A
 * member has D (K + 2) + K parameters: {@code mu}, the directions V (D x K) by rows, {@code log d}, then the K numbers
 * t. With U upper triangular and W lower triangular (K x K), both made from {@code V'V} once,
 * <pre>{@code
 * P = E_1 ... E_K = I + V U V'      P^-1 = I + V W V'      log det P = sum of log((1 + v'v e^t) / (1 + v'v))
 * }</pre>
 * so that no D x D matrix is ever formed: a draw, a density or a gradient costs O(D K), a member O(D K^2).
 *
 * <p>Where {@link LowRankGaussian} can only add variance to a diagonal, a stretch also takes it away, in any direction:
 * the Gaussians of Pathfinder's inverse Hessians, {@code A + B M B'} with A diagonal and M indefinite, are members.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://doi.org/10.1007/BF01582063">Byrd, Nocedal and Schnabel (1994), Representations of quasi-Newton
 *     matrices</a>, for products of updates in one low-rank term
 */
public final class LowRankScaleGaussian implements VariationalFamily {

    private final int dimension;
    private final int rank;

    private LowRankScaleGaussian(int dimension, int rank) {
        Shapes.checkDimension(dimension);
        if (rank < 1 || rank > dimension) {
            throw new IllegalArgumentException("the rank of a Gaussian with low-rank scale of dimension " + dimension
                    + " must be between 1 and " + dimension + ", but it is " + rank
                    + ". Use meanField() for rank 0, fullRank() for more than a low rank");
        }
        if (dimension * (rank + 2L) + rank > FullRankGaussian.MAX_BYTES / Double.BYTES) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a Gaussian with low-rank scale of dimension %d and rank %d has parameter vectors of %d bytes"
                            + " (the limit is %d). Use a smaller rank, or meanField()",
                    dimension,
                    rank,
                    (dimension * (rank + 2L) + rank) * Double.BYTES,
                    FullRankGaussian.MAX_BYTES));
        }
        this.dimension = dimension;
        this.rank = rank;
    }

    /**
     * The family with the given rank.
     *
     * @param dimension D
     * @param rank the number K of stretched directions, from 1 to D
     * @throws IllegalArgumentException if a number is out of range, or a parameter vector would be larger than
     *     {@link FullRankGaussian#MAX_BYTES}
     */
    public static LowRankScaleGaussian of(int dimension, int rank) {
        return new LowRankScaleGaussian(dimension, rank);
    }

    @Override
    public String name() {
        return "Gaussian with low-rank scale of rank " + rank;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    /**
     * The number of stretched directions.
     *
     * @return K
     */
    public int rank() {
        return rank;
    }

    @Override
    public int parameterCount() {
        return dimension * (rank + 2) + rank;
    }

    private int logScaleAt() {
        return dimension * (rank + 1);
    }

    private int stretchAt() {
        return dimension * (rank + 2);
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    /**
     * The parameters of a member with the given mean and standard deviations and independent coordinates: no direction
     * is stretched. The directions are normal numbers of variance 1 / D from a fixed stream, the same for every fit, so
     * that the gradient by the stretches is not zero.
     */
    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = new double[parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, dimension);
        RandomGenerator random = RandomStreams.of(0).generator("low-rank scale", rank);
        for (int at = dimension; at < logScaleAt(); at++) {
            parameters[at] = random.nextGaussian() / Math.sqrt(dimension);
        }
        for (int i = 0; i < dimension; i++) {
            parameters[logScaleAt() + i] = Math.log(standardDeviation[i]);
        }
        return parameters;
    }

    /**
     * The parameters of {@code z = mu + d * ((I + Q diag(stretch - 1) Q') e)} with orthonormal directions, whose
     * covariance is {@code diag(d) (I + Q diag(stretch^2 - 1) Q') diag(d)}.
     *
     * @param mean mu, D finite numbers
     * @param scale d, D positive finite numbers
     * @param directions Q, D x K' with orthonormal columns, K' from 0 to K
     * @param stretches K' positive finite numbers
     * @return the parameter vector
     * @throws IllegalArgumentException if a shape is wrong or a number not positive and finite
     */
    public double[] parametersOf(double[] mean, double[] scale, DMatrixRMaj directions, double[] stretches) {
        Shapes.checkMoments(this, mean, scale);
        int used = stretches.length;
        if (used > rank || directions.numRows != dimension || directions.numCols != used) {
            throw new IllegalArgumentException("a " + name() + " of dimension " + dimension + " and rank " + rank
                    + " has up to " + rank + " directions and as many stretches, but a " + directions.numRows + " x "
                    + directions.numCols + " matrix and " + used + " stretches were given");
        }
        double[] parameters = initialParameters(mean, scale);
        for (int k = 0; k < used; k++) {
            double stretch = stretches[k];
            if (!(stretch > 0) || Double.isInfinite(stretch)) {
                throw new IllegalArgumentException(
                        "stretch " + k + " is " + stretch + "; it must be positive and finite");
            }
            // long enough for a direction to shrink this far
            double square = Math.max(1, 2 / stretch);
            for (int i = 0; i < dimension; i++) {
                parameters[dimension + i * rank + k] = Math.sqrt(square) * directions.get(i, k);
            }
            parameters[stretchAt() + k] = Math.log((stretch * (1 + square) - 1) / square);
        }
        return parameters;
    }

    /** A Gaussian whose scale is a diagonal times the identity plus low rank. */
    public static final class Member implements GaussianDistribution {
        private final LowRankScaleGaussian family;
        private final double[] parameters;
        private final double[] scale;
        /** V'V, K x K. */
        private final double[] gram;
        /** c of every stretch, and of its inverse. */
        private final double[] strength;

        private final double[] inverseStrength;
        /** P = I + V U V' and its inverse I + V W V', K x K. */
        private final double[] forward;

        private final double[] backward;
        private final double logDeterminant;
        private double[] panel = {};
        private double[] pulled = {};
        private double[] small = {};
        private double[] smaller = {};
        private double[] projections = {};
        private double[] coefficients = {};

        private Member(LowRankScaleGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            int d = family.dimension;
            int rank = family.rank;
            this.scale = new double[d];
            double logs = 0;
            for (int i = 0; i < d; i++) {
                double logScale = parameters[family.logScaleAt() + i];
                scale[i] = Math.exp(logScale);
                logs += logScale;
            }
            this.gram = new double[rank * rank];
            Lanes.addTransposedProduct(d, rank, rank, parameters, d, parameters, d, gram, 0);
            this.strength = new double[rank];
            this.inverseStrength = new double[rank];
            for (int k = 0; k < rank; k++) {
                double square = gram[k * rank + k];
                double growth = Math.expm1(parameters[family.stretchAt() + k]);
                strength[k] = growth / (1 + square);
                inverseStrength[k] = -growth / (1 + square + square * growth);
                logs += Math.log1p(square * growth / (1 + square));
            }
            this.logDeterminant = logs;
            this.forward = new double[rank * rank];
            this.backward = new double[rank * rank];
            double[] column = new double[rank];
            for (int k = 0; k < rank; k++) {
                extend(forward, strength, k, column);
            }
            for (int k = rank - 1; k >= 0; k--) {
                extend(backward, inverseStrength, k, column);
            }
        }

        /**
         * Multiplies {@code I + V M V'} by {@code I + c v_k v_k'} from the right: column k becomes {@code c (e_k + M
         * V'v_k)}.
         */
        private void extend(double[] middle, double[] strengths, int k, double[] column) {
            int rank = family.rank;
            for (int a = 0; a < rank; a++) {
                column[a] = a == k ? 1 : 0;
                for (int b = 0; b < rank; b++) {
                    column[a] += middle[a * rank + b] * gram[b * rank + k];
                }
            }
            for (int a = 0; a < rank; a++) {
                middle[a * rank + k] = strengths[k] * column[a];
            }
        }

        @Override
        public LowRankScaleGaussian family() {
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

        /** Replaces the panel x (D x S) by {@code x + V M V' x}, or with the transpose of M. */
        private void apply(double[] middle, boolean transposed, double[] x, int lanes) {
            int d = family.dimension;
            int rank = family.rank;
            small = Shapes.atLeast(small, rank * lanes);
            smaller = Shapes.atLeast(smaller, rank * lanes);
            Arrays.fill(small, 0, rank * lanes, 0);
            Arrays.fill(smaller, 0, rank * lanes, 0);
            Lanes.addTransposedProduct(d, rank, lanes, parameters, d, x, 0, small, 0);
            if (transposed) {
                Lanes.addTransposedProduct(rank, rank, lanes, middle, 0, small, 0, smaller, 0);
            } else {
                Lanes.addProduct(rank, rank, lanes, middle, 0, small, 0, smaller, 0);
            }
            Lanes.addProduct(d, rank, lanes, parameters, d, smaller, 0, x, 0);
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            System.arraycopy(noise.data, 0, points.data, 0, d * lanes);
            apply(forward, false, points.data, lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    points.data[at] = parameters[i] + scale[i] * points.data[at];
                }
            }
        }

        /** Fills {@code panel} with {@code P^-1 ((z - mu) / d)}. */
        private void whiten(double[] z, int lanes) {
            int d = family.dimension;
            panel = Shapes.atLeast(panel, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    panel[at] = (z[at] - parameters[i]) / scale[i];
                }
            }
            apply(backward, false, panel, lanes);
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            whiten(points.data, lanes);
            Arrays.fill(logDensity, 0, lanes, 0);
            Lanes.addSquares(d, lanes, panel, logDensity);
            double constant = -0.5 * d * Shapes.LOG_TWO_PI - logDeterminant;
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
            System.arraycopy(panel, 0, score.data, 0, d * lanes);
            apply(backward, true, score.data, lanes);
            for (int i = 0, at = 0; i < d; i++) {
                for (int end = at + lanes; at < end; at++) {
                    score.data[at] = -score.data[at] / scale[i];
                }
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            whiten(points.data, lanes);
            pulled = Shapes.atLeast(pulled, d * lanes);
            System.arraycopy(panel, 0, pulled, 0, d * lanes);
            apply(backward, true, pulled, lanes);
            Lanes.multiplyRows(d, lanes, pulled, weights);
            for (int i = 0, at = 0; i < d; i++) {
                double sum = 0;
                double byScale = 0;
                for (int end = at + lanes; at < end; at++) {
                    sum += pulled[at];
                    byScale += pulled[at] * (points.data[at] - parameters[i]);
                }
                gradient[i] += sum / scale[i];
                gradient[family.logScaleAt() + i] += byScale / scale[i];
            }
            addStretchGradient(lanes, pulled, panel, gradient);
            addLogDeterminantGradient(-Lanes.sum(weights, lanes), gradient);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension;
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            pulled = Shapes.atLeast(pulled, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double sum = 0;
                double byScale = 0;
                for (int end = at + lanes; at < end; at++) {
                    double vector = vectors.data[at];
                    sum += vector;
                    byScale += vector * (points.data[at] - parameters[i]);
                    pulled[at] = vector * scale[i];
                }
                gradient[i] += sum;
                gradient[family.logScaleAt() + i] += byScale;
            }
            addStretchGradient(lanes, pulled, noise.data, gradient);
        }

        /**
         * Adds the gradient by V and t of {@code sum over s of y[.,s]' P x[.,s]} with y and x held fixed. Stretch k
         * sees the inputs {@code x + V A} and is seen through {@code y + V B}, with A and B (K x S) built up stretch by
         * stretch, so that its projections on both and all sums of panels need O(K) products of a panel and V.
         */
        private void addStretchGradient(int lanes, double[] y, double[] x, double[] gradient) {
            int d = family.dimension;
            int rank = family.rank;
            int size = rank * lanes;
            projections = Shapes.atLeast(projections, 2 * size);
            coefficients = Shapes.atLeast(coefficients, 2 * size);
            Arrays.fill(projections, 0, 2 * size, 0);
            Arrays.fill(coefficients, 0, 2 * size, 0);
            Lanes.addTransposedProduct(d, rank, lanes, parameters, d, y, 0, projections, 0);
            Lanes.addTransposedProduct(d, rank, lanes, parameters, d, x, 0, projections, size);
            double[] ofColumns = new double[rank * rank];
            for (int k = 0; k < rank; k++) {
                project(k, 0, k, lanes, 0);
            }
            for (int k = rank - 1; k >= 0; k--) {
                project(k, k + 1, rank, lanes, size);
            }
            // now row k of projections holds v_k'(what stretch k sees), times c in coefficients
            for (int k = 0; k < rank; k++) {
                double both = 0;
                for (int s = 0; s < lanes; s++) {
                    both += projections[k * lanes + s] * projections[size + k * lanes + s];
                }
                double square = gram[k * rank + k];
                double growth = parameters[family.stretchAt() + k];
                gradient[family.stretchAt() + k] += both * Math.exp(growth) / (1 + square);
                ofColumns[k * rank + k] -= 2 * both * strength[k] / (1 + square);
                for (int b = 0; b < k; b++) {
                    ofColumns[b * rank + k] +=
                            rowProduct(coefficients, b * lanes, coefficients, size + k * lanes, lanes);
                }
                for (int b = k + 1; b < rank; b++) {
                    ofColumns[b * rank + k] +=
                            rowProduct(coefficients, size + b * lanes, coefficients, k * lanes, lanes);
                }
            }
            Lanes.addOuter(d, rank, lanes, y, 0, coefficients, size, gradient, d);
            Lanes.addOuter(d, rank, lanes, x, 0, coefficients, 0, gradient, d);
            Lanes.addProduct(d, rank, rank, parameters, d, ofColumns, 0, gradient, d);
        }

        /**
         * Completes row k of a half of {@code projections} by what the stretches from {@code from} to {@code to} add.
         */
        private void project(int k, int from, int to, int lanes, int half) {
            int rank = family.rank;
            for (int b = from; b < to; b++) {
                Lanes.addRow(lanes, gram[k * rank + b], coefficients, half + b * lanes, projections, half + k * lanes);
            }
            Lanes.addRow(lanes, strength[k], projections, half + k * lanes, coefficients, half + k * lanes);
        }

        private static double rowProduct(double[] a, int aAt, double[] b, int bAt, int lanes) {
            double sum = 0;
            for (int s = 0; s < lanes; s++) {
                sum += a[aAt + s] * b[bAt + s];
            }
            return sum;
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + Shapes.LOG_TWO_PI) + logDeterminant;
        }

        @Override
        public void addEntropyGradient(double factor, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            addLogDeterminantGradient(factor, gradient);
        }

        private void addLogDeterminantGradient(double factor, double[] gradient) {
            int d = family.dimension;
            int rank = family.rank;
            for (int i = 0; i < d; i++) {
                gradient[family.logScaleAt() + i] += factor;
            }
            for (int k = 0; k < rank; k++) {
                double square = gram[k * rank + k];
                double growth = Math.exp(parameters[family.stretchAt() + k]);
                double grown = growth / (1 + square * growth);
                gradient[family.stretchAt() + k] += factor * square * grown;
                double alongDirection = 2 * factor * (grown - 1 / (1 + square));
                for (int i = 0; i < d; i++) {
                    gradient[d + i * rank + k] += alongDirection * parameters[d + i * rank + k];
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
            int rank = family.rank;
            double[] middle = covarianceMiddle();
            double[] sd = new double[d];
            double[] row = new double[rank];
            for (int i = 0; i < d; i++) {
                sd[i] = scale[i] * Math.sqrt(Math.max(0, 1 + form(middle, i, i, row)));
            }
            return sd;
        }

        /** {@code U + U' + U V'V U'}, so that {@code P P' = I + V (.) V'}. */
        private double[] covarianceMiddle() {
            int rank = family.rank;
            double[] middle = new double[rank * rank];
            double[] product = new double[rank * rank];
            Lanes.addProduct(rank, rank, rank, forward, 0, gram, 0, product, 0);
            for (int a = 0; a < rank; a++) {
                for (int b = 0; b < rank; b++) {
                    middle[a * rank + b] = forward[a * rank + b]
                            + forward[b * rank + a]
                            + rowProduct(product, a * rank, forward, b * rank, rank);
                }
            }
            return middle;
        }

        /** {@code (V middle V')[i, j]}. */
        private double form(double[] middle, int i, int j, double[] row) {
            int rank = family.rank;
            Arrays.fill(row, 0);
            Lanes.addProduct(1, rank, rank, parameters, family.dimension + i * rank, middle, 0, row, 0);
            return rowProduct(row, 0, parameters, family.dimension + j * rank, rank);
        }

        @Override
        public DMatrixRMaj covariance() {
            int d = family.dimension;
            double[] middle = covarianceMiddle();
            double[] row = new double[family.rank];
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j <= i; j++) {
                    double entry = scale[i] * scale[j] * ((i == j ? 1 : 0) + form(middle, i, j, row));
                    covariance.data[i * d + j] = entry;
                    covariance.data[j * d + i] = entry;
                }
            }
            return covariance;
        }
    }
}

package org.variational.family;

import java.util.Arrays;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Interactions;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;
import org.variational.structure.SparseFactor;
import org.variational.structure.Structure;

/**
 * Gaussians with a sparse precision: {@code P Lambda P' = L L'}, and a draw is {@code z = mu + P' L^-T P eps}.
 *
 * <p>A member has D + E parameters: the mean {@code mu}, then the E entries of L in the order of its
 * {@link FactorPattern}, each diagonal entry as its logarithm. With the pattern that the Hessian of the log density
 * has, the family holds the Gaussian of least reverse Kullback-Leibler divergence of all Gaussians, whose precision is
 * {@code -E_q[Hessian of log p]}. Draws, log densities and gradients cost O(E); standard deviations, from the selected
 * inverse, the sum of squares of the lengths of L's columns.
 *
 * <p>The family is immutable and thread-safe; a member holds scratch space and is not.
 *
 * @see <a href="https://arxiv.org/abs/1605.05622">Tan and Nott (2018), Gaussian variational approximation with sparse
 *     precision matrices</a>
 */
public final class SparseGaussian implements VariationalFamily {

    /** The most entries of a factor. */
    public static final long MAX_ENTRIES = Structure.MOST_FILL;

    private final FactorPattern pattern;

    private SparseGaussian(FactorPattern pattern) {
        Shapes.checkDimension(pattern.size());
        this.pattern = pattern;
    }

    /** The family of Gaussians whose precision has a factor of the given pattern. */
    public static SparseGaussian of(FactorPattern pattern) {
        return new SparseGaussian(pattern);
    }

    /**
     * The family of Gaussians in which coordinates are independent given the others unless they act together.
     *
     * @throws IllegalArgumentException if a factor would have more than {@link #MAX_ENTRIES} entries
     */
    public static SparseGaussian of(Interactions interactions) {
        FactorPattern pattern = FactorPattern.of(interactions.related(), new int[0], MAX_ENTRIES);
        if (pattern == null) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a sparse precision of these %s would be filled with more than %,d entries when it is factored. Use"
                            + " lowRank(), or fullRank() up to about 8,000 coordinates",
                    interactions.related(),
                    MAX_ENTRIES));
        }
        return new SparseGaussian(pattern);
    }

    @Override
    public String name() {
        return "sparse Gaussian";
    }

    @Override
    public int dimension() {
        return pattern.size();
    }

    @Override
    public int parameterCount() {
        return pattern.size() + pattern.entries();
    }

    /** Where the factor of the precision has entries, and in which order. */
    public FactorPattern pattern() {
        return pattern;
    }

    @Override
    public Member member(double[] parameters) {
        return new Member(this, Shapes.checkedParameters(this, parameters));
    }

    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        Shapes.checkMoments(this, mean, standardDeviation);
        double[] parameters = Arrays.copyOf(mean, parameterCount());
        for (int j = 0; j < pattern.size(); j++) {
            parameters[logDiagonal(j)] = -Math.log(standardDeviation[pattern.node(j)]);
        }
        return parameters;
    }

    /**
     * The parameters of the Gaussian with the given mean and factor of the precision.
     *
     * @param mean D finite numbers
     * @param factor the entries of L, its diagonal positive
     * @throws IllegalArgumentException if a length is wrong, or an entry of the diagonal is not positive
     */
    public double[] parametersOf(double[] mean, double[] factor) {
        if (mean.length != pattern.size() || factor.length != pattern.entries()) {
            throw new IllegalArgumentException("a " + name() + " of dimension " + pattern.size() + " has that many"
                    + " means and a factor of " + pattern.entries() + " entries, but " + mean.length + " means and "
                    + factor.length + " entries were given");
        }
        double[] parameters = Arrays.copyOf(mean, parameterCount());
        System.arraycopy(factor, 0, parameters, mean.length, factor.length);
        for (int j = 0; j < mean.length; j++) {
            double diagonal = factor[pattern.start(j)];
            if (!(diagonal > 0)) {
                throw new IllegalArgumentException("the diagonal of a factor must be positive, but that of coordinate "
                        + pattern.node(j) + " is " + diagonal);
            }
            parameters[logDiagonal(j)] = Math.log(diagonal);
        }
        return parameters;
    }

    /** The index of the parameter that is the logarithm of the diagonal entry of a column. */
    private int logDiagonal(int column) {
        return pattern.size() + pattern.start(column);
    }

    /** A Gaussian with a sparse precision. */
    public static final class Member implements GaussianDistribution {
        private final SparseGaussian family;
        private final double[] parameters;
        private final double[] entries;
        private final SparseFactor factor;
        private final double sumOfLogDiagonal;
        private double[] residual = {};
        private double[] whitened = {};

        private Member(SparseGaussian family, double[] parameters) {
            this.family = family;
            this.parameters = parameters;
            int d = family.dimension();
            this.entries = Arrays.copyOfRange(parameters, d, parameters.length);
            double sum = 0;
            for (int j = 0; j < d; j++) {
                int diagonal = family.pattern.start(j);
                sum += entries[diagonal];
                entries[diagonal] = Math.exp(entries[diagonal]);
            }
            this.sumOfLogDiagonal = sum;
            this.factor = new SparseFactor(family.pattern, entries);
        }

        @Override
        public SparseGaussian family() {
            return family;
        }

        @Override
        public double[] parameters() {
            return parameters.clone();
        }

        /** The factor L of the precision. */
        public SparseFactor precisionFactor() {
            return factor;
        }

        @Override
        public int noiseDimension() {
            return family.dimension();
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            int d = family.dimension();
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            System.arraycopy(noise.data, 0, points.data, 0, d * lanes);
            factor.solveTransposed(points.data, lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                for (int end = at + lanes; at < end; at++) {
                    points.data[at] += mu;
                }
            }
        }

        /** Fills {@code residual} with {@code z - mu}. */
        private void center(double[] z, int lanes) {
            int d = family.dimension();
            residual = Shapes.atLeast(residual, d * lanes);
            for (int i = 0, at = 0; i < d; i++) {
                double mu = parameters[i];
                for (int end = at + lanes; at < end; at++) {
                    residual[at] = z[at] - mu;
                }
            }
        }

        /** Fills {@code residual}, and {@code whitened} with {@code L' (z - mu)}. */
        private void whiten(double[] z, int lanes) {
            int numbers = family.dimension() * lanes;
            center(z, lanes);
            whitened = Shapes.atLeast(whitened, numbers);
            System.arraycopy(residual, 0, whitened, 0, numbers);
            factor.multiplyTransposed(whitened, lanes);
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int d = family.dimension();
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(logDensity, lanes, "log densities");
            whiten(points.data, lanes);
            Arrays.fill(logDensity, 0, lanes, 0);
            Lanes.addSquares(d, lanes, whitened, logDensity);
            double constant = -0.5 * d * Shapes.LOG_TWO_PI + sumOfLogDiagonal;
            for (int s = 0; s < lanes; s++) {
                logDensity[s] = constant - 0.5 * logDensity[s];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            int d = family.dimension();
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLanes(score, d, lanes, "scores");
            whiten(points.data, lanes);
            for (int at = 0; at < d * lanes; at++) {
                score.data[at] = -whitened[at];
            }
            factor.multiply(score.data, lanes);
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            int d = family.dimension();
            int lanes = Shapes.lanes(points, d, "points");
            Shapes.checkLength(weights, lanes, "weights");
            Shapes.checkGradient(family, gradient);
            whiten(points.data, lanes);
            Lanes.multiplyRows(d, lanes, whitened, weights);
            addFactorGradient(lanes, gradient);
            addToDiagonal(Lanes.sum(weights, lanes), gradient);
            factor.multiply(whitened, lanes);
            Lanes.addRowSums(d, lanes, whitened, 0, gradient, 0);
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            int d = family.dimension();
            int lanes = Shapes.lanes(noise, d, "noise");
            Shapes.checkLanes(points, d, lanes, "points");
            Shapes.checkLanes(vectors, d, lanes, "vectors");
            Shapes.checkGradient(family, gradient);
            Lanes.addRowSums(d, lanes, vectors.data, 0, gradient, 0);
            center(points.data, lanes);
            whitened = Shapes.atLeast(whitened, d * lanes);
            System.arraycopy(vectors.data, 0, whitened, 0, d * lanes);
            factor.solve(whitened, lanes);
            addFactorGradient(lanes, gradient);
        }

        /** Adds {@code -sum over s of residual_i whitened_j} for every entry (i, j) of L. */
        private void addFactorGradient(int lanes, double[] gradient) {
            FactorPattern pattern = family.pattern;
            for (int j = 0; j < pattern.size(); j++) {
                int ofJ = pattern.node(j) * lanes;
                int start = pattern.start(j);
                for (int entry = start; entry < pattern.end(j); entry++) {
                    int ofI = pattern.node(pattern.row(entry)) * lanes;
                    double total = 0;
                    for (int s = 0; s < lanes; s++) {
                        total += residual[ofI + s] * whitened[ofJ + s];
                    }
                    gradient[pattern.size() + entry] -= entry == start ? total * entries[start] : total;
                }
            }
        }

        private void addToDiagonal(double amount, double[] gradient) {
            for (int j = 0; j < family.dimension(); j++) {
                gradient[family.logDiagonal(j)] += amount;
            }
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension() * (1 + Shapes.LOG_TWO_PI) - sumOfLogDiagonal;
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            Shapes.checkGradient(family, gradient);
            addToDiagonal(-scale, gradient);
        }

        @Override
        public double[] mean() {
            return Arrays.copyOf(parameters, family.dimension());
        }

        @Override
        public double[] standardDeviation() {
            FactorPattern pattern = family.pattern;
            double[] inverse = covariances();
            double[] deviations = new double[pattern.size()];
            for (int j = 0; j < deviations.length; j++) {
                deviations[pattern.node(j)] = Math.sqrt(inverse[pattern.start(j)]);
            }
            return deviations;
        }

        /** The covariances where the factor has entries, by entry. */
        public double[] covariances() {
            double[] inverse = new double[entries.length];
            new SparseCholesky(family.pattern).selectedInverse(entries, 1, inverse);
            return inverse;
        }

        /** {@code KL(this || to)}, to a member of a family with the same pattern. */
        double divergence(Member to) {
            int d = family.dimension();
            double[] shift = new double[d];
            Arrays.setAll(shift, i -> to.parameters[i] - parameters[i]);
            to.factor.multiplyTransposed(shift, 1);
            double[] traces = new double[d];
            new SparseCholesky(family.pattern).traces(to.entries, 1, covariances(), traces);
            double total = 0;
            for (int j = 0; j < d; j++) {
                int diagonal = family.pattern.start(j);
                double logRatio = Math.log(entries[diagonal] / to.entries[diagonal]);
                total += traces[j] - 1 + 2 * logRatio + shift[j] * shift[j];
            }
            return 0.5 * total;
        }

        @Override
        public DMatrixRMaj covariance() {
            int d = family.dimension();
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                covariance.set(i, i, 1);
            }
            factor.solve(covariance.data, d);
            factor.solveTransposed(covariance.data, d);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < i; j++) {
                    covariance.set(j, i, covariance.get(i, j));
                }
            }
            return covariance;
        }
    }
}

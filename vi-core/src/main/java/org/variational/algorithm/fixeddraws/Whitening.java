package org.variational.algorithm.fixeddraws;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.variational.family.BlockGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalFamily;

/**
 * Linear coordinates around a Gaussian, {@code lambda = lambda_0 + P v}, in which the negative evidence lower bound
 * curves about equally in all directions: means in units of the factor of the covariance, changes of a factor L as
 * {@code L M}, logarithms of a scale times the root of 2.
 *
 * <p>Near the optimum of a Gaussian posterior the Hessian in these coordinates is the identity for full-rank families.
 * For the low-rank family only the scale of each parameter is taken out. Its members do not change when the columns of
 * their factor are rotated, so that nothing but the noise of the draws tells apart the parameters along a rotation;
 * {@link #removeRotations} leaves these directions out. Immutable.
 */
abstract class Whitening {

    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double VANISHED = 1e-8;

    /** Overwrites {@code delta} with {@code P v}. */
    abstract void push(double[] v, double[] delta);

    /** Overwrites {@code v} with {@code P' gradient}. */
    abstract void pull(double[] gradient, double[] v);

    /** Takes out of {@code v}, in place, the directions in which the member stays the same. */
    void removeRotations(double[] v) {}

    /** Whether there are such coordinates for a family. */
    static boolean serves(VariationalFamily family) {
        return family instanceof MeanFieldGaussian
                || family instanceof LowRankGaussian
                || family instanceof BlockGaussian
                || family instanceof FullRankGaussian;
    }

    static Whitening of(GaussianDistribution q) {
        VariationalFamily family = q.family();
        double[] parameters = q.parameters();
        if (family instanceof MeanFieldGaussian) {
            double[] scales = Arrays.copyOf(q.standardDeviation(), parameters.length);
            Arrays.fill(scales, family.dimension(), scales.length, ROOT_HALF);
            return new Diagonal(scales);
        }
        if (family instanceof LowRankGaussian lowRank) {
            return new Factored(lowRank, lowRankScales(lowRank, q), parameters);
        }
        List<BlockGaussian.Block> blocks = family instanceof BlockGaussian block
                ? block.blocks()
                : List.of(new BlockGaussian.Block(family.dimension(), false));
        return new Triangular(blocks, parameters);
    }

    /**
     * By the precisions of q: {@code d_i^2 Lambda_ii} is the derivative of its entropy by {@code log d_i}. The
     * curvature by {@code mu_i} and by row i of B is about {@code Lambda_ii}, that by {@code log d_i} about {@code
     * d_i^2 Lambda_ii + 1}. Where d_i has all but vanished, rounding leaves nothing of that product, and the standard
     * deviation must do.
     */
    private static double[] lowRankScales(LowRankGaussian family, GaussianDistribution q) {
        int d = family.dimension();
        int k = family.rank();
        double[] parameters = q.parameters();
        double[] scales = new double[parameters.length];
        double[] sd = q.standardDeviation();
        q.addEntropyGradient(1, scales);
        for (int i = 0; i < d; i++) {
            int at = d * (k + 1) + i;
            double share = Math.max(scales[at], 0);
            double deviation = share > VANISHED ? Math.exp(parameters[at]) / Math.sqrt(share) : sd[i];
            scales[i] = deviation;
            Arrays.fill(scales, d + i * k, d + (i + 1) * k, deviation);
            scales[at] = 1 / Math.sqrt(1 + share);
        }
        return scales;
    }

    private static class Diagonal extends Whitening {

        private final double[] scales;

        Diagonal(double[] scales) {
            this.scales = scales;
        }

        @Override
        void push(double[] v, double[] delta) {
            for (int k = 0; k < scales.length; k++) {
                delta[k] = v[k] * scales[k];
            }
        }

        @Override
        void pull(double[] gradient, double[] v) {
            push(gradient, v);
        }
    }

    /** For the low-rank family; an orthonormal basis of the rotations of B, where it is not too large, is kept. */
    private static final class Factored extends Diagonal {

        private static final long MAX_NUMBERS = 4_000_000;
        /** A rotation with less than this left, beside the others, is one of them. */
        private static final double DEPENDENT = 1e-8;

        private final int dimension;
        private final List<double[]> rotations = new ArrayList<>();

        Factored(LowRankGaussian family, double[] scales, double[] parameters) {
            super(scales);
            this.dimension = family.dimension();
            int k = family.rank();
            if ((long) dimension * k * k * (k - 1) / 2 > MAX_NUMBERS) {
                return;
            }
            for (int a = 0; a < k; a++) {
                for (int b = 0; b < a; b++) {
                    double[] rotation = new double[dimension * k];
                    for (int i = 0; i < dimension; i++) {
                        int row = dimension + i * k;
                        rotation[i * k + a] = parameters[row + b] / scales[row];
                        rotation[i * k + b] = -parameters[row + a] / scales[row];
                    }
                    keep(rotation);
                }
            }
        }

        private void keep(double[] rotation) {
            double before = FixedDrawObjective.norm(rotation);
            // twice is enough for orthogonality to rounding
            for (int pass = 0; pass < 2; pass++) {
                for (double[] other : rotations) {
                    FixedDrawObjective.addScaled(-FixedDrawObjective.dot(rotation, other), other, rotation);
                }
            }
            double norm = FixedDrawObjective.norm(rotation);
            if (norm > DEPENDENT * before) {
                for (int at = 0; at < rotation.length; at++) {
                    rotation[at] /= norm;
                }
                rotations.add(rotation);
            }
        }

        @Override
        void removeRotations(double[] v) {
            for (double[] rotation : rotations) {
                double along = 0;
                for (int at = 0; at < rotation.length; at++) {
                    along += rotation[at] * v[dimension + at];
                }
                for (int at = 0; at < rotation.length; at++) {
                    v[dimension + at] -= along * rotation[at];
                }
            }
        }
    }

    /** For the layout of {@link BlockGaussian}, of which the full-rank family is the case of a single block. */
    private static final class Triangular extends Whitening {

        private final List<BlockGaussian.Block> blocks;
        private final double[] parameters;
        private final int[] offsets;
        private final int[] factorOffsets;
        private final int[] weightOffsets;
        private final int[] globals;
        /** The standard deviations of the globals. */
        private final double[] globalScales;

        Triangular(List<BlockGaussian.Block> blocks, double[] parameters) {
            this.blocks = blocks;
            this.parameters = parameters;
            int n = blocks.size();
            offsets = new int[n];
            factorOffsets = new int[n];
            weightOffsets = new int[n];
            int dimension = 0;
            int globalCount = 0;
            for (int b = 0; b < n; b++) {
                offsets[b] = dimension;
                dimension += blocks.get(b).length();
                globalCount += blocks.get(b).local() ? 0 : blocks.get(b).length();
            }
            globals = new int[globalCount];
            globalScales = new double[globalCount];
            int at = dimension;
            int global = 0;
            for (int b = 0; b < n; b++) {
                factorOffsets[b] = at;
                int length = blocks.get(b).length();
                for (int i = 0; i < length; i++) {
                    double square = 0;
                    for (int j = 0; j <= i; j++, at++) {
                        parameters[at] = j == i ? Math.exp(parameters[at]) : parameters[at];
                        square += parameters[at] * parameters[at];
                    }
                    if (!blocks.get(b).local()) {
                        globals[global] = offsets[b] + i;
                        globalScales[global++] = Math.sqrt(square);
                    }
                }
            }
            for (int b = 0; b < n; b++) {
                weightOffsets[b] = at;
                at += blocks.get(b).local() ? blocks.get(b).length() * globalCount : 0;
            }
        }

        private int row(int b, int i) {
            return factorOffsets[b] + i * (i + 1) / 2;
        }

        @Override
        void push(double[] v, double[] delta) {
            for (int b = 0; b < offsets.length; b++) {
                for (int i = 0; i < blocks.get(b).length(); i++) {
                    pushRow(b, i, v, delta);
                }
            }
            for (int b = 0; b < offsets.length; b++) {
                if (!blocks.get(b).local()) {
                    continue;
                }
                for (int i = 0, at = weightOffsets[b]; i < blocks.get(b).length(); i++) {
                    double own = parameters[row(b, i) + i];
                    double sum = 0;
                    for (int g = 0; g < globals.length; g++, at++) {
                        sum += parameters[at] * delta[globals[g]];
                        delta[at] = own / globalScales[g] * v[at];
                    }
                    delta[offsets[b] + i] += sum;
                }
            }
        }

        private void pushRow(int b, int i, double[] v, double[] delta) {
            int ri = row(b, i);
            double mean = 0;
            for (int j = 0; j <= i; j++) {
                mean += parameters[ri + j] * v[offsets[b] + j];
                delta[ri + j] = 0;
            }
            delta[offsets[b] + i] = mean;
            for (int k = 0; k <= i; k++) {
                double l = parameters[ri + k];
                int rk = row(b, k);
                for (int j = 0; j < k; j++) {
                    delta[ri + j] += l * v[rk + j];
                }
                if (k < i) {
                    delta[ri + k] += l * ROOT_HALF * v[rk + k];
                }
            }
            delta[ri + i] = ROOT_HALF * v[ri + i];
        }

        @Override
        void pull(double[] gradient, double[] v) {
            Arrays.fill(v, 0);
            double[] byMean = Arrays.copyOf(gradient, blocksEnd());
            for (int b = 0; b < offsets.length; b++) {
                if (!blocks.get(b).local()) {
                    continue;
                }
                for (int i = 0, at = weightOffsets[b]; i < blocks.get(b).length(); i++) {
                    double own = parameters[row(b, i) + i];
                    for (int g = 0; g < globals.length; g++, at++) {
                        byMean[globals[g]] += parameters[at] * gradient[offsets[b] + i];
                        v[at] = own / globalScales[g] * gradient[at];
                    }
                }
            }
            for (int b = 0; b < offsets.length; b++) {
                for (int i = 0; i < blocks.get(b).length(); i++) {
                    pullRow(b, i, byMean[offsets[b] + i], gradient, v);
                }
            }
        }

        private int blocksEnd() {
            int last = offsets.length - 1;
            return offsets[last] + blocks.get(last).length();
        }

        private void pullRow(int b, int i, double byMean, double[] gradient, double[] v) {
            int ri = row(b, i);
            for (int k = 0; k <= i; k++) {
                double l = parameters[ri + k];
                int rk = row(b, k);
                v[offsets[b] + k] += l * byMean;
                for (int j = 0; j < k; j++) {
                    v[rk + j] += l * gradient[ri + j];
                }
                if (k < i) {
                    v[rk + k] += l * ROOT_HALF * gradient[ri + k];
                }
            }
            v[ri + i] += ROOT_HALF * gradient[ri + i];
        }
    }
}

package org.variational.algorithm.gradient;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/**
 * Local coordinates around a member of a family, in which one unit means about the same for every parameter.
 *
 * <p>For Gaussians they are the coordinates of the approximation's own scale, {@code mu = mu_0 + L m},
 * {@code L = L_0 M}, in which the Fisher information is the identity: a plain gradient step in them is a natural
 * gradient step, and its speed does not depend on the scales and correlations of the posterior. For a sparse precision
 * {@link SparseChart} has such coordinates, for Gaussians given some coordinates {@link ConditionalChart}. For other
 * families every parameter is scaled by its own Fisher information. Parameters beyond the family's own, the optimised
 * coordinates, keep their scale. A chart holds scratch space and serves one thread.
 */
abstract class Chart {

    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double LARGEST_SHIFT = 1;
    private static final double LARGEST_SCALING = 0.7;

    /**
     * Follows the member; called before every step.
     *
     * @param parameters the member
     * @param streams the source of randomness, should the chart need draws
     * @param step the number of the step
     */
    void refresh(double[] parameters, RandomStreams streams, long step) {}

    /**
     * Turns the gradient by the parameters into the gradient by the local coordinates.
     *
     * @param parameters the member, read only
     * @param gradient read only
     * @param local overwritten
     */
    abstract void pull(double[] parameters, double[] gradient, double[] local);

    /** Moves {@code parameters}, in place, by {@code step} in local coordinates. */
    abstract void move(double[] parameters, double[] step);

    /**
     * Shortens {@code step}, in place, to where the local coordinates describe the family well: at most a standard
     * deviation for a mean, and at most about a factor of 2 for a scale.
     */
    abstract void limit(double[] step);

    /** Writes where the optimiser is, in its own coordinates, when the member is set from outside. */
    void locate(double[] parameters, double[] travelled) {}

    /**
     * Whether the local coordinates no longer fit where the optimiser has travelled, so that it had better be located
     * anew.
     */
    boolean outgrown(double[] travelled) {
        return false;
    }

    static void limitNorm(double[] step, int from, int to, double largest) {
        double square = 0;
        for (int i = from; i < to; i++) {
            square += step[i] * step[i];
        }
        if (square > largest * largest) {
            double factor = largest / Math.sqrt(square);
            for (int i = from; i < to; i++) {
                step[i] *= factor;
            }
        }
    }

    static Chart of(VariationalFamily family) {
        if (family instanceof FullRankGaussian) {
            return new Triangular(family.dimension());
        }
        if (family instanceof MeanFieldGaussian) {
            return new Diagonal(family.dimension());
        }
        if (family instanceof SparseGaussian sparse && SparseChart.affords(sparse)) {
            return new SparseChart(sparse);
        }
        if (family instanceof ConditionallyStructuredGaussian conditional) {
            return new ConditionalChart(conditional);
        }
        return new Information(family);
    }

    /**
     * Every parameter in units of its own Fisher information, {@code E_q[(d log q / d lambda_k)^2]}, estimated from
     * draws of the members on the way: a unit changes the approximation by about as much whatever the parameter means.
     */
    private static final class Information extends Chart {

        private static final int DRAWS = 16;
        private static final int EAGER = 20;
        private static final int INTERVAL = 10;
        private static final double SLOWEST_RATE = 0.05;
        private static final double SMALLEST = 1e-6;
        private static final double LARGEST_STEP = 0.5;

        private final VariationalFamily family;
        private final double[] information;
        private final double[] root;
        private long updates;

        Information(VariationalFamily family) {
            this.family = family;
            this.information = new double[family.parameterCount()];
            this.root = new double[family.parameterCount()];
            Arrays.fill(root, 1);
        }

        @Override
        void refresh(double[] parameters, RandomStreams streams, long step) {
            if (step > EAGER && step % INTERVAL != 0) {
                return;
            }
            int n = information.length;
            VariationalDistribution member = family.member(Arrays.copyOf(parameters, n));
            DMatrixRMaj noise = new DMatrixRMaj(member.noiseDimension(), DRAWS);
            DrawScheme.independent()
                    .draws(member.noiseDimension(), streams.child("information", 0))
                    .fill(step, noise);
            DMatrixRMaj points = new DMatrixRMaj(family.dimension(), DRAWS);
            member.sample(noise, points);
            double[] squares = new double[n];
            double[] score = new double[n];
            DMatrixRMaj point = new DMatrixRMaj(family.dimension(), 1);
            for (int s = 0; s < DRAWS; s++) {
                for (int i = 0; i < point.numRows; i++) {
                    point.data[i] = points.data[i * DRAWS + s];
                }
                Arrays.fill(score, 0);
                member.addParameterScore(point, new double[] {1}, score);
                for (int k = 0; k < n; k++) {
                    squares[k] += score[k] * score[k] / DRAWS;
                }
            }
            double weight = Math.max(SLOWEST_RATE, 1.0 / ++updates);
            for (int k = 0; k < n; k++) {
                double updated = information[k] + weight * (squares[k] - information[k]);
                if (Double.isFinite(updated)) {
                    information[k] = updated;
                }
            }
            double[] sorted = information.clone();
            Arrays.sort(sorted);
            double floor = Math.max(Double.MIN_NORMAL, SMALLEST * sorted[n / 2]);
            for (int k = 0; k < n; k++) {
                root[k] = Math.sqrt(Math.max(floor, information[k]));
            }
        }

        @Override
        void limit(double[] step) {
            for (int k = 0; k < root.length; k++) {
                step[k] = Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, step[k]));
            }
        }

        @Override
        void pull(double[] parameters, double[] gradient, double[] local) {
            for (int k = 0; k < root.length; k++) {
                local[k] = gradient[k] / root[k];
            }
            System.arraycopy(gradient, root.length, local, root.length, gradient.length - root.length);
        }

        @Override
        void move(double[] parameters, double[] step) {
            for (int k = 0; k < root.length; k++) {
                parameters[k] += step[k] / root[k];
            }
            for (int k = root.length; k < step.length; k++) {
                parameters[k] += step[k];
            }
        }
    }

    /**
     * The coordinates of the proximal entropy step: means and the entries of the factor as they are, and a gradient
     * without the entropy's part, which is 1 for every log scale.
     */
    static final class Proximal extends Chart {

        private final int[] scales;

        private Proximal(int[] scales) {
            this.scales = scales;
        }

        /** Null for a family that is not a mean-field or full-rank Gaussian. */
        static @Nullable Proximal of(VariationalFamily family) {
            int d = family.dimension();
            int[] scales = new int[d];
            if (family instanceof MeanFieldGaussian) {
                Arrays.setAll(scales, i -> d + i);
            } else if (family instanceof FullRankGaussian) {
                Arrays.setAll(scales, i -> d + i * (i + 1) / 2 + i);
            } else {
                return null;
            }
            return new Proximal(scales);
        }

        int[] scales() {
            return scales.clone();
        }

        @Override
        void locate(double[] parameters, double[] travelled) {
            System.arraycopy(parameters, 0, travelled, 0, parameters.length);
            for (int i : scales) {
                travelled[i] = Math.exp(parameters[i]);
            }
        }

        @Override
        void limit(double[] step) {}

        @Override
        void pull(double[] parameters, double[] gradient, double[] local) {
            System.arraycopy(gradient, 0, local, 0, gradient.length);
            for (int i : scales) {
                local[i] = (gradient[i] + 1) / Math.exp(parameters[i]);
            }
        }

        @Override
        void move(double[] parameters, double[] step) {
            int next = 0;
            for (int i = 0; i < step.length; i++) {
                if (next < scales.length && scales[next] == i) {
                    parameters[i] = Math.log(Math.exp(parameters[i]) + step[i]);
                    next++;
                } else {
                    parameters[i] += step[i];
                }
            }
        }
    }

    /** Means in units of the standard deviations; log standard deviations times the root of 2. */
    private static final class Diagonal extends Chart {

        private final int d;

        Diagonal(int d) {
            this.d = d;
        }

        @Override
        void limit(double[] step) {
            for (int i = 0; i < d; i++) {
                step[i] = Math.max(-LARGEST_SHIFT, Math.min(LARGEST_SHIFT, step[i]));
                step[d + i] = Math.max(-LARGEST_SCALING, Math.min(LARGEST_SCALING, step[d + i]));
            }
        }

        @Override
        void pull(double[] parameters, double[] gradient, double[] local) {
            for (int i = 0; i < d; i++) {
                local[i] = gradient[i] * Math.exp(parameters[d + i]);
                local[d + i] = gradient[d + i] * ROOT_HALF;
            }
            System.arraycopy(gradient, 2 * d, local, 2 * d, gradient.length - 2 * d);
        }

        @Override
        void move(double[] parameters, double[] step) {
            for (int i = 0; i < d; i++) {
                parameters[i] += step[i] * Math.exp(parameters[d + i]);
                parameters[d + i] += step[d + i] * ROOT_HALF;
            }
            for (int i = 2 * d; i < step.length; i++) {
                parameters[i] += step[i];
            }
        }
    }

    /** {@code mu = mu_0 + L_0 m} and {@code L = L_0 M}, M unit lower triangular times exponentials on the diagonal. */
    private static final class Triangular extends Chart {

        private final int d;
        private final double[] factor;
        private final double[] change;

        Triangular(int d) {
            this.d = d;
            this.factor = new double[d * d];
            this.change = new double[d * d];
        }

        @Override
        void limit(double[] step) {
            limitNorm(step, 0, d, LARGEST_SHIFT);
            limitNorm(step, d, d + d * (d + 1) / 2, LARGEST_SCALING);
        }

        private void unpack(double[] parameters) {
            int at = d;
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < i; j++) {
                    factor[i * d + j] = parameters[at++];
                }
                factor[i * d + i] = Math.exp(parameters[at++]);
            }
        }

        @Override
        void pull(double[] parameters, double[] gradient, double[] local) {
            unpack(parameters);
            Arrays.fill(local, 0, d, 0);
            for (int k = 0; k < d; k++) {
                for (int i = 0; i <= k; i++) {
                    local[i] += factor[k * d + i] * gradient[k];
                }
            }
            // rows of change: tril(L' G), G the gradient by the entries of L
            for (int i = 0; i < d; i++) {
                Arrays.fill(change, i * d, i * d + i + 1, 0);
            }
            int rowAt = d;
            for (int k = 0; k < d; k++) {
                double onDiagonal = gradient[rowAt + k] / factor[k * d + k];
                for (int i = 0; i <= k; i++) {
                    double l = factor[k * d + i];
                    int to = i * d;
                    int end = Math.min(i, k - 1);
                    for (int j = 0; j <= end; j++) {
                        change[to + j] += l * gradient[rowAt + j];
                    }
                    if (i == k) {
                        change[to + k] += l * onDiagonal;
                    }
                }
                rowAt += k + 1;
            }
            int at = d;
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < i; j++) {
                    local[at++] = change[i * d + j];
                }
                local[at++] = change[i * d + i] * ROOT_HALF;
            }
            System.arraycopy(gradient, at, local, at, gradient.length - at);
        }

        @Override
        void move(double[] parameters, double[] step) {
            unpack(parameters);
            for (int k = 0; k < d; k++) {
                double sum = 0;
                for (int i = 0; i <= k; i++) {
                    sum += factor[k * d + i] * step[i];
                }
                parameters[k] += sum;
            }
            int at = d;
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < i; j++) {
                    change[i * d + j] = step[at++];
                }
                change[i * d + i] = Math.exp(step[at] * ROOT_HALF);
                at++;
            }
            int rowAt = d;
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < i; j++) {
                    parameters[rowAt + j] = 0;
                }
                for (int k = 0; k <= i; k++) {
                    double l = factor[i * d + k];
                    int end = Math.min(k, i - 1);
                    for (int j = 0; j <= end; j++) {
                        parameters[rowAt + j] += l * change[k * d + j];
                    }
                }
                parameters[rowAt + i] += step[rowAt + i] * ROOT_HALF;
                rowAt += i + 1;
            }
            for (int i = rowAt; i < step.length; i++) {
                parameters[i] += step[i];
            }
        }
    }
}

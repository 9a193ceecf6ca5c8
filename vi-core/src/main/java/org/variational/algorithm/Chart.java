package org.variational.algorithm;

import java.util.Arrays;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalFamily;

/**
 * Local coordinates around a member of a family, in which one unit means about the same for every parameter.
 *
 * <p>For Gaussians they are the coordinates of the approximation's own scale, {@code mu = mu_0 + L m},
 * {@code L = L_0 M}, in which the Fisher information is the identity: a plain gradient step in them is a natural gradient
 * step, and its speed does not depend on the scales and correlations of the posterior. Parameters beyond the family's
 * own, the optimised coordinates, keep their scale. A chart holds scratch space and serves one thread.
 */
abstract class Chart {

    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double LARGEST_SHIFT = 1;
    private static final double LARGEST_SCALING = 0.7;

    /** Whether a unit of every coordinate is a unit of the approximation's own scale. */
    abstract boolean natural();

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
     * Shortens {@code step}, in place, to where the local coordinates describe the family well: at most a standard deviation
     * for a mean, and at most about a factor of 2 for a scale.
     */
    abstract void limit(double[] step);

    private static void limitNorm(double[] step, int from, int to, double largest) {
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
        return new Identity();
    }

    private static final class Identity extends Chart {

        @Override
        boolean natural() {
            return false;
        }

        @Override
        void limit(double[] step) {}

        @Override
        void pull(double[] parameters, double[] gradient, double[] local) {
            System.arraycopy(gradient, 0, local, 0, gradient.length);
        }

        @Override
        void move(double[] parameters, double[] step) {
            for (int i = 0; i < step.length; i++) {
                parameters[i] += step[i];
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
        boolean natural() {
            return true;
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
        boolean natural() {
            return true;
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

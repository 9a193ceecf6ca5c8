package org.variational.algorithm.gradient;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.VariationalFamily;

/**
 * The coordinates of a Gaussian in units of an earlier member, its anchor with factor {@code A}: {@code mu = mu_A + A
 * m} and {@code L = A M}, with the entries of m and of the lower triangular M as they are. The gradient leaves the
 * entropy out, whose part is 1 for every log scale, so that a proximal entropy step can follow.
 *
 * <p>Against a Gaussian target with the anchor's covariance the loss without the entropy is
 * {@code (|m|^2 + |M|^2) / 2}: one step size serves all coordinates. Unlike in the other charts the coordinates stay
 * the same from step to step, so that distances travelled mean something; when M is far from the identity the chart is
 * located anew. Values beyond the Gaussian's keep their scale.
 */
final class AnchoredChart extends Chart {

    private static final double LARGEST_STEP = 1;
    private static final double LARGEST_SCALING = 2;
    private static final double LARGEST_SHEAR = 1;

    private final VariationalFamily family;
    private final int d;
    private final boolean full;
    private final double[] anchor;
    private final double[] product;

    private AnchoredChart(VariationalFamily family, boolean full) {
        this.family = family;
        this.d = family.dimension();
        this.full = full;
        this.anchor = new double[full ? d * (d + 1) / 2 : d];
        this.product = new double[anchor.length];
    }

    /** Null for a family that is not a mean-field or full-rank Gaussian. */
    static @Nullable AnchoredChart of(VariationalFamily family) {
        boolean full = family instanceof FullRankGaussian;
        return full || family instanceof MeanFieldGaussian ? new AnchoredChart(family, full) : null;
    }

    VariationalFamily family() {
        return family;
    }

    /** The positions of the diagonal of M. */
    int[] scales() {
        int[] scales = new int[d];
        Arrays.setAll(scales, i -> d + diagonal(i));
        return scales;
    }

    /** Where the i-th diagonal entry is among the entries of a factor. */
    private int diagonal(int i) {
        return full ? row(i) + i : i;
    }

    private static int row(int i) {
        return i * (i + 1) / 2;
    }

    @Override
    void locate(double[] parameters, double[] travelled) {
        System.arraycopy(parameters, d, anchor, 0, anchor.length);
        Arrays.fill(travelled, 0);
        for (int i = 0; i < d; i++) {
            anchor[diagonal(i)] = Math.exp(parameters[d + diagonal(i)]);
            travelled[d + diagonal(i)] = 1;
        }
    }

    @Override
    boolean outgrown(double[] travelled) {
        for (int i = 0; i < d; i++) {
            double scaling = travelled[d + diagonal(i)];
            if (!(scaling < LARGEST_SCALING && scaling > 1 / LARGEST_SCALING)) {
                return true;
            }
            for (int j = 0; full && j < i; j++) {
                if (Math.abs(travelled[d + row(i) + j]) > LARGEST_SHEAR) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    void limit(double[] step) {
        limitNorm(step, 0, d + anchor.length, LARGEST_STEP);
    }

    @Override
    void pull(double[] parameters, double[] gradient, double[] local) {
        System.arraycopy(gradient, d, product, 0, product.length);
        for (int i = 0; i < d; i++) {
            int at = diagonal(i);
            // the gradient by the entry of L instead of its logarithm, without the entropy's -1
            product[at] = (gradient[d + at] + 1) / Math.exp(parameters[d + at]);
        }
        if (full) {
            Arrays.fill(local, 0, d + anchor.length, 0);
            for (int k = 0; k < d; k++) {
                for (int i = 0; i <= k; i++) {
                    double a = anchor[row(k) + i];
                    local[i] += a * gradient[k];
                    for (int j = 0; j <= i; j++) {
                        local[d + row(i) + j] += a * product[row(k) + j];
                    }
                }
            }
        } else {
            for (int i = 0; i < d; i++) {
                local[i] = anchor[i] * gradient[i];
                local[d + i] = anchor[i] * product[i];
            }
        }
        int own = d + anchor.length;
        System.arraycopy(gradient, own, local, own, gradient.length - own);
    }

    @Override
    void move(double[] parameters, double[] step) {
        if (full) {
            moveFull(parameters, step);
        } else {
            for (int i = 0; i < d; i++) {
                parameters[i] += anchor[i] * step[i];
                parameters[d + i] = Math.log(Math.exp(parameters[d + i]) + anchor[i] * step[d + i]);
            }
        }
        for (int i = d + anchor.length; i < step.length; i++) {
            parameters[i] += step[i];
        }
    }

    private void moveFull(double[] parameters, double[] step) {
        for (int k = 0; k < d; k++) {
            double shift = 0;
            Arrays.fill(product, row(k), row(k) + k + 1, 0);
            for (int i = 0; i <= k; i++) {
                double a = anchor[row(k) + i];
                shift += a * step[i];
                for (int j = 0; j <= i; j++) {
                    product[row(k) + j] += a * step[d + row(i) + j];
                }
            }
            parameters[k] += shift;
            for (int j = 0; j < k; j++) {
                parameters[d + row(k) + j] += product[row(k) + j];
            }
            int at = d + row(k) + k;
            parameters[at] = Math.log(Math.exp(parameters[at]) + product[row(k) + k]);
        }
    }
}

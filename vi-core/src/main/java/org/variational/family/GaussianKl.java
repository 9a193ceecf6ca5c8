package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/** The Kullback-Leibler divergence between two Gaussians, in closed form. */
public final class GaussianKl {

    private GaussianKl() {}

    /**
     * {@code KL(from || to) = E_from[log from - log to]
     * = 1/2 (tr(S1^-1 S0) + m' S1^-1 m - D + log det S1 - log det S0)}, with {@code m} the difference of the means.
     * Costs O(D) for two mean-field members, the squares of the columns' lengths for two members of one sparse family,
     * and O(D^3) otherwise.
     *
     * @param from the distribution the expectation is taken over
     * @param to the other one
     * @return the divergence in nats, at least 0 up to rounding
     * @throws IllegalArgumentException if the dimensions differ, or a covariance is not numerically positive definite
     */
    public static double divergence(GaussianDistribution from, GaussianDistribution to) {
        double[] m0 = from.mean();
        double[] m1 = to.mean();
        int d = m0.length;
        if (m1.length != d) {
            throw new IllegalArgumentException(
                    "the Gaussians must have the same dimension, but these have " + d + " and " + m1.length);
        }
        if (from instanceof MeanFieldGaussian.Member && to instanceof MeanFieldGaussian.Member) {
            return betweenMeanFields(from, to);
        }
        if (from instanceof SparseGaussian.Member first
                && to instanceof SparseGaussian.Member second
                && first.family().pattern().equals(second.family().pattern())) {
            return first.divergence(second);
        }
        double[] l0 = factor(from.covariance(), "first");
        double[] l1 = factor(to.covariance(), "second");
        double total = -d;
        double[] column = new double[d];
        for (int j = 0; j <= d; j++) {
            for (int i = 0; i < d; i++) {
                column[i] = j == d ? m1[i] - m0[i] : i < j ? 0 : l0[LowerTriangle.row(i) + j];
            }
            LowerTriangle.solve(d, 1, l1, column, 0);
            for (double entry : column) {
                total += entry * entry;
            }
        }
        for (int i = 0; i < d; i++) {
            int diagonal = LowerTriangle.row(i) + i;
            total += 2 * Math.log(l1[diagonal] / l0[diagonal]);
        }
        return 0.5 * total;
    }

    private static double betweenMeanFields(GaussianDistribution from, GaussianDistribution to) {
        double[] m0 = from.mean();
        double[] m1 = to.mean();
        double[] s0 = from.standardDeviation();
        double[] s1 = to.standardDeviation();
        double total = 0;
        for (int i = 0; i < m0.length; i++) {
            double ratio = s0[i] / s1[i];
            double shift = (m1[i] - m0[i]) / s1[i];
            total += 0.5 * ((ratio - 1) * (ratio + 1) + shift * shift) - Math.log(ratio);
        }
        return total;
    }

    private static double[] factor(DMatrixRMaj covariance, String which) {
        int d = covariance.numRows;
        double[] packed = new double[LowerTriangle.size(d)];
        for (int i = 0; i < d; i++) {
            System.arraycopy(covariance.data, i * d, packed, LowerTriangle.row(i), i + 1);
        }
        LowerTriangle.factorise(d, packed);
        for (double entry : packed) {
            if (!Double.isFinite(entry)) {
                throw new IllegalArgumentException("the covariance of the " + which
                        + " Gaussian is not numerically positive definite, so that its divergence cannot be computed");
            }
        }
        return packed;
    }
}

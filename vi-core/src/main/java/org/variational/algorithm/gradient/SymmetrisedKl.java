package org.variational.algorithm.gradient;

import org.ejml.data.DMatrixRMaj;
import org.variational.family.GaussianDistribution;
import org.variational.family.GaussianKl;
import org.variational.family.VariationalDistribution;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

/** The symmetrised Kullback-Leibler divergence {@code KL(a || b) + KL(b || a)} between two members of a family. */
final class SymmetrisedKl {

    private static final int DRAWS = 256;

    private SymmetrisedKl() {}

    /**
     * In closed form for Gaussians, otherwise from draws that both members share and that are the same in every call.
     *
     * @param streams the source of the shared draws
     * @return at least 0 for Gaussians, and otherwise up to the Monte-Carlo error; NaN if it cannot be computed
     */
    static double between(VariationalDistribution a, VariationalDistribution b, RandomStreams streams) {
        if (a instanceof GaussianDistribution first && b instanceof GaussianDistribution second) {
            try {
                return GaussianKl.divergence(first, second) + GaussianKl.divergence(second, first);
            } catch (IllegalArgumentException notPositiveDefinite) {
                return Double.NaN;
            }
        }
        DMatrixRMaj noise = new DMatrixRMaj(a.noiseDimension(), DRAWS);
        DrawScheme.independent()
                .draws(a.noiseDimension(), streams.child("symmetrised", 0))
                .fill(0, noise);
        return meanLogRatio(a, b, noise) + meanLogRatio(b, a, noise);
    }

    private static double meanLogRatio(VariationalDistribution from, VariationalDistribution to, DMatrixRMaj noise) {
        DMatrixRMaj points = new DMatrixRMaj(from.family().dimension(), DRAWS);
        from.sample(noise, points);
        double[] own = new double[DRAWS];
        double[] other = new double[DRAWS];
        from.logDensity(points, own);
        to.logDensity(points, other);
        double sum = 0;
        for (int s = 0; s < DRAWS; s++) {
            sum += own[s] - other[s];
        }
        return sum / DRAWS;
    }
}

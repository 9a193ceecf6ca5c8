package org.variational.algorithm.automatic;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;
import org.variational.chain.LaneMoments;
import org.variational.family.FullRankGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
import org.variational.structure.CovarianceSelection;
import org.variational.structure.FactorPattern;

/**
 * Products of the coordinates of points, as far as a family has use for them: all of them for a full-rank Gaussian,
 * those where its factor has entries for a sparse one, none for others. Mutable, for one thread.
 */
abstract class CrossMoments {

    private final double[] mean;
    private final double[] sd;
    private final DMatrixRMaj standardised;

    private CrossMoments(double[] mean, double[] sd, int lanes) {
        this.mean = mean;
        this.sd = sd;
        this.standardised = new DMatrixRMaj(lanes == 0 ? 0 : mean.length, lanes);
    }

    /**
     * Nothing so far.
     *
     * @param parameters the member at the start
     * @param mean its means
     * @param sd its standard deviations
     * @param lanes the number of points taken in at once
     */
    static CrossMoments of(VariationalFamily family, double[] parameters, double[] mean, double[] sd, int lanes) {
        if (family instanceof FullRankGaussian full) {
            return new Dense(full, parameters, mean, sd, lanes);
        }
        if (family instanceof SparseGaussian sparse) {
            return new Sparse(sparse, parameters, mean, sd, lanes);
        }
        return new None(mean, sd);
    }

    /** Takes in a point of every lane. */
    void add(DMatrixRMaj points) {
        int lanes = points.numCols;
        for (int i = 0; i < mean.length; i++) {
            for (int at = i * lanes; at < (i + 1) * lanes; at++) {
                standardised.data[at] = (points.data[at] - mean[i]) / sd[i];
            }
        }
        addProducts(standardised);
    }

    abstract void addProducts(DMatrixRMaj points);

    /**
     * The parameters of the Gaussian with given means and standard deviations, and the correlations seen as far as
     * there are points enough.
     *
     * @param wanted the means and standard deviations
     * @param seen those of the points
     * @param points the number of points
     * @return null if the family keeps the correlations that it has
     */
    abstract double @Nullable [] parameters(LaneMoments.Moments wanted, LaneMoments.Moments seen, double points);

    /**
     * The weight of the correlations seen, against those of the member at the start.
     *
     * @param coupled the number of coordinates whose correlations are found together
     */
    static double share(LaneMoments.Moments moments, int coupled) {
        double[] worth = new double[moments.sd().length];
        for (int i = 0; i < worth.length; i++) {
            double ratio = moments.sd()[i] / moments.meanError()[i];
            worth[i] = ratio * ratio;
        }
        Arrays.sort(worth);
        double typical = worth[worth.length / 2];
        return typical / (typical + coupled);
    }

    /** The correlation of two coordinates among the points, from the sum of their products. */
    final double correlation(int i, int j, double products, LaneMoments.Moments seen, double points) {
        double shiftI = (seen.mean()[i] - mean[i]) / sd[i];
        double shiftJ = (seen.mean()[j] - mean[j]) / sd[j];
        double spreadI = seen.sd()[i] / sd[i];
        double spreadJ = seen.sd()[j] / sd[j];
        return (products / points - shiftI * shiftJ) / (spreadI * spreadJ);
    }

    private static final class None extends CrossMoments {

        None(double[] mean, double[] sd) {
            super(mean, sd, 0);
        }

        @Override
        void add(DMatrixRMaj points) {}

        @Override
        void addProducts(DMatrixRMaj points) {}

        @Override
        double @Nullable [] parameters(LaneMoments.Moments wanted, LaneMoments.Moments seen, double points) {
            return null;
        }
    }

    private static final class Dense extends CrossMoments {

        private final FullRankGaussian family;
        private final double[] start;
        private final double[] startSd;
        private final DMatrixRMaj products;

        Dense(FullRankGaussian family, double[] start, double[] mean, double[] sd, int lanes) {
            super(mean, sd, lanes);
            this.family = family;
            this.start = start;
            this.startSd = sd;
            this.products = new DMatrixRMaj(mean.length, mean.length);
        }

        @Override
        void addProducts(DMatrixRMaj points) {
            CommonOps_DDRM.multAddTransB(points, points, products);
        }

        @Override
        double[] parameters(LaneMoments.Moments wanted, LaneMoments.Moments seen, double points) {
            int d = startSd.length;
            double share = share(wanted, d);
            DMatrixRMaj before = family.member(start).covariance();
            DMatrixRMaj covariance = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    double sample = correlation(i, j, products.get(i, j), seen, points);
                    double earlier = before.get(i, j) / (startSd[i] * startSd[j]);
                    double correlation = i == j ? 1 : share * sample + (1 - share) * earlier;
                    covariance.set(i, j, correlation * wanted.sd()[i] * wanted.sd()[j]);
                }
            }
            return family.parametersOf(wanted.mean(), covariance);
        }
    }

    private static final class Sparse extends CrossMoments {

        private final SparseGaussian family;
        private final double[] start;
        private final double[] startSd;
        private final double[] products;

        Sparse(SparseGaussian family, double[] start, double[] mean, double[] sd, int lanes) {
            super(mean, sd, lanes);
            this.family = family;
            this.start = start;
            this.startSd = sd;
            this.products = new double[family.pattern().entries()];
        }

        @Override
        void addProducts(DMatrixRMaj points) {
            FactorPattern pattern = family.pattern();
            int lanes = points.numCols;
            for (int j = 0; j < pattern.size(); j++) {
                int ofJ = pattern.node(j) * lanes;
                for (int entry = pattern.start(j) + 1; entry < pattern.end(j); entry++) {
                    int ofI = pattern.node(pattern.row(entry)) * lanes;
                    double sum = 0;
                    for (int s = 0; s < lanes; s++) {
                        sum += points.data[ofI + s] * points.data[ofJ + s];
                    }
                    products[entry] += sum;
                }
            }
        }

        @Override
        double @Nullable [] parameters(LaneMoments.Moments wanted, LaneMoments.Moments seen, double points) {
            FactorPattern pattern = family.pattern();
            double share = share(wanted, pattern.longestColumn());
            double[] covariances = family.member(start).covariances();
            for (int j = 0; j < pattern.size(); j++) {
                int a = pattern.node(j);
                for (int entry = pattern.start(j); entry < pattern.end(j); entry++) {
                    int b = pattern.node(pattern.row(entry));
                    double sample = correlation(a, b, products[entry], seen, points);
                    double earlier = covariances[entry] / (startSd[a] * startSd[b]);
                    double correlation = a == b ? 1 : share * sample + (1 - share) * earlier;
                    covariances[entry] = correlation * wanted.sd()[a] * wanted.sd()[b];
                }
            }
            double[] factor = CovarianceSelection.factor(pattern, covariances);
            return factor == null ? null : family.parametersOf(wanted.mean(), factor);
        }
    }
}

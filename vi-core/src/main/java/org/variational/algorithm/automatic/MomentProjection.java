package org.variational.algorithm.automatic;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.chain.ChainCheck;
import org.variational.chain.LaneMoments;
import org.variational.family.FullRankGaussian;
import org.variational.family.LowRankGaussian;
import org.variational.family.LowRankScaleGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalFamily;
import org.variational.structure.CovarianceSelection;
import org.variational.structure.FactorPattern;

/**
 * The M-projection of what Markov chains visit onto a Gaussian family: the member with the same means and standard
 * deviations, which minimises forward KL where nothing but those is free.
 *
 * <p>Correlations of a full-rank Gaussian are those of the chains' points as far as there are enough of them, and those
 * of the member at the start otherwise; so are those of a sparse Gaussian where its factor has entries, from which the
 * others follow by {@link CovarianceSelection}. Gaussians of low rank keep their own. Mutable, for one thread.
 */
final class MomentProjection {

    private static final int GROUPS = 8;
    private static final int SNAPSHOTS = 8;
    private static final int LARGEST_SNAPSHOT = 1_000_000;
    private static final double RUNAWAY = 20;

    private final VariationalFamily family;
    private final double[] parameters;
    private final double[] mean;
    private final double[] sd;
    private final LaneMoments all;
    private final CrossMoments products;
    private final int lanes;
    private final int wanted;
    private final List<DMatrixRMaj> snapshots = new ArrayList<>();

    /**
     * @param family one that is {@linkplain #serves served}
     * @param parameters the member from which the chains started
     * @param lanes the number of chains
     * @param wanted the number of points of each chain to average
     */
    MomentProjection(VariationalFamily family, double[] parameters, int lanes, int wanted) {
        this.family = family;
        this.parameters = parameters;
        this.mean = family.member(parameters).mean();
        this.sd = family.member(parameters).standardDeviation();
        this.all = new LaneMoments(mean, sd, lanes);
        this.products = CrossMoments.of(family, parameters, mean, sd, lanes);
        this.lanes = lanes;
        this.wanted = wanted;
    }

    /**
     * Whether means and standard deviations of the family's members can be set and their correlations kept: mean-field,
     * low-rank, sparse and full-rank Gaussians, and those with low-rank scale, the family of Pathfinder's answers.
     */
    static boolean serves(VariationalFamily family) {
        return family instanceof FullRankGaussian
                || family instanceof SparseGaussian
                || family instanceof LowRankGaussian
                || family instanceof LowRankScaleGaussian
                || family instanceof MeanFieldGaussian;
    }

    /** Takes in a point of every chain; returns whether all are there. */
    boolean add(DMatrixRMaj points) {
        all.add(points);
        products.add(points);
        if (all.count() % Math.max(1, wanted / SNAPSHOTS) == 0) {
            snapshots.add(some(points));
        }
        return all.count() == wanted;
    }

    /** The coordinate certainly correlated with its place half of the way before; -1 if there is none. */
    int unmixed() {
        int row = ChainCheck.unmixed(snapshots, SNAPSHOTS / 2);
        return row < 0 ? -1 : row * stride();
    }

    /** Of very many coordinates every so many is looked at. */
    private int stride() {
        return Math.max(1, (int) ((long) mean.length * lanes / LARGEST_SNAPSHOT));
    }

    private DMatrixRMaj some(DMatrixRMaj points) {
        int stride = stride();
        DMatrixRMaj rows = new DMatrixRMaj((mean.length + stride - 1) / stride, lanes);
        for (int k = 0; k < rows.numRows; k++) {
            System.arraycopy(points.data, k * stride * lanes, rows.data, k * lanes, lanes);
        }
        return rows;
    }

    LaneMoments.Moments moments() {
        return all.moments();
    }

    /**
     * The coordinate in which the chains have left the member at the start by a factor or a distance of e^20; -1 if
     * none.
     */
    int runaway() {
        LaneMoments.Moments seen = all.moments();
        int worst = -1;
        double farthest = RUNAWAY;
        for (int i = 0; i < mean.length; i++) {
            double shift = Math.log(Math.max(1, Math.abs(seen.mean()[i] - mean[i]) / sd[i]));
            double growth = Math.abs(Math.log(seen.sd()[i] / sd[i]));
            double far = Math.max(shift, growth);
            // what is not a number has lost its way with another coordinate: that one comes first
            if (far > farthest || (Double.isNaN(far) && worst < 0)) {
                worst = i;
                farthest = Double.isNaN(far) ? RUNAWAY : far;
            }
        }
        return worst;
    }

    /** The parameters of the projection. */
    double[] project() {
        LaneMoments.Moments seen = shrunk(all.moments());
        double[] projected = products.parameters(seen, all.moments(), (double) all.count() * lanes);
        return projected != null ? projected : rescaled(parameters, seen);
    }

    /** Projections of groups of chains, all with the correlations of {@code projection}. */
    List<double[]> replicates(double[] projection) {
        List<double[]> replicates = new ArrayList<>();
        for (int g = 0; g < GROUPS; g++) {
            replicates.add(rescaled(projection, all.moments(group(g))));
        }
        return replicates;
    }

    /**
     * The moments seen, moved towards those of the member at the start as far as they may be noise: a difference of d
     * with the standard error e is multiplied by the positive part of {@code 1 - 2 e^2 / d^2}.
     */
    private LaneMoments.Moments shrunk(LaneMoments.Moments seen) {
        double[] shrunkMean = seen.mean().clone();
        double[] shrunkSd = seen.sd().clone();
        for (int i = 0; i < mean.length; i++) {
            double shift = seen.mean()[i] - mean[i];
            shrunkMean[i] = mean[i] + shift * worth(shift, seen.meanError()[i]);
            double growth = Math.log(seen.sd()[i] / sd[i]);
            shrunkSd[i] = sd[i] * Math.exp(growth * worth(growth, seen.sdError()[i] / seen.sd()[i]));
        }
        return new LaneMoments.Moments(shrunkMean, seen.meanError(), shrunkSd, seen.sdError(), seen.lanes());
    }

    private static double worth(double difference, double error) {
        return difference == 0 ? 0 : Math.max(0, 1 - 2 * error * error / (difference * difference));
    }

    private int[] group(int g) {
        return IntStream.range(0, lanes).filter(s -> s % GROUPS == g).toArray();
    }

    /** A member with other means and standard deviations and the same correlations. */
    private double[] rescaled(double[] of, LaneMoments.Moments seen) {
        int d = mean.length;
        double[] from = family.member(of).standardDeviation();
        double[] moved = of.clone();
        System.arraycopy(seen.mean(), 0, moved, 0, d);
        int at = d;
        if (family instanceof SparseGaussian sparse) {
            rescale(sparse.pattern(), from, seen.sd(), moved);
            return moved;
        }
        if (family instanceof LowRankScaleGaussian scaled) {
            // its directions are relative to the scale
            at += d * scaled.rank();
        }
        if (family instanceof LowRankGaussian low) {
            for (int i = 0; i < d; i++) {
                for (int k = 0; k < low.rank(); k++) {
                    moved[at++] *= seen.sd()[i] / from[i];
                }
            }
        }
        for (int i = 0; i < d; i++) {
            double ratio = seen.sd()[i] / from[i];
            for (int j = 0; family instanceof FullRankGaussian && j < i; j++) {
                moved[at++] *= ratio;
            }
            moved[at++] += Math.log(ratio);
        }
        return moved;
    }

    /** Divides the rows of the factor of a precision by the growth of the standard deviations. */
    private static void rescale(FactorPattern pattern, double[] from, double[] to, double[] parameters) {
        int d = pattern.size();
        for (int j = 0; j < d; j++) {
            int start = pattern.start(j);
            int node = pattern.node(j);
            parameters[d + start] -= Math.log(to[node] / from[node]);
            for (int entry = start + 1; entry < pattern.end(j); entry++) {
                int row = pattern.node(pattern.row(entry));
                parameters[d + entry] *= from[row] / to[row];
            }
        }
    }
}

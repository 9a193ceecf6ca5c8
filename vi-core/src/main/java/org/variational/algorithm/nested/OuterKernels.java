package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.family.FullRankGaussian;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;

/**
 * A density of the outer coordinates from weighted draws: kernels at draws chosen by weight, and a wide component.
 *
 * <p>Kernels have the shape of the whole, and are drawn towards its mean, so that they do not widen it (West 1993,
 * Approximating posterior distributions by mixture, doi.org/10.1111/j.2517-6161.1993.tb01911.x). Where few draws have
 * most of the weight, the logarithms of all weights are scaled down until more have.
 */
final class OuterKernels {

    private static final int MOST_KERNELS = 2000;
    private static final double DEGREES = 5;

    /** The scale matrix of a t distribution over its covariance. */
    private static final double SCALE = (DEGREES - 2) / DEGREES;

    private static final double SHARE_OF_WIDE = 0.05;
    private static final double SPREAD_OF_WIDE = 2;

    /** The part of the draws that their weights are to leave. */
    private static final double FEWEST_WORTH = 0.1;

    /** How much narrower and wider than most a kernel may be. */
    private static final double NARROWEST = 0.7;

    private static final double WIDEST = 3;

    private static final double ROUNDING = 1e-12;

    private static final int HALVINGS = 40;

    private final double[][] draws;
    private final double[] weights;
    private final int k;

    private OuterKernels(double[][] draws, double[] weights) {
        this.draws = draws;
        this.weights = weights;
        this.k = draws[0].length;
    }

    /**
     * The density of weighted draws.
     *
     * @param draws the outer coordinates of S draws
     * @param logWeights their log weights; what is not finite counts as a weight of zero
     * @return a family with the parameters of a member; null if the draws span less than the space
     */
    static OuterMixture.@Nullable Fitted of(double[][] draws, double[] logWeights) {
        return new OuterKernels(draws, tempered(logWeights)).fit();
    }

    /** Normalised weights to the largest power up to 1 that leaves draws enough. */
    static double[] tempered(double[] logWeights) {
        double[] weights = normalised(logWeights, 1);
        double low = 0;
        double high = 1;
        double wanted = FEWEST_WORTH * logWeights.length;
        if (worth(weights) >= wanted) {
            return weights;
        }
        for (int halving = 0; halving < HALVINGS; halving++) {
            double middle = (low + high) / 2;
            boolean enough = worth(normalised(logWeights, middle)) >= wanted;
            low = enough ? middle : low;
            high = enough ? high : middle;
        }
        return normalised(logWeights, low);
    }

    private static double[] normalised(double[] logWeights, double power) {
        double highest =
                Arrays.stream(logWeights).filter(Double::isFinite).max().orElse(0);
        double[] weights = Arrays.stream(logWeights)
                .map(log -> Double.isFinite(log) ? Math.exp(power * (log - highest)) : 0)
                .toArray();
        double total = Math.max(Double.MIN_NORMAL, Arrays.stream(weights).sum());
        return Arrays.stream(weights).map(weight -> weight / total).toArray();
    }

    /** The number of draws with equal weights that weighted ones are worth. */
    private static double worth(double[] weights) {
        return 1 / Arrays.stream(weights).map(weight -> weight * weight).sum();
    }

    private OuterMixture.@Nullable Fitted fit() {
        double[] mean = mean();
        DMatrixRMaj covariance = covariance(mean);
        if (!isPositiveDefinite(covariance)) {
            return null;
        }
        double width = Math.pow(4 / ((k + 2) * worth(weights)), 1.0 / (k + 4));
        double[] counts = counts();
        int[] chosen = chosen(counts);
        double[] equal = new double[chosen.length];
        Arrays.fill(equal, width);
        OuterMixture.Fitted pilot = mixture(mean, covariance, counts, chosen, equal);
        return mixture(mean, covariance, counts, chosen, widths(pilot, chosen, width));
    }

    /** Widths like the distances between neighbours, by the density of kernels of equal widths. */
    private double[] widths(OuterMixture.Fitted pilot, int[] chosen, double width) {
        DMatrixRMaj points = new DMatrixRMaj(k, chosen.length);
        for (int c = 0; c < chosen.length; c++) {
            for (int a = 0; a < k; a++) {
                points.data[a * chosen.length + c] = draws[chosen[c]][a];
            }
        }
        double[] logs = new double[chosen.length];
        pilot.family().member(pilot.parameters()).logDensity(points, logs);
        double average = Arrays.stream(logs).average().orElse(0);
        double[] widths = new double[chosen.length];
        Arrays.setAll(widths, c -> width * Math.max(NARROWEST, Math.min(WIDEST, Math.exp((average - logs[c]) / k))));
        return widths;
    }

    private OuterMixture.Fitted mixture(
            double[] mean, DMatrixRMaj covariance, double[] counts, int[] chosen, double[] widths) {
        FullRankGaussian layout = FullRankGaussian.of(k);
        MultivariateStudentT kernel = MultivariateStudentT.of(k, DEGREES);
        Mixture family = Mixture.of(chosen.length + 1, kernel);
        double[] parameters = new double[family.parameterCount()];
        double drawn = Math.sqrt(
                Math.max(0, 1 - Arrays.stream(widths).map(w -> w * w).average().orElse(0)));
        int each = kernel.parameterCount();
        int at = family.components();
        for (int c = 0; c < chosen.length; c++, at += each) {
            double[] centre = new double[k];
            for (int a = 0; a < k; a++) {
                centre[a] = mean[a] + drawn * (draws[chosen[c]][a] - mean[a]);
            }
            parameters[c] = Math.log((1 - SHARE_OF_WIDE) * counts[chosen[c]] / MOST_KERNELS);
            System.arraycopy(
                    layout.parametersOf(centre, scaled(covariance, SCALE * widths[c] * widths[c])),
                    0,
                    parameters,
                    at,
                    each);
        }
        parameters[chosen.length] = Math.log(SHARE_OF_WIDE);
        System.arraycopy(
                layout.parametersOf(mean, scaled(covariance, SCALE * SPREAD_OF_WIDE)), 0, parameters, at, each);
        return new OuterMixture.Fitted(family, parameters);
    }

    /** Whether that holds beyond rounding: each coordinate has a part that those before do not tell. */
    private boolean isPositiveDefinite(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(k, true);
        if (!cholesky.decompose(covariance.copy())) {
            return false;
        }
        DMatrixRMaj factor = cholesky.getT(null);
        for (int a = 0; a < k; a++) {
            if (!(factor.get(a, a) * factor.get(a, a) > ROUNDING * covariance.get(a, a))) {
                return false;
            }
        }
        return true;
    }

    private double[] mean() {
        double[] mean = new double[k];
        for (int s = 0; s < weights.length; s++) {
            for (int a = 0; a < k && weights[s] > 0; a++) {
                mean[a] += weights[s] * draws[s][a];
            }
        }
        return mean;
    }

    private DMatrixRMaj covariance(double[] mean) {
        DMatrixRMaj covariance = new DMatrixRMaj(k, k);
        for (int s = 0; s < weights.length; s++) {
            for (int a = 0; a < k && weights[s] > 0; a++) {
                for (int b = 0; b < k; b++) {
                    covariance.data[a * k + b] += weights[s] * (draws[s][a] - mean[a]) * (draws[s][b] - mean[b]);
                }
            }
        }
        return covariance;
    }

    /** How often each draw is chosen, at regular steps of the cumulated weights. */
    private double[] counts() {
        double[] counts = new double[weights.length];
        double reached = 0;
        int next = 0;
        for (int s = 0; s < weights.length; s++) {
            reached += weights[s];
            for (; next < MOST_KERNELS && (next + 0.5) / MOST_KERNELS < reached; next++) {
                counts[s]++;
            }
        }
        return counts;
    }

    private static int[] chosen(double[] counts) {
        List<Integer> chosen = new ArrayList<>();
        for (int s = 0; s < counts.length; s++) {
            if (counts[s] > 0) {
                chosen.add(s);
            }
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static DMatrixRMaj scaled(DMatrixRMaj of, double factor) {
        DMatrixRMaj scaled = of.copy();
        for (int i = 0; i < scaled.data.length; i++) {
            scaled.data[i] *= factor;
        }
        return scaled;
    }
}

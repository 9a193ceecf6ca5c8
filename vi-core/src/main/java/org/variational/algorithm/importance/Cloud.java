package org.variational.algorithm.importance;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Weighted points that stand for a density.
 *
 * @param points D x S
 * @param weights S positive numbers with sum 1
 * @param logDensity the log density at the points
 */
record Cloud(DMatrixRMaj points, double[] weights, double[] logDensity) {

    /** {@code 1 / sum of squared weights}. */
    double effectiveSize() {
        double sum = 0;
        for (double weight : weights) {
            sum += weight * weight;
        }
        return 1 / sum;
    }

    /** The points of the largest excess over other log densities that have a share of the weight; normalised. */
    Cloud exceeding(double[] others, double share) {
        int[] order = IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingDouble(s -> others[s] - logDensity[s]))
                .mapToInt(s -> s)
                .toArray();
        double taken = 0;
        int count = 0;
        while (count < order.length && taken < share) {
            taken += weights[order[count++]];
        }
        return chosen(Arrays.copyOf(order, count));
    }

    /**
     * The points on either side of the plane through their mean, across the direction in which they vary most in units
     * of given standard deviations; a list of two, or of none if all points are one.
     */
    List<Cloud> halves(double[] sd) {
        double[] mean = mean();
        double[] normal = principal(covariance(mean), sd);
        int lanes = weights.length;
        double[] along = new double[lanes];
        for (int i = 0; i < normal.length; i++) {
            for (int s = 0; s < lanes; s++) {
                along[s] += normal[i] * (points.data[i * lanes + s] - mean[i]);
            }
        }
        int[] above = IntStream.range(0, lanes).filter(s -> along[s] > 0).toArray();
        int[] below = IntStream.range(0, lanes).filter(s -> along[s] < 0).toArray();
        return above.length == 0 || below.length == 0 ? List.of() : List.of(chosen(above), chosen(below));
    }

    /** The normal of the planes across which a covariance is largest in units of standard deviations. */
    private static double[] principal(DMatrixRMaj covariance, double[] sd) {
        int d = sd.length;
        DMatrixRMaj scaled = covariance.copy();
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                scaled.data[i * d + j] /= sd[i] * sd[j];
            }
        }
        double[] normal = new double[d];
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
        if (eigen.decompose(scaled)) {
            int largest = IntStream.range(0, d)
                    .boxed()
                    .max(Comparator.comparingDouble(k -> eigen.getEigenvalue(k).getReal()))
                    .orElseThrow();
            double[] direction = eigen.getEigenVector(largest).data;
            Arrays.setAll(normal, i -> direction[i] / sd[i]);
        }
        return normal;
    }

    private Cloud chosen(int... indices) {
        int count = indices.length;
        DMatrixRMaj own = new DMatrixRMaj(points.numRows, count);
        double[] ownWeights = new double[count];
        double[] ownLogs = new double[count];
        double total = 0;
        for (int c = 0; c < count; c++) {
            total += weights[indices[c]];
        }
        for (int c = 0; c < count; c++) {
            ownWeights[c] = weights[indices[c]] / total;
            ownLogs[c] = logDensity[indices[c]];
            for (int i = 0; i < own.numRows; i++) {
                own.data[i * count + c] = points.data[i * points.numCols + indices[c]];
            }
        }
        return new Cloud(own, ownWeights, ownLogs);
    }

    /** The weighted mean. */
    double[] mean() {
        double[] mean = new double[points.numRows];
        for (int i = 0, at = 0; i < mean.length; i++) {
            for (int s = 0; s < weights.length; s++, at++) {
                mean[i] += weights[s] * points.data[at];
            }
        }
        return mean;
    }

    /** The weighted covariance around a mean. */
    DMatrixRMaj covariance(double[] mean) {
        int d = mean.length;
        int lanes = weights.length;
        DMatrixRMaj covariance = new DMatrixRMaj(d, d);
        double[] weighted = new double[lanes];
        for (int i = 0; i < d; i++) {
            for (int s = 0; s < lanes; s++) {
                weighted[s] = weights[s] * (points.data[i * lanes + s] - mean[i]);
            }
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int s = 0; s < lanes; s++) {
                    sum += weighted[s] * (points.data[j * lanes + s] - mean[j]);
                }
                covariance.data[i * d + j] = sum;
                covariance.data[j * d + i] = sum;
            }
        }
        return covariance;
    }
}

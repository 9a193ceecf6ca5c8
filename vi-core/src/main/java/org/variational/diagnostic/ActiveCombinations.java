package org.variational.diagnostic;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.model.PointwiseLogLikelihood;

/**
 * The few linear combinations of the coordinates on which the likelihood of one observation depends: the span of its
 * gradients, by differences, at some draws. For a regression it is the linear predictor, and the dispersion.
 */
final class ActiveCombinations {

    private static final int GRADIENTS = 12;
    private static final int MOST = 6;
    /** A combination matters if the likelihood changes by so many nats with a standard deviation of it. */
    private static final double MATTERS = 0.05;

    private static final double STEP = 1e-4;
    private static final int LANES = 64;
    /** A regression explains something if F exceeds its mean by so many standard deviations. */
    private static final double SIGNIFICANT = 3;

    private final PointwiseLogLikelihood likelihood;
    private final DMatrixRMaj points;
    private final double worth;
    private final int[] inferred;
    private final double[] mean;
    private final double[] sd;

    /**
     * @param points draws, D x S
     * @param worth the number of independent draws that they are worth
     * @param inferred the coordinates that are not constant
     */
    ActiveCombinations(PointwiseLogLikelihood likelihood, DMatrixRMaj points, double worth, int[] inferred) {
        this.likelihood = likelihood;
        this.points = points;
        this.worth = worth;
        this.inferred = inferred;
        this.mean = DrawMoments.means(points, DrawMoments.equal(points.numCols));
        this.sd = DrawMoments.deviations(points, mean);
    }

    /**
     * The map that moves nothing, with the combinations and the regression of all coordinates on them.
     *
     * @return null if the likelihood depends on nothing
     */
    @Nullable
    AffineMove start(int observation) {
        int[] own = own(observation);
        int draws = Math.min(GRADIENTS, points.numCols);
        DMatrixRMaj gradients = new DMatrixRMaj(draws, own.length);
        for (int k = 0; k < draws; k++) {
            double[] at = new double[points.numRows];
            int column = (int) ((long) k * points.numCols / draws);
            Arrays.setAll(at, d -> points.get(d, column));
            double[] differences = differences(observation, at, own, STEP);
            for (int j = 0; j < own.length; j++) {
                gradients.set(k, j, Double.isFinite(differences[j]) ? differences[j] / STEP : 0);
            }
        }
        DMatrixRMaj combinations = span(gradients, own);
        if (combinations.numCols == 0) {
            return null;
        }
        DMatrixRMaj regression = regression(combinations);
        return regression == null ? null : AffineMove.identity(combinations, regression);
    }

    /** The coordinates of which one standard deviation from the mean changes the likelihood. */
    private int[] own(int observation) {
        double[] differences = differences(observation, mean, inferred, 1);
        return IntStream.range(0, inferred.length)
                .filter(k -> differences[k] != 0)
                .map(k -> inferred[k])
                .toArray();
    }

    /** What some standard deviations of each coordinate change. */
    private double[] differences(int observation, double[] from, int[] coordinates, double deviations) {
        DMatrixRMaj start = new DMatrixRMaj(from.length, 1, true, from);
        double value = likelihood.evaluate(start, observation, observation + 1).get(0);
        double[] differences = new double[coordinates.length];
        for (int first = 0; first < coordinates.length; first += LANES) {
            int count = Math.min(LANES, coordinates.length - first);
            DMatrixRMaj probes = new DMatrixRMaj(from.length, count);
            for (int d = 0; d < from.length; d++) {
                Arrays.fill(probes.data, d * count, (d + 1) * count, from[d]);
            }
            for (int k = 0; k < count; k++) {
                int d = coordinates[first + k];
                probes.add(d, k, deviations * sd[d]);
            }
            DMatrixRMaj probed = likelihood.evaluate(probes, observation, observation + 1);
            for (int k = 0; k < count; k++) {
                differences[first + k] = probed.get(k) - value;
            }
        }
        return differences;
    }

    /** Principal combinations of gradients that are per standard deviation, D x K. */
    private DMatrixRMaj span(DMatrixRMaj gradients, int[] own) {
        int n = gradients.numRows;
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransB(1.0 / n, gradients, gradients, gram);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
        eigen.decompose(gram);
        int[] kept = IntStream.range(0, n)
                .filter(k -> eigen.getEigenvalue(k).getReal() > MATTERS * MATTERS)
                .boxed()
                .sorted((a, b) -> Double.compare(
                        eigen.getEigenvalue(b).getReal(), eigen.getEigenvalue(a).getReal()))
                .limit(MOST)
                .mapToInt(k -> k)
                .toArray();
        DMatrixRMaj combinations = new DMatrixRMaj(points.numRows, kept.length);
        for (int k = 0; k < kept.length; k++) {
            DMatrixRMaj vector = eigen.getEigenVector(kept[k]);
            double scale = Math.sqrt(n * eigen.getEigenvalue(kept[k]).getReal());
            for (int j = 0; j < own.length; j++) {
                double sum = 0;
                for (int row = 0; row < n; row++) {
                    sum += vector.get(row) * gradients.get(row, j);
                }
                combinations.set(own[j], k, sum / scale / sd[own[j]]);
            }
        }
        return combinations;
    }

    /**
     * The regression R of the coordinates on their combinations G, those that are explained by chance left out, with
     * {@code G' R = I}; null if the combinations depend on each other.
     */
    private @Nullable DMatrixRMaj regression(DMatrixRMaj combinations) {
        int n = combinations.numCols;
        int lanes = points.numCols;
        DMatrixRMaj combined = new DMatrixRMaj(n, lanes);
        CommonOps_DDRM.multTransA(combinations, points, combined);
        double[] equal = DrawMoments.equal(lanes);
        double[] centre = DrawMoments.means(combined, equal);
        DMatrixRMaj inverse = new DMatrixRMaj(n, n);
        if (!CommonOps_DDRM.invert(DrawMoments.covariance(combined, equal), inverse)) {
            return null;
        }
        DMatrixRMaj joint = new DMatrixRMaj(points.numRows, n);
        for (int d : inferred) {
            for (int k = 0; k < n; k++) {
                double sum = 0;
                for (int s = 0; s < lanes; s++) {
                    sum += (points.data[d * lanes + s] - mean[d]) * (combined.data[k * lanes + s] - centre[k]);
                }
                joint.set(d, k, sum / lanes);
            }
        }
        DMatrixRMaj regression = new DMatrixRMaj(points.numRows, n);
        CommonOps_DDRM.mult(joint, inverse, regression);
        double chance = (n + SIGNIFICANT * Math.sqrt(2.0 * n)) / worth;
        for (int d : inferred) {
            double explained = 0;
            for (int k = 0; k < n; k++) {
                explained += regression.get(d, k) * joint.get(d, k);
            }
            if (!(explained > chance * sd[d] * sd[d])) {
                Arrays.fill(regression.data, d * n, (d + 1) * n, 0);
            }
        }
        DMatrixRMaj unit = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransA(combinations, regression, unit);
        if (!CommonOps_DDRM.invert(unit)) {
            return null;
        }
        DMatrixRMaj result = new DMatrixRMaj(points.numRows, n);
        CommonOps_DDRM.mult(regression, unit, result);
        return result;
    }
}

package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** What weights of draws say about the log density of the outer coordinates: a quadratic that fits log W. */
final class MarginalCorrection {

    /** Beyond, in standard deviations, the draws are too few: the correction stays what it is there. */
    private static final double FARTHEST = 3;

    private final OuterSearch.Mode mode;
    private final double[] coefficients;

    private MarginalCorrection(OuterSearch.Mode mode, double[] coefficients) {
        this.mode = mode;
        this.coefficients = coefficients;
    }

    static MarginalCorrection of(OuterSearch.Mode mode, BlockDraws.Weighed weighed) {
        List<double[]> rows = new ArrayList<>();
        List<Double> logs = new ArrayList<>();
        for (int s = 0; s < weighed.logWeights().length; s++) {
            if (Double.isFinite(weighed.logWeights()[s])) {
                rows.add(features(mode, weighed.outer()[s]));
                logs.add(weighed.logWeights()[s]);
            }
        }
        double[] target = logs.stream().mapToDouble(Double::doubleValue).toArray();
        return new MarginalCorrection(mode, leastSquares(rows, target));
    }

    /**
     * The correction at a value of the outer coordinates, zero at the mode: the log evidence, which all log weights
     * share, would take every marginal out of the range of exp.
     */
    double at(double[] outer) {
        return dot(coefficients, features(mode, outer)) - coefficients[0];
    }

    private static double[] features(OuterSearch.Mode mode, double[] outer) {
        double[] place = mode.place(outer);
        double length = 0;
        for (double x : place) {
            length = Math.hypot(length, x);
        }
        double share = length > FARTHEST ? FARTHEST / length : 1;
        int k = place.length;
        double[] features = new double[1 + k + k * (k + 1) / 2];
        features[0] = 1;
        for (int a = 0, at = 1 + k; a < k; a++) {
            features[1 + a] = share * place[a];
            for (int b = 0; b <= a; b++, at++) {
                features[at] = share * place[a] * share * place[b];
            }
        }
        return features;
    }

    /** Zeros where the points do not determine the coefficients. */
    private static double[] leastSquares(List<double[]> rows, double[] target) {
        int p = rows.isEmpty() ? 0 : rows.get(0).length;
        DMatrixRMaj x = new DMatrixRMaj(rows.toArray(new double[0][]));
        DMatrixRMaj coefficients = new DMatrixRMaj(p, 1);
        boolean solved = rows.size() > p
                && CommonOps_DDRM.solve(x, new DMatrixRMaj(target.length, 1, true, target), coefficients);
        return solved ? coefficients.data : new double[p];
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}

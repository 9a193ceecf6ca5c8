package org.variational.lab.evaluation;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalDistribution;
import org.variational.fit.Fit;
import org.variational.weights.WeightedSample;

/**
 * The means and standard deviations that a fit offers. On the unconstrained scale they are those of its draws
 * where these were chosen by weight, else those of the fitted distribution itself, and of its draws where that has no
 * finite moments; on the user's scale those of its draws. NaN where there are none.
 */
final class Estimate {

    private Estimate() {}

    static Moments of(Fit fit) {
        if (fit.verdict().level() != Verdict.Level.REWEIGHTED && fit.optimised().length == 0) {
            VariationalDistribution fitted = fit.distribution();
            double[] mean = fitted.mean();
            double[] sd = fitted.standardDeviation();
            if (allFinite(mean) && allFinite(sd)) {
                return Moments.exact(mean, sd);
            }
        }
        double[] equal = new double[fit.posterior().size()];
        Arrays.fill(equal, 1);
        Moments moments = ofDraws(fit.posterior().unconstrained(), equal);
        double inflation = Math.sqrt(equal.length / fit.posterior().effectiveSampleSize());
        return new Moments(
                moments.mean(),
                moments.sd(),
                Arrays.stream(moments.meanError())
                        .map(error -> inflation * error)
                        .toArray());
    }

    /**
     * The means and standard deviations that a fit offers on the user's scale: those of its draws.
     *
     * @param names the scalars wanted
     */
    static Moments ofQuantities(Fit fit, List<String> names) {
        DMatrixRMaj draws = new DMatrixRMaj(names.size(), fit.posterior().size());
        for (int i = 0; i < names.size(); i++) {
            double[] row = fit.posterior().draws(names.get(i));
            System.arraycopy(row, 0, draws.data, i * row.length, row.length);
        }
        double[] equal = new double[draws.numCols];
        Arrays.fill(equal, 1);
        return ofDraws(draws, equal);
    }

    private static boolean allFinite(double[] values) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** The moments of weighted draws, D x S. */
    static Moments ofDraws(DMatrixRMaj draws, double[] weights) {
        double[] mean = new double[draws.numRows];
        double[] sd = new double[draws.numRows];
        double[] error = new double[draws.numRows];
        double[] row = new double[draws.numCols];
        for (int d = 0; d < mean.length; d++) {
            System.arraycopy(draws.data, d * row.length, row, 0, row.length);
            if (!allFinite(row)) {
                mean[d] = sd[d] = error[d] = Double.NaN;
                continue;
            }
            WeightedSample sample = WeightedSample.of(row, weights);
            mean[d] = sample.mean();
            sd[d] = sample.standardDeviation();
            error[d] = sample.meanError();
        }
        return new Moments(mean, sd, error);
    }
}

package org.variational.lab.evaluation;

import org.ejml.data.DMatrixRMaj;
import org.variational.diagnostic.Verdict;
import org.variational.family.VariationalDistribution;
import org.variational.fit.Fit;
import org.variational.posterior.Posterior;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/**
 * The means and standard deviations that a fit offers on the unconstrained scale, read as its verdict says: from the
 * draws with Pareto-smoothed importance weights where it is REWEIGHT, else from the approximation itself, and from its
 * draws where that has no finite moments. NaN where a coordinate has neither.
 */
final class Estimate {

    private Estimate() {}

    static Moments of(Fit fit) {
        Posterior posterior = fit.posterior();
        if (fit.verdict().level() == Verdict.Level.REWEIGHT) {
            ParetoSmoothing smoothing = ParetoSmoothing.of(posterior.logWeights());
            if (smoothing.dropped() < posterior.size()) {
                return ofDraws(posterior.unconstrained(), smoothing.weights());
            }
        }
        if (fit.optimised().length == 0) {
            VariationalDistribution approximation = fit.approximation();
            double[] mean = approximation.mean();
            double[] sd = approximation.standardDeviation();
            if (allFinite(mean) && allFinite(sd)) {
                return Moments.exact(mean, sd);
            }
        }
        double[] equal = new double[posterior.size()];
        java.util.Arrays.fill(equal, 1);
        return ofDraws(posterior.unconstrained(), equal);
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

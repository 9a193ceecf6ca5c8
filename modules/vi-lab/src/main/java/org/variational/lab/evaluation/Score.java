package org.variational.lab.evaluation;

/**
 * How far moments are from a reference: {@code e_mean = |mean - mean_ref| / sd_ref} and {@code e_sd = |sd / sd_ref -
 * 1|} of every coordinate, on the unconstrained scale.
 *
 * @param rmsMeanError the root mean square of e_mean; NaN if there is no answer
 * @param maxMeanError the largest e_mean
 * @param rmsSdError the root mean square of e_sd
 * @param worstSdFactor the largest of {@code sd / sd_ref} and {@code sd_ref / sd} over all coordinates, at least 1
 */
record Score(double rmsMeanError, double maxMeanError, double rmsSdError, double worstSdFactor) {

    /** The score where there is no answer. */
    static final Score NONE = new Score(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    static Score of(Moments found, Moments reference) {
        double means = 0;
        double worst = 0;
        double sds = 0;
        double factor = 1;
        int dimension = reference.dimension();
        for (int d = 0; d < dimension; d++) {
            double sd = reference.sd()[d];
            double mean = Math.abs(found.mean()[d] - reference.mean()[d]) / sd;
            double ratio = found.sd()[d] / sd;
            means += mean * mean;
            worst = Math.max(worst, mean);
            sds += (ratio - 1) * (ratio - 1);
            factor = Math.max(factor, Math.max(ratio, 1 / ratio));
        }
        return new Score(Math.sqrt(means / dimension), worst, Math.sqrt(sds / dimension), factor);
    }
}

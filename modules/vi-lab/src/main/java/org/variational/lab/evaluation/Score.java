package org.variational.lab.evaluation;

/**
 * How far moments are from a reference: {@code e_mean = |mean - mean_ref| / sd_ref} and {@code e_sd = |sd / sd_ref -
 * 1|} of several numbers.
 *
 * @param rmsMeanError the root mean square of e_mean; NaN if there is no answer
 * @param maxMeanError the largest e_mean
 * @param rmsSdError the root mean square of e_sd
 * @param worstSdFactor the largest of {@code sd / sd_ref} and {@code sd_ref / sd}, at least 1
 */
record Score(double rmsMeanError, double maxMeanError, double rmsSdError, double worstSdFactor) {

    /** The score where there is no answer, or nothing to score. */
    static final Score NONE = new Score(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** The score of moments in the order of the reference. */
    static Score of(Moments found, Moments reference) {
        int count = reference.dimension();
        if (count == 0) {
            return NONE;
        }
        double means = 0;
        double worst = 0;
        double sds = 0;
        double factor = 1;
        for (int d = 0; d < count; d++) {
            double sd = reference.sd()[d];
            double mean = Math.abs(found.mean()[d] - reference.mean()[d]) / sd;
            double ratio = found.sd()[d] / sd;
            means += mean * mean;
            worst = Math.max(worst, mean);
            sds += (ratio - 1) * (ratio - 1);
            factor = Math.max(factor, Math.max(ratio, 1 / ratio));
        }
        return new Score(Math.sqrt(means / count), worst, Math.sqrt(sds / count), factor);
    }
}

package org.variational.weights;

/**
 * How many independent draws a sequence of dependent ones is worth: Markov chains, or the iterates of an optimiser.
 *
 * @see <a href="https://doi.org/10.1214/20-BA1221">Vehtari et al. (2021), Rank-normalization, folding, and
 *     localization: an improved R-hat</a>
 * @see <a href="https://doi.org/10.1214/ss/1177011137">Geyer (1992), Practical Markov chain Monte Carlo</a>
 */
public final class Autocorrelation {
    private Autocorrelation() {}

    /**
     * The effective sample size of the mean of one or more chains, by Geyer's initial monotone sequence on the
     * autocorrelations of all chains together.
     *
     * <p>Chains that are all constant and equal are worth their length. Chains that disagree are worth little, as the
     * between-chain variance enters.
     *
     * @param chains one or more sequences of the same length, at least 4, finite
     * @return positive, at most N log10 N for N draws in all
     * @throws IllegalArgumentException if lengths differ or are below 4, or a number is not finite
     */
    public static double effectiveSampleSize(double[]... chains) {
        int length = checkedLength(chains);
        int count = chains.length;
        double total = (double) length * count;
        double[] means = new double[count];
        double within = 0;
        for (int c = 0; c < count; c++) {
            means[c] = mean(chains[c], 0, length);
            within += autocovariance(chains[c], means[c], 0) / count * length / (length - 1.0);
        }
        double between = sampleVariance(means);
        double pooled = within * (length - 1) / length + between;
        if (pooled == 0) {
            return total;
        }
        double previousPair = Double.POSITIVE_INFINITY;
        double tau = -1;
        for (int lag = 0; lag + 1 < length; lag += 2) {
            double pair = correlation(chains, means, lag, within, pooled)
                    + correlation(chains, means, lag + 1, within, pooled);
            if (!(pair > 0)) {
                break;
            }
            pair = Math.min(pair, previousPair);
            previousPair = pair;
            tau += 2 * pair;
        }
        return Math.min(total / Math.max(tau, 1 / Math.log10(total)), total * Math.log10(total));
    }

    private static double correlation(double[][] chains, double[] means, int lag, double within, double pooled) {
        if (lag == 0) {
            return 1;
        }
        double covariance = 0;
        for (int c = 0; c < chains.length; c++) {
            covariance += autocovariance(chains[c], means[c], lag) / chains.length;
        }
        return 1 - (within - covariance) / pooled;
    }

    /** {@code 1 / N sum (x_t - m)(x_{t + lag} - m)}. */
    private static double autocovariance(double[] chain, double mean, int lag) {
        double sum = 0;
        for (int t = 0; t + lag < chain.length; t++) {
            sum += (chain[t] - mean) * (chain[t + lag] - mean);
        }
        return sum / chain.length;
    }

    /**
     * The Monte-Carlo standard error of the mean of one or more chains, {@code sd / sqrt(ESS)}.
     *
     * @param chains one or more sequences of the same length, at least 4, finite
     * @return at least 0
     * @throws IllegalArgumentException if lengths differ or are below 4, or a number is not finite
     */
    public static double standardErrorOfMean(double[]... chains) {
        int length = checkedLength(chains);
        double[] all = new double[length * chains.length];
        for (int c = 0; c < chains.length; c++) {
            System.arraycopy(chains[c], 0, all, c * length, length);
        }
        return Math.sqrt(sampleVariance(all) / effectiveSampleSize(chains));
    }

    /**
     * The split R-hat: how much larger the variance of all half-chains pooled is than within them, as a ratio of
     * standard deviations. Near 1 if the chains have the same stationary distribution and none drifts.
     *
     * @param chains one or more sequences of the same length, at least 4, finite; of an odd length the middle is left
     *     out
     * @return at least about 1; 1 if all are constant and equal, {@code +Infinity} if they are constant and differ
     * @throws IllegalArgumentException if lengths differ or are below 4, or a number is not finite
     */
    public static double splitRHat(double[]... chains) {
        int length = checkedLength(chains);
        int half = length / 2;
        double[] means = new double[2 * chains.length];
        double within = 0;
        for (int c = 0; c < chains.length; c++) {
            for (int side = 0; side < 2; side++) {
                int from = side == 0 ? 0 : length - half;
                double mean = mean(chains[c], from, from + half);
                means[2 * c + side] = mean;
                double sum = 0;
                for (int t = from; t < from + half; t++) {
                    sum += (chains[c][t] - mean) * (chains[c][t] - mean);
                }
                within += sum / (half - 1) / means.length;
            }
        }
        double between = sampleVariance(means);
        if (within == 0) {
            return between == 0 ? 1 : Double.POSITIVE_INFINITY;
        }
        return Math.sqrt((half - 1.0) / half + between / within);
    }

    private static int checkedLength(double[][] chains) {
        if (chains.length == 0) {
            throw new IllegalArgumentException("at least one chain is needed, got none");
        }
        for (double[] chain : chains) {
            if (chain.length < 4 || chain.length != chains[0].length) {
                throw new IllegalArgumentException("chains must have the same length of at least 4, got " + chain.length
                        + " beside " + chains[0].length);
            }
            for (int t = 0; t < chain.length; t++) {
                if (!Double.isFinite(chain[t])) {
                    throw new IllegalArgumentException("a chain must be finite, entry " + t + " is " + chain[t]);
                }
            }
        }
        return chains[0].length;
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += values[t] / (to - from);
        }
        return sum;
    }

    private static double sampleVariance(double[] values) {
        if (values.length < 2) {
            return 0;
        }
        double mean = mean(values, 0, values.length);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum / (values.length - 1);
    }
}

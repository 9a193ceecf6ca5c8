package org.variational.lab.evaluation;

/**
 * Means and standard deviations of the coordinates of a distribution on the unconstrained scale.
 *
 * @param mean D means
 * @param sd D standard deviations
 * @param meanError the standard errors of the means, 0 where they are exact
 */
record Moments(double[] mean, double[] sd, double[] meanError) {

    Moments {
        if (sd.length != mean.length || meanError.length != mean.length) {
            throw new IllegalArgumentException("there are " + mean.length + " means, but " + sd.length
                    + " standard deviations and " + meanError.length + " errors");
        }
    }

    /** Moments without error. */
    static Moments exact(double[] mean, double[] sd) {
        return new Moments(mean, sd, new double[mean.length]);
    }

    int dimension() {
        return mean.length;
    }

    /** The same in another order: entry i moves to {@code places[i]}. */
    Moments at(int[] places) {
        return new Moments(moved(mean, places), moved(sd, places), moved(meanError, places));
    }

    private static double[] moved(double[] values, int[] places) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[places[i]] = values[i];
        }
        return result;
    }

    /**
     * Three standard errors of the means in standard deviations, in the root mean square: no smaller error can be told.
     */
    double resolution() {
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            double error = 3 * meanError[i] / sd[i];
            sum += error * error;
        }
        return Math.sqrt(sum / mean.length);
    }
}

package org.variational.lab.evaluation;

import java.util.Arrays;

/**
 * Means and standard deviations of several numbers: coordinates on the unconstrained scale, or scalars on the user's.
 *
 * @param mean the means
 * @param sd the standard deviations
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

    /** Some of them: entry i is that at {@code places[i]}. */
    Moments at(int... places) {
        return new Moments(picked(mean, places), picked(sd, places), picked(meanError, places));
    }

    private static double[] picked(double[] values, int... places) {
        return Arrays.stream(places).mapToDouble(place -> values[place]).toArray();
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

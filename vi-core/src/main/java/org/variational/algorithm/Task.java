package org.variational.algorithm;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.variational.density.CountedDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.Objective;

/**
 * What is to be fitted: a density, what its coordinates mean, and the objective to be minimised.
 *
 * @param model the model's name, for reports
 * @param target the density, which counts its evaluations; the objectives evaluate the same object
 * @param layout the meaning of its coordinates
 * @param objective what is minimised
 * @param approach an objective that is minimised first, to get near the posterior from far away; null to go straight
 *     for {@code objective}
 * @param minibatch the number of data rows in one evaluation of the objective, 0 for all
 * @param start where to start, or null to search
 * @param seed the seed from which all randomness comes
 */
public record Task(
        String model,
        CountedDensity target,
        ParameterLayout layout,
        Objective objective,
        @Nullable Objective approach,
        int minibatch,
        @Nullable Start start,
        long seed) {

    /** Checks that nothing is missing. */
    public Task {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(objective, "objective");
    }

    /** The same with another place to start. */
    public Task startingAt(Start place) {
        return new Task(model, target, layout, objective, approach, minibatch, place, seed);
    }

    /**
     * A place to start, on the unconstrained scale.
     *
     * @param mean D finite numbers; copied
     * @param standardDeviation D positive finite numbers; copied; null to search for a place from {@code mean}
     */
    public record Start(double[] mean, double @Nullable [] standardDeviation) {

        /**
         * Checks and copies the arrays.
         *
         * @throws IllegalArgumentException if a number is not finite, a deviation not positive, or the lengths differ
         */
        public Start {
            mean = mean.clone();
            for (int i = 0; i < mean.length; i++) {
                if (!Double.isFinite(mean[i])) {
                    throw new IllegalArgumentException("start mean[" + i + "] must be finite, got " + mean[i]);
                }
            }
            if (standardDeviation != null) {
                standardDeviation = standardDeviation.clone();
                if (standardDeviation.length != mean.length) {
                    throw new IllegalArgumentException("the start has " + mean.length + " means and "
                            + standardDeviation.length + " standard deviations");
                }
                for (int i = 0; i < mean.length; i++) {
                    if (!(standardDeviation[i] > 0) || Double.isInfinite(standardDeviation[i])) {
                        throw new IllegalArgumentException("start standard deviation[" + i
                                + "] must be positive and finite, got " + standardDeviation[i]);
                    }
                }
            }
        }

        /** A place around which a fit is to search. */
        @SuppressWarnings("NullAway") // the annotation of a record's array is not seen by callers
        public static Start around(double[] mean) {
            return new Start(mean, null);
        }

        /** The means. */
        @Override
        public double[] mean() {
            return mean.clone();
        }

        /**
         * The standard deviations.
         *
         * @return a copy, or null
         */
        @Override
        public double @Nullable [] standardDeviation() {
            return standardDeviation == null ? null : standardDeviation.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Start that
                    && Arrays.equals(mean, that.mean)
                    && Arrays.equals(standardDeviation, that.standardDeviation);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(mean) + Arrays.hashCode(standardDeviation);
        }

        @Override
        public String toString() {
            return "Start of " + mean.length + " coordinates";
        }
    }
}

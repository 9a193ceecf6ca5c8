package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Matrices;
import org.variational.weights.WeightedSample;

/**
 * How far the means and standard deviations of draws are from those of a reference, such as a long Markov chain.
 *
 * <p>For every coordinate, with mean m and standard deviation s of the draws, and M and R of the reference,
 * <pre>
 *   meanError   (m - M) / R        in standard deviations of the reference
 *   sdRatio     s / R
 * </pre>
 * each with its Monte-Carlo standard error, in which the errors of both sides add in square. What is below three
 * standard errors is not called an error: {@link Coordinate#meanIsOff()}. The root mean squares over coordinates count
 * everything, so that they are not below about {@code 1 / sqrt(S)} for S draws even if the approximation is exact.
 *
 * @param coordinates one entry per coordinate
 * @see <a href="https://arxiv.org/abs/1802.02538">Yao, Vehtari, Simpson, Gelman (2018), Yes, but did it work?, where
 *     errors are given in standard deviations of a reference chain</a>
 */
public record ReferenceComparison(List<Coordinate> coordinates) {

    /** What is beyond so many standard errors is called an error. */
    private static final double SIGNIFICANT = 3;

    /**
     * One coordinate.
     *
     * @param name its name
     * @param meanError the error of the mean in standard deviations of the reference
     * @param meanStandardError the Monte-Carlo standard error of that
     * @param sdRatio the standard deviation over that of the reference
     * @param sdStandardError the Monte-Carlo standard error of that
     */
    public record Coordinate(
            String name, double meanError, double meanStandardError, double sdRatio, double sdStandardError) {

        /**
         * Whether the mean differs by more than three standard errors.
         *
         * @return false also where nothing is known
         */
        public boolean meanIsOff() {
            return Math.abs(meanError) > SIGNIFICANT * meanStandardError;
        }

        /**
         * Whether the standard deviation differs by more than three standard errors.
         *
         * @return false also where nothing is known
         */
        public boolean sdIsOff() {
            return Math.abs(sdRatio - 1) > SIGNIFICANT * sdStandardError;
        }
    }

    /**
     * Means and standard deviations that are taken to be right, up to a Monte-Carlo error.
     *
     * @param means D numbers
     * @param sds D positive numbers
     * @param meanErrors the standard errors of the means; 0 where they are exact
     * @param sdErrors the standard errors of the standard deviations; 0 where they are exact
     */
    public record Moments(double[] means, double[] sds, double[] meanErrors, double[] sdErrors) {

        /**
         * Copies the arrays.
         *
         * @throws IllegalArgumentException if lengths differ or a number is not as stated
         */
        public Moments {
            int d = means.length;
            if (d == 0 || sds.length != d || meanErrors.length != d || sdErrors.length != d) {
                throw new IllegalArgumentException(
                        "a reference needs as many means as standard deviations and errors of both, and at least one;"
                                + " got " + d + ", " + sds.length + ", " + meanErrors.length
                                + " and "
                                + sdErrors.length);
            }
            for (int i = 0; i < d; i++) {
                if (!Double.isFinite(means[i]) || !(sds[i] > 0) || Double.isInfinite(sds[i])) {
                    throw new IllegalArgumentException("coordinate " + i + " of the reference has mean " + means[i]
                            + " and standard deviation " + sds[i] + ": finite numbers are needed, the second positive");
                }
                if (!(meanErrors[i] >= 0) || !(sdErrors[i] >= 0)) {
                    throw new IllegalArgumentException("coordinate " + i + " of the reference has standard errors "
                            + meanErrors[i] + " and " + sdErrors[i] + ", which must not be negative");
                }
            }
            means = means.clone();
            sds = sds.clone();
            meanErrors = meanErrors.clone();
            sdErrors = sdErrors.clone();
        }

        /**
         * Exact moments.
         *
         * @param means D numbers
         * @param sds D positive numbers
         * @return the moments, with errors 0
         * @throws IllegalArgumentException if lengths differ, or a number is not finite or a standard deviation not
         *     positive
         */
        public static Moments exact(double[] means, double[] sds) {
            return new Moments(means, sds, new double[means.length], new double[means.length]);
        }

        /**
         * The moments of nearly independent reference draws.
         *
         * @param draws D x S, S at least 2
         * @return the moments with the errors that S independent draws leave
         * @throws IllegalArgumentException if a draw is not finite or a coordinate does not vary
         */
        public static Moments of(DMatrixRMaj draws) {
            int d = draws.numRows;
            double[][] moments = new double[4][d];
            for (int i = 0; i < d; i++) {
                WeightedSample sample = WeightedSample.of(Matrices.row(draws, i));
                moments[0][i] = sample.mean();
                moments[1][i] = sample.standardDeviation();
                moments[2][i] = sample.meanError();
                moments[3][i] = sample.standardDeviationError();
            }
            return new Moments(moments[0], moments[1], moments[2], moments[3]);
        }

        /** A copy, D numbers. */
        @Override
        public double[] means() {
            return means.clone();
        }

        /** A copy, D numbers. */
        @Override
        public double[] sds() {
            return sds.clone();
        }

        /** A copy, D numbers. */
        @Override
        public double[] meanErrors() {
            return meanErrors.clone();
        }

        /** A copy, D numbers. */
        @Override
        public double[] sdErrors() {
            return sdErrors.clone();
        }

        private int size() {
            return means.length;
        }
    }

    /** Copies the list. */
    public ReferenceComparison {
        coordinates = List.copyOf(coordinates);
    }

    /**
     * Compares equally weighted draws with a reference.
     *
     * @param names D names
     * @param draws D x S, one draw a column, on the scale of the reference
     * @param reference the moments of the reference
     * @return the comparison
     * @throws IllegalArgumentException if sizes differ, or a draw is not finite
     */
    public static ReferenceComparison of(List<String> names, DMatrixRMaj draws, Moments reference) {
        double[] equal = new double[draws.numCols];
        Arrays.fill(equal, 1);
        return of(names, draws, equal, reference);
    }

    /**
     * Compares weighted draws with a reference.
     *
     * @param names D names
     * @param draws D x S, one draw a column, on the scale of the reference
     * @param weights S weights, not negative, not all zero, such as those of an {@link
     *     org.variational.posterior.Approximation}; draws of weight zero are left out
     * @param reference the moments of the reference
     * @return the comparison
     * @throws IllegalArgumentException if sizes differ, or a draw with a weight is not finite, or no draw has a weight
     */
    public static ReferenceComparison of(List<String> names, DMatrixRMaj draws, double[] weights, Moments reference) {
        int d = draws.numRows;
        if (names.size() != d || reference.size() != d || weights.length != draws.numCols) {
            throw new IllegalArgumentException("there are " + d + " coordinates of " + draws.numCols + " draws, but "
                    + names.size() + " names, " + reference.size() + " coordinates of the reference and "
                    + weights.length + " weights");
        }
        List<Coordinate> coordinates = new ArrayList<>(d);
        for (int i = 0; i < d; i++) {
            WeightedSample sample = sample(Matrices.row(draws, i), weights);
            double sd = reference.sds[i];
            double ratio = sample.standardDeviation() / sd;
            double difference = (sample.mean() - reference.means[i]) / sd;
            coordinates.add(new Coordinate(
                    names.get(i),
                    difference,
                    Math.hypot(sample.meanError(), reference.meanErrors[i]) / sd,
                    ratio,
                    Math.hypot(sample.standardDeviationError(), ratio * reference.sdErrors[i]) / sd));
        }
        return new ReferenceComparison(coordinates);
    }

    private static WeightedSample sample(double[] values, double[] weights) {
        int kept = 0;
        double[] keptValues = new double[values.length];
        double[] keptWeights = new double[values.length];
        for (int s = 0; s < values.length; s++) {
            if (weights[s] != 0) {
                keptValues[kept] = values[s];
                keptWeights[kept++] = weights[s];
            }
        }
        return WeightedSample.of(Arrays.copyOf(keptValues, kept), Arrays.copyOf(keptWeights, kept));
    }

    /**
     * The root mean square over coordinates of the errors of the means.
     *
     * @return in standard deviations of the reference
     */
    public double rmsMeanError() {
        return Math.sqrt(coordinates.stream()
                .mapToDouble(c -> c.meanError() * c.meanError())
                .average()
                .orElse(Double.NaN));
    }

    /**
     * The largest error of a mean.
     *
     * @return in standard deviations of the reference
     */
    public double maxMeanError() {
        return coordinates.stream()
                .mapToDouble(c -> Math.abs(c.meanError()))
                .max()
                .orElse(Double.NaN);
    }

    /**
     * The root mean square over coordinates of the relative errors of the standard deviations, {@code sdRatio - 1}.
     *
     * @return 0 if all are right
     */
    public double rmsSdError() {
        return Math.sqrt(coordinates.stream()
                .mapToDouble(c -> (c.sdRatio() - 1) * (c.sdRatio() - 1))
                .average()
                .orElse(Double.NaN));
    }

    /**
     * The largest factor by which a standard deviation is off, in either direction: the largest of {@code max(r, 1 /
     * r)}.
     *
     * @return at least 1
     */
    public double maxSdFactor() {
        return coordinates.stream()
                .mapToDouble(c -> Math.max(c.sdRatio(), 1 / c.sdRatio()))
                .max()
                .orElse(Double.NaN);
    }

    /**
     * The coordinates whose mean or standard deviation is off by more than three standard errors.
     *
     * @return in order; empty if the draws agree with the reference as far as can be seen
     */
    public List<Coordinate> differing() {
        return coordinates.stream().filter(c -> c.meanIsOff() || c.sdIsOff()).toList();
    }

    /** One line: the root mean squares and maxima, and how many coordinates differ by more than Monte-Carlo error. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "means off by %.3f sd (RMS; largest %.3f), sds by %.1f %% (RMS; largest factor %.2f); %d of %d"
                        + " coordinates beyond three Monte-Carlo errors",
                rmsMeanError(),
                maxMeanError(),
                100 * rmsSdError(),
                maxSdFactor(),
                differing().size(),
                coordinates.size());
    }
}

package org.variational.diagnostic;

import java.util.List;
import org.variational.weights.ParetoSmoothing;

/**
 * What is known about a fit and its answer, and what a {@link Verdict} is based on.
 *
 * @param stop how the fit ended
 * @param drift whether it ended while moving in one direction
 * @param weights what the importance weights of the draws say
 * @param counts how many draws and evaluations could not be used
 * @param chains what Markov chains from the draws say
 * @param missedMode what the search for missed modes has found
 * @param goalReport what the schedule of the divergence reports, empty if its goal was reached
 * @param observed what was seen of the density itself, and by the algorithm
 */
public record FitDiagnostics(
        Stop stop,
        boolean drift,
        Weights weights,
        Counts counts,
        Chains chains,
        MissedMode missedMode,
        String goalReport,
        Observed observed) {

    /**
     * By how much importance weights move the mean of a scalar, in standard deviations, and its standard deviation,
     * relatively; the largest over all coordinates and all quantities on the user's scale.
     *
     * @param mean what exceeds four standard errors of a mean's shift
     * @param scale the same for a standard deviation
     * @param meanBound a mean's shift plus two standard errors
     * @param scaleBound the same for a standard deviation
     */
    public record Shift(double mean, double scale, double meanBound, double scaleBound) {

        /** The larger of two shifts, of other scalars. */
        public Shift worse(Shift other) {
            return new Shift(
                    Math.max(mean, other.mean),
                    Math.max(scale, other.scale),
                    Math.max(meanBound, other.meanBound),
                    Math.max(scaleBound, other.scaleBound));
        }

        /** Nothing is known. */
        public static final Shift UNKNOWN = new Shift(0, 0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /**
     * What draws from a heavier-tailed proposal with the approximation's mean and scale say: their weights are
     * well-behaved where those of a Gaussian are not only because its tails are light.
     *
     * @param kHat the Pareto shape of their weights; NaN if unknown
     * @param shift what their weights do to the means and standard deviations of the approximation
     */
    public record Heavier(double kHat, Shift shift) {

        /** No such draws were made. */
        public static final Heavier UNKNOWN = new Heavier(Double.NaN, Shift.UNKNOWN);
    }

    /**
     * How far Markov chains from the approximation's draws have gone from it, in coordinates and in quantities on the
     * user's scale: differences of means in standard deviations, and of log standard deviations.
     *
     * @param onAverage the root mean square over all means, or over all standard deviations if that is larger
     * @param largest the largest
     * @param certain the largest that is left beyond the errors
     * @param coordinate the coordinate or quantity with the largest
     * @param unmixed a coordinate that is correlated over the chains with its place some transitions earlier, so that
     *     they say little about it; or empty
     */
    public record Chains(double onAverage, double largest, double certain, String coordinate, String unmixed) {

        /** No chains were run. */
        public static final Chains UNKNOWN = new Chains(Double.NaN, Double.NaN, 0, "", "");
    }

    /**
     * A part of the posterior that the approximation leaves out, and what that does.
     *
     * @param share the part's estimated share of the mass
     * @param meanShift by how much means move with it, in standard deviations, as a root mean square
     * @param widening by how much it widens the standard deviation of a coordinate, as a factor
     * @param coordinate that coordinate
     */
    public record MissedMode(double share, double meanShift, double widening, String coordinate) {

        /** No part was found. */
        public static final MissedMode NONE = new MissedMode(0, 0, 1, "");

        /**
         * How grave it is.
         *
         * @return the larger of the mean shift and the relative widening
         */
        public double gravity() {
            return Math.max(meanShift, widening - 1);
        }
    }

    /**
     * What was seen of the density itself, and by the algorithm; each is empty if nothing was.
     *
     * @param nonDeterminism two values at the same point
     * @param gradient a slope that does not match the values
     * @param unsupportedBy the coordinate by which draws of density zero differ most from the others
     * @param ofAlgorithm what the algorithm itself has to say
     */
    public record Observed(
            String nonDeterminism, String gradient, String unsupportedBy, List<Verdict.Finding> ofAlgorithm) {

        /** Nothing was found. */
        public static final Observed NONE = new Observed("", "", "", List.of());
    }

    /**
     * What the importance weights of the draws say.
     *
     * @param kHat their Pareto shape; negative infinity for constant weights, NaN if unknown
     * @param draws the number of draws whose weight is known
     * @param effectiveSampleSize the number of independent draws that the weighted ones are worth
     * @param shift what the weights do to means and standard deviations
     * @param heavier what draws from a heavier-tailed proposal say
     * @param worst the quantities in which the tails of the approximation are lightest, worst first; may be empty
     * @param alone whether they alone have judged the draws, since they say more than Markov chains would
     */
    public record Weights(
            double kHat,
            int draws,
            double effectiveSampleSize,
            Shift shift,
            Heavier heavier,
            List<String> worst,
            boolean alone) {

        /** Nothing is known. */
        public static final Weights UNKNOWN =
                new Weights(Double.NaN, 0, 0, Shift.UNKNOWN, Heavier.UNKNOWN, List.of(), false);

        /** Copies the list. */
        public Weights {
            worst = List.copyOf(worst);
        }

        /** Whether they vary so little that the shape of their tail does not matter. */
        public boolean areNearlyConstant() {
            return ParetoSmoothing.areNearlyConstant(effectiveSampleSize, draws);
        }

        /** Whether they judge alone and vary so little that they can be trusted whatever the shape of their tail. */
        public boolean areSteady() {
            return alone && ParetoSmoothing.areSteady(effectiveSampleSize, draws);
        }
    }

    /**
     * How many draws and evaluations could not be used.
     *
     * @param draws the number of draws looked at
     * @param rejected at how many of them the density could not be evaluated
     * @param unsupported at how many of them it is zero
     * @param nonFinite how many of them are not finite on the user's scale
     * @param evaluations the number of evaluations of the density, those of the examination included
     */
    public record Counts(int draws, int rejected, int unsupported, int nonFinite, long evaluations) {}

    /** The same after another end. */
    public FitDiagnostics with(Stop end) {
        return new FitDiagnostics(end, drift, weights, counts, chains, missedMode, goalReport, observed);
    }

    /** The same with other weights and counts, those of more draws. */
    public FitDiagnostics with(Weights ofMore, Counts countsOfMore) {
        return new FitDiagnostics(stop, drift, ofMore, countsOfMore, chains, missedMode, goalReport, observed);
    }
}

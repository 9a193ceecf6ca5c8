package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.variational.weights.ParetoSmoothing;

/**
 * How far a fit can be trusted, with the reasons.
 *
 * <p>{@link Level#GOOD} is given only if the stopping test was passed and nothing speaks against the answer. Every
 * finding that does lowers the level to the one it carries; the verdict is the lowest.
 *
 * @param level the verdict
 * @param reasons the findings, gravest first; for a good fit, what speaks for it
 */
public record Verdict(Level level, List<Reason> reasons) {

    /** k-hat below which the weights have a finite variance, and draws serve without them. */
    public static final double GOOD_K_HAT = 0.5;

    /** The fraction of unusable draws above which the answer leaves out too much. */
    private static final double MANY_REJECTED = 0.01;

    /** The fraction of draws outside the support above which weights cannot mend the answer. */
    private static final double MANY_UNSUPPORTED = 0.01;

    /** The shift by importance weights, in standard deviations or relative to one, that matters. */
    private static final double MATERIAL_SHIFT = 0.1;

    /** A shift by importance weights that is certainly no larger than this shows that the draws serve without them. */
    private static final double CLOSE = 0.2;

    /**
     * Where chains are off by more than this beyond errors, in log standard deviations or standard deviations, they
     * leave.
     */
    private static final double LEAVING = 0.3;

    /** Where they are off by more than this, weights cannot mend it. */
    private static final double FAR = 1;

    /**
     * Chains that are off by no more than these stay: the root mean square with errors, and the largest beyond them.
     */
    private static final double STAYING_ON_AVERAGE = 0.2;

    private static final double STAYING = 0.15;

    /** What a part left out may do to means, in standard deviations, and relatively to a standard deviation. */
    private static final double MATERIAL_ELSEWHERE = 0.25;

    /** The levels of trust, highest first. */
    public enum Level {
        /** The draws can be used as they are. */
        GOOD,
        /** The draws can be used with their importance weights. */
        REWEIGHT,
        /** The answer should not be used. */
        UNRELIABLE
    }

    /** What was found, for programs. */
    public enum Code {
        /** The stopping test was passed. */
        CONVERGED,
        /** The stopping test was not passed. */
        NOT_CONVERGED,
        /** The approximation was still moving in one direction, or ran away. */
        DRIFT,
        /** k-hat is low. */
        K_HAT_LOW,
        /** k-hat is so high that the draws need their weights, unless these are seen to change little. */
        K_HAT_MODERATE,
        /** k-hat is too high to use the draws even with weights. */
        K_HAT_HIGH,
        /** k-hat could not be computed. */
        K_HAT_UNKNOWN,
        /** Markov chains from the approximation's draws stay with it, or leave it. */
        CHAINS,
        /** The budget was too small to look at the answer by Markov chains and from elsewhere. */
        NOT_EXAMINED,
        /** Starts elsewhere have found a part of the posterior that the approximation does not know of. */
        ELSEWHERE,
        /** Importance weights move a mean or a standard deviation materially. */
        WEIGHTS_MATTER,
        /** Some evaluations of the density could not be used. */
        REJECTED_EVALUATIONS,
        /** The density could not be evaluated at some draws of the approximation. */
        REJECTED_DRAWS,
        /** The approximation has mass where the density is zero. */
        SUPPORT_MISMATCH,
        /** Draws on the user's scale are not finite. */
        NON_FINITE_DRAWS,
        /** The divergence aimed at was not reached. */
        GOAL_NOT_REACHED,
        /** The gradient of the density is not that of its values. */
        WRONG_GRADIENT,
        /** The density gives different values at the same point. */
        NON_DETERMINISTIC,
        /** Some of several starts led to nothing. */
        FAILED_STARTS,
        /** The log density does not curve down in every direction at its mode. */
        NOT_POSITIVE_DEFINITE,
        /** The draws that were held fixed hardly determine the family. */
        FEW_DRAWS,
        /** Standard deviations come from linear response, or could not. */
        LINEAR_RESPONSE
    }

    /**
     * One finding.
     *
     * @param code what was found
     * @param level the highest level the finding allows
     * @param text the finding in a sentence
     */
    public record Reason(Code code, Level level, String text) {}

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
     * @param unmixed a coordinate whose start the chains remember, so that they say little about it; or empty
     */
    public record Chains(double onAverage, double largest, double certain, String coordinate, String unmixed) {

        /** No chains were run. */
        public static final Chains UNKNOWN = new Chains(Double.NaN, Double.NaN, 0, "", "");

        private boolean leave() {
            // a comparison that NaN fails
            return !(certain <= LEAVING);
        }

        private boolean stay() {
            return unmixed.isEmpty() && onAverage <= STAYING_ON_AVERAGE && certain <= STAYING;
        }
    }

    /**
     * What leaving out a part of the posterior does, which starts elsewhere have found.
     *
     * @param share the part's estimated share of the mass
     * @param meanShift by how much means move with it, in standard deviations, as a root mean square
     * @param widening by how much it widens the standard deviation of a coordinate, as a factor
     * @param coordinate that coordinate
     */
    public record MissedMode(double share, double meanShift, double widening, String coordinate) {

        /** Nothing was found elsewhere. */
        public static final MissedMode NOTHING = new MissedMode(0, 0, 1, "");

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
    public record Findings(String nonDeterminism, String gradient, String unsupportedBy, List<Reason> ofAlgorithm) {

        /** Nothing was found. */
        public static final Findings NONE = new Findings("", "", "", List.of());
    }

    /**
     * What a verdict is based on.
     *
     * @param stop how the fit ended
     * @param drift whether it ended while moving in one direction
     * @param kHat the Pareto shape of the importance weights; negative infinity for constant weights, NaN if unknown
     * @param draws the number of draws behind k-hat
     * @param rejectedDraws how many draws of the approximation could not be evaluated
     * @param unsupportedDraws at how many draws the density is zero
     * @param nonFiniteDraws how many draws are not finite on the user's scale
     * @param fitEvaluations the number of evaluations of the density, those of the examination included
     * @param shift what the importance weights do to means and standard deviations
     * @param heavier what draws from a heavier-tailed proposal say
     * @param chains what Markov chains from the draws say
     * @param elsewhere what starts elsewhere have found
     * @param goalReport what the schedule of the divergence reports, empty if its goal was reached
     * @param findings what was seen of the density itself, and by the algorithm
     */
    public record Diagnostics(
            Stop stop,
            boolean drift,
            double kHat,
            int draws,
            int rejectedDraws,
            int unsupportedDraws,
            int nonFiniteDraws,
            long fitEvaluations,
            Shift shift,
            Heavier heavier,
            Chains chains,
            MissedMode elsewhere,
            String goalReport,
            Findings findings) {}

    /** Copies the list. */
    public Verdict {
        Objects.requireNonNull(level, "level");
        reasons = List.copyOf(reasons);
    }

    /**
     * Weighs the diagnostics.
     *
     * @param diagnostics what is known about the fit
     * @return the verdict
     */
    public static Verdict of(Diagnostics diagnostics) {
        List<Reason> found = new ArrayList<>();
        judgeStop(diagnostics, found);
        judgeDensity(diagnostics.findings(), found);
        judgeWeights(diagnostics, found);
        judgeChains(diagnostics, found);
        judgeDraws(diagnostics, found);
        found.addAll(diagnostics.findings().ofAlgorithm());
        if (!diagnostics.goalReport().isEmpty()) {
            found.add(new Reason(Code.GOAL_NOT_REACHED, Level.REWEIGHT, diagnostics.goalReport()));
        }
        found.sort((a, b) -> b.level().compareTo(a.level()));
        return new Verdict(found.get(0).level(), found);
    }

    private static void judgeStop(Diagnostics diagnostics, List<Reason> found) {
        Stop stop = diagnostics.stop();
        Level broken =
                switch (stop.status()) {
                    case CONVERGED -> Level.GOOD;
                    case MAX_ITERATIONS, EVALUATION_LIMIT, TIME_LIMIT, CANCELLED, STALLED -> Level.REWEIGHT;
                    case DIVERGED, INVALID_MODEL, FAILED -> Level.UNRELIABLE;
                };
        found.add(new Reason(stop.converged() ? Code.CONVERGED : Code.NOT_CONVERGED, broken, stop.reason()));
        if (diagnostics.drift()) {
            found.add(new Reason(
                    Code.DRIFT,
                    Level.UNRELIABLE,
                    "the approximation was still moving in one direction"
                            + (stop.coordinates().isEmpty() ? "" : ": " + String.join(", ", stop.coordinates()))));
        }
    }

    private static void judgeDensity(Findings findings, List<Reason> found) {
        if (!findings.nonDeterminism().isEmpty()) {
            found.add(new Reason(Code.NON_DETERMINISTIC, Level.UNRELIABLE, findings.nonDeterminism()));
        }
        if (!findings.gradient().isEmpty()) {
            found.add(new Reason(Code.WRONG_GRADIENT, Level.UNRELIABLE, findings.gradient()));
        }
    }

    private static void judgeWeights(Diagnostics diagnostics, List<Reason> found) {
        double kHat = diagnostics.kHat();
        if (Double.isNaN(kHat)) {
            found.add(new Reason(
                    Code.K_HAT_UNKNOWN,
                    Level.UNRELIABLE,
                    "the importance weights could not be examined, so that nothing is known about the error"));
            return;
        }
        double usable = ParetoSmoothing.threshold(diagnostics.draws());
        double good = Math.min(GOOD_K_HAT, usable);
        boolean checked = diagnostics.heavier().kHat() < usable;
        Shift shift = checked ? diagnostics.heavier().shift() : diagnostics.shift();
        boolean close = shift.meanBound() <= CLOSE && shift.scaleBound() <= CLOSE;
        if (kHat >= usable && checked && close) {
            found.add(new Reason(
                    Code.K_HAT_HIGH,
                    Level.GOOD,
                    format(
                            "k-hat %.2f is not below %.2f (%d draws), but draws with heavier tails, whose weights"
                                    + " are reliable"
                                    + " (k-hat %.2f), find means and standard deviations right: do not use"
                                    + " importance weights",
                            kHat,
                            usable,
                            diagnostics.draws(),
                            diagnostics.heavier().kHat())));
            return;
        }
        if (kHat >= usable && diagnostics.chains().stay()) {
            found.add(new Reason(
                    Code.K_HAT_HIGH,
                    Level.GOOD,
                    format(
                            "k-hat %.2f is not below %.2f (%d draws): do not use importance weights; but Markov"
                                    + " chains from the"
                                    + " draws find means and standard deviations right",
                            kHat, usable, diagnostics.draws())));
            return;
        }
        if (kHat >= usable) {
            found.add(new Reason(
                    Code.K_HAT_HIGH,
                    Level.UNRELIABLE,
                    format(
                            "k-hat %.2f is not below %.2f (%d draws): the approximation misses parts of the"
                                    + " posterior that"
                                    + " importance weights cannot restore; try a richer family or another"
                                    + " parameterisation",
                            kHat, usable, diagnostics.draws())));
            return;
        }
        if (kHat >= good) {
            found.add(new Reason(
                    Code.K_HAT_MODERATE,
                    close || diagnostics.chains().stay() ? Level.GOOD : Level.REWEIGHT,
                    format("k-hat %.2f is not below %.2f", kHat, good)
                            + (close
                                    ? ", but the weights, which are reliable, change means and standard deviations"
                                            + " little"
                                    : diagnostics.chains().stay()
                                            ? ", but Markov chains from the draws find means and standard"
                                                    + " deviations right"
                                            : ": use the importance weights")));
        } else {
            found.add(new Reason(
                    Code.K_HAT_LOW,
                    Level.GOOD,
                    kHat == Double.NEGATIVE_INFINITY
                            ? "the importance weights are constant"
                            : format("k-hat %.2f is below %.2f", kHat, good)));
        }
        if (shift.mean() > MATERIAL_SHIFT || shift.scale() > MATERIAL_SHIFT) {
            found.add(new Reason(
                    Code.WEIGHTS_MATTER,
                    Level.REWEIGHT,
                    format(
                            "importance weights move a mean by up to %.2f standard deviations and a standard"
                                    + " deviation by up"
                                    + " to %.0f %%",
                            shift.mean(), 100 * shift.scale())));
        }
    }

    private static void judgeChains(Diagnostics diagnostics, List<Reason> found) {
        Chains chains = diagnostics.chains();
        boolean weightsServe =
                diagnostics.kHat() < Math.min(GOOD_K_HAT, ParetoSmoothing.threshold(diagnostics.draws()));
        Level broken = weightsServe && chains.certain() < FAR ? Level.REWEIGHT : Level.UNRELIABLE;
        if (chains.leave()) {
            found.add(new Reason(
                    Code.CHAINS,
                    broken,
                    format(
                            "Markov chains from the draws leave the approximation: %s is off by %.2f, in standard"
                                    + " deviations or"
                                    + " their logarithm",
                            chains.coordinate(), chains.largest())));
        } else if (!chains.unmixed().isEmpty()) {
            found.add(new Reason(
                    Code.CHAINS,
                    broken,
                    "Markov chains from the draws hardly move in " + chains.unmixed()
                            + ": the posterior may have parts that neither they nor the approximation reach"));
        } else if (chains.stay()) {
            found.add(new Reason(
                    Code.CHAINS, Level.GOOD, "Markov chains from the draws stay distributed like the approximation"));
        }
        MissedMode elsewhere = diagnostics.elsewhere();
        if (elsewhere.meanShift() > MATERIAL_ELSEWHERE || elsewhere.widening() > 1 + MATERIAL_ELSEWHERE) {
            found.add(new Reason(
                    Code.ELSEWHERE,
                    Level.UNRELIABLE,
                    format(
                            "starts elsewhere found a part of the posterior that the approximation leaves out, with"
                                    + " about %.0f"
                                    + " %% of the mass; it differs most in %s. Use a mixture, or start there",
                            100 * elsewhere.share(), elsewhere.coordinate())));
        }
    }

    private static void judgeDraws(Diagnostics diagnostics, List<Reason> found) {
        if (diagnostics.rejectedDraws() > 0) {
            found.add(new Reason(
                    Code.REJECTED_DRAWS,
                    diagnostics.rejectedDraws() > MANY_REJECTED * diagnostics.draws()
                            ? Level.UNRELIABLE
                            : Level.REWEIGHT,
                    format(
                            "the density could not be evaluated at %d of %d draws, which are left out: the evidence"
                                    + " lower"
                                    + " bound is too high if the density is small there",
                            diagnostics.rejectedDraws(), diagnostics.draws())));
        }
        if (diagnostics.unsupportedDraws() > 0) {
            found.add(new Reason(
                    Code.SUPPORT_MISMATCH,
                    diagnostics.unsupportedDraws() > MANY_UNSUPPORTED * diagnostics.draws()
                            ? Level.UNRELIABLE
                            : Level.REWEIGHT,
                    format(
                            "the density is zero at %d of %d draws%s, so that the reverse divergence is infinite:"
                                    + " declare the"
                                    + " bounds of the parameters, so that they are transformed",
                            diagnostics.unsupportedDraws(),
                            diagnostics.draws(),
                            diagnostics.findings().unsupportedBy().isEmpty()
                                    ? ""
                                    : ", which differ most from the others in "
                                            + diagnostics.findings().unsupportedBy())));
        }
        if (diagnostics.nonFiniteDraws() > 0) {
            found.add(new Reason(
                    Code.NON_FINITE_DRAWS,
                    Level.UNRELIABLE,
                    format(
                            "%d of %d draws are not finite on the user's scale",
                            diagnostics.nonFiniteDraws(), diagnostics.draws())));
        }
        long rejected = diagnostics.stop().rejectedEvaluations();
        if (rejected > MANY_REJECTED * diagnostics.fitEvaluations()) {
            found.add(new Reason(
                    Code.REJECTED_EVALUATIONS,
                    Level.REWEIGHT,
                    format(
                            "%d of %d evaluations of the density could not be used",
                            rejected, diagnostics.fitEvaluations())));
        }
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }

    /** The level, then one line per reason with its code. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(level.name());
        for (Reason reason : reasons) {
            text.append(System.lineSeparator())
                    .append("  ")
                    .append(reason.code())
                    .append(": ")
                    .append(reason.text());
        }
        return text.toString();
    }
}

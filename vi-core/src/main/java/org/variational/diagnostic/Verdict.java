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
    private static final double MATERIAL_MISSED = 0.25;

    /** The number of independent draws that resampled draws must be worth. */
    public static final int FEWEST_EFFECTIVE_DRAWS = 1600;

    /** The levels of trust, highest first. */
    public enum Level {
        /** The draws can be used as they are. */
        GOOD,
        /**
         * The draws can be used as they are: the library has chosen them by their importance weights, which are reliable.
         */
        REWEIGHTED,
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
        /** Markov chains and the search for missed modes have not looked at the answer, or not to their end. */
        NOT_EXAMINED,
        /** The search for missed modes has found a part of the posterior that the approximation does not know of. */
        MISSED_MODE,
        /** Importance weights move a mean or a standard deviation materially. */
        WEIGHTS_MATTER,
        /** The draws would have to be chosen by their importance weights, which do not serve. */
        WEIGHTS_UNUSABLE,
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
     * @param text the finding in a sentence, without a full stop
     * @param remedy what to do about it, without a full stop; empty if there is nothing to be done, or the text says it
     */
    public record Reason(Code code, Level level, String text, String remedy) {

        /** A finding without a remedy of its own. */
        public Reason(Code code, Level level, String text) {
            this(code, level, text, "");
        }

        /** The code, the finding, and what to do. */
        @Override
        public String toString() {
            return code + ": " + text + (remedy.isEmpty() ? "" : "; " + remedy);
        }
    }

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
     * @param unmixed a coordinate that is correlated over the chains with its place some transitions earlier, so that they
     *     say little about it; or empty
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
    public record Findings(String nonDeterminism, String gradient, String unsupportedBy, List<Reason> ofAlgorithm) {

        /** Nothing was found. */
        public static final Findings NONE = new Findings("", "", "", List.of());
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
     */
    public record Weights(
            double kHat, int draws, double effectiveSampleSize, Shift shift, Heavier heavier, List<String> worst) {

        /** Nothing is known. */
        public static final Weights UNKNOWN = new Weights(Double.NaN, 0, 0, Shift.UNKNOWN, Heavier.UNKNOWN, List.of());

        /** Copies the list. */
        public Weights {
            worst = List.copyOf(worst);
        }

        private double usable() {
            return ParetoSmoothing.threshold(draws);
        }

        private boolean areReliable() {
            return kHat < usable();
        }

        private boolean areGood() {
            return kHat < Math.min(GOOD_K_HAT, usable());
        }

        private String where() {
            return worst.isEmpty() ? "" : ", most of all in " + String.join(", ", worst);
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

    /**
     * What a verdict is based on.
     *
     * @param stop how the fit ended
     * @param drift whether it ended while moving in one direction
     * @param weights what the importance weights of the draws say
     * @param counts how many draws and evaluations could not be used
     * @param chains what Markov chains from the draws say
     * @param missedMode what the search for missed modes has found
     * @param goalReport what the schedule of the divergence reports, empty if its goal was reached
     * @param findings what was seen of the density itself, and by the algorithm
     */
    public record Diagnostics(
            Stop stop,
            boolean drift,
            Weights weights,
            Counts counts,
            Chains chains,
            MissedMode missedMode,
            String goalReport,
            Findings findings) {

        /** The same after another end. */
        public Diagnostics with(Stop end) {
            return new Diagnostics(end, drift, weights, counts, chains, missedMode, goalReport, findings);
        }

        /** The same with other weights and counts, those of more draws. */
        public Diagnostics with(Weights ofMore, Counts countsOfMore) {
            return new Diagnostics(stop, drift, ofMore, countsOfMore, chains, missedMode, goalReport, findings);
        }
    }

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
        List<Reason> found = found(diagnostics);
        if (lowest(found) == Level.REWEIGHTED) {
            judgeReweighting(diagnostics.weights(), found);
        }
        found.sort((a, b) -> b.level().compareTo(a.level()));
        return new Verdict(lowest(found), found);
    }

    /** Whether the draws are to be chosen by their importance weights, if these are worth enough. */
    public static boolean needsWeights(Diagnostics diagnostics) {
        return diagnostics.weights().areReliable() && lowest(found(diagnostics)) == Level.REWEIGHTED;
    }

    private static List<Reason> found(Diagnostics diagnostics) {
        List<Reason> found = new ArrayList<>();
        judgeDensity(diagnostics.findings(), found);
        judgeStop(diagnostics, found);
        judgeWeights(diagnostics, found);
        judgeChains(diagnostics, found);
        judgeCounts(diagnostics, found);
        found.addAll(diagnostics.findings().ofAlgorithm());
        if (!diagnostics.goalReport().isEmpty()) {
            found.add(new Reason(Code.GOAL_NOT_REACHED, Level.REWEIGHTED, diagnostics.goalReport()));
        }
        return found;
    }

    private static Level lowest(List<Reason> found) {
        return found.stream().map(Reason::level).max(Level::compareTo).orElseThrow();
    }

    private static void judgeDensity(Findings findings, List<Reason> found) {
        if (!findings.nonDeterminism().isEmpty()) {
            found.add(new Reason(Code.NON_DETERMINISTIC, Level.UNRELIABLE, findings.nonDeterminism()));
        }
        if (!findings.gradient().isEmpty()) {
            found.add(new Reason(Code.WRONG_GRADIENT, Level.UNRELIABLE, findings.gradient()));
        }
    }

    private static void judgeStop(Diagnostics diagnostics, List<Reason> found) {
        Stop stop = diagnostics.stop();
        Level broken =
                switch (stop.status()) {
                    case CONVERGED -> Level.GOOD;
                    case MAX_ITERATIONS, EVALUATION_LIMIT, TIME_LIMIT, CANCELLED, STALLED -> Level.REWEIGHTED;
                    case DIVERGED, INVALID_MODEL, FAILED -> Level.UNRELIABLE;
                };
        String remedy =
                switch (stop.status()) {
                    case MAX_ITERATIONS -> "allow more iterations with maxIterations(...)";
                    case EVALUATION_LIMIT -> "allow more evaluations with evaluationBudget(...)";
                    case TIME_LIMIT -> "allow more time with timeLimit(...)";
                    case CANCELLED -> "let the fit come to its end";
                    default -> "";
                };
        found.add(new Reason(stop.converged() ? Code.CONVERGED : Code.NOT_CONVERGED, broken, stop.reason(), remedy));
        if (diagnostics.drift()) {
            found.add(new Reason(
                    Code.DRIFT,
                    Level.UNRELIABLE,
                    "the approximation was still moving in one direction"
                            + (stop.coordinates().isEmpty() ? "" : ": " + String.join(", ", stop.coordinates())),
                    "run it longer; if it keeps moving, the posterior may be improper there: give the parameter a proper"
                            + " prior"));
        }
    }

    private static void judgeWeights(Diagnostics diagnostics, List<Reason> found) {
        Weights weights = diagnostics.weights();
        double kHat = weights.kHat();
        if (Double.isNaN(kHat)) {
            found.add(new Reason(
                    Code.K_HAT_UNKNOWN,
                    Level.UNRELIABLE,
                    "the importance weights could not be examined, so that nothing is known about the error"));
            return;
        }
        double usable = weights.usable();
        boolean checked = weights.heavier().kHat() < usable;
        Shift shift = checked ? weights.heavier().shift() : weights.shift();
        boolean close = shift.meanBound() <= CLOSE && shift.scaleBound() <= CLOSE;
        boolean stay = diagnostics.chains().stay();
        if (!weights.areReliable()) {
            String high = format("k-hat is %.2f, where importance weights need less than %.2f", kHat, usable);
            if (checked && close) {
                found.add(new Reason(
                        Code.K_HAT_HIGH,
                        Level.GOOD,
                        high
                                + format(
                                        "; but draws with heavier tails, whose weights are reliable (k-hat %.2f), find"
                                                + " means and standard deviations right",
                                        weights.heavier().kHat())));
            } else if (stay) {
                found.add(new Reason(
                        Code.K_HAT_HIGH,
                        Level.GOOD,
                        high + "; but Markov chains from the draws find means and standard deviations right"));
            } else {
                found.add(new Reason(
                        Code.K_HAT_HIGH,
                        Level.UNRELIABLE,
                        format(
                                "the approximation misses parts of the posterior that importance weights cannot restore"
                                        + " (k-hat %.2f, where less than %.2f is needed)%s",
                                kHat, usable, weights.where()),
                        "try a richer family, or another parameterisation"
                                + (weights.worst().isEmpty()
                                        ? ""
                                        : " of " + weights.worst().get(0))));
            }
            return;
        }
        if (weights.areGood()) {
            found.add(new Reason(
                    Code.K_HAT_LOW,
                    Level.GOOD,
                    kHat == Double.NEGATIVE_INFINITY
                            ? "the importance weights are constant"
                            : format("k-hat is %.2f: the importance weights are reliable", kHat)));
        } else {
            found.add(new Reason(
                    Code.K_HAT_MODERATE,
                    close || stay ? Level.GOOD : Level.REWEIGHTED,
                    format("k-hat is %.2f", kHat)
                            + (close
                                    ? ": the importance weights, which are reliable, change means and standard"
                                            + " deviations little"
                                    : stay
                                            ? "; but Markov chains from the draws find means and standard deviations"
                                                    + " right"
                                            : ": the draws need their importance weights, which are reliable")));
        }
        if (shift.mean() > MATERIAL_SHIFT || shift.scale() > MATERIAL_SHIFT) {
            found.add(new Reason(
                    Code.WEIGHTS_MATTER,
                    Level.REWEIGHTED,
                    format(
                            "importance weights move a mean by up to %.2f standard deviations and a standard deviation by"
                                    + " up to %.0f %%",
                            shift.mean(), 100 * shift.scale())));
        }
    }

    /** Draws that are to be chosen by their weights need weights that are reliable, and worth enough. */
    private static void judgeReweighting(Weights weights, List<Reason> found) {
        if (!weights.areReliable()) {
            found.add(new Reason(
                    Code.WEIGHTS_UNUSABLE,
                    Level.UNRELIABLE,
                    format(
                            "the draws would have to be chosen by importance weights, which are not reliable (k-hat %.2f,"
                                    + " where less than %.2f is needed)%s",
                            weights.kHat(), weights.usable(), weights.where()),
                    "remove what speaks against the draws as they are, or try a richer family"));
        } else if (weights.effectiveSampleSize() < FEWEST_EFFECTIVE_DRAWS) {
            found.add(new Reason(
                    Code.WEIGHTS_UNUSABLE,
                    Level.UNRELIABLE,
                    format(
                            "the draws would have to be chosen by importance weights, which leave %,d draws worth only"
                                    + " %,.0f independent ones; %,d are needed%s",
                            weights.draws(), weights.effectiveSampleSize(), FEWEST_EFFECTIVE_DRAWS, weights.where()),
                    "try a richer family, or another parameterisation"));
        }
    }

    private static void judgeChains(Diagnostics diagnostics, List<Reason> found) {
        Chains chains = diagnostics.chains();
        boolean weightsServe = diagnostics.weights().areGood();
        Level broken = weightsServe && chains.certain() < FAR ? Level.REWEIGHTED : Level.UNRELIABLE;
        if (chains.leave()) {
            found.add(new Reason(
                    Code.CHAINS,
                    broken,
                    format(
                            "Markov chains from the draws leave the approximation: %s is off by %.2f standard deviations,"
                                    + " or its standard deviation by a factor of %.2f",
                            chains.coordinate(), chains.largest(), Math.exp(chains.largest())),
                    "try a richer family, or another parameterisation of " + chains.coordinate()));
        } else if (!chains.unmixed().isEmpty()) {
            found.add(new Reason(
                    Code.CHAINS,
                    broken,
                    "Markov chains from the draws hardly move in " + chains.unmixed()
                            + ": the posterior may have parts that neither they nor the approximation reach",
                    "try another parameterisation of " + chains.unmixed() + ", such as a non-centred one"));
        } else if (chains.stay()) {
            found.add(new Reason(
                    Code.CHAINS, Level.GOOD, "Markov chains from the draws stay distributed like the approximation"));
        }
        MissedMode missed = diagnostics.missedMode();
        if (missed.meanShift() > MATERIAL_MISSED || missed.widening() > 1 + MATERIAL_MISSED) {
            found.add(new Reason(
                    Code.MISSED_MODE,
                    Level.UNRELIABLE,
                    format(
                            "the approximation leaves out a part of the posterior with about %.0f %% of its mass, which"
                                    + " differs most in %s",
                            100 * missed.share(), missed.coordinate()),
                    "use a mixture, or start there"));
        }
    }

    private static void judgeCounts(Diagnostics diagnostics, List<Reason> found) {
        Counts counts = diagnostics.counts();
        if (counts.rejected() > 0) {
            found.add(new Reason(
                    Code.REJECTED_DRAWS,
                    counts.rejected() > MANY_REJECTED * counts.draws() ? Level.UNRELIABLE : Level.REWEIGHTED,
                    format(
                            "the density could not be evaluated at %d of %d draws, which are left out: the evidence lower"
                                    + " bound is too high if the density is small there",
                            counts.rejected(), counts.draws()),
                    "look for divisions, logarithms and roots that fail there"));
        }
        if (counts.unsupported() > 0) {
            String by = diagnostics.findings().unsupportedBy();
            found.add(new Reason(
                    Code.SUPPORT_MISMATCH,
                    counts.unsupported() > MANY_UNSUPPORTED * counts.draws() ? Level.UNRELIABLE : Level.REWEIGHTED,
                    format(
                            "the density is zero at %d of %d draws%s, so that the reverse divergence is infinite",
                            counts.unsupported(),
                            counts.draws(),
                            by.isEmpty() ? "" : ", which differ most from the others in " + by),
                    "declare the bounds of " + (by.isEmpty() ? "the parameters" : by)
                            + ", so that the library transforms it"));
        }
        if (counts.nonFinite() > 0) {
            found.add(new Reason(
                    Code.NON_FINITE_DRAWS,
                    Level.UNRELIABLE,
                    format("%d of %d draws are not finite on the user's scale", counts.nonFinite(), counts.draws()),
                    "look at the transforms and derived values of the declaration"));
        }
        long rejected = diagnostics.stop().rejectedEvaluations();
        if (rejected > MANY_REJECTED * counts.evaluations()) {
            found.add(new Reason(
                    Code.REJECTED_EVALUATIONS,
                    Level.REWEIGHTED,
                    format("%d of %d evaluations of the density could not be used", rejected, counts.evaluations()),
                    "look for divisions, logarithms and roots that fail"));
        }
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }

    /**
     * Whether the draws may be used, in a sentence: the level, what it means, and for {@link Level#UNRELIABLE} the
     * gravest finding.
     */
    public String headline() {
        return switch (level) {
            case GOOD -> "GOOD. You can use the draws as they are.";
            case REWEIGHTED ->
                "REWEIGHTED. You can use the draws as they are: they have been chosen by their importance weights.";
            case UNRELIABLE ->
                "UNRELIABLE. Do not use the draws: " + reasons.get(0).text() + ".";
        };
    }

    /** What to do, in a sentence. */
    public String advice() {
        if (level != Level.UNRELIABLE) {
            return "Nothing needs to be done.";
        }
        return reasons.stream()
                .filter(reason ->
                        reason.level() == Level.UNRELIABLE && !reason.remedy().isEmpty())
                .findFirst()
                .or(() -> reasons.stream()
                        .filter(reason -> !reason.remedy().isEmpty())
                        .findFirst())
                .map(reason -> Character.toUpperCase(reason.remedy().charAt(0))
                        + reason.remedy().substring(1) + ".")
                .orElse("The finding says what is wrong; Models.diagnose(model) looks for its cause.");
    }

    /** All findings, gravest first: the level, then a line each with its code, the finding and what to do. */
    public String explain() {
        StringBuilder text = new StringBuilder(level.name());
        for (Reason reason : reasons) {
            text.append(System.lineSeparator()).append("  ").append(reason);
        }
        return text.toString();
    }

    /** The {@link #headline()}. */
    @Override
    public String toString() {
        return headline();
    }
}

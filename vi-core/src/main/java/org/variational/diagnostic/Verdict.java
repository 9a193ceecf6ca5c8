package org.variational.diagnostic;

import java.util.List;
import java.util.Objects;

/**
 * How far a fit can be trusted, with what was found.
 *
 * <p>{@link Level#GOOD} is given only if the stopping test was passed and nothing speaks against the answer. Every
 * finding that does lowers the level to the one it carries; the verdict is the lowest.
 *
 * @param level the verdict
 * @param findings the findings, gravest first; for a good fit, what speaks for it
 */
public record Verdict(Level level, List<Finding> findings) {

    /** k-hat below which the weights have a finite variance, and draws serve without them. */
    public static final double GOOD_K_HAT = 0.5;

    /** The number of independent draws that resampled draws must be worth. */
    public static final int FEWEST_EFFECTIVE_DRAWS = 1600;

    /** The levels of trust, highest first. */
    public enum Level {
        /** The draws can be used as they are. */
        GOOD,
        /**
         * The draws can be used as they are: the library has chosen them by their importance weights, which are
         * reliable.
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
        /** Modes were searched for before the fit; what such a search can know. */
        MODES_SEARCHED,
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
    public record Finding(Code code, Level level, String text, String remedy) {

        /** A finding without a remedy of its own. */
        public Finding(Code code, Level level, String text) {
            this(code, level, text, "");
        }

        /** The text up to the first semicolon, behind which details stand. */
        String brief() {
            int end = text.indexOf("; ");
            return end < 0 ? text : text.substring(0, end);
        }

        /** The code, the finding, and what to do. */
        @Override
        public String toString() {
            return code + ": " + text + (remedy.isEmpty() ? "" : "; " + remedy);
        }
    }

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there is no finding
     */
    public Verdict {
        Objects.requireNonNull(level, "level");
        if (findings.isEmpty()) {
            throw new IllegalArgumentException("a verdict needs at least one finding");
        }
        findings = List.copyOf(findings);
    }

    /**
     * Weighs what is known about a fit.
     *
     * @param diagnostics what is known
     */
    public static Verdict of(FitDiagnostics diagnostics) {
        return Judgement.of(diagnostics);
    }

    /**
     * Weighs what is known once draws have been drawn on because they {@linkplain #needsWeights need their weights}.
     *
     * @param diagnostics what is known, with the weights of all draws
     */
    public static Verdict afterDrawingOn(FitDiagnostics diagnostics) {
        return Judgement.afterDrawingOn(diagnostics);
    }

    /** Whether the draws are to be chosen by their importance weights, if these are worth enough. */
    public static boolean needsWeights(FitDiagnostics diagnostics) {
        return Judgement.needsWeights(diagnostics);
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
                "UNRELIABLE. Do not use the draws: " + findings.get(0).brief() + ".";
        };
    }

    /**
     * What to do, in a sentence or two: the remedy of the gravest finding; where the draws can be used, what you should
     * know nevertheless.
     */
    public String advice() {
        if (level == Level.UNRELIABLE) {
            String remedy = findings.get(0).remedy();
            return remedy.isEmpty()
                    ? "Models.diagnose(model) looks for the cause in the model."
                    : Character.toUpperCase(remedy.charAt(0)) + remedy.substring(1) + ".";
        }
        return findings.stream()
                .filter(finding ->
                        finding.level() == Level.REWEIGHTED && !finding.remedy().isEmpty())
                .findFirst()
                .map(finding -> "But know that " + finding.brief() + ". To change that, " + finding.remedy() + ".")
                .orElse("Nothing needs to be done.");
    }

    /** All findings, gravest first: the level, then a line each with its code, the finding and what to do. */
    public String explain() {
        StringBuilder text = new StringBuilder(level.name());
        for (Finding finding : findings) {
            text.append(System.lineSeparator()).append("  ").append(finding);
        }
        return text.toString();
    }

    /** The {@link #headline()}. */
    @Override
    public String toString() {
        return headline();
    }
}

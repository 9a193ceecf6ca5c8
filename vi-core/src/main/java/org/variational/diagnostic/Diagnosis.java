package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What an examination of a model or a density found before any fit, stage by stage.
 *
 * <p>A {@link Level#FAIL} says that a fit cannot succeed, or that its answer would be wrong; a {@link Level#WARN} that
 * it may be hard, or that the declaration looks like a slip. A stage that passed was looked at in the points and
 * coordinates its note states, and nowhere else.
 *
 * @param subject the name of the model or density
 * @param stages the stages, in the order in which they were made
 * @param evaluations the points at which the density was evaluated
 */
public record Diagnosis(String subject, List<Stage> stages, long evaluations) {

    /** How a stage ended, from best to worst. */
    public enum Level {
        /** Nothing was found. */
        PASS,
        /** The stage was not made, for the reason its note gives. */
        SKIPPED,
        /** Something that may make the fit hard, or that looks like a slip. */
        WARN,
        /** Something with which a fit cannot succeed, or would give a wrong answer. */
        FAIL
    }

    /** What a stage looks at. */
    public enum Check {
        /** Whether the log density is finite where a fit starts. */
        FINITE_DENSITY,
        /** Whether the gradient is finite where the log density is. */
        FINITE_GRADIENT,
        /** Whether the same point gives the same numbers twice. */
        DETERMINISM,
        /** Whether a point gives the same numbers in a batch and alone. */
        LANES,
        /** Whether the gradient is that of the values. */
        GRADIENT,
        /** Whether the transforms and their Jacobians are right. */
        TRANSFORMS,
        /** How the density bends and how far it reaches along the coordinates and their worst combinations. */
        SCALES,
        /** Whether the data are used and vary. */
        DATA
    }

    /** What was found, for programs. */
    public enum Code {
        /** The density threw an exception. */
        EXCEPTION,
        /** The log density is NaN. */
        NAN_DENSITY,
        /** The log density is {@code +Infinity}. */
        INFINITE_DENSITY,
        /** The density is zero. */
        ZERO_DENSITY,
        /** A gradient entry is not finite where the log density is. */
        NON_FINITE_GRADIENT,
        /** Two evaluations of the same point differ. */
        NON_DETERMINISTIC,
        /** The density changed the points it was given. */
        CHANGES_POINTS,
        /** A point alone gives other numbers than in a batch, or with other numbers when the gradient is asked for. */
        LANES_DISAGREE,
        /** A gradient entry is not the slope of the log density. */
        WRONG_GRADIENT,
        /** The inverse of a transform does not lead back. */
        ROUND_TRIP,
        /** A log-Jacobian is not that of its transform. */
        WRONG_JACOBIAN,
        /** A value on the user's scale, or a log-Jacobian, is not a number. */
        NON_FINITE_TRANSFORM,
        /** The density does not depend on a parameter at all. */
        NO_INFLUENCE,
        /** The density does not fall however far one goes in some direction. */
        IMPROPER,
        /** A standard deviation is very small or very large. */
        EXTREME_SCALE,
        /** The largest standard deviation is very large compared with the smallest. */
        SCALE_RATIO,
        /** Parameters are so strongly correlated that their combination is hardly determined. */
        STRONG_CORRELATION,
        /** Declared data are not used. */
        UNUSED_DATA,
        /** All observed values are equal. */
        CONSTANT_OBSERVATION,
        /** A column of predictors is zero, or a multiple of another. */
        REDUNDANT_COLUMN
    }

    /**
     * One thing found.
     *
     * @param code what
     * @param level how bad
     * @param parameters the parameters, coordinates or data at fault, worst first; empty if none can be named
     * @param point the D coordinates at which it was seen; empty if it belongs to no point
     * @param text the finding in a sentence, with what to do
     */
    public record Finding(Code code, Level level, List<String> parameters, List<Double> point, String text) {

        /** Copies the lists. */
        public Finding {
            parameters = List.copyOf(parameters);
            point = List.copyOf(point);
        }
    }

    /**
     * One stage.
     *
     * @param check what was looked at
     * @param note how much was looked at and what was seen, or why nothing was
     * @param made whether the stage was made
     * @param findings what was found, gravest first
     */
    public record Stage(Check check, String note, boolean made, List<Finding> findings) {

        /** Sorts and copies the findings. */
        public Stage {
            List<Finding> sorted = new ArrayList<>(findings);
            sorted.sort(Comparator.comparing(Finding::level).reversed());
            findings = List.copyOf(sorted);
        }

        /**
         * The gravest finding's level; without findings {@link Level#PASS}, or {@link Level#SKIPPED} if it was not
         * made.
         */
        public Level level() {
            return findings.isEmpty()
                    ? (made ? Level.PASS : Level.SKIPPED)
                    : findings.get(0).level();
        }
    }

    /** Copies the stages. */
    public Diagnosis {
        stages = List.copyOf(stages);
    }

    /** The worst level of any stage; a stage that was not made counts as passed. */
    public Level level() {
        return findings().stream()
                .map(Finding::level)
                .max(Comparator.naturalOrder())
                .orElse(Level.PASS);
    }

    /** Whether nothing was found. */
    public boolean healthy() {
        return level() == Level.PASS;
    }

    /** The stage of a check. */
    public Optional<Stage> stage(Check check) {
        return stages.stream().filter(stage -> stage.check() == check).findFirst();
    }

    /** All findings, in order of stages. */
    public List<Finding> findings() {
        return stages.stream().flatMap(stage -> stage.findings().stream()).toList();
    }

    /** The findings of one kind. */
    public List<Finding> findings(Code code) {
        return findings().stream().filter(finding -> finding.code() == code).toList();
    }

    /** A line per stage, its findings below. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "%s: %s (%d evaluations)", subject, level(), evaluations));
        for (Stage stage : stages) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n  %-7s %-15s %s",
                    stage.level(),
                    stage.check().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    stage.note()));
            for (Finding finding : stage.findings()) {
                text.append(String.format(
                        Locale.ROOT, "%n          %s %s: %s", finding.level(), finding.code(), finding.text()));
            }
        }
        return text.toString();
    }
}

package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.variational.diagnostic.FitDiagnostics.Chains;
import org.variational.diagnostic.FitDiagnostics.Counts;
import org.variational.diagnostic.FitDiagnostics.MissedMode;
import org.variational.diagnostic.FitDiagnostics.Observed;
import org.variational.diagnostic.FitDiagnostics.Shift;
import org.variational.diagnostic.FitDiagnostics.Weights;
import org.variational.diagnostic.Verdict.Code;
import org.variational.diagnostic.Verdict.Finding;
import org.variational.diagnostic.Verdict.Level;
import org.variational.weights.ParetoSmoothing;

/** The rules by which what is known about a fit becomes a verdict. */
final class Judgement {

    /** The fraction of unusable draws above which the answer leaves out too much. */
    private static final double MANY_REJECTED = 0.01;

    /** The fraction of draws outside the support above which weights cannot mend the answer. */
    private static final double MANY_UNSUPPORTED = 0.01;

    /** The shift by importance weights, in standard deviations or relative to one, that matters. */
    private static final double MATERIAL_SHIFT = 0.1;

    /** The same where weights alone judge the draws: they are at hand, and mend what they show. */
    private static final double MATERIAL_TO_WEIGHTS_ALONE = 0.03;

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

    /** Draws that are worth so large a part of their number are enough, however few they are. */
    private static final double NEARLY_ALL = 0.95;

    private Judgement() {}

    /** The verdict: the lowest level that any finding allows. */
    static Verdict of(FitDiagnostics diagnostics) {
        List<Finding> found = found(diagnostics);
        if (lowest(found) == Level.REWEIGHTED) {
            judgeReweighting(diagnostics.weights(), found);
        }
        found.sort((a, b) -> b.level().compareTo(a.level()));
        return new Verdict(lowest(found), found);
    }

    /**
     * The verdict once draws whose weights are needed have been drawn on: weights that mattered and turn out not to be
     * reliable are a finding, whatever else speaks for the draws.
     */
    static Verdict afterDrawingOn(FitDiagnostics diagnostics) {
        Weights weights = diagnostics.weights();
        Verdict verdict = of(diagnostics);
        if (verdict.level() != Level.GOOD || areReliable(weights)) {
            return verdict;
        }
        List<Finding> found = new ArrayList<>(verdict.findings());
        found.add(
                0,
                new Finding(
                        Code.WEIGHTS_UNUSABLE,
                        Level.UNRELIABLE,
                        "the draws need importance weights, which more draws show not to be reliable ("
                                + against(weights.kHat(), usable(weights)) + ")" + where(weights),
                        "try a richer family, or another parameterisation"));
        return new Verdict(Level.UNRELIABLE, found);
    }

    /** Whether the draws are to be chosen by their importance weights, if these are worth enough. */
    static boolean needsWeights(FitDiagnostics diagnostics) {
        return areReliable(diagnostics.weights()) && lowest(found(diagnostics)) == Level.REWEIGHTED;
    }

    private static List<Finding> found(FitDiagnostics diagnostics) {
        List<Finding> found = new ArrayList<>();
        judgeDensity(diagnostics.observed(), found);
        judgeStop(diagnostics, found);
        found.addAll(diagnostics.observed().ofAlgorithm());
        judgeWeights(diagnostics, found);
        judgeChains(diagnostics, found);
        judgeCounts(diagnostics, found);
        if (!diagnostics.goalReport().isEmpty()) {
            found.add(new Finding(Code.GOAL_NOT_REACHED, Level.REWEIGHTED, diagnostics.goalReport()));
        }
        return found;
    }

    private static Level lowest(List<Finding> found) {
        return found.stream().map(Finding::level).max(Level::compareTo).orElseThrow();
    }

    private static void judgeDensity(Observed observed, List<Finding> found) {
        if (!observed.nonDeterminism().isEmpty()) {
            found.add(new Finding(
                    Code.NON_DETERMINISTIC,
                    Level.UNRELIABLE,
                    observed.nonDeterminism(),
                    "let the density depend on nothing but the point"));
        }
        if (!observed.gradient().isEmpty()) {
            found.add(new Finding(
                    Code.WRONG_GRADIENT,
                    Level.UNRELIABLE,
                    observed.gradient(),
                    "GradientCheck compares the gradient at other points"));
        }
    }

    private static void judgeStop(FitDiagnostics diagnostics, List<Finding> found) {
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
        found.add(new Finding(stop.converged() ? Code.CONVERGED : Code.NOT_CONVERGED, broken, stop.reason(), remedy));
        if (diagnostics.drift()) {
            found.add(new Finding(
                    Code.DRIFT,
                    Level.UNRELIABLE,
                    "the approximation was still moving in one direction"
                            + (stop.coordinates().isEmpty() ? "" : ": " + String.join(", ", stop.coordinates())),
                    "run it longer; if it keeps moving, the posterior may be improper there: give the parameter a"
                            + " proper prior"));
        }
    }

    private static void judgeWeights(FitDiagnostics diagnostics, List<Finding> found) {
        Weights weights = diagnostics.weights();
        double kHat = weights.kHat();
        if (Double.isNaN(kHat)) {
            found.add(new Finding(
                    Code.K_HAT_UNKNOWN,
                    Level.UNRELIABLE,
                    "the importance weights could not be examined, so that nothing is known about the error",
                    "look at the findings on the density"));
            return;
        }
        double usable = usable(weights);
        boolean checked = weights.heavier().kHat() < usable;
        Shift shift = checked ? weights.heavier().shift() : weights.shift();
        boolean close = shift.meanBound() <= CLOSE && shift.scaleBound() <= CLOSE;
        boolean stay = stay(diagnostics.chains());
        if (!areReliable(weights)) {
            String high = format("k-hat is %.2f, where importance weights need less than %.2f", kHat, usable);
            if (checked && close) {
                found.add(new Finding(
                        Code.K_HAT_HIGH,
                        Level.GOOD,
                        high
                                + format(
                                        "; but draws with heavier tails, whose weights are reliable (k-hat %.2f), find"
                                                + " means and standard deviations right",
                                        weights.heavier().kHat())));
            } else if (stay) {
                found.add(new Finding(
                        Code.K_HAT_HIGH,
                        Level.GOOD,
                        high + "; but Markov chains from the draws find means and standard deviations right"));
            } else {
                found.add(new Finding(
                        Code.K_HAT_HIGH,
                        Level.UNRELIABLE,
                        format(
                                "the approximation misses parts of the posterior that importance weights cannot restore"
                                        + " (%s)%s",
                                against(kHat, usable), where(weights)),
                        "try a richer family, or another parameterisation"
                                + (weights.worst().isEmpty()
                                        ? ""
                                        : " of " + weights.worst().get(0))));
            }
            return;
        }
        if (areGood(weights)) {
            found.add(new Finding(
                    Code.K_HAT_LOW,
                    Level.GOOD,
                    kHat == Double.NEGATIVE_INFINITY
                            ? "the importance weights are constant"
                            : weights.areNearlyConstant()
                                    ? "the importance weights are nearly constant"
                                    : format(
                                            "the importance weights are reliable: k-hat is %.2f, and %,d draws are"
                                                    + " worth %,.0f",
                                            kHat, weights.draws(), weights.effectiveSampleSize())));
        } else {
            found.add(new Finding(
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
        double material = weights.alone() && !weights.areNearlyConstant() ? MATERIAL_TO_WEIGHTS_ALONE : MATERIAL_SHIFT;
        if (shift.mean() > material || shift.scale() > material) {
            found.add(new Finding(
                    Code.WEIGHTS_MATTER,
                    Level.REWEIGHTED,
                    format(
                            "importance weights move a mean by up to %.2f standard deviations and a standard"
                                    + " deviation by up to %.0f %%",
                            shift.mean(), 100 * shift.scale())));
        }
    }

    /** Draws that are to be chosen by their weights need weights that are reliable, and worth enough. */
    private static void judgeReweighting(Weights weights, List<Finding> found) {
        Finding cause = found.stream()
                .filter(finding -> finding.level() == Level.REWEIGHTED)
                .findFirst()
                .orElseThrow();
        String remedy = cause.remedy().isEmpty() ? "try a richer family, or another parameterisation" : cause.remedy();
        int needed = Math.min(Verdict.FEWEST_EFFECTIVE_DRAWS, (int) (NEARLY_ALL * weights.draws()));
        if (!areReliable(weights)) {
            found.add(new Finding(
                    Code.WEIGHTS_UNUSABLE,
                    Level.UNRELIABLE,
                    cause.brief() + ", and importance weights cannot mend the draws ("
                            + against(weights.kHat(), usable(weights)) + ")" + where(weights),
                    remedy));
        } else if (weights.effectiveSampleSize() < needed) {
            found.add(new Finding(
                    Code.WEIGHTS_UNUSABLE,
                    Level.UNRELIABLE,
                    cause.brief()
                            + format(
                                    ", and with importance weights %,d draws are worth only %,.0f independent ones,"
                                            + " where %,d are needed%s",
                                    weights.draws(), weights.effectiveSampleSize(), needed, where(weights)),
                    remedy));
        }
    }

    /** Two numbers that differ where they are shown. */
    private static String against(double kHat, double usable) {
        String pattern = "k-hat %.2f, where less than %.2f is needed";
        return format(
                format("%.2f", kHat).equals(format("%.2f", usable)) ? pattern.replace(".2f", ".4f") : pattern,
                kHat,
                usable);
    }

    private static void judgeChains(FitDiagnostics diagnostics, List<Finding> found) {
        Chains chains = diagnostics.chains();
        boolean weightsServe = areGood(diagnostics.weights());
        Level broken = weightsServe && chains.certain() < FAR ? Level.REWEIGHTED : Level.UNRELIABLE;
        if (leave(chains)) {
            found.add(new Finding(
                    Code.CHAINS,
                    broken,
                    format(
                            "Markov chains from the draws leave the approximation: %s is off by %.2f standard"
                                    + " deviations, or its standard deviation by a factor of %.2f",
                            chains.coordinate(), chains.largest(), Math.exp(chains.largest())),
                    "try a richer family, or another parameterisation of " + chains.coordinate()));
        } else if (!chains.unmixed().isEmpty()) {
            found.add(new Finding(
                    Code.CHAINS,
                    broken,
                    "Markov chains from the draws hardly move in " + chains.unmixed()
                            + ": the posterior may have parts that neither they nor the approximation reach",
                    "try another parameterisation of " + chains.unmixed() + ", such as a non-centred one"));
        } else if (stay(chains)) {
            found.add(new Finding(
                    Code.CHAINS, Level.GOOD, "Markov chains from the draws stay distributed like the approximation"));
        }
        MissedMode missed = diagnostics.missedMode();
        if (missed.meanShift() > MATERIAL_MISSED || missed.widening() > 1 + MATERIAL_MISSED) {
            found.add(new Finding(
                    Code.MISSED_MODE,
                    Level.UNRELIABLE,
                    format(
                            "the approximation leaves out a part of the posterior with about %.0f %% of its mass, which"
                                    + " differs most in %s",
                            100 * missed.share(), missed.coordinate()),
                    "use a mixture, or start there"));
        }
    }

    private static void judgeCounts(FitDiagnostics diagnostics, List<Finding> found) {
        Counts counts = diagnostics.counts();
        if (counts.rejected() > 0) {
            found.add(new Finding(
                    Code.REJECTED_DRAWS,
                    counts.rejected() > MANY_REJECTED * counts.draws() ? Level.UNRELIABLE : Level.REWEIGHTED,
                    format(
                            "the density could not be evaluated at %d of %d draws, which are left out: the evidence"
                                    + " lower bound is too high if the density is small there",
                            counts.rejected(), counts.draws()),
                    "look for divisions, logarithms and roots that fail there"));
        }
        if (counts.unsupported() > 0) {
            String by = diagnostics.observed().unsupportedBy();
            found.add(new Finding(
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
            found.add(new Finding(
                    Code.NON_FINITE_DRAWS,
                    Level.UNRELIABLE,
                    format("%d of %d draws are not finite on the user's scale", counts.nonFinite(), counts.draws()),
                    "look at the transforms and derived values of the declaration"));
        }
        long rejected = diagnostics.stop().rejectedEvaluations();
        if (rejected > MANY_REJECTED * counts.evaluations()) {
            found.add(new Finding(
                    Code.REJECTED_EVALUATIONS,
                    Level.REWEIGHTED,
                    format("%d of %d evaluations of the density could not be used", rejected, counts.evaluations()),
                    "look for divisions, logarithms and roots that fail"));
        }
    }

    private static double usable(Weights weights) {
        return ParetoSmoothing.threshold(weights.draws());
    }

    private static boolean areReliable(Weights weights) {
        return weights.kHat() < usable(weights) || weights.areSteady();
    }

    private static boolean areGood(Weights weights) {
        return weights.areSteady() || (areReliable(weights) && weights.kHat() < Verdict.GOOD_K_HAT);
    }

    private static String where(Weights weights) {
        return weights.worst().isEmpty() ? "" : ", most of all in " + String.join(", ", weights.worst());
    }

    private static boolean leave(Chains chains) {
        // a comparison that NaN fails
        return !(chains.certain() <= LEAVING);
    }

    private static boolean stay(Chains chains) {
        return chains.unmixed().isEmpty() && chains.onAverage() <= STAYING_ON_AVERAGE && chains.certain() <= STAYING;
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}

package org.variational.lab.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.algorithm.FitException;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.fit.Provenance.Cost;
import org.variational.fit.Provenance.Evaluations;

/**
 * A fit that was tried, and its scores.
 *
 * @param verdict the verdict's level, {@link #FAILED} where the fit gave no answer, {@link #REFUSED} where the settings
 *     do not serve the posterior
 * @param findings the codes of the verdict's findings; empty if there is no answer
 * @param message why there is no answer; empty if there is one
 * @param kHat the Pareto shape of the importance weights; NaN if there is no answer
 * @param spent what it cost; nothing if there is no answer
 * @param seconds the wall-clock time
 */
record Attempt(
        String verdict,
        List<String> findings,
        String message,
        Scores scores,
        double kHat,
        Spent spent,
        double seconds) {

    /** The verdict of a fit without an answer. */
    static final String FAILED = "FAILED";

    /** The verdict of a fit that was not tried, because family, divergence or algorithm do not serve the posterior. */
    static final String REFUSED = "REFUSED";

    private static final double NANOS = 1e9;

    /**
     * Points at which the density was evaluated.
     *
     * @param fit those of the fit itself, with gradient
     * @param answer those of the fit and of what certifies it
     * @param search those of the search for modes that the answer misses
     */
    record Spent(long fit, Evaluations answer, Evaluations search) {

        /** Nothing. */
        static final Spent NOTHING = new Spent(0, Evaluations.NONE, Evaluations.NONE);

        static Spent of(Cost cost) {
            return new Spent(cost.gradientEvaluations(), cost.answer(), cost.search());
        }
    }

    /** Fits and scores. */
    static Attempt of(VariationalInference inference, Reference reference) {
        long start = System.nanoTime();
        try {
            Fit fit = inference.run();
            double seconds = (System.nanoTime() - start) / NANOS;
            return new Attempt(
                    fit.verdict().level().name(),
                    fit.verdict().findings().stream()
                            .map(finding -> finding.code().name())
                            .toList(),
                    "",
                    Scores.of(fit, reference),
                    fit.kHat(),
                    Spent.of(fit.provenance().cost()),
                    seconds);
        } catch (FitException e) {
            return without(FAILED, e.getMessage(), start);
        } catch (IllegalArgumentException e) {
            return without(REFUSED, e.getMessage(), start);
        }
    }

    private static Attempt without(String verdict, @Nullable String message, long start) {
        return new Attempt(
                verdict,
                List.of(),
                String.valueOf(message),
                Scores.NONE,
                Double.NaN,
                Spent.NOTHING,
                (System.nanoTime() - start) / NANOS);
    }

    /** Whether there is an answer to score. */
    boolean hasAnswer() {
        return message.isEmpty();
    }

    /** Whether the answer may be used, as it is called GOOD or REWEIGHTED. */
    boolean isUsable() {
        return saysGood() || verdict.equals(Verdict.Level.REWEIGHTED.name());
    }

    boolean saysGood() {
        return verdict.equals(Verdict.Level.GOOD.name());
    }
}

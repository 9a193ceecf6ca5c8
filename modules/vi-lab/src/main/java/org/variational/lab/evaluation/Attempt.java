package org.variational.lab.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.algorithm.FitException;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;

/**
 * A fit that was tried, and its score.
 *
 * @param verdict the verdict's level, {@link #FAILED} where the fit gave no answer, {@link #REFUSED} where the settings
 *     do not serve the posterior
 * @param findings the codes of the verdict's findings; empty if there is no answer
 * @param message why there is no answer; empty if there is one
 * @param kHat the Pareto shape of the importance weights; NaN if there is no answer
 * @param gradientEvaluations the number of points at which a gradient was evaluated
 * @param seconds the wall-clock time
 */
record Attempt(
        String verdict,
        List<String> findings,
        String message,
        Score score,
        double kHat,
        long gradientEvaluations,
        double seconds) {

    /** The verdict of a fit without an answer. */
    static final String FAILED = "FAILED";

    /** The verdict of a fit that was not tried, because family, divergence or algorithm do not serve the posterior. */
    static final String REFUSED = "REFUSED";

    private static final double NANOS = 1e9;

    /** Fits and scores. */
    static Attempt of(VariationalInference inference, Moments reference) {
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
                    Score.of(Estimate.of(fit), reference),
                    fit.kHat(),
                    fit.provenance().cost().gradientEvaluations(),
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
                Score.NONE,
                Double.NaN,
                0,
                (System.nanoTime() - start) / NANOS);
    }

    /** Whether there is an answer to score. */
    boolean hasAnswer() {
        return message.isEmpty();
    }

    boolean saysGood() {
        return verdict.equals(Verdict.Level.GOOD.name());
    }
}

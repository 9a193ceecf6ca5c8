package org.variational.lab.evaluation;

import java.util.List;
import java.util.Optional;

/**
 * The accuracy asked for on a problem, for families with all correlations or answers corrected by weights.
 *
 * <p>A fit's <em>excess</em> is the largest of its RMS errors of means and of standard deviations, on the unconstrained
 * and on the user's scale, and of its error of the standard deviation of the mean effect, each over its limit. The mark
 * is met if the median excess over the seeds is at most 1, no fit called GOOD exceeds the tolerated multiple of it, and
 * enough fits are called GOOD or REWEIGHTED.
 *
 * @param meanLimit the largest RMS error of means, in standard deviations
 * @param sdLimit the largest RMS relative error of standard deviations
 * @param effectLimit the largest relative error of the standard deviation of the mean effect
 * @param tolerated the largest excess of a fit called GOOD
 * @param usable the smallest share of fits that must be called GOOD or REWEIGHTED
 */
record Mark(double meanLimit, double sdLimit, double effectLimit, double tolerated, double usable) {

    private static final double ANY = Double.POSITIVE_INFINITY;
    private static final double CLOSE_LIMIT = 0.05;
    private static final double MOST = 0.95;

    private static final List<String> CLOSE = List.of("P01", "P02", "P03", "P04", "P09", "P10", "P14", "P17");

    /** Posteriors that no Gaussian fits: the answer is good, or said not to be. */
    private static final List<String> GOOD_OR_TOLD = List.of("P05", "P08");

    /** Posteriors whose structure gives an answer that is close and can be used. */
    private static final List<String> STRUCTURED = List.of("P05", "P06", "P07", "P08", "P13", "P18");

    private static final List<String> STRUCTURED_BUT_HARD = List.of("P13");

    /** What became of a mark. */
    enum Outcome {
        /** The mark is met. */
        MET,
        /** The mark is not met, and every fit that exceeds it is called something else than GOOD. */
        CAUGHT,
        /** The mark is not met, and a fit that exceeds it is called GOOD. */
        MISSED
    }

    /** The mark of a problem. */
    static Mark of(String problem) {
        String number = ReferenceProblem.number(problem);
        if (ReferenceProblem.isSimulated(problem)) {
            return close(CLOSE_LIMIT);
        }
        return CLOSE.contains(number)
                ? new Mark(CLOSE_LIMIT, 0.1, ANY, 2, 0)
                : new Mark(0.15, 0.25, ANY, GOOD_OR_TOLD.contains(number) ? 1 : 2, 0);
    }

    /** The stricter mark of a problem with structure; empty for others. */
    static Optional<Mark> strict(String problem) {
        String number = ReferenceProblem.number(problem);
        if (!ReferenceProblem.isSimulated(problem) && !STRUCTURED.contains(number)) {
            return Optional.empty();
        }
        return Optional.of(close(STRUCTURED_BUT_HARD.contains(number) ? 0.08 : CLOSE_LIMIT));
    }

    private static Mark close(double limit) {
        return new Mark(limit, limit, CLOSE_LIMIT, 2, MOST);
    }

    /** The excess of a fit; infinite if it gave no answer. */
    double excess(Attempt attempt) {
        Scores scores = attempt.scores();
        double excess =
                Math.max(scores.worse(Score::rmsMeanError) / meanLimit, scores.worse(Score::rmsSdError) / sdLimit);
        if (!Double.isNaN(scores.meanEffect())) {
            excess = Math.max(excess, scores.meanEffect() / effectLimit);
        }
        return Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
    }

    /** Judges the fits with different seeds, at least one. */
    Outcome judge(List<Attempt> attempts) {
        double median = Medians.of(attempts, this::excess);
        long answers = attempts.stream().filter(Attempt::isUsable).count();
        if (median <= 1
                && answers >= usable * attempts.size()
                && attempts.stream().noneMatch(a -> a.saysGood() && excess(a) > tolerated)) {
            return Outcome.MET;
        }
        return attempts.stream().anyMatch(a -> a.saysGood() && excess(a) > 1) ? Outcome.MISSED : Outcome.CAUGHT;
    }
}

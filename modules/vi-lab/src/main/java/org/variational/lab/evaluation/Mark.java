package org.variational.lab.evaluation;

import java.util.List;

/**
 * The accuracy asked for on a reference problem, for families with all correlations or answers corrected by weights.
 *
 * <p>A fit's <em>excess</em> is the larger of its RMS error of means and of standard deviations, each over its limit.
 * The mark is met if the median excess over the seeds is at most 1 and no fit called GOOD exceeds the tolerated
 * multiple of it.
 *
 * @param meanLimit the largest RMS error of means, in standard deviations
 * @param sdLimit the largest RMS relative error of standard deviations
 * @param tolerated the largest excess of a fit called GOOD
 */
record Mark(double meanLimit, double sdLimit, double tolerated) {

    private static final List<String> CLOSE = List.of("P01", "P02", "P03", "P04", "P09", "P10", "P14", "P17");

    /** Posteriors that no Gaussian fits: the answer is good, or said not to be. */
    private static final List<String> GOOD_OR_TOLD = List.of("P05", "P08");

    /** What became of a mark. */
    enum Outcome {
        /** The mark is met. */
        MET,
        /** The mark is not met, and every fit that exceeds it is called something else than GOOD. */
        CAUGHT,
        /** The mark is not met, and a fit that exceeds it is called GOOD. */
        MISSED
    }

    /** The mark of a reference problem. */
    static Mark of(String problem) {
        String number = ReferenceProblem.number(problem);
        return CLOSE.contains(number)
                ? new Mark(0.05, 0.1, 2)
                : new Mark(0.15, 0.25, GOOD_OR_TOLD.contains(number) ? 1 : 2);
    }

    /** The excess of a fit; infinite if it gave no answer. */
    double excess(Attempt attempt) {
        double excess = Math.max(
                attempt.score().rmsMeanError() / meanLimit, attempt.score().rmsSdError() / sdLimit);
        return Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
    }

    /** Judges the fits with different seeds, at least one. */
    Outcome judge(List<Attempt> attempts) {
        double median = Medians.of(attempts, this::excess);
        if (median <= 1 && attempts.stream().noneMatch(a -> a.saysGood() && excess(a) > tolerated)) {
            return Outcome.MET;
        }
        return attempts.stream().anyMatch(a -> a.saysGood() && excess(a) > 1) ? Outcome.MISSED : Outcome.CAUGHT;
    }
}

package org.variational.diagnostic;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Holm's correction for testing several hypotheses at once (Holm 1979); valid whatever their dependence. */
final class Holm {

    private Holm() {}

    /** The p-values, each raised so that rejecting those below a level errs anywhere with at most that probability. */
    static double[] adjusted(double[] pValues) {
        int count = pValues.length;
        int[] order = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> pValues[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] adjusted = new double[count];
        double largest = 0;
        for (int rank = 0; rank < count; rank++) {
            largest = Math.max(largest, Math.min(1, (count - rank) * pValues[order[rank]]));
            adjusted[order[rank]] = largest;
        }
        return adjusted;
    }
}

package org.variational.lab.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians in which a number that is missing counts as worse than any other. */
final class Medians {

    private Medians() {}

    /**
     * The median of a number over items; of an even number of them the mean of the middle two.
     *
     * @param items at least one
     * @param value what is looked at; NaN counts as infinite
     * @return the median, infinite if too much is missing
     */
    static <T> double of(List<T> items, ToDoubleFunction<T> value) {
        double[] sorted = items.stream()
                .mapToDouble(item -> known(value.applyAsDouble(item)))
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The largest; infinite if one is missing. */
    static <T> double worst(List<T> items, ToDoubleFunction<T> value) {
        return Arrays.stream(items.stream()
                        .mapToDouble(item -> known(value.applyAsDouble(item)))
                        .toArray())
                .max()
                .orElseThrow();
    }

    private static double known(double value) {
        return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
    }
}

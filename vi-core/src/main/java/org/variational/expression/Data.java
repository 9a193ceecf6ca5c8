package org.variational.expression;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.variational.density.Matrices;

/** Values that take the place of declared data, by name. Immutable; arrays are copied in. */
public final class Data {

    private static final Data DECLARED = new Data(Map.of());

    private final Map<String, Replacement> replacements;

    private Data(Map<String, Replacement> replacements) {
        this.replacements = replacements;
    }

    /** Values of one name, whatever they turn out to be used for. */
    private sealed interface Replacement {

        /** Numbers; {@code columns} is -1 where only their order is known. */
        record Numbers(double[] values, int columns) implements Replacement {}

        /** Integers, which may serve as indices or as numbers. */
        record Integers(int[] values) implements Replacement {}
    }

    /** The data of the declaration, nothing replaced. */
    public static Data declared() {
        return DECLARED;
    }

    private Data with(String name, Replacement replacement) {
        Map<String, Replacement> more = new HashMap<>(replacements);
        more.put(name, replacement);
        return new Data(Map.copyOf(more));
    }

    /**
     * These data with the numbers of the given name replaced; row-major.
     *
     * @throws IllegalArgumentException if a value is not finite
     */
    public Data with(String name, double[] values) {
        return with(name, values, -1);
    }

    private Data with(String name, double[] values, int columns) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("data \"" + name + "\" is " + values[i]
                        + (columns > 1 ? " at row " + i / columns + ", column " + i % columns : " at position " + i)
                        + "; remove or impute missing values");
            }
        }
        return with(name, new Replacement.Numbers(values.clone(), columns));
    }

    /**
     * These data with the matrix of the given name replaced.
     *
     * @throws IllegalArgumentException if rows differ in length, or a value is not finite
     */
    public Data with(String name, double[][] values) {
        double[] flat = Matrices.flatten("data \"" + name + "\"", values);
        return with(name, flat, values.length == 0 ? -1 : values[0].length);
    }

    /** These data with the indices, or the whole numbers, of the given name replaced. */
    public Data with(String name, int[] values) {
        return with(name, new Replacement.Integers(values.clone()));
    }

    /** These data with everything that the others replace replaced too; where both replace a name, the others count. */
    public Data with(Data others) {
        Map<String, Replacement> more = new HashMap<>(replacements);
        more.putAll(others.replacements);
        return new Data(Map.copyOf(more));
    }

    /** The numbers given under a name, checked against the number of columns declared; null if none are. */
    double @Nullable [] numbers(String name, int columns) {
        Replacement given = replacements.get(name);
        if (given instanceof Replacement.Numbers numbers) {
            if (numbers.columns() >= 0 && numbers.columns() != columns) {
                throw new IllegalArgumentException("data \"" + name + "\" has " + numbers.columns()
                        + " columns, but was declared with " + columns);
            }
            return numbers.values();
        }
        if (given instanceof Replacement.Integers integers) {
            double[] values = new double[integers.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = integers.values()[i];
            }
            return values;
        }
        return null;
    }

    /** The indices given under a name; null if none are. */
    int @Nullable [] indices(String name) {
        Replacement given = replacements.get(name);
        if (given instanceof Replacement.Numbers) {
            throw new IllegalArgumentException("index \"" + name + "\" was replaced by numbers; give an int[]");
        }
        return given instanceof Replacement.Integers integers ? integers.values() : null;
    }

    /** Every name given here. */
    Set<String> names() {
        return replacements.keySet();
    }
}

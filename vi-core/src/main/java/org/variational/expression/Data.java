package org.variational.expression;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that take the place of declared data, by name. Immutable; arrays are copied in. */
public final class Data {

    private static final Data DECLARED = new Data(Map.of(), Map.of());

    private final Map<String, double[]> numbers;
    private final Map<String, int[]> indices;

    private Data(Map<String, double[]> numbers, Map<String, int[]> indices) {
        this.numbers = numbers;
        this.indices = indices;
    }

    /** The data of the declaration, nothing replaced. */
    public static Data declared() {
        return DECLARED;
    }

    /**
     * These data with the numbers of the given name replaced; row-major.
     *
     * @throws IllegalArgumentException if a value is not finite
     */
    public Data with(String name, double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("data \"" + name + "\" is " + values[i] + " at position " + i
                        + "; remove or impute missing values");
            }
        }
        Map<String, double[]> more = new HashMap<>(numbers);
        more.put(name, values.clone());
        return new Data(more, indices);
    }

    /** These data with the matrix of the given name replaced. */
    public Data with(String name, double[][] values) {
        return with(name, Expr.flatten("data \"" + name + "\"", values));
    }

    /** These data with the indices of the given name replaced. */
    public Data with(String name, int[] values) {
        Map<String, int[]> more = new HashMap<>(indices);
        more.put(name, values.clone());
        return new Data(numbers, more);
    }

    /** These data with everything that the others replace replaced too; where both replace a name, the others count. */
    public Data with(Data others) {
        Map<String, double[]> moreNumbers = new HashMap<>(numbers);
        moreNumbers.putAll(others.numbers);
        Map<String, int[]> moreIndices = new HashMap<>(indices);
        moreIndices.putAll(others.indices);
        return new Data(moreNumbers, moreIndices);
    }

    double @Nullable [] numbers(String name) {
        return numbers.get(name);
    }

    int @Nullable [] indices(String name) {
        return indices.get(name);
    }

    /** Every name given here. */
    java.util.Set<String> names() {
        java.util.Set<String> names = new java.util.TreeSet<>(numbers.keySet());
        names.addAll(indices.keySet());
        return names;
    }
}

package org.variational.density;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.variational.density.ParameterLayout.Quantity;

/**
 * The places of quantities and of their scalars in {@link ParameterLayout#quantitiesAt}, found by name.
 *
 * <p>An element with a label has two names: {@code theta[Choate]}, by its label, and {@code theta[0]}, by its position.
 * Immutable and thread-safe.
 */
public final class QuantityIndex {

    private final List<Quantity> quantities;
    private final Map<String, Integer> places = new HashMap<>();
    /** The first row of each quantity, then the number of rows. */
    private final int[] first;

    private QuantityIndex(List<Quantity> quantities) {
        this.quantities = quantities;
        this.first = new int[quantities.size() + 1];
        for (int k = 0; k < quantities.size(); k++) {
            places.put(quantities.get(k).name(), k);
            first[k + 1] = first[k] + quantities.get(k).size();
        }
    }

    /** The index of a layout's {@link ParameterLayout#quantities()}. */
    public static QuantityIndex of(List<Quantity> quantities) {
        return new QuantityIndex(List.copyOf(quantities));
    }

    /** The number of scalars Q. */
    public int size() {
        return first[quantities.size()];
    }

    /** The names of all scalars in order, by labels where there are some. */
    public List<String> scalarNames() {
        return quantities.stream()
                .flatMap(quantity -> quantity.scalarNames().stream())
                .toList();
    }

    /**
     * The row of a scalar.
     *
     * @param name {@code tau}, {@code theta[Choate]} or {@code theta[0]}, {@code effects[Aitkin,slope]}
     * @throws IllegalArgumentException if there is no such scalar, listing the names there are, or the name is that of
     *     a vector or matrix
     */
    public int row(String name) {
        int[] rows = rows(name);
        if (rows.length == 1 && !isMany(name)) {
            return rows[0];
        }
        throw new IllegalArgumentException("\"" + name + "\" has " + rows.length + " elements"
                + (rows.length == 0 ? "" : "; ask for one of them, such as \"" + example(name) + "\""));
    }

    private boolean isMany(String name) {
        Integer place = places.get(name);
        return place != null && !quantities.get(place).labels().isEmpty();
    }

    private String example(String name) {
        return quantities
                .get(Objects.requireNonNull(places.get(name)))
                .scalarNames()
                .get(0);
    }

    /**
     * The rows of a selection, in its order.
     *
     * @param names names of quantities, for all their elements, or of scalars
     * @throws IllegalArgumentException if there is no quantity or scalar of a name, listing the names there are
     */
    public int[] rows(String... names) {
        return Arrays.stream(names).flatMapToInt(this::rowsOf).toArray();
    }

    private IntStream rowsOf(String name) {
        Integer all = places.get(Objects.requireNonNull(name, "name"));
        if (all != null) {
            return IntStream.range(first[all], first[all + 1]);
        }
        int bracket = name.indexOf('[');
        Integer place = places.get(bracket < 0 ? name : name.substring(0, bracket));
        if (place == null) {
            throw new IllegalArgumentException("there is no quantity \"" + name + "\"; there are "
                    + Quantities.some(quantities.stream().map(Quantity::name).toList()));
        }
        Quantity quantity = quantities.get(place);
        int element = element(quantity, name.substring(bracket + 1));
        if (element < 0) {
            throw new IllegalArgumentException(missing(quantity, name));
        }
        return IntStream.of(first[place] + element);
    }

    private static String missing(Quantity quantity, String name) {
        if (quantity.labels().isEmpty()) {
            return "\"" + quantity.name() + "\" is one number and has no element \"" + name + "\"";
        }
        String first = quantity.labels().size() == 1 ? "[0]" : "[0,0]";
        boolean labelled = quantity.labels().stream().anyMatch(labels -> !labels.isNumbered());
        return "\"" + quantity.name() + "\" has no element \"" + name + "\"; it has "
                + Quantities.some(quantity.scalarNames())
                + (labelled ? ", or by position from " + quantity.name() + first : "");
    }

    /** The element between brackets, the first of which is past; -1 if there is none. */
    private static int element(Quantity quantity, String inside) {
        List<Labels> labels = quantity.labels();
        if (labels.isEmpty()) {
            return -1;
        }
        int element = 0;
        int at = 0;
        for (int k = 0; k < labels.size(); k++) {
            boolean quoted = inside.startsWith("\"", at);
            int end = quoted ? closingQuote(inside, at) : end(inside, at);
            char after = k == labels.size() - 1 ? ']' : ',';
            if (end < 0 || end >= inside.length() || inside.charAt(end) != after) {
                return -1;
            }
            String text = quoted
                    ? inside.substring(at + 1, end - 1).replace("\"\"", "\"")
                    : inside.substring(at, end).strip();
            int position = labels.get(k).find(text, quoted);
            if (position < 0) {
                return -1;
            }
            element = element * labels.get(k).size() + position;
            at = end + 1;
        }
        return at == inside.length() ? element : -1;
    }

    /** The first comma or closing bracket. */
    private static int end(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != ',' && text.charAt(at) != ']') {
            at++;
        }
        return at;
    }

    /** What follows the quote that ends a label, inside which quotes stand twice; -1 if there is none. */
    private static int closingQuote(String text, int from) {
        int at = text.indexOf('"', from + 1);
        while (at >= 0 && text.startsWith("\"\"", at)) {
            at = text.indexOf('"', at + 2);
        }
        return at < 0 ? -1 : at + 1;
    }
}

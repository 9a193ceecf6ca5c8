package org.variational.density;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The labels of the elements of a vector, or of the rows or columns of a matrix: the counties of a state, the levels of
 * a factor.
 *
 * <p>A scalar is named after its label: {@code theta[Choate]}, {@code effects[Aitkin,slope]}. Any text without control
 * characters is a label. One that holds a bracket, a comma or a double quote, begins or ends with white space, or
 * consists of digits is written in double quotes, and quotes inside it twice, so that no label is mistaken for two, nor
 * for a position: {@code theta["Winston, Salem"]}, {@code year["1995"]}. Immutable.
 */
public final class Labels {

    private final String name;
    private final int size;
    /** The positions by label, in order; empty where elements are numbered. */
    private final Map<String, Integer> positions;

    private Labels(String name, int size, Map<String, Integer> positions) {
        this.name = name;
        this.size = size;
        this.positions = positions;
    }

    /**
     * Labels under a common name, in order.
     *
     * @param name what they are labels of, such as {@code school}
     * @throws IllegalArgumentException if the name is blank, there are no labels, or a label is blank, has a control
     *     character or stands twice
     */
    public static Labels of(String name, List<String> labels) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("labels need a name, such as \"school\", got \"" + name + "\"");
        }
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("labels \"" + name + "\" are empty; give one for each element");
        }
        Map<String, Integer> positions = new LinkedHashMap<>();
        for (String label : labels) {
            int position = positions.size();
            if (label == null || label.isBlank()) {
                throw new IllegalArgumentException("labels \"" + name + "\": the label at position " + position + " is "
                        + (label == null ? "missing" : "blank") + "; give each element a text of its own");
            }
            if (label.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("labels \"" + name + "\": the label at position " + position
                        + " has a line break or another control character; remove it");
            }
            Integer before = positions.put(label, position);
            if (before != null) {
                throw new IllegalArgumentException("labels \"" + name + "\": \"" + label + "\" stands at positions "
                        + before + " and " + position + "; give each element a text of its own, or call "
                        + "Labels.levels for the distinct texts of a column");
            }
        }
        return new Labels(name, positions.size(), positions);
    }

    /**
     * Labels under a common name, in order.
     *
     * @throws IllegalArgumentException as {@link #of(String, List)}
     */
    public static Labels of(String name, String... labels) {
        return of(name, Arrays.asList(labels));
    }

    /**
     * The levels of a factor: the distinct texts of a column, in order of first appearance.
     *
     * @throws IllegalArgumentException as {@link #of(String, List)}, save that texts may repeat
     */
    public static Labels levels(String name, String... column) {
        return of(name, List.copyOf(new LinkedHashSet<>(requireTexts(name, column))));
    }

    /**
     * Elements that are numbered from 0 and have no labels, for one direction of a matrix whose other has labels, or
     * for a vector that may have one element.
     *
     * @throws IllegalArgumentException if {@code size} is negative
     */
    public static Labels numbered(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("the number of elements must be at least 0, got " + size);
        }
        return new Labels("position", size, Map.of());
    }

    private static List<String> requireTexts(String name, String[] column) {
        for (int row = 0; row < column.length; row++) {
            if (column[row] == null) {
                throw new IllegalArgumentException(
                        "\"" + name + "\" is missing at row " + row + "; remove the row, or give missing a label");
            }
        }
        return Arrays.asList(column);
    }

    /** What they are labels of; {@code position} where elements are numbered. */
    public String name() {
        return name;
    }

    /** The number of elements. */
    public int size() {
        return size;
    }

    /** Whether elements have numbers instead of labels. */
    public boolean isNumbered() {
        return positions.isEmpty();
    }

    /** The labels in order; the positions as text where elements are numbered. */
    public List<String> labels() {
        return isNumbered()
                ? IntStream.range(0, size).mapToObj(String::valueOf).toList()
                : List.copyOf(positions.keySet());
    }

    /**
     * The position of a label.
     *
     * @throws IllegalArgumentException if there is no such label, or elements are numbered
     */
    public int indexOf(String label) {
        Integer position = positions.get(label);
        if (position == null) {
            throw new IllegalArgumentException(
                    isNumbered()
                            ? "elements are numbered and have no label \"" + label + "\""
                            : "\"" + name + "\" has no label \"" + label + "\"; it has " + some());
        }
        return position;
    }

    /**
     * The positions of the labels in a column of texts, one for each row.
     *
     * @throws IllegalArgumentException if a text is missing or is not a label, saying at which row
     */
    public int[] indices(String... column) {
        requireTexts(name, column);
        int[] indices = new int[column.length];
        for (int row = 0; row < column.length; row++) {
            try {
                indices[row] = indexOf(column[row]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("row " + row + ": " + e.getMessage(), e);
            }
        }
        return indices;
    }

    private String some() {
        return Quantities.some(List.copyOf(positions.keySet()));
    }

    /** What stands between brackets in the names of scalars, in order. */
    List<String> written() {
        return isNumbered()
                ? labels()
                : positions.keySet().stream().map(Labels::quoted).collect(Collectors.toUnmodifiableList());
    }

    /** The position that a written label or number stands for, -1 if none. */
    int find(String text, boolean quoted) {
        if (!quoted && isNumber(text)) {
            boolean canonical = text.length() < 10 && (text.length() == 1 || text.charAt(0) != '0');
            int position = canonical ? Integer.parseInt(text) : size;
            return position < size ? position : -1;
        }
        return positions.getOrDefault(text, -1);
    }

    private static String quoted(String label) {
        boolean plain = !isNumber(label)
                && label.equals(label.strip())
                && label.chars().noneMatch(c -> c == '[' || c == ']' || c == ',' || c == '"');
        return plain ? label : '"' + label.replace("\"", "\"\"") + '"';
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Labels labels
                && name.equals(labels.name)
                && size == labels.size
                && List.copyOf(positions.keySet()).equals(List.copyOf(labels.positions.keySet()));
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, size, List.copyOf(positions.keySet()));
    }

    @Override
    public String toString() {
        return isNumbered() ? size + " numbered elements" : name + " (" + size + "): " + some();
    }
}

package org.variational.cli;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Names that somebody may have meant. */
public final class NearNames {

    private static final int MOST = 3;

    private NearNames() {}

    /**
     * A question that offers the names within a few edits of a word, or those that contain it.
     *
     * @param word what was written
     * @param names what there is
     * @return such as {@code "; did you mean eight-schools?"}, or empty
     */
    public static String question(String word, List<String> names) {
        int allowed = Math.max(1, word.length() / 3);
        List<String> near = names.stream()
                .filter(name -> distance(word, name) <= allowed || (word.length() > 2 && name.contains(word)))
                .sorted(Comparator.comparingInt(name -> distance(word, name)))
                .limit(MOST)
                .collect(Collectors.toList());
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /** The least number of insertions, deletions and substitutions that turn one word into the other (Levenshtein). */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}

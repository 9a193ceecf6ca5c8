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

    /**
     * The least number of insertions, deletions, substitutions and exchanges of neighbours that turn one word into the
     * other, no letter touched twice (Damerau-Levenshtein, optimal string alignment).
     */
    static int distance(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int least = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
                least = Math.min(least, edits[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    least = Math.min(least, edits[i - 2][j - 2] + 1);
                }
                edits[i][j] = least;
            }
        }
        return edits[a.length()][b.length()];
    }
}

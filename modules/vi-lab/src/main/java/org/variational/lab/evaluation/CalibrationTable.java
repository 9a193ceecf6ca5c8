package org.variational.lab.evaluation;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.variational.diagnostic.Verdict;
import org.variational.io.CsvTable;
import org.variational.lab.evaluation.RandomTarget.Kind;

/**
 * How often the verdict is right. A fit is <em>wrong</em> if its RMS error of means exceeds half a standard deviation
 * or any standard deviation is off by a factor of 2, and <em>right</em> if its RMS error of means is within a tenth of
 * a standard deviation and that of standard deviations within 10 %; others count as neither. A wrong fit must not be
 * called GOOD, a right one not UNRELIABLE.
 */
final class CalibrationTable {

    private static final double WRONG_MEAN = 0.5;
    private static final double WRONG_FACTOR = 2;
    private static final double RIGHT = 0.1;

    private static final String FORMAT = "%-16s %5s %8s  %6s %5s %6s  %6s %11s %6s  %6s %9s %11s %7s\n";

    private final List<Row> rows = new ArrayList<>();

    /**
     * The fit of one target.
     *
     * @param kind the target's class
     * @param seed its seed, and that of the fit
     * @param attempt the fit
     */
    record Row(Kind kind, int dimension, long seed, Attempt attempt) {

        boolean wrong() {
            return attempt.hasAnswer()
                    && !(attempt.scores().coordinates().rmsMeanError() <= WRONG_MEAN
                            && attempt.scores().coordinates().worstSdFactor() <= WRONG_FACTOR);
        }

        boolean right() {
            return attempt.scores().coordinates().rmsMeanError() <= RIGHT
                    && attempt.scores().coordinates().rmsSdError() <= RIGHT;
        }
    }

    /**
     * Counts of fits.
     *
     * @param wrong the wrong ones
     * @param wrongGood those of them called GOOD
     * @param right the right ones
     * @param rightUnreliable those of them called UNRELIABLE
     */
    record Counts(long targets, long wrong, long wrongGood, long right, long rightUnreliable) {}

    void add(Row row) {
        rows.add(row);
    }

    /** Whether any fit gave an answer. */
    boolean hasAnswer() {
        return rows.stream().anyMatch(row -> row.attempt().hasAnswer());
    }

    /** Counts of the rows chosen. */
    Counts count(Predicate<Row> chosen) {
        return new Counts(
                number(chosen),
                number(chosen.and(Row::wrong)),
                number(chosen.and(Row::wrong).and(says(Verdict.Level.GOOD.name()))),
                number(chosen.and(Row::right)),
                number(chosen.and(Row::right).and(says(Verdict.Level.UNRELIABLE.name()))));
    }

    private long number(Predicate<Row> chosen) {
        return rows.stream().filter(chosen).count();
    }

    private static Predicate<Row> says(String verdict) {
        return row -> row.attempt().verdict().equals(verdict);
    }

    /** By class and dimension, by class, by dimension, and in all. */
    String text() {
        StringBuilder text = new StringBuilder(String.format(
                FORMAT,
                "class",
                "D",
                "targets",
                "wrong",
                "GOOD",
                "%",
                "right",
                "UNRELIABLE",
                "%",
                "GOOD",
                "REWEIGHTED",
                "UNRELIABLE",
                "FAILED"));
        for (Kind kind : Kind.values()) {
            for (int dimension : RandomTarget.DIMENSIONS) {
                append(text, kind.label(), dimension, row -> row.kind() == kind && row.dimension() == dimension);
            }
        }
        for (Kind kind : Kind.values()) {
            append(text, kind.label(), 0, row -> row.kind() == kind);
        }
        for (int dimension : RandomTarget.DIMENSIONS) {
            append(text, "all", dimension, row -> row.dimension() == dimension);
        }
        append(text, "all", 0, row -> true);
        return text.toString();
    }

    private void append(StringBuilder text, String label, int dimension, Predicate<Row> chosen) {
        Counts counts = count(chosen);
        if (counts.targets() == 0) {
            return;
        }
        text.append(String.format(
                FORMAT,
                label,
                dimension == 0 ? "all" : Integer.toString(dimension),
                counts.targets(),
                counts.wrong(),
                counts.wrongGood(),
                percent(counts.wrongGood(), counts.wrong()),
                counts.right(),
                counts.rightUnreliable(),
                percent(counts.rightUnreliable(), counts.right()),
                number(chosen.and(says(Verdict.Level.GOOD.name()))),
                number(chosen.and(says(Verdict.Level.REWEIGHTED.name()))),
                number(chosen.and(says(Verdict.Level.UNRELIABLE.name()))),
                number(chosen.and(says(Attempt.FAILED).or(says(Attempt.REFUSED))))));
    }

    private static String percent(long part, long whole) {
        return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f", 100.0 * part / whole);
    }

    /** A row for each target. */
    void writeCsv(Writer out) throws IOException {
        List<String> columns = List.of(
                "class",
                "dimension",
                "seed",
                "rmsMeanError",
                "maxMeanError",
                "rmsSdError",
                "worstSdFactor",
                "kHat",
                "verdict",
                "findings",
                "gradientEvaluations",
                "seconds");
        CsvTable.write(out, columns, csv -> {
            for (Row row : rows) {
                add(csv, row);
            }
        });
    }

    private static void add(CsvTable csv, Row row) {
        Attempt attempt = row.attempt();
        csv.row(
                row.kind().label(),
                row.dimension(),
                row.seed(),
                attempt.scores().coordinates().rmsMeanError(),
                attempt.scores().coordinates().maxMeanError(),
                attempt.scores().coordinates().rmsSdError(),
                attempt.scores().coordinates().worstSdFactor(),
                attempt.kHat(),
                attempt.verdict(),
                String.join(" ", attempt.findings()),
                attempt.spent().fit(),
                attempt.seconds());
    }
}

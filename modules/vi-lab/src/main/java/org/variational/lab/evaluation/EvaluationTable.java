package org.variational.lab.evaluation;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.variational.io.CsvTable;
import org.variational.lab.evaluation.Mark.Outcome;

/** The results of {@code elbo evaluate}: lines for people, rows for programs. */
final class EvaluationTable {

    /** Errors have three decimals. */
    private static final int ERROR = 3;

    private static final List<Column> COLUMNS = List.of(
            new Column("", "D", 5, 0, Result::dimension),
            new Column("", "N", 6, 0, Result::rows),
            new Column("", "3 MCSE", 6, ERROR, Result::resolution),
            median("rms", 7, scores -> scores.coordinates().rmsMeanError()),
            worst("mean", scores -> scores.coordinates().rmsMeanError()),
            median("max", 7, scores -> scores.coordinates().maxMeanError()),
            worst("mean", scores -> scores.coordinates().maxMeanError()),
            median("rms", 7, scores -> scores.coordinates().rmsSdError()),
            worst("sd", scores -> scores.coordinates().rmsSdError()),
            median("user's", 7, scores -> scores.quantities().rmsMeanError()),
            worst("mean", scores -> scores.quantities().rmsMeanError()),
            median("user's", 7, scores -> scores.quantities().rmsSdError()),
            worst("sd", scores -> scores.quantities().rmsSdError()),
            median("effect", 7, Scores::meanEffect).where(result -> ReferenceProblem.isSimulated(result.problem())),
            new Column("", "k-hat", 7, 2, result -> result.median(Attempt::kHat)),
            new Column(
                    "answer", "gradients", 9, 0, spent(spent -> spent.answer().gradients())),
            new Column("", "values", 9, 0, spent(spent -> spent.answer().values())),
            new Column(
                    "search", "gradients", 9, 0, spent(spent -> spent.search().gradients())),
            new Column("", "seconds", 8, 2, result -> result.median(Attempt::seconds)));

    private final List<Result> results = new ArrayList<>();

    /**
     * A column of numbers.
     *
     * @param above the upper line of its heading
     * @param name the lower line
     * @param width in characters
     * @param decimals of its numbers
     * @param value the number
     * @param counts the problems that have one
     */
    private record Column(
            String above,
            String name,
            int width,
            int decimals,
            ToDoubleFunction<Result> value,
            Predicate<Result> counts) {

        Column(String above, String name, int width, int decimals, ToDoubleFunction<Result> value) {
            this(above, name, width, decimals, value, result -> true);
        }

        Column where(Predicate<Result> others) {
            return new Column(above, name, width, decimals, value, others);
        }

        String padded(String text) {
            return String.format(Locale.ROOT, " %" + width + "s", text);
        }

        String of(double number) {
            return padded(number(number, decimals == ERROR && number >= 10 ? 1 : decimals));
        }

        String medianOf(List<Result> results) {
            List<Result> counted = results.stream().filter(counts).toList();
            return counted.isEmpty() ? padded("-") : of(Medians.of(counted, value));
        }
    }

    private static Column median(String above, int width, ToDoubleFunction<Scores> error) {
        return new Column(above, "median", width, ERROR, result -> result.median(a -> error.applyAsDouble(a.scores())));
    }

    private static Column worst(String above, ToDoubleFunction<Scores> error) {
        return new Column(above, "worst", 6, ERROR, result -> result.worst(a -> error.applyAsDouble(a.scores())));
    }

    private static ToDoubleFunction<Result> spent(ToDoubleFunction<Attempt.Spent> points) {
        return result -> result.median(attempt -> points.applyAsDouble(attempt.spent()));
    }

    /**
     * The fits of one problem.
     *
     * @param problem its name
     * @param dimension the number of coordinates
     * @param rows the number of observations
     * @param resolution the smallest RMS error of means that the reference can tell
     * @param firstSeed the seed of the first fit; the others follow
     * @param attempts the fits, at least one
     */
    record Result(String problem, int dimension, int rows, double resolution, long firstSeed, List<Attempt> attempts) {

        Outcome outcome() {
            return Mark.of(problem).judge(attempts);
        }

        /** What became of the stricter mark; a dash where there is none. */
        String strictOutcome() {
            return Mark.strict(problem).map(mark -> mark.judge(attempts).name()).orElse("-");
        }

        private double median(ToDoubleFunction<Attempt> value) {
            return Medians.of(attempts, value);
        }

        private double worst(ToDoubleFunction<Attempt> value) {
            return Medians.worst(attempts, value);
        }
    }

    void add(Result result) {
        results.add(result);
    }

    boolean isEmpty() {
        return results.isEmpty();
    }

    static String heading() {
        return row("", column -> column.padded(column.above()), "", "", "")
                + row("problem", column -> column.padded(column.name()), "mark", "strict", "verdicts");
    }

    private static String row(
            String first, Function<Column, String> cell, String mark, String strict, String verdicts) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-30s", first));
        COLUMNS.forEach(column -> line.append(cell.apply(column)));
        line.append(String.format(Locale.ROOT, "  %-6s  %-6s  %s", mark, strict, verdicts));
        return line.toString().stripTrailing() + "\n";
    }

    static String line(Result result) {
        return row(
                result.problem(),
                column -> column.of(column.value().applyAsDouble(result)),
                result.outcome().name(),
                result.strictOutcome(),
                counts(result.attempts()));
    }

    /** The medians over the problems of what stands in the columns, how many marks were met, and all verdicts. */
    String lastLine() {
        List<Attempt> all =
                results.stream().flatMap(result -> result.attempts().stream()).toList();
        String strict = outcomes(result -> result.strictOutcome());
        return row(
                "median of " + results.size(),
                column -> column.medianOf(results),
                "",
                "",
                outcomes(result -> result.outcome().name()) + "; strict: " + strict + "; " + counts(all));
    }

    private String outcomes(Function<Result, String> outcome) {
        List<String> parts = new ArrayList<>();
        for (Outcome each : Outcome.values()) {
            parts.add(results.stream()
                            .filter(r -> outcome.apply(r).equals(each.name()))
                            .count() + " " + each);
        }
        return String.join(", ", parts);
    }

    /** Whether any fit gave an answer. */
    boolean hasAnswer() {
        return results.stream().flatMap(result -> result.attempts().stream()).anyMatch(Attempt::hasAnswer);
    }

    private static String counts(List<Attempt> attempts) {
        Map<String, Integer> counts = new TreeMap<>();
        attempts.forEach(attempt -> counts.merge(attempt.verdict(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((verdict, count) -> parts.add(count + " " + verdict));
        return String.join(", ", parts);
    }

    private static String number(double value, int decimals) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "-" : "-Inf";
        }
        return value >= 1e5 && decimals > 0
                ? String.format(Locale.ROOT, "%.0e", value)
                : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** A row for each problem and seed. */
    void writeCsv(Writer out) throws IOException {
        List<String> columns = List.of(
                "problem",
                "seed",
                "dimension",
                "rows",
                "rmsMeanError",
                "maxMeanError",
                "rmsSdError",
                "userRmsMeanError",
                "userMaxMeanError",
                "userRmsSdError",
                "meanEffectSdError",
                "kHat",
                "verdict",
                "gradientEvaluations",
                "answerGradients",
                "answerValues",
                "searchGradients",
                "searchValues",
                "seconds");
        CsvTable.write(out, columns, csv -> {
            for (Result result : results) {
                for (int i = 0; i < result.attempts().size(); i++) {
                    add(csv, result, i);
                }
            }
        });
    }

    private static void add(CsvTable csv, Result result, int i) {
        Attempt attempt = result.attempts().get(i);
        Scores scores = attempt.scores();
        Attempt.Spent spent = attempt.spent();
        csv.row(
                result.problem(),
                result.firstSeed() + i,
                result.dimension(),
                result.rows(),
                scores.coordinates().rmsMeanError(),
                scores.coordinates().maxMeanError(),
                scores.coordinates().rmsSdError(),
                scores.quantities().rmsMeanError(),
                scores.quantities().maxMeanError(),
                scores.quantities().rmsSdError(),
                scores.meanEffect(),
                attempt.kHat(),
                attempt.verdict(),
                spent.fit(),
                spent.answer().gradients(),
                spent.answer().values(),
                spent.search().gradients(),
                spent.search().values(),
                attempt.seconds());
    }
}

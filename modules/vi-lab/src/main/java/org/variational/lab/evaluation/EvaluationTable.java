package org.variational.lab.evaluation;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.variational.io.CsvTable;
import org.variational.lab.evaluation.Mark.Outcome;

/** The results of {@code elbo evaluate}: lines for people, rows for programs. */
final class EvaluationTable {

    private static final String FORMAT = "%-30s %4s %5s %6s  %6s %6s  %6s %6s  %6s %6s  %6s %9s %8s  %-6s  %s\n";

    private final List<Result> results = new ArrayList<>();

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
        return String.format(
                        FORMAT, "", "", "", "", "rms", "mean", "max", "mean", "rms", "sd", "", "gradient", "", "", "")
                + String.format(
                        FORMAT,
                        "problem",
                        "D",
                        "N",
                        "3 MCSE",
                        "median",
                        "worst",
                        "median",
                        "worst",
                        "median",
                        "worst",
                        "k-hat",
                        "evals",
                        "seconds",
                        "mark",
                        "verdicts");
    }

    static String line(Result result) {
        return String.format(
                Locale.ROOT,
                FORMAT,
                result.problem(),
                result.dimension(),
                result.rows(),
                error(result.resolution()),
                error(result.median(a -> a.score().rmsMeanError())),
                error(result.worst(a -> a.score().rmsMeanError())),
                error(result.median(a -> a.score().maxMeanError())),
                error(result.worst(a -> a.score().maxMeanError())),
                error(result.median(a -> a.score().rmsSdError())),
                error(result.worst(a -> a.score().rmsSdError())),
                decimals(result.median(Attempt::kHat), 2),
                decimals(result.median(Attempt::gradientEvaluations), 0),
                decimals(result.median(Attempt::seconds), 2),
                result.outcome(),
                counts(result.attempts()));
    }

    /** The medians over the problems of what stands in the columns, how many marks were met, and all verdicts. */
    String lastLine() {
        List<Attempt> all =
                results.stream().flatMap(result -> result.attempts().stream()).toList();
        return String.format(
                Locale.ROOT,
                FORMAT,
                "median of " + results.size(),
                decimals(Medians.of(results, Result::dimension), 0),
                decimals(Medians.of(results, Result::rows), 0),
                error(Medians.of(results, Result::resolution)),
                error(Medians.of(results, r -> r.median(a -> a.score().rmsMeanError()))),
                error(Medians.of(results, r -> r.worst(a -> a.score().rmsMeanError()))),
                error(Medians.of(results, r -> r.median(a -> a.score().maxMeanError()))),
                error(Medians.of(results, r -> r.worst(a -> a.score().maxMeanError()))),
                error(Medians.of(results, r -> r.median(a -> a.score().rmsSdError()))),
                error(Medians.of(results, r -> r.worst(a -> a.score().rmsSdError()))),
                decimals(Medians.of(results, r -> r.median(Attempt::kHat)), 2),
                decimals(Medians.of(results, r -> r.median(Attempt::gradientEvaluations)), 0),
                decimals(Medians.of(results, r -> r.median(Attempt::seconds)), 2),
                "",
                outcomes() + "; " + counts(all));
    }

    private String outcomes() {
        List<String> parts = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            parts.add(results.stream().filter(r -> r.outcome() == outcome).count() + " " + outcome);
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

    private static String error(double value) {
        return decimals(value, value < 10 ? 3 : 1);
    }

    private static String decimals(double value, int decimals) {
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
                "kHat",
                "verdict",
                "gradientEvaluations",
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
        csv.row(
                result.problem(),
                result.firstSeed() + i,
                result.dimension(),
                result.rows(),
                attempt.score().rmsMeanError(),
                attempt.score().maxMeanError(),
                attempt.score().rmsSdError(),
                attempt.kHat(),
                attempt.verdict(),
                attempt.gradientEvaluations(),
                attempt.seconds());
    }
}

package org.variational.lab.matrix;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.cli.ExitCode;
import org.variational.cli.FormatOption;
import org.variational.cli.HelpOption;
import org.variational.cli.OutputDirectory;
import org.variational.cli.Terminal;
import org.variational.io.AtomicFile;
import org.variational.lab.matrix.Cell.Status;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code elbo matrix}: every divergence with every family and every estimator, fitted to a Gaussian, to a target with
 * two modes and to a discrete one, and compared with optima that are known from quadrature. What does not fit together
 * is refused with a reason; that too is in the table. The run fails if a cell is off the optimum and nothing says why.
 */
@Command(
        name = "matrix",
        description = "Compares every divergence, family and estimator with known optima, in about two minutes.",
        sortOptions = false,
        footer = {
            "",
            "Exit codes: 0 every cell is at its optimum or says why not, 1 some cell is not or the file could not be"
                    + " written, 2 wrong command line.",
            "--out writes matrix.md."
        })
public final class MatrixCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The seed, any whole number; the same seed gives the same output. 1 unless set.")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "A directory to write matrix.md to; made if missing.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FormatOption format;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    /** The command. */
    public MatrixCommand() {}

    @Override
    public Integer call() {
        Terminal terminal =
                new Terminal(spec.commandLine().getOut(), spec.commandLine().getErr(), false);
        OutputDirectory directory = out == null ? null : OutputDirectory.at(out);
        List<Cell> cells = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        cells.addAll(deliver(
                Matrix.gaussian(),
                "Gaussian with correlation 0.5",
                Matrix.families(Matrix.FULL_RANK),
                terminal.out(),
                text));
        cells.addAll(deliver(
                Matrix.twoModes(),
                "Half N(-m, I), half N(m, I), m = (1.04, -0.78)",
                Matrix.families(Matrix.MEAN_FIELD),
                terminal.out(),
                text));
        cells.addAll(deliver(Matrix.outcomes(), "Three outcomes", Matrix.discreteFamilies(), terminal.out(), text));
        String legend = legend(cells);
        text.append(legend);
        if (format.isText()) {
            terminal.out().print(legend);
        }
        terminal.out().flush();
        boolean written = directory == null
                || directory.tryWriting(
                        terminal,
                        folder -> AtomicFile.writeText(folder.resolve("matrix.md"), file -> file.append(text)));
        boolean right = cells.stream().noneMatch(cell -> cell.status() == Status.WRONG);
        return (written && right ? ExitCode.OK : ExitCode.FAILED).value();
    }

    private List<Cell> deliver(
            Target target, String title, List<Matrix.FamilyChoice> families, PrintWriter printed, StringBuilder text) {
        List<Cell> cells = Matrix.run(target, families, Matrix.divergences(), Matrix.estimators(), seed);
        String tables = tables("## " + title + "\n\n", cells);
        text.append(tables);
        if (format.isText()) {
            printed.print(tables);
        } else {
            cells.forEach(cell -> printed.print(json(cell) + "\n"));
        }
        printed.flush();
        return cells;
    }

    /** A cell as one line of JSON; numbers that do not exist are null. */
    static String json(Cell cell) {
        ObjectNode node = JSON.createObjectNode();
        node.put("divergence", cell.combination().divergence());
        node.put("family", cell.combination().family());
        node.put("estimator", cell.combination().estimator());
        node.put("target", cell.combination().target());
        put(node, "distance", cell.measured().distance());
        put(node, "standardError", cell.measured().standardError());
        put(node, "gradientVariance", cell.measured().gradientVariance());
        node.put("status", cell.statusAndReason());
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of strings and numbers can be written", e);
        }
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    /**
     * One table per family, divergences down and estimators across; estimators that serve no divergence are left out.
     */
    static String tables(String heading, List<Cell> cells) {
        StringBuilder text = new StringBuilder(heading);
        Map<String, Map<String, Map<String, Cell>>> families = new LinkedHashMap<>();
        for (Cell cell : cells) {
            families.computeIfAbsent(cell.combination().family(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(cell.combination().divergence(), name -> new LinkedHashMap<>())
                    .put(cell.combination().estimator(), cell);
        }
        families.forEach((family, rows) -> {
            Set<String> estimators = new LinkedHashSet<>();
            rows.values()
                    .forEach(row -> row.forEach((estimator, cell) -> {
                        if (cell.status() != Status.REFUSED) {
                            estimators.add(estimator);
                        }
                    }));
            text.append("### ").append(family).append("\n| |");
            estimators.forEach(estimator -> text.append(' ').append(estimator).append(" |"));
            text.append("\n|---|").append("---|".repeat(estimators.size())).append('\n');
            rows.forEach((divergence, row) -> {
                text.append("| ").append(divergence).append(" |");
                for (String estimator : estimators) {
                    Cell cell = row.get(estimator);
                    text.append(' ').append(cell == null ? "" : brief(cell)).append(" |");
                }
                text.append('\n');
            });
            text.append('\n');
        });
        return text.toString();
    }

    private static String brief(Cell cell) {
        if (cell.status() == Status.REFUSED) {
            return "-";
        }
        if (Double.isNaN(cell.measured().distance())) {
            return cell.status().mark();
        }
        String numbers = String.format(
                Locale.ROOT,
                "%.4f ± %.4f, %.1e",
                cell.measured().distance(),
                cell.measured().standardError(),
                cell.measured().gradientVariance());
        return cell.status() == Status.OK
                ? numbers
                : numbers + " **" + cell.status().mark() + "**";
    }

    /**
     * How often each status occurs, and each reason once, the divergence's and the family's name left out of refusals.
     */
    static String legend(List<Cell> cells) {
        Map<Status, Integer> counts = new EnumMap<>(Status.class);
        Map<String, Integer> refusals = new LinkedHashMap<>();
        StringBuilder notes = new StringBuilder();
        for (Cell cell : cells) {
            counts.merge(cell.status(), 1, Integer::sum);
            if (cell.status() == Status.REFUSED) {
                refusals.merge(template(cell.reason()), 1, Integer::sum);
            } else if (cell.status() != Status.OK) {
                notes.append("- ")
                        .append(String.join(
                                ", ",
                                cell.combination().target(),
                                cell.combination().family(),
                                cell.combination().divergence(),
                                cell.combination().estimator()))
                        .append(": ")
                        .append(cell.statusAndReason())
                        .append(".\n");
            }
        }
        StringBuilder text = new StringBuilder("## How many cells have which status\n");
        counts.forEach((status, count) -> text.append("- ")
                .append(status.label())
                .append(status == Status.OK || status == Status.REFUSED ? "" : " (" + status.mark() + ")")
                .append(": ")
                .append(count)
                .append('\n'));
        text.append("\n## Cells that are not ok\n").append(notes.isEmpty() ? "None.\n" : notes);
        text.append("\n## Refusals, by their sentence\n");
        refusals.forEach((sentence, count) ->
                text.append("- ").append(sentence).append(" (").append(count).append(" cells)\n"));
        return text.toString();
    }

    private static String template(String refusal) {
        return refusal.replaceAll("\"[^\"]*\"", "\"...\"").replaceAll("the [^:,;]*? family", "the ... family");
    }
}

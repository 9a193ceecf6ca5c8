package org.variational.examples.matrix;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.variational.examples.cli.Example;
import org.variational.examples.cli.ExitCode;
import org.variational.examples.cli.Format;
import org.variational.examples.cli.OutputFiles;
import org.variational.examples.cli.RunOptions;
import org.variational.examples.cli.Terminal;
import org.variational.examples.matrix.Cell.Status;

/**
 * Every divergence with every family and every estimator, fitted to a Gaussian, to a target with two modes and to a
 * discrete one, and compared with optima that are known from quadrature. What does not fit together is refused with a
 * reason; that too is in the table. The run fails if a cell is off the optimum and nothing says why.
 */
public final class DivergenceMatrix implements Example {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Makes the example. */
    public DivergenceMatrix() {}

    @Override
    public String name() {
        return "matrix";
    }

    @Override
    public String description() {
        return "every divergence x family x estimator against known optima (about two minutes)";
    }

    @Override
    public ExitCode run(RunOptions options, Terminal terminal) {
        options.refuseFamilyAndDivergence(name());
        List<Cell> cells = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        cells.addAll(deliver(
                Matrix.gaussian(),
                "Gaussian with correlation 0.5",
                Matrix.families(Matrix.FULL_RANK),
                options,
                terminal,
                text));
        cells.addAll(deliver(
                Matrix.twoModes(),
                "Half N(-m, I), half N(m, I), m = (1.04, -0.78)",
                Matrix.families(Matrix.MEAN_FIELD),
                options,
                terminal,
                text));
        cells.addAll(deliver(Matrix.outcomes(), "Three outcomes", Matrix.discreteFamilies(), options, terminal, text));
        String legend = legend(cells);
        text.append(legend);
        if (options.format() == Format.TEXT) {
            terminal.out().print(legend);
        }
        terminal.out().flush();
        boolean written = options.out() == null
                || OutputFiles.tryWriting(
                        options.out(),
                        terminal,
                        files -> files.write("matrix.md", text.toString().getBytes(StandardCharsets.UTF_8)));
        boolean right = cells.stream().noneMatch(cell -> cell.status() == Status.WRONG);
        return written && right ? ExitCode.OK : ExitCode.FAILED;
    }

    private static List<Cell> deliver(
            Target target,
            String title,
            List<Matrix.FamilyChoice> families,
            RunOptions options,
            Terminal terminal,
            StringBuilder text) {
        List<Cell> cells = Matrix.run(target, families, Matrix.divergences(), Matrix.estimators(), options.seed());
        String tables = tables("## " + title + "\n\n", cells);
        text.append(tables);
        if (options.format() == Format.TEXT) {
            terminal.out().print(tables);
        } else {
            cells.forEach(cell -> terminal.out().print(json(cell) + "\n"));
        }
        terminal.out().flush();
        return cells;
    }

    /** A cell as one line of JSON; numbers that do not exist are null. */
    static String json(Cell cell) {
        ObjectNode node = JSON.createObjectNode();
        node.put("divergence", cell.divergence());
        node.put("family", cell.family());
        node.put("estimator", cell.estimator());
        node.put("target", cell.target());
        put(node, "distance", cell.distance());
        put(node, "standardError", cell.standardError());
        put(node, "gradientVariance", cell.gradientVariance());
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
            families.computeIfAbsent(cell.family(), name -> new LinkedHashMap<>())
                    .computeIfAbsent(cell.divergence(), name -> new LinkedHashMap<>())
                    .put(cell.estimator(), cell);
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
        if (Double.isNaN(cell.distance())) {
            return cell.status().mark();
        }
        String numbers = String.format(
                Locale.ROOT, "%.4f ± %.4f, %.1e", cell.distance(), cell.standardError(), cell.gradientVariance());
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
                        .append(String.join(", ", cell.target(), cell.family(), cell.divergence(), cell.estimator()))
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

package org.variational.lab.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.variational.cli.UsageException;
import org.variational.density.ParameterLayout.Block;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.lab.evaluation.ReferenceProblems.Declared;
import org.variational.lab.simulated.ReferenceTable;
import org.variational.lab.simulated.ReferenceTable.Row;
import org.variational.lab.simulated.SimulatedProblem;
import org.variational.model.Model;

/**
 * A posterior with trusted moments.
 *
 * @param name its name, such as {@code P01_kidiq_interaction}; that of its files where it is not simulated
 * @param model the posterior
 * @param rows the number of observations
 * @param reference the moments
 */
record ReferenceProblem(String name, Model model, int rows, Reference reference) {

    private static final int NUMBER_LENGTH = 3;

    /**
     * Reads a problem.
     *
     * @param name one of {@link ReferenceProblems#names()}
     * @param files where it is
     * @throws UsageException if it cannot be read
     */
    static ReferenceProblem read(String name, ProblemFiles files) {
        Declared declared = ReferenceProblems.declare(name, files);
        return new ReferenceProblem(name, declared.model(), declared.rows(), reference(name, files, declared));
    }

    /** Declares a simulated problem. */
    static ReferenceProblem of(SimulatedProblem problem) {
        SimulatedProblem.Declared declared = problem.declare();
        List<Integer> places = new ArrayList<>();
        List<Row> coordinates = new ArrayList<>();
        for (Block block : declared.model().layout().blocks()) {
            for (int i = 0; i < block.length(); i++) {
                int place = block.offset() + i;
                declared.coordinate(block.name())
                        .or(() -> declared.coordinate(block.name() + "[" + (place - block.offset()) + "]"))
                        .ifPresent(row -> {
                            places.add(place);
                            coordinates.add(row);
                        });
            }
        }
        ReferenceTable table = declared.reference();
        List<String> names = table.quantities();
        return new ReferenceProblem(
                problem.name(),
                declared.model(),
                declared.rows(),
                new Reference(
                        places.stream().mapToInt(Integer::intValue).toArray(),
                        moments(coordinates),
                        names,
                        moments(names.stream()
                                .map(name -> table.row(ReferenceTable.Kind.QUANTITY, name)
                                        .orElseThrow())
                                .toList())));
    }

    private static Moments moments(List<Row> rows) {
        return new Moments(
                rows.stream().mapToDouble(Row::mean).toArray(),
                rows.stream().mapToDouble(Row::sd).toArray(),
                rows.stream().mapToDouble(Row::meanError).toArray());
    }

    /** The reference in its own order: exact where it is known exactly, or else from Markov chains. */
    private static Reference reference(String name, ProblemFiles files, Declared declared) {
        JsonNode reference = files.read("ref", name);
        JsonNode exact = reference.get("exact");
        int[] places = places(declared);
        List<String> names = names(declared);
        if (exact != null) {
            return new Reference(
                    places,
                    Moments.exact(
                            append(exact, "mu_mean", "E_log_eps", "E_log_eta"),
                            append(exact, "mu_sd", "sd_log_eps", "sd_log_eta")),
                    names,
                    Moments.exact(
                            append(exact, "mu_mean", "E_sigma_eps", "E_sigma_eta"),
                            append(exact, "mu_sd", "sd_sigma_eps", "sd_sigma_eta")));
        }
        Moments all = moments(reference);
        // What a reference has more of comes first: standardised effects, which users do not ask for.
        int more = all.dimension() - names.size();
        if (more < 0) {
            throw new UsageException("the reference of " + name + " has " + all.dimension()
                    + " numbers on the user's scale, but the model has " + names.size());
        }
        return new Reference(
                places,
                moments(reference.get("unconstrained")),
                names,
                all.at(IntStream.range(more, all.dimension()).toArray()));
    }

    private static Moments moments(JsonNode node) {
        return new Moments(
                ProblemFiles.numbers(node.get("mean")),
                ProblemFiles.numbers(node.get("sd")),
                ProblemFiles.numbers(node.get("mcse_mean")));
    }

    private static double[] append(JsonNode node, String array, String... scalars) {
        double[] numbers = ProblemFiles.numbers(node.get(array));
        double[] all = Arrays.copyOf(numbers, numbers.length + scalars.length);
        for (int i = 0; i < scalars.length; i++) {
            all[numbers.length + i] = node.get(scalars[i]).asDouble();
        }
        return all;
    }

    private static int[] places(Declared problem) {
        List<Block> blocks = problem.model().layout().blocks();
        return problem.order().stream()
                .map(name -> blocks.stream()
                        .filter(block -> block.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .flatMapToInt(block -> IntStream.range(block.offset(), block.offset() + block.length()))
                .toArray();
    }

    private static List<String> names(Declared problem) {
        List<Quantity> quantities = problem.model().layout().quantities();
        return problem.quantities().stream()
                .flatMap(name ->
                        quantities.stream().filter(quantity -> quantity.name().equals(name)))
                .flatMap(quantity -> quantity.scalarNames().stream())
                .toList();
    }

    /** The names of all problems, in order. */
    static List<String> names() {
        return Stream.concat(
                        ReferenceProblems.names().stream(),
                        SimulatedProblem.all().stream().map(SimulatedProblem::name))
                .toList();
    }

    /** {@code P01} of {@code P01_kidiq_interaction}. */
    static String number(String name) {
        return name.substring(0, NUMBER_LENGTH);
    }

    static boolean isSimulated(String name) {
        return name.startsWith("N");
    }
}

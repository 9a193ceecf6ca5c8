package org.variational.lab.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.variational.density.ParameterLayout.Block;
import org.variational.lab.evaluation.ReferenceProblems.Declared;
import org.variational.model.Model;

/**
 * A posterior with trusted moments.
 *
 * @param name the name of its files, such as {@code P01_kidiq_interaction}
 * @param model the posterior
 * @param rows the number of observations
 * @param places for each coordinate of the reference, its place among the model's
 * @param moments the reference, in the order of the model's coordinates
 */
record ReferenceProblem(String name, Model model, int rows, int[] places, Moments moments) {

    private static final int NUMBER_LENGTH = 3;

    /**
     * Reads a problem.
     *
     * @param name one of {@link ReferenceProblems#names()}
     * @param files where it is
     * @throws org.variational.cli.UsageException if it cannot be read
     */
    static ReferenceProblem read(String name, ProblemFiles files) {
        Declared declared = ReferenceProblems.declare(name, files);
        int[] places = places(declared);
        return new ReferenceProblem(
                name,
                declared.model(),
                declared.rows(),
                places,
                reference(name, files).at(places));
    }

    /** The reference in its own order: exact where it is known exactly, or else from Markov chains. */
    private static Moments reference(String name, ProblemFiles files) {
        JsonNode reference = files.read("ref", name);
        JsonNode exact = reference.get("exact");
        if (exact != null) {
            double[] mean = append(exact, "mu_mean", "E_log_eps", "E_log_eta");
            double[] sd = append(exact, "mu_sd", "sd_log_eps", "sd_log_eta");
            return Moments.exact(mean, sd);
        }
        JsonNode unconstrained = reference.get("unconstrained");
        return new Moments(
                ProblemFiles.numbers(unconstrained.get("mean")),
                ProblemFiles.numbers(unconstrained.get("sd")),
                ProblemFiles.numbers(unconstrained.get("mcse_mean")));
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

    /** {@code P01} of {@code P01_kidiq_interaction}. */
    static String number(String name) {
        return name.substring(0, NUMBER_LENGTH);
    }
}

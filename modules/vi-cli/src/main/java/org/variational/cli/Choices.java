package org.variational.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.variational.VariationalInference;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.fixeddraws.FixedDraws;
import org.variational.algorithm.gaussian.BatchAndMatch;
import org.variational.algorithm.gaussian.BuresWasserstein;
import org.variational.algorithm.gaussian.GaussianScoreMatching;
import org.variational.algorithm.gaussian.NaturalGradient;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.algorithm.search.Laplace;
import org.variational.algorithm.search.Pathfinder;
import org.variational.divergence.Divergence;
import org.variational.divergence.Divergences;
import org.variational.family.Families;
import org.variational.family.VariationalFamily;

/**
 * The values an option can take, by name: {@code name}, or {@code name:NUMBER} where a value has a number. A new value
 * is one line in one of the lists.
 *
 * @param <T> the type of the values
 */
final class Choices<T> {

    /** The family taken where a divergence alone is chosen. */
    static final Named<VariationalFamily.Factory> FULL_RANK = new Named<>("full-rank", Families.fullRank());

    /** The divergence taken where a family alone is chosen. */
    static final Named<Divergence> REVERSE_KL = new Named<>("reverse-kl", Divergences.reverseKl());

    /** The values of {@code --family}. */
    static final Choices<VariationalFamily.Factory> FAMILIES = new Choices<>(
            "family",
            List.of(
                    plain("mean-field", Families.meanField()),
                    plain(FULL_RANK),
                    counted("low-rank", "RANK", Families::lowRank),
                    numbered("mean-field-student-t", "DEGREES", Families::meanFieldStudentT),
                    numbered("student-t", "DEGREES", Families::multivariateStudentT),
                    counted("mixture", "COMPONENTS", Families::mixture),
                    plain("flow", Families.couplingFlow())));

    /** The values of {@code --divergence}. */
    static final Choices<Divergence> DIVERGENCES = new Choices<>(
            "divergence",
            List.of(
                    plain(REVERSE_KL),
                    plain("forward-kl", Divergences.forwardKl()),
                    plain("jeffreys", Divergences.jeffreys()),
                    plain("jensen-shannon", Divergences.jensenShannon()),
                    plain("hellinger", Divergences.squaredHellinger()),
                    plain("chi-squared", Divergences.chiSquared()),
                    numbered("alpha", "ALPHA", Divergences::alpha),
                    numbered("renyi", "ALPHA", Divergences::renyi),
                    numbered("cubo", "ORDER", Divergences::cubo),
                    counted("importance-weighted", "DRAWS", Divergences::importanceWeighted),
                    plain("tail-adaptive", Divergences.tailAdaptive())));

    /** The values of {@code --algorithm}: what is done to a fit so that the algorithm makes it. */
    static final Choices<UnaryOperator<VariationalInference>> ALGORITHMS = new Choices<>(
            "algorithm",
            List.of(
                    plain("default", UnaryOperator.identity()),
                    algorithm("stochastic-gradient", StochasticGradient.create()),
                    algorithm("tuning-free", StochasticGradient.tuningFree()),
                    algorithm("fixed-draws", FixedDraws.create()),
                    algorithm("linear-response", FixedDraws.create().withLinearResponse()),
                    algorithm("batch-and-match", BatchAndMatch.create()),
                    algorithm("gaussian-score-matching", GaussianScoreMatching.create()),
                    algorithm("natural-gradient", NaturalGradient.create()),
                    algorithm("bures-wasserstein", BuresWasserstein.create()),
                    algorithm("pathfinder", Pathfinder.create()),
                    algorithm("laplace", Laplace.create())));

    /** The largest count: a larger one is a slip, and would be told by running out of memory. */
    private static final int MOST_COUNTED = 1000;

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private final String what;
    private final Map<String, Choice<T>> choices = new LinkedHashMap<>();

    /** A value, or values that differ by a number, whose meaning {@code argument} names; empty if there is none. */
    private record Choice<T>(String name, String argument, boolean whole, DoubleFunction<T> factory) {

        String usage() {
            return argument.isEmpty() ? name : name + ":" + argument;
        }
    }

    private Choices(String what, List<Choice<T>> choices) {
        this.what = what;
        choices.forEach(choice -> this.choices.put(choice.name(), choice));
    }

    private static <T> Choice<T> plain(Named<T> named) {
        return plain(named.name(), named.value());
    }

    private static <T> Choice<T> plain(String name, T value) {
        return new Choice<>(name, "", false, number -> value);
    }

    private static Choice<UnaryOperator<VariationalInference>> algorithm(String name, Algorithm<?> algorithm) {
        return plain(name, inference -> inference.algorithm(algorithm));
    }

    private static <T> Choice<T> numbered(String name, String argument, DoubleFunction<T> factory) {
        return new Choice<>(name, argument, false, factory);
    }

    private static <T> Choice<T> counted(String name, String argument, IntFunction<T> factory) {
        return new Choice<>(name, argument, true, number -> factory.apply((int) number));
    }

    /**
     * How the values are written.
     *
     * @return a new list, in order
     */
    List<String> usages() {
        List<String> usages = new ArrayList<>();
        choices.values().forEach(choice -> usages.add(choice.usage()));
        return usages;
    }

    /**
     * Reads a value.
     *
     * @throws UsageException if there is no such value, or its number is missing, superfluous or refused
     */
    Named<T> parse(String text) {
        String[] parts = text.split(":", 2);
        Choice<T> choice = choices.get(parts[0]);
        if (choice == null) {
            throw new UsageException("there is no " + what + " \"" + parts[0] + "\""
                    + NearNames.question(parts[0], List.copyOf(choices.keySet())) + " (there are "
                    + String.join(", ", usages()) + ")");
        }
        if (choice.argument().isEmpty() != (parts.length == 1)) {
            throw new UsageException(
                    "the " + what + " " + parts[0] + " is written " + choice.usage() + ", got \"" + text + "\"");
        }
        return new Named<>(text, value(choice, parts));
    }

    private T value(Choice<T> choice, String[] parts) {
        double number = parts.length == 1 ? 0 : number(choice, parts[1]);
        try {
            return choice.factory().apply(number);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "the " + what + " " + choice.usage() + " cannot have \"" + parts[1] + "\": " + e.getMessage());
        }
    }

    private double number(Choice<T> choice, String text) {
        boolean decimal = DECIMAL.matcher(text).matches();
        double number = decimal ? Double.parseDouble(text) : Double.NaN;
        boolean fits = choice.whole()
                ? number == Math.rint(number) && number >= 1 && number <= MOST_COUNTED
                : Double.isFinite(number);
        if (!fits) {
            String expected = choice.whole() ? "a whole number from 1 to " + MOST_COUNTED : "a number such as 2 or 0.5";
            throw new UsageException("the " + what + " " + choice.usage() + " needs " + expected + " for "
                    + choice.argument() + ", got \"" + text + "\"");
        }
        return number;
    }
}

package org.variational.lab.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.VariationalInference;
import org.variational.cli.ExitCode;
import org.variational.cli.FitChoices;
import org.variational.cli.HelpOption;
import org.variational.cli.NearNames;
import org.variational.cli.Terminal;
import org.variational.cli.UsageException;
import org.variational.lab.evaluation.EvaluationTable.Result;
import org.variational.lab.simulated.ReferencesCommand;
import org.variational.lab.simulated.SimulatedProblem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elbo evaluate}: fits the reference problems and scores the answers against their references. */
@Command(
        name = "evaluate",
        description = "Fits the reference problems and scores the answers.",
        subcommands = ReferencesCommand.class,
        sortOptions = false,
        footer = {
            "",
            "Exit codes: 0 scored, 1 no fit gave an answer or the file could not be written, 2 wrong command line.",
        })
public final class EvaluateCommand implements Callable<Integer> {

    /** As many as the tail shape of the reference marks is stated for. */
    private static final int POSTERIOR_DRAWS = 10_000;

    /** The largest number of coordinates of all draws of a large problem. */
    private static final int MOST_NUMBERS = 12_000_000;

    private static final int SEEDS = 5;
    private static final int SEEDS_OF_LARGE = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--problems",
            paramLabel = "DIR",
            description = "The folder with data and ref; shared/problems beside the checkout unless set.")
    private @Nullable Path problems;

    @Option(
            names = "--only",
            paramLabel = "P01,P05",
            split = ",",
            description = "Some of the problems, by number, letter or name; all that are not large unless set.")
    private @Nullable List<String> only;

    @Option(names = "--large", description = "Simulated problems of more than 2,000 coordinates too.")
    private boolean large;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FitChoices choices;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many fits of each problem; 5, of a large one 3, unless set.")
    private @Nullable Integer seeds;

    @Option(
            names = "--seed",
            paramLabel = "FIRST",
            defaultValue = "1",
            description = "The seed of the first fit of each problem; the others follow. 1 unless set.")
    private long firstSeed;

    @Option(names = "--out", paramLabel = "FILE.csv", description = "A file for a row per problem and seed.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    private final boolean interactive;

    /**
     * The command.
     *
     * @param interactive whether a person watches standard error
     */
    public EvaluateCommand(boolean interactive) {
        this.interactive = interactive;
    }

    @Override
    public Integer call() {
        List<String> names = selected(only, large);
        if (seeds != null && seeds < 1) {
            throw new UsageException("--seeds must be at least 1, got " + seeds);
        }
        TableFile file = TableFile.at(out);
        int threads = choices.threads();
        // Problems that are simulated need no files.
        Optional<ProblemFiles> files = names.stream().allMatch(ReferenceProblem::isSimulated)
                ? Optional.empty()
                : Optional.of(ProblemFiles.in(problems));
        Terminal terminal =
                new Terminal(spec.commandLine().getOut(), spec.commandLine().getErr(), interactive);
        EvaluationTable table = new EvaluationTable();
        for (String name : names) {
            Result result = evaluated(name, files, threads);
            if (table.isEmpty()) {
                terminal.out().print(EvaluationTable.heading());
            }
            table.add(result);
            terminal.out().print(EvaluationTable.line(result));
            terminal.out().flush();
            complain(result, terminal);
            // After every problem, so that a long evaluation that is ended leaves what it has.
            file.write(table::writeCsv, terminal);
        }
        terminal.out().print(table.lastLine());
        terminal.out().flush();
        return (file.isWritten() && table.hasAnswer() ? ExitCode.OK : ExitCode.FAILED).value();
    }

    private Result evaluated(String name, Optional<ProblemFiles> files, int threads) {
        Optional<SimulatedProblem> simulated = SimulatedProblem.named(name);
        ReferenceProblem problem =
                simulated.map(ReferenceProblem::of).orElseGet(() -> ReferenceProblem.read(name, files.orElseThrow()));
        boolean isLarge = simulated.map(SimulatedProblem::isLarge).orElse(false);
        int dimension = problem.model().dimension();
        VariationalInference inference = choices.applyTo(VariationalInference.of(problem.model()))
                .posteriorDraws(Math.min(POSTERIOR_DRAWS, MOST_NUMBERS / dimension));
        int count = seeds != null ? seeds : isLarge ? SEEDS_OF_LARGE : SEEDS;
        List<Attempt> attempts =
                Parallel.map(threads, firstSeed, count, seed -> Attempt.of(inference.seed(seed), problem.reference()));
        return new Result(
                name,
                dimension,
                problem.rows(),
                problem.reference().coordinates().resolution(),
                firstSeed,
                attempts);
    }

    private static void complain(Result result, Terminal terminal) {
        Set<String> messages = new LinkedHashSet<>();
        for (Attempt attempt : result.attempts()) {
            if (!attempt.message().isEmpty()) {
                messages.add("elbo: " + result.problem() + ": " + attempt.verdict() + ": " + attempt.message());
            }
        }
        messages.forEach(terminal.err()::println);
        terminal.err().flush();
    }

    /**
     * The problems that are named, by number or letter in either case or by name, each once and in order; all if none
     * is.
     *
     * @param withLarge whether large ones are meant where they are not named
     */
    static List<String> selected(@Nullable List<String> wanted, boolean withLarge) {
        List<String> all = ReferenceProblem.names();
        List<String> usual = all.stream()
                .filter(name -> withLarge
                        || !SimulatedProblem.named(name)
                                .map(SimulatedProblem::isLarge)
                                .orElse(false))
                .toList();
        if (wanted == null) {
            return usual;
        }
        Set<String> found = new LinkedHashSet<>();
        for (String word : wanted) {
            found.addAll(selected(word.strip(), all, usual));
        }
        List<String> inOrder = new ArrayList<>(all);
        inOrder.retainAll(found);
        return inOrder;
    }

    private static List<String> selected(String word, List<String> all, List<String> usual) {
        String number = word.toUpperCase(Locale.ROOT);
        if (number.length() == 1) {
            List<String> ofLetter =
                    usual.stream().filter(name -> name.startsWith(number)).toList();
            if (!ofLetter.isEmpty()) {
                return ofLetter;
            }
        }
        return List.of(all.stream()
                .filter(candidate -> candidate.equals(word)
                        || ReferenceProblem.number(candidate).equals(number))
                .findFirst()
                .orElseThrow(() -> new UsageException("there is no problem \"" + word + "\""
                        + NearNames.question(word, all) + " (there are " + String.join(", ", all) + ")")));
    }
}

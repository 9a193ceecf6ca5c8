package org.variational.lab.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elbo evaluate}: fits the reference problems and scores the answers against their references. */
@Command(
        name = "evaluate",
        description = "Fits the reference problems and scores the answers.",
        sortOptions = false,
        footer = {
            "",
            "Exit codes: 0 scored, 1 no fit gave an answer or the file could not be written, 2 wrong command line.",
        })
public final class EvaluateCommand implements Callable<Integer> {

    /** As many as the tail shape of the reference marks is stated for. */
    private static final int POSTERIOR_DRAWS = 10_000;

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
            description = "Some of the problems, by number or name; all unless set.")
    private @Nullable List<String> only;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FitChoices choices;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many fits of each problem; 5 unless set.")
    private int seeds;

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
        List<String> names = selected(only);
        if (seeds < 1) {
            throw new UsageException("--seeds must be at least 1, got " + seeds);
        }
        TableFile file = TableFile.at(out);
        int threads = choices.threads();
        ProblemFiles files = ProblemFiles.in(problems);
        Terminal terminal =
                new Terminal(spec.commandLine().getOut(), spec.commandLine().getErr(), interactive);
        EvaluationTable table = new EvaluationTable();
        for (String name : names) {
            ReferenceProblem problem = ReferenceProblem.read(name, files);
            VariationalInference inference =
                    choices.applyTo(VariationalInference.of(problem.model())).posteriorDraws(POSTERIOR_DRAWS);
            List<Attempt> attempts = Parallel.map(
                    threads, firstSeed, seeds, seed -> Attempt.of(inference.seed(seed), problem.moments()));
            Result result = new Result(
                    name,
                    problem.model().dimension(),
                    problem.rows(),
                    problem.moments().resolution(),
                    firstSeed,
                    attempts);
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

    /** The problems that are named, by number in either case or by name, each once and in order; all if none is. */
    static List<String> selected(@Nullable List<String> wanted) {
        List<String> all = ReferenceProblems.names();
        if (wanted == null) {
            return all;
        }
        Set<String> found = new LinkedHashSet<>();
        for (String word : wanted) {
            String name = word.strip();
            found.add(all.stream()
                    .filter(candidate -> candidate.equals(name)
                            || ReferenceProblem.number(candidate).equals(name.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("there is no problem \"" + name + "\""
                            + NearNames.question(name, all) + " (there are " + String.join(", ", all) + ")")));
        }
        List<String> inOrder = new ArrayList<>(all);
        inOrder.retainAll(found);
        return inOrder;
    }
}

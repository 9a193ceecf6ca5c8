package org.variational.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.examples.Example;
import org.variational.examples.ExampleResult;
import org.variational.examples.FitChoice;
import org.variational.examples.RunOptions;
import org.variational.family.VariationalFamily;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code elbo run NAME}: runs an example. */
@Command(
        name = "run",
        description = "Runs an example and prints its result.",
        sortOptions = false,
        footer = {
            "",
            "Ctrl-C ends the fit and gives the best answer so far, with its files; twice, it ends at once.",
            "Exit codes: 0 ok, 1 failed, 2 wrong command line, 3 there is an answer that should not be used,"
                    + " 130 interrupted.",
            "--out writes draws.csv, summary.csv, trace.csv and provenance.json."
        })
final class RunCommand implements Callable<Integer> {

    private static final int MOST_DRAWS = 1_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The example; elbo list shows them.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = FamilyConverter.class,
            completionCandidates = FamilyNames.class,
            description = "The approximation: ${COMPLETION-CANDIDATES}; full-rank if a divergence is set, or else the"
                    + " library's choice.")
    private @Nullable Named<VariationalFamily.Factory> family;

    @Option(
            names = "--divergence",
            paramLabel = "DIVERGENCE",
            converter = DivergenceConverter.class,
            completionCandidates = DivergenceNames.class,
            description = "What is minimised: ${COMPLETION-CANDIDATES}; reverse-kl if a family is set, or else the"
                    + " library's choice.")
    private @Nullable Named<Divergence> divergence;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The seed, any whole number; the same seed gives the same output. 1 unless set.")
    private long seed;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description = "The number of draws from the fitted approximation; 4000 unless set.")
    private @Nullable Integer draws;

    @Option(names = "--out", paramLabel = "DIR", description = "A directory to write files to; made if missing.")
    private @Nullable Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private FormatOption format;

    @Option(
            names = "--explain",
            description = "Lists all findings of the verdict below the result; JSON has them always.")
    private boolean explain;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    private final List<Example> examples;
    private final Terminal terminal;
    private final Interruption interruption;

    RunCommand(List<Example> examples, Terminal terminal, Interruption interruption) {
        this.examples = List.copyOf(examples);
        this.terminal = terminal;
        this.interruption = interruption;
    }

    @Override
    public Integer call() {
        Example example = example();
        if (draws != null && (draws < 1 || draws > MOST_DRAWS)) {
            throw new UsageException("--draws must be from 1 to " + MOST_DRAWS + ", got " + draws);
        }
        FitChoice fitChoice = fitChoice(example);
        OutputDirectory directory = out == null ? null : OutputDirectory.at(out);
        ExampleResult result = result(example, fitChoice);
        if (format.isText()) {
            terminal.out().print(result.text());
            if (explain && !result.explanation().isEmpty()) {
                terminal.out().print("\n" + result.explanation());
            } else if (!result.usable()) {
                terminal.out().print("\n--explain lists all findings of the verdict.\n");
            }
        } else {
            result.json().forEach(line -> terminal.out().print(line + "\n"));
        }
        terminal.out().flush();
        if (directory != null && !directory.tryWriting(terminal, result.files()::writeTo)) {
            return ExitCode.FAILED.value();
        }
        return (result.usable() ? ExitCode.OK : ExitCode.NOT_TRUSTWORTHY).value();
    }

    private ExampleResult result(Example example, @Nullable FitChoice fitChoice) {
        try (ProgressLine progress = ProgressLine.on(terminal, example.name())) {
            return example.run(
                    new RunOptions(fitChoice, seed, draws == null ? 0 : draws, progress, interruption.watched()));
        } catch (IllegalArgumentException e) {
            if (fitChoice == null) {
                throw e;
            }
            throw new UsageException(e.getMessage());
        }
    }

    private @Nullable FitChoice fitChoice(Example example) {
        if (family == null && divergence == null) {
            return null;
        }
        if (!example.takesFitChoice()) {
            throw new UsageException(example.name() + " chooses its families and divergences itself; leave out "
                    + (family != null ? "--family" : "--divergence"));
        }
        Named<VariationalFamily.Factory> q = family == null ? Choices.FULL_RANK : family;
        Named<Divergence> d = divergence == null ? Choices.REVERSE_KL : divergence;
        return new FitChoice(q.name(), q.value(), d.name(), d.value());
    }

    private Example example() {
        List<String> names = new ArrayList<>();
        for (Example example : examples) {
            if (example.name().equals(name)) {
                return example;
            }
            names.add(example.name());
        }
        if (spec.root().subcommands().containsKey(name)) {
            throw new UsageException("there is no example \"" + name + "\"; it is a command: elbo " + name);
        }
        throw new UsageException(
                "there is no example \"" + name + "\"" + NearNames.question(name, names) + " (elbo list shows them)");
    }

    /** Reads a family. */
    static final class FamilyConverter implements ITypeConverter<Named<VariationalFamily.Factory>> {
        @Override
        public Named<VariationalFamily.Factory> convert(String value) {
            return Choices.FAMILIES.parse(value);
        }
    }

    /** Reads a divergence. */
    static final class DivergenceConverter implements ITypeConverter<Named<Divergence>> {
        @Override
        public Named<Divergence> convert(String value) {
            return Choices.DIVERGENCES.parse(value);
        }
    }

    /** The families, for the help text. */
    static final class FamilyNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        FamilyNames() {
            super(Choices.FAMILIES.usages());
        }
    }

    /** The divergences, for the help text. */
    static final class DivergenceNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        DivergenceNames() {
            super(Choices.DIVERGENCES.usages());
        }
    }
}

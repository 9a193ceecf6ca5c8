package org.variational.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.variational.divergence.Divergence;
import org.variational.examples.Example;
import org.variational.examples.Format;
import org.variational.examples.Named;
import org.variational.examples.RunOptions;
import org.variational.examples.Terminal;
import org.variational.examples.UsageException;
import org.variational.family.VariationalFamily;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
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
            "Exit codes: 0 ok, 1 failed, 2 wrong command line, 3 there is an answer that should not be used.",
            "--out writes draws.csv, summary.csv, trace.csv and provenance.json."
        })
public final class RunCommand implements Callable<Integer> {

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

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            converter = FormatConverter.class,
            description = "text, or json for one JSON object a line; text unless set.")
    @SuppressWarnings("NullAway.Init")
    private Format format;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    private final List<Example> examples;
    private final boolean interactive;

    /**
     * The command.
     *
     * @param examples what can be run
     * @param interactive whether a person watches standard error
     */
    public RunCommand(List<Example> examples, boolean interactive) {
        this.examples = List.copyOf(examples);
        this.interactive = interactive;
    }

    @Override
    public Integer call() {
        Example example = example();
        if (draws != null && (draws < 1 || draws > MOST_DRAWS)) {
            throw new UsageException("--draws must be from 1 to " + MOST_DRAWS + ", got " + draws);
        }
        if (out != null && out.toString().isEmpty()) {
            throw new UsageException(
                    "--out needs the name of a directory, got an empty one; . is the current directory");
        }
        RunOptions options = new RunOptions(family, divergence, seed, draws == null ? 0 : draws, out, format);
        Terminal terminal =
                new Terminal(spec.commandLine().getOut(), spec.commandLine().getErr(), interactive);
        return example.run(options, terminal).value();
    }

    private Example example() {
        List<String> names = new ArrayList<>();
        for (Example example : examples) {
            if (example.name().equals(name)) {
                return example;
            }
            names.add(example.name());
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

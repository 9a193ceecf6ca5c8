package org.variational.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.variational.examples.Example;
import org.variational.examples.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elbo list}: the examples, one a line. */
@Command(name = "list", description = "Lists the examples.")
public final class ListCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    private final List<Example> examples;

    /**
     * The command.
     *
     * @param examples what is listed
     */
    public ListCommand(List<Example> examples) {
        this.examples = List.copyOf(examples);
    }

    @Override
    public Integer call() {
        int width = examples.stream().mapToInt(e -> e.name().length()).max().orElse(1);
        for (Example example : examples) {
            spec.commandLine()
                    .getOut()
                    .print(String.format(Locale.ROOT, "%-" + width + "s  %s\n", example.name(), example.description()));
        }
        return ExitCode.OK.value();
    }
}

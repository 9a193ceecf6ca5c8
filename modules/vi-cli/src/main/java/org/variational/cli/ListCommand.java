package org.variational.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.variational.examples.Example;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code elbo list}: the examples and the commands, one a line. */
@Command(name = "list", description = "Lists the examples and the commands.")
final class ListCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    private final List<Example> examples;

    ListCommand(List<Example> examples) {
        this.examples = List.copyOf(examples);
    }

    @Override
    public Integer call() {
        Map<String, String> runs = new LinkedHashMap<>();
        examples.forEach(example -> runs.put(example.name(), example.description()));
        Map<String, String> commands = new LinkedHashMap<>();
        spec.root()
                .subcommands()
                .forEach((name, line) -> commands.put(
                        name,
                        String.join(" ", line.getCommandSpec().usageMessage().description())));
        PrintWriter out = spec.commandLine().getOut();
        print(out, "Examples (elbo run NAME):", runs);
        out.print("\n");
        print(out, "Commands (elbo COMMAND --help):", commands);
        return ExitCode.OK.value();
    }

    private static void print(PrintWriter out, String heading, Map<String, String> lines) {
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(1);
        out.print(heading + "\n");
        lines.forEach((name, description) ->
                out.print(String.format(Locale.ROOT, "  %-" + width + "s  %s\n", name, description)));
    }
}

package org.variational.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line: {@code elbo run NAME}. Exit codes: 0 ok, 1 failed, 2 usage, 3 answer not trustworthy. */
@Command(name = "elbo", mixinStandardHelpOptions = true, subcommands = Elbo.Run.class)
public final class Elbo implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Elbo()).execute(args));
    }

    @Command(name = "run", description = "Fits an example and prints its summary.")
    static final class Run implements Runnable {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Parameters(paramLabel = "NAME", description = "The example.")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @picocli.CommandLine.Option(names = "--format", defaultValue = "text", description = "text or json")
        @SuppressWarnings("NullAway.Init")
        private String format;

        @Override
        public void run() {
            spec.commandLine().getOut().printf("{\"model\": \"%s\", \"format\": \"%s\"}%n", name, format);
        }
    }
}

package org.variational.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.variational.algorithm.FitException;
import org.variational.examples.Examples;
import org.variational.examples.ExitCode;
import org.variational.examples.Terminal;
import org.variational.examples.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code elbo list}, {@code elbo run NAME} and what other modules add. The exit codes are those of
 * {@link ExitCode}.
 */
@Command(
        name = "elbo",
        description = "Bayesian models fitted by variational inference.",
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND")
public final class Elbo implements Runnable {

    /** Set to true by the launcher where standard error is a terminal. */
    private static final String TERMINAL_PROPERTY = "org.variational.cli.terminal";

    /** The commands of vi-lab with their descriptions: help lists them here too, where that module is absent. */
    private static final Map<String, String> LABORATORY = laboratory();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    private Elbo() {}

    private static Map<String, String> laboratory() {
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put("evaluate", "Fits the reference problems and scores the answers.");
        commands.put("calibrate", "Fits random targets with exact moments and counts how often the verdict is right.");
        commands.put(
                "matrix", "Compares every divergence, family and estimator with known optima, in about two minutes.");
        commands.put("bench", "Measures the library on this machine.");
        return commands;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected a command: "
                        + String.join(", ", spec.commandLine().getSubcommands().keySet()));
    }

    /**
     * Runs the command line and ends the virtual machine with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        System.exit(run(terminal(), List.of(), args));
    }

    /** The terminal of this process; what is drawn needs no screen. */
    public static Terminal terminal() {
        System.setProperty("java.awt.headless", "true");
        Charset charset = Charset.defaultCharset();
        return new Terminal(
                new PrintWriter(System.out, false, charset),
                new PrintWriter(System.err, true, charset),
                Boolean.getBoolean(TERMINAL_PROPERTY));
    }

    /**
     * Runs the command line.
     *
     * @param terminal where it writes
     * @param more further commands, objects with picocli's annotations
     * @param args the command and its options
     * @return the exit code
     */
    public static int run(Terminal terminal, List<?> more, String... args) {
        PrintWriter err = terminal.err();
        CommandLine commandLine = new CommandLine(new Elbo())
                .addSubcommand(new ListCommand(Examples.all()))
                .addSubcommand(new RunCommand(Examples.all(), terminal.interactive()));
        more.forEach(commandLine::addSubcommand);
        LABORATORY.forEach((name, description) -> {
            if (!commandLine.getSubcommands().containsKey(name)) {
                commandLine.addSubcommand(absent(name, description));
            }
        });
        commandLine
                .setOut(terminal.out())
                .setErr(err)
                .setParameterExceptionHandler((exception, given) -> refuse(err, exception))
                .setExecutionExceptionHandler((exception, line, result) -> report(err, exception, line));
        int code = commandLine.execute(args);
        if (terminal.out().checkError()) {
            err.println("elbo: the output could not be written");
            code = ExitCode.FAILED.value();
        }
        err.flush();
        return code;
    }

    private static CommandSpec absent(String name, String description) {
        Callable<Integer> refusal = () -> {
            throw new UsageException(name + " is in the module vi-lab, which is not on the class path; start it as"
                    + " ./elbo " + name + " from the checkout");
        };
        CommandSpec absent = CommandSpec.wrapWithoutInspection(refusal).name(name);
        absent.usageMessage().description(description);
        absent.parser().unmatchedArgumentsAllowed(true).unmatchedOptionsArePositionalParams(true);
        return absent;
    }

    private static int refuse(PrintWriter err, ParameterException exception) {
        Throwable cause = exception.getCause();
        err.println("elbo: " + (cause instanceof UsageException ? cause.getMessage() : exception.getMessage()));
        return hint(err, exception.getCommandLine());
    }

    private static int hint(PrintWriter err, CommandLine commandLine) {
        err.println("Try: " + commandLine.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.value();
    }

    private static int report(PrintWriter err, Exception exception, CommandLine commandLine) {
        if (exception instanceof UsageException) {
            err.println("elbo: " + exception.getMessage());
            return hint(err, commandLine);
        }
        if (exception instanceof FitException) {
            err.println("elbo: " + exception.getMessage());
        } else {
            err.println("elbo: the run failed; this is a fault in the program:");
            exception.printStackTrace(err);
        }
        return ExitCode.FAILED.value();
    }
}

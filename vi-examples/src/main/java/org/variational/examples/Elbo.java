package org.variational.examples;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.variational.algorithm.FitException;
import org.variational.examples.cli.ExitCode;
import org.variational.examples.cli.ListCommand;
import org.variational.examples.cli.RunCommand;
import org.variational.examples.cli.UsageException;
import org.variational.examples.evaluation.CalibrateCommand;
import org.variational.examples.evaluation.EvaluateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code elbo list}, {@code elbo run NAME}, {@code elbo evaluate}, {@code elbo calibrate}. The exit
 * codes are those of {@link ExitCode}.
 */
@Command(
        name = "elbo",
        description = "Bayesian models fitted by variational inference.",
        footer = {"", "elbo bench NAME runs the benchmarks."})
public final class Elbo implements Runnable {

    /** Set to true by the launcher where standard error is a terminal. */
    private static final String TERMINAL_PROPERTY = "org.variational.examples.terminal";

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

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command: list, run, evaluate or calibrate");
    }

    /**
     * Runs the command line and ends the virtual machine with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        Charset charset = Charset.defaultCharset();
        System.exit(run(
                new PrintWriter(System.out, false, charset),
                new PrintWriter(System.err, true, charset),
                Boolean.getBoolean(TERMINAL_PROPERTY),
                args));
    }

    /** Runs the command line; {@code interactive} says whether {@code err} is a terminal. */
    static int run(PrintWriter out, PrintWriter err, boolean interactive, String... args) {
        CommandLine commandLine = new CommandLine(new Elbo())
                .addSubcommand(new ListCommand(Examples.all()))
                .addSubcommand(new RunCommand(Examples.all(), interactive))
                .addSubcommand(new EvaluateCommand(interactive))
                .addSubcommand(new CalibrateCommand(interactive))
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((exception, given) -> refuse(err, exception))
                .setExecutionExceptionHandler((exception, line, result) -> report(err, exception, line));
        int code = commandLine.execute(args);
        if (out.checkError()) {
            err.println("elbo: the output could not be written");
            code = ExitCode.FAILED.value();
        }
        err.flush();
        return code;
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

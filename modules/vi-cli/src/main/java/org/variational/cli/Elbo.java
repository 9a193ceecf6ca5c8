package org.variational.cli;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import org.variational.VariationalInference;
import org.variational.algorithm.FitException;
import org.variational.examples.Example;
import org.variational.examples.Examples;
import org.variational.kernel.Kernels;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: {@code elbo list}, {@code elbo run NAME} and what other modules add. The exit codes are those of
 * {@link ExitCode}.
 */
@Command(
        name = "elbo",
        description = "Bayesian models fitted by variational inference.",
        sortOptions = false,
        versionProvider = Elbo.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Elbo implements Runnable {

    /** Set by the launcher to the terminal that standard error is, such as {@code /dev/pts/3}; empty if it is none. */
    private static final String TERMINAL_PROPERTY = "org.variational.cli.terminal";

    /** The commands of vi-lab with their descriptions: help lists them here too, where that module is absent. */
    private static final Map<String, String> LABORATORY = laboratory();

    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d+");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Prints the versions of the library and of Java, and the kernels that are used.")
    @SuppressWarnings("UnusedVariable")
    private boolean version;

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

    /**
     * The terminal of this process; what is drawn needs no screen. Messages go straight to the terminal where standard
     * error is one, since they would arrive behind the results on the way through the launcher's filter.
     */
    public static Terminal terminal() {
        System.setProperty("java.awt.headless", "true");
        Charset charset = Charset.defaultCharset();
        PrintWriter out = new PrintWriter(System.out, false, charset);
        String device = System.getProperty(TERMINAL_PROPERTY, "");
        if (!device.isEmpty()) {
            try {
                return new Terminal(out, new PrintWriter(new FileOutputStream(device, true), true, charset), true);
            } catch (FileNotFoundException e) {
                // not ours to open, as after a change of user
                return new Terminal(out, new PrintWriter(System.err, true, charset), true);
            }
        }
        return new Terminal(out, new PrintWriter(System.err, true, charset), false);
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
        return run(terminal, Examples.all(), more, args);
    }

    /** Runs the command line with other examples. */
    static int run(Terminal terminal, List<Example> examples, List<?> more, String... args) {
        PrintWriter err = terminal.err();
        Interruption interruption = new Interruption(terminal);
        CommandLine commandLine = new CommandLine(new Elbo())
                .addSubcommand(new ListCommand(examples))
                .addSubcommand(new RunCommand(examples, terminal, interruption));
        more.forEach(commandLine::addSubcommand);
        LABORATORY.forEach((name, description) -> {
            if (!commandLine.getSubcommands().containsKey(name)) {
                commandLine.addSubcommand(absent(name, description));
            }
        });
        commandLine
                .setOut(terminal.out())
                .setErr(err)
                .registerConverter(Integer.class, text -> (int) whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE))
                .registerConverter(int.class, text -> (int) whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE))
                .registerConverter(Long.class, text -> whole(text, Long.MIN_VALUE, Long.MAX_VALUE))
                .registerConverter(long.class, text -> whole(text, Long.MIN_VALUE, Long.MAX_VALUE))
                .setParameterExceptionHandler((exception, given) -> refuse(err, exception))
                .setExecutionExceptionHandler((exception, line, result) -> report(err, exception, line));
        int code = commandLine.execute(args);
        if (terminal.out().checkError()) {
            err.println("elbo: the output could not be written");
            code = ExitCode.FAILED.value();
        }
        err.flush();
        return interruption.exitCode(code);
    }

    private static long whole(String text, long least, long most) {
        if (!WHOLE.matcher(text).matches()) {
            throw new TypeConversionException("expected a whole number, got \"" + text + "\"");
        }
        BigInteger value = new BigInteger(text);
        if (value.compareTo(BigInteger.valueOf(least)) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new TypeConversionException("expected a number from " + least + " to " + most + ", got " + text);
        }
        return value.longValue();
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
        CommandLine commandLine = exception.getCommandLine();
        String message = String.valueOf(exception.getMessage());
        if (exception.getCause() instanceof UsageException refusal) {
            message = String.valueOf(refusal.getMessage());
        } else if (exception instanceof UnmatchedArgumentException unmatched) {
            message = unknown(unmatched.getUnmatched().get(0), commandLine);
        } else {
            message = Character.toLowerCase(message.charAt(0)) + message.substring(1);
        }
        err.println("elbo: " + message);
        return hint(err, commandLine);
    }

    /** What is said of a word that a command does not know: an option, a command, or too much. */
    private static String unknown(String word, CommandLine commandLine) {
        CommandSpec spec = commandLine.getCommandSpec();
        if (word.startsWith("-")) {
            List<String> options = new ArrayList<>(spec.optionsMap().keySet());
            return "there is no option " + word + NearNames.question(word, options);
        }
        if (spec.subcommands().isEmpty()) {
            return "\"" + word + "\" is too much";
        }
        List<String> commands = List.copyOf(spec.subcommands().keySet());
        if (Examples.all().stream().anyMatch(example -> example.name().equals(word))) {
            return "there is no command \"" + word + "\"; it is an example: elbo run " + word;
        }
        return "there is no command \"" + word + "\"" + NearNames.question(word, commands) + " (there are "
                + String.join(", ", commands) + ")";
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
        if (exception instanceof FitException || exception instanceof CancellationException) {
            err.println("elbo: " + exception.getMessage());
        } else {
            err.println("elbo: the run failed; this is a fault in the program:");
            exception.printStackTrace(err);
        }
        return ExitCode.FAILED.value();
    }

    /** Tells the versions of the library and of Java, and the kernels that a fit would use. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String library = VariationalInference.class.getPackage().getImplementationVersion();
            return new String[] {
                "elbo " + (library == null ? "development" : library),
                "Java " + Runtime.version(),
                "kernels " + Kernels.preferred().name()
            };
        }
    }
}

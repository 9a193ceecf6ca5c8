package org.variational.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The benchmarks' command line: {@code elbo bench NAME}. */
@Command(
        name = "elbo bench",
        mixinStandardHelpOptions = true,
        description = "Measures the library on this machine.",
        subcommands = {GradientCommand.class, GaussiansCommand.class})
public final class Bench implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected the name of a benchmark: gradient or gaussians");
    }

    /** Runs the command line and ends the virtual machine with its exit code. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }
}

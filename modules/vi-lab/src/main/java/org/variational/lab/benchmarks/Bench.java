package org.variational.lab.benchmarks;

import org.variational.cli.HelpOption;
import org.variational.lab.simulated.GroupsCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elbo bench NAME}: runs a benchmark. */
@Command(
        name = "bench",
        description = "Measures the library on this machine.",
        subcommands = {GradientCommand.class, GaussiansCommand.class, GroupsCommand.class})
public final class Bench implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"})
    private HelpOption help;

    /** The command. */
    public Bench() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected the name of a benchmark: gradient, gaussians or groups");
    }
}

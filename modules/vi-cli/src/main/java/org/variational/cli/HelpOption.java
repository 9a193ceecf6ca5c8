package org.variational.cli;

import picocli.CommandLine.Option;

/** {@code --help} of every command. */
public final class HelpOption {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this text.")
    @SuppressWarnings("UnusedVariable")
    private boolean help;
}

package org.variational.cli;

import picocli.CommandLine.Option;

/** {@code --format} of the commands that print for people or for programs. */
public final class FormatOption {

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            converter = FormatConverter.class,
            description = "text, or json for one JSON object a line; text unless set.")
    private Format format = Format.TEXT;

    /** Whether the results are for people, not for programs. */
    public boolean isText() {
        return format == Format.TEXT;
    }
}

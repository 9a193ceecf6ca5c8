package org.variational.cli;

import org.jspecify.annotations.Nullable;

/**
 * The command line asks for something that does not exist or does not fit together; ends with {@link ExitCode#USAGE}.
 */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param message what was expected, what came, and what to do
     */
    public UsageException(@Nullable String message) {
        super(message);
    }
}

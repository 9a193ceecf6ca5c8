package org.variational.cli;

/** What the command line returns to its caller. */
public enum ExitCode {
    /** The run ended with an answer that can be used. */
    OK(0),
    /** The run failed: no answer, or a file could not be written. */
    FAILED(1),
    /** The command line was wrong; nothing was run. */
    USAGE(2),
    /** There is an answer, and its verdict is that it should not be used. */
    NOT_TRUSTWORTHY(3),
    /** The run was interrupted; what it had by then is printed and written. */
    INTERRUPTED(130);

    private final int value;

    ExitCode(int value) {
        this.value = value;
    }

    /**
     * The number for the operating system.
     *
     * @return from 0 to 3, or 130
     */
    public int value() {
        return value;
    }
}

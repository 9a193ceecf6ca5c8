package org.variational.cli;

/** How results are printed. */
public enum Format {
    /** Tables for people. */
    TEXT,
    /** One JSON object a line, for programs. */
    JSON
}

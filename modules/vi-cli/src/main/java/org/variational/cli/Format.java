package org.variational.cli;

/** How results are printed. */
enum Format {
    /** Tables for people. */
    TEXT,
    /** One JSON object a line, for programs. */
    JSON
}

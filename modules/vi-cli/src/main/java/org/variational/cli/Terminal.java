package org.variational.cli;

import java.io.PrintWriter;

/**
 * Where a run writes.
 *
 * @param out for results
 * @param err for messages
 * @param interactive whether {@code err} is a terminal that a person watches, so that progress may be shown on it
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {}

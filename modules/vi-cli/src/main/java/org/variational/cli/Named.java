package org.variational.cli;

/**
 * A value with the name it has on the command line.
 *
 * @param <T> the type of the value
 */
public record Named<T>(String name, T value) {}

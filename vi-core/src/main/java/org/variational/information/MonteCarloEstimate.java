package org.variational.information;

/**
 * A Monte Carlo estimate with its uncertainty.
 *
 * @param value the estimate
 * @param standardError its standard error, estimated from the same draws; NaN where the value is infinite
 */
public record MonteCarloEstimate(double value, double standardError) {}

package org.variational.algorithm.gradient;

/**
 * Bounds on the number of draws of a step.
 *
 * @param least the draws to begin with
 * @param most the most draws
 */
record AdaptiveDraws(int least, int most) {}

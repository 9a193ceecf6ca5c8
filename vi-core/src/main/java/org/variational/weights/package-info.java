/**
 * Importance weights: normalising them in logs, how many draws they are worth, Pareto smoothing and its k-hat, and the
 * Monte-Carlo error of what is computed from weighted or autocorrelated draws.
 */
@NullMarked
package org.variational.weights;

import org.jspecify.annotations.NullMarked;

/**
 * Probability distributions with expressions for parameters: priors and likelihoods that can be evaluated and drawn.
 */
@NullMarked
package org.variational.distribution;

import org.jspecify.annotations.NullMarked;

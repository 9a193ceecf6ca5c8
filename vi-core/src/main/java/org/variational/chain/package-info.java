/**
 * Markov chains in lanes: gradient-based transitions, the moments of their points, and the check of an approximation by
 * them.
 */
@NullMarked
package org.variational.chain;

import org.jspecify.annotations.NullMarked;

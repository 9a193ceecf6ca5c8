/** Stochastic gradient descent in stages, with its coordinates, step sizes and stopping rules. */
@NullMarked
package org.variational.algorithm.gradient;

import org.jspecify.annotations.NullMarked;

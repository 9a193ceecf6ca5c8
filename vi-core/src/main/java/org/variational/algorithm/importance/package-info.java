/** Adaptive importance sampling, for densities of few coordinates. */
@NullMarked
package org.variational.algorithm.importance;

import org.jspecify.annotations.NullMarked;

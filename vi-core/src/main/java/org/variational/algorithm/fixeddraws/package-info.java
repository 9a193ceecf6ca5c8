/** Fixed draws: deterministic optimisation of a sample-average objective, and linear response at its optimum. */
@NullMarked
package org.variational.algorithm.fixeddraws;

import org.jspecify.annotations.NullMarked;

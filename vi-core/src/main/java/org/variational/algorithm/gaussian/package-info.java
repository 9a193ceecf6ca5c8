/** Closed-form updates of a Gaussian from scores. */
@NullMarked
package org.variational.algorithm.gaussian;

import org.jspecify.annotations.NullMarked;

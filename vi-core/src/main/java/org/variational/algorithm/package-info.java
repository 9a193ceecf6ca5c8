/** Algorithms that fit an approximation, the driver that runs them, and the fit they return. */
@NullMarked
package org.variational.algorithm;

import org.jspecify.annotations.NullMarked;

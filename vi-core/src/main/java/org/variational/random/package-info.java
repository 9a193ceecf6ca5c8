/** Reproducible random streams, and the ways to lay out the standard normal noise of a batch of draws. */
@NullMarked
package org.variational.random;

import org.jspecify.annotations.NullMarked;

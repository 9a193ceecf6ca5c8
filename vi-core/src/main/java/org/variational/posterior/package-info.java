/** Draws from a fitted approximation on the user's scale, and their summary. */
@NullMarked
package org.variational.posterior;

import org.jspecify.annotations.NullMarked;

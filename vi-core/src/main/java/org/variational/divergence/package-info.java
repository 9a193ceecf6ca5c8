/**
 * Divergences between an approximation q and a target p: plug-ins that turn the log weights of a batch of draws into a
 * value and the coefficients of its gradient. {@link org.variational.divergence.Divergences} lists those that are
 * ready.
 */
@NullMarked
package org.variational.divergence;

import org.jspecify.annotations.NullMarked;

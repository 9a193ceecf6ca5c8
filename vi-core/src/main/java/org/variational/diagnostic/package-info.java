/**
 * What can be said about a fit: why it stopped, how far its answer can be trusted, the evidence, bounds on errors,
 * predictive accuracy by leave-one-out cross-validation, and comparison with a reference.
 */
@NullMarked
package org.variational.diagnostic;

import org.jspecify.annotations.NullMarked;

/**
 * Gradient estimators, and the {@link org.variational.estimator.Objective} that joins a target, a family, a divergence
 * and an estimator into a noisy function to be minimised.
 */
@NullMarked
package org.variational.estimator;

import org.jspecify.annotations.NullMarked;

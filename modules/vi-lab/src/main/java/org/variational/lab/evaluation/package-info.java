/**
 * How accurate fits are: {@code elbo evaluate} scores them on posteriors with trusted references, {@code elbo
 * calibrate} the verdict on random targets whose moments are known exactly.
 */
@NullMarked
package org.variational.lab.evaluation;

import org.jspecify.annotations.NullMarked;

/** Models: parameters with priors, data rows with likelihoods, compiled to log densities in lanes. */
@NullMarked
package org.variational.model;

import org.jspecify.annotations.NullMarked;

/** Bayesian modelling by variational inference. */
@NullMarked
package org.variational;

import org.jspecify.annotations.NullMarked;

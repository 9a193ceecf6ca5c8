/**
 * Information measures: entropy, divergences between two distributions, and mutual information, exact where there is a
 * closed form, by summation or quadrature where there is not, and by Monte Carlo in general. In nats throughout;
 * {@link org.variational.information.Information} is the entry.
 */
@NullMarked
package org.variational.information;

import org.jspecify.annotations.NullMarked;

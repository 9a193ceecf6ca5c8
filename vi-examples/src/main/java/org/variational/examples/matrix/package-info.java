/** Every divergence with every family and every estimator on targets whose optima are known. */
@NullMarked
package org.variational.examples.matrix;

import org.jspecify.annotations.NullMarked;

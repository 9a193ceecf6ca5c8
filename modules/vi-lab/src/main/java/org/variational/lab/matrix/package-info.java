/** Every divergence with every family and every estimator on targets whose optima are known. */
@NullMarked
package org.variational.lab.matrix;

import org.jspecify.annotations.NullMarked;

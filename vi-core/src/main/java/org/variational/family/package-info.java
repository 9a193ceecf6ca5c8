/** Variational families: sets of tractable distributions, and what an estimator needs of their members. */
@NullMarked
package org.variational.family;

import org.jspecify.annotations.NullMarked;

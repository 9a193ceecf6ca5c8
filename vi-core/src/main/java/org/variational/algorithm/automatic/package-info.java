/** The default algorithm, a file a stage. */
@NullMarked
package org.variational.algorithm.automatic;

import org.jspecify.annotations.NullMarked;

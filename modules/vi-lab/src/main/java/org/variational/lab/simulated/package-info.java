/** Posteriors of hierarchies, series and lattices on simulated data, and the references of their moments. */
@NullMarked
package org.variational.lab.simulated;

import org.jspecify.annotations.NullMarked;

/**
 * Searches that follow the gradient to modes: Pathfinder, Laplace, the search for a start and that for missed modes.
 */
@NullMarked
package org.variational.algorithm.search;

import org.jspecify.annotations.NullMarked;

/** The structure of a log density, and linear algebra that keeps it. */
@NullMarked
package org.variational.structure;

import org.jspecify.annotations.NullMarked;

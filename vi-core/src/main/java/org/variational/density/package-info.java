/** Log densities evaluated at many points at once, and the layout of their coordinates. */
@NullMarked
package org.variational.density;

import org.jspecify.annotations.NullMarked;

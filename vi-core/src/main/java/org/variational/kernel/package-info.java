/** Arithmetic inner loops over lanes, in plain Java and in the Vector API. */
@NullMarked
package org.variational.kernel;

import org.jspecify.annotations.NullMarked;

/** Constraints on parameters: smooth maps from unconstrained coordinates, with exact log-Jacobians. */
@NullMarked
package org.variational.constraint;

import org.jspecify.annotations.NullMarked;

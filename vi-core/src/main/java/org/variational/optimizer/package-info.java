/** Optimisers, step-size schedules, gradient clipping and iterate averaging. */
@NullMarked
package org.variational.optimizer;

import org.jspecify.annotations.NullMarked;

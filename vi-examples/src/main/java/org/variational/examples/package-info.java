/** Runnable examples with their data. */
@NullMarked
package org.variational.examples;

import org.jspecify.annotations.NullMarked;

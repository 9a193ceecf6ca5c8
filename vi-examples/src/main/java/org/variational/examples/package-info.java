/** Runnable examples and the command line that runs them. */
@NullMarked
package org.variational.examples;

import org.jspecify.annotations.NullMarked;

/** The {@code elbo} command: it runs examples, prints their results and writes files. */
@NullMarked
package org.variational.cli;

import org.jspecify.annotations.NullMarked;

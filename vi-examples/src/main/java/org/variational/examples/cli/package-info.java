/**
 * The command line's machinery: commands, options, reports and files. Examples plug in as
 * {@link org.variational.examples.cli.Example}.
 */
@NullMarked
package org.variational.examples.cli;

import org.jspecify.annotations.NullMarked;

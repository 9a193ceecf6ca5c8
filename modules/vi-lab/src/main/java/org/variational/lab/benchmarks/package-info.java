/** JMH benchmarks and the command line that runs them. */
@NullMarked
package org.variational.lab.benchmarks;

import org.jspecify.annotations.NullMarked;

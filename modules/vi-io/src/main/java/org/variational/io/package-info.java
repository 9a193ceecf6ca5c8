/** Fits in files: CSV of draws, summaries and traces, and JSON. */
@NullMarked
package org.variational.io;

import org.jspecify.annotations.NullMarked;

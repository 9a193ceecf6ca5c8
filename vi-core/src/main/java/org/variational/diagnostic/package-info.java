/** What can be said about a fit: why it stopped, and how far its answer can be trusted. */
@NullMarked
package org.variational.diagnostic;

import org.jspecify.annotations.NullMarked;

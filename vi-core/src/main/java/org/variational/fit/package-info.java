/** The driver that runs an algorithm, the fit it returns, and the examination of the answer in between. */
@NullMarked
package org.variational.fit;

import org.jspecify.annotations.NullMarked;

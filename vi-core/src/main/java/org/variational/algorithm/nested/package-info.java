/** Inference with few coordinates outside and the others integrated inside. */
@NullMarked
package org.variational.algorithm.nested;

import org.jspecify.annotations.NullMarked;

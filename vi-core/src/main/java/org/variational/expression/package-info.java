/** The expression language of models, and its compiler to flat programs of lane operations with reverse rules. */
@NullMarked
package org.variational.expression;

import org.jspecify.annotations.NullMarked;

/**
 * Ready-made models: each a static factory from arrays to a {@link org.variational.model.Model}, with weakly informative
 * priors whose scale comes from the data.
 *
 * <p>Their declarations are short; copy one and change it where other priors or terms are wanted.
 */
@NullMarked
package org.variational.models;

import org.jspecify.annotations.NullMarked;

/**
 * Ready-made models: each a class with a builder that takes arrays, a {@link org.variational.model.Model} to fit, and
 * predictions from the posterior, with weakly informative priors whose scale comes from the data. The static {@code of}
 * is the short way to the model alone.
 *
 * <p>Their declarations are short; copy one and change it where other priors or terms are wanted.
 */
@NullMarked
package org.variational.models;

import org.jspecify.annotations.NullMarked;

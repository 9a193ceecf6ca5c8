/** Ready-made models. */
@NullMarked
package org.variational.models;

import org.jspecify.annotations.NullMarked;

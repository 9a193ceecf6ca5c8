/** The model doctor, a file a stage. */
@NullMarked
package org.variational.doctor;

import org.jspecify.annotations.NullMarked;

/** What an algorithm is: its verbs, the task it is given, the limits it keeps, and the test of a window of iterates. */
@NullMarked
package org.variational.algorithm;

import org.jspecify.annotations.NullMarked;

/** What an algorithm is: its verbs, the task it is given, the limits it keeps, and the tests of iterates in stages. */
@NullMarked
package org.variational.algorithm;

import org.jspecify.annotations.NullMarked;

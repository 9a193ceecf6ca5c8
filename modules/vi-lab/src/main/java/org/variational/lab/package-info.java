/** The instruments: accuracy, calibration, the matrix of divergences, families and estimators, and benchmarks. */
@NullMarked
package org.variational.lab;

import org.jspecify.annotations.NullMarked;

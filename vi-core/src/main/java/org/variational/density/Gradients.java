package org.variational.density;

import java.util.Locale;
import org.ejml.data.DMatrixRMaj;

/** Checks of the gradients that densities fill. */
public final class Gradients {

    private Gradients() {}

    /**
     * Refuses a matrix that a density has reshaped, or whose array it has replaced by one of another length, instead of
     * filling it.
     *
     * @param gradient what was passed to the density
     * @param dimension D, the number of rows it had
     * @param lanes S, the number of columns it had
     * @throws IllegalStateException if it is no longer D x S
     */
    public static void requireFilled(DMatrixRMaj gradient, int dimension, int lanes) {
        if (gradient.numRows != dimension || gradient.numCols != lanes || gradient.data.length < dimension * lanes) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "the density returned a gradient of %d x %d in an array of %d numbers, expected %d x %d"
                            + " (coordinates x points): fill the matrix that is passed, do not reshape it and do not"
                            + " replace its array",
                    gradient.numRows,
                    gradient.numCols,
                    gradient.data.length,
                    dimension,
                    lanes));
        }
    }
}

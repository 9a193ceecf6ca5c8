package org.variational.family;

import org.ejml.data.DMatrixRMaj;

/** Checks of the arguments that all families share, and scratch space. */
final class Shapes {

    /** log(2 pi). */
    static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private Shapes() {}

    static void checkDimension(int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("a family needs at least one coordinate, but the dimension is "
                    + dimension + ": declare a parameter, or leave the family out if there is nothing to infer");
        }
    }

    /** A checked copy of a member's parameters. */
    static double[] checkedParameters(VariationalFamily family, double[] parameters) {
        if (parameters.length != family.parameterCount()) {
            throw new IllegalArgumentException("a " + family.name() + " of dimension " + family.dimension() + " has "
                    + family.parameterCount() + " parameters, but " + parameters.length + " were given");
        }
        for (int i = 0; i < parameters.length; i++) {
            if (!Double.isFinite(parameters[i])) {
                throw new IllegalArgumentException("parameter " + i + " of a " + family.name() + " of dimension "
                        + family.dimension() + " is " + parameters[i] + "; all parameters must be finite");
            }
        }
        return parameters.clone();
    }

    static void checkMoments(VariationalFamily family, double[] mean, double[] standardDeviation) {
        int d = family.dimension();
        if (mean.length != d || standardDeviation.length != d) {
            throw new IllegalArgumentException("a " + family.name() + " of dimension " + d + " starts from " + d
                    + " means and standard deviations, but " + mean.length + " and " + standardDeviation.length
                    + " were given");
        }
        for (int i = 0; i < d; i++) {
            if (!Double.isFinite(mean[i])) {
                throw new IllegalArgumentException(
                        "the initial mean of coordinate " + i + " is " + mean[i] + "; it must be finite");
            }
            if (!(standardDeviation[i] > 0) || Double.isInfinite(standardDeviation[i])) {
                throw new IllegalArgumentException("the initial standard deviation of coordinate " + i + " is "
                        + standardDeviation[i] + "; it must be positive and finite");
            }
        }
    }

    /** The number of lanes of a D x S argument. */
    static int lanes(DMatrixRMaj matrix, int rows, String what) {
        if (matrix.numRows != rows || matrix.numCols < 1) {
            throw new IllegalArgumentException("the " + what + " must be " + rows
                    + " x S with S at least 1, but they are " + matrix.numRows + " x " + matrix.numCols);
        }
        return matrix.numCols;
    }

    static void checkLanes(DMatrixRMaj matrix, int rows, int lanes, String what) {
        if (matrix.numRows != rows || matrix.numCols != lanes) {
            throw new IllegalArgumentException("the " + what + " must be " + rows + " x " + lanes + ", but they are "
                    + matrix.numRows + " x " + matrix.numCols);
        }
    }

    static void checkLength(double[] array, int atLeast, String what) {
        if (array.length < atLeast) {
            throw new IllegalArgumentException(
                    "the array of " + what + " must be at least " + atLeast + " long, but it is " + array.length);
        }
    }

    static void checkGradient(VariationalFamily family, double[] gradient) {
        if (gradient.length != family.parameterCount()) {
            throw new IllegalArgumentException("the gradient must have one entry for each of the "
                    + family.parameterCount() + " parameters, but its length is " + gradient.length);
        }
    }

    static void checkDegrees(double degrees) {
        if (!(degrees >= 0.5 && degrees <= 1e6)) {
            throw new IllegalArgumentException(
                    "the degrees of freedom of a Student-t family must be between 0.5 and 1e6," + " but they are "
                            + degrees + ". For more, use a Gaussian family");
        }
    }

    /** The standard deviation of a standard t, infinite or undefined for few degrees of freedom. */
    static double studentDeviation(double degrees) {
        if (degrees > 2) {
            return Math.sqrt(degrees / (degrees - 2));
        }
        return degrees > 1 ? Double.POSITIVE_INFINITY : Double.NaN;
    }

    /** The given array if it is long enough, or a longer one. */
    static double[] atLeast(double[] scratch, int length) {
        return scratch.length >= length ? scratch : new double[length];
    }
}

package org.variational.optimizer;

import java.util.Locale;

/** Argument checks shared by the optimisers. */
final class Checks {

    private Checks() {}

    static double positive(String name, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s must be positive and finite, got %s", name, value));
        }
        return value;
    }

    static double fraction(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s must be in [0, 1), got %s", name, value));
        }
        return value;
    }

    static double notNegative(String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s must be at least 0 and finite, got %s", name, value));
        }
        return value;
    }

    static void sameLength(double[] parameters, double[] gradient, OptimizerState state) {
        if (gradient.length != parameters.length) {
            throw new IllegalArgumentException(
                    "a gradient of length " + gradient.length + " was given for " + parameters.length + " parameters");
        }
        if (state.length() != parameters.length) {
            throw new IllegalArgumentException("the optimiser's state was started for " + state.length()
                    + " parameters, but " + parameters.length + " were given");
        }
    }
}

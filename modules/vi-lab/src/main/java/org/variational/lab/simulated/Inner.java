package org.variational.lab.simulated;

import org.variational.lab.simulated.LatentPosterior.Given;

/** The mode of latents given outer parameters, and the factored precision there. Mutable, for one thread. */
final class Inner {

    private static final int MOST_STEPS = 200;
    private static final double SETTLED = 1e-13;

    /** What is left to gain where the sum of the log density does not show any. */
    private static final double ROUNDING = 1e-9;

    private final Given given;
    private final double[] mode;
    private final double[] gradient;
    private final Band factor;

    /**
     * Finds the mode by Newton steps, halved until the density grows.
     *
     * @param start where the search begins; not changed
     * @param band of the precision
     */
    Inner(Given given, double[] start, int band) {
        this.given = given;
        this.mode = start.clone();
        this.gradient = new double[start.length];
        this.factor = new Band(start.length, band);
        double value = given.logDensity(mode);
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] direction = direction();
            double decrement = 0;
            for (int i = 0; i < direction.length; i++) {
                decrement += direction[i] * gradient[i];
            }
            if (decrement < SETTLED * (1 + Math.abs(value))) {
                return;
            }
            double before = value;
            value = move(direction, value);
            if (value == before && decrement < ROUNDING * (1 + Math.abs(value))) {
                return;
            }
        }
        throw new IllegalStateException("the mode of the latents was not found");
    }

    private double[] direction() {
        given.curvature(mode, gradient, factor);
        if (!factor.factor()) {
            throw new IllegalStateException("the log density of the latents is not concave");
        }
        double[] direction = gradient.clone();
        factor.solve(direction);
        return direction;
    }

    private double move(double[] direction, double value) {
        double[] trial = new double[mode.length];
        for (double share = 1; share > 1e-9; share /= 2) {
            for (int i = 0; i < trial.length; i++) {
                trial[i] = mode[i] + share * direction[i];
            }
            double found = given.logDensity(trial);
            if (found >= value) {
                System.arraycopy(trial, 0, mode, 0, trial.length);
                return found;
            }
        }
        // Rounding hides what is left to gain.
        return value;
    }

    Given given() {
        return given;
    }

    /** The mode itself, not a copy. */
    double[] mode() {
        return mode;
    }

    /** The factor of minus the second derivatives at the mode. */
    Band factor() {
        return factor;
    }

    /** The log density of the outer parameters by Laplace's approximation; exact for normal latents. */
    double logMarginal() {
        return given.logDensity(mode) + mode.length * Priors.HALF_LOG_TWO_PI - 0.5 * factor.logDeterminant();
    }
}

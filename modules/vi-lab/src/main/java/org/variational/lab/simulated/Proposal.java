package org.variational.lab.simulated;

import java.util.function.ToDoubleFunction;

/** A multivariate t distribution over outer parameters. */
final class Proposal {

    private static final double STEP = 1e-3;
    private static final int MOST_STEPS = 50;
    private static final double SETTLED = 1e-4;

    private final double degrees;
    private final double[] centre;
    private final Band factor;

    /**
     * A proposal.
     *
     * @param factor of the scale matrix
     */
    private Proposal(double degrees, double[] centre, Band factor) {
        this.degrees = degrees;
        this.centre = centre;
        this.factor = factor;
    }

    /** The one with given centre and scale matrix. */
    static Proposal of(double degrees, double[] centre, double[][] scale) {
        return new Proposal(degrees, centre, factored(scale));
    }

    /** The one at the mode of a density with the curvature there. */
    static Proposal atMode(double degrees, ToDoubleFunction<double[]> logDensity, double[] start) {
        double[] at = start.clone();
        int n = at.length;
        for (int step = 0; step < MOST_STEPS; step++) {
            Differences found = Differences.at(logDensity, at);
            Band precision = found.precision();
            double[] direction = found.gradient.clone();
            precision.solve(direction);
            double decrement = 0;
            for (int i = 0; i < n; i++) {
                decrement += direction[i] * found.gradient[i];
            }
            if (decrement < SETTLED) {
                return of(degrees, at, inverse(precision));
            }
            at = better(logDensity, at, direction, found.value);
        }
        throw new IllegalStateException("the mode of the outer parameters was not found");
    }

    private static double[] better(
            ToDoubleFunction<double[]> logDensity, double[] at, double[] direction, double value) {
        for (double share = 1; share > 1e-6; share /= 2) {
            double[] trial = at.clone();
            for (int i = 0; i < trial.length; i++) {
                trial[i] += share * direction[i];
            }
            if (logDensity.applyAsDouble(trial) > value) {
                return trial;
            }
        }
        throw new IllegalStateException("no step from here makes the density of the outer parameters grow");
    }

    private static Band factored(double[][] matrix) {
        Band factor = new Band(matrix.length, matrix.length);
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j <= i; j++) {
                factor.add(i, j, matrix[i][j]);
            }
        }
        if (!factor.factor()) {
            throw new IllegalStateException("the scale matrix of the outer parameters is not positive definite");
        }
        return factor;
    }

    private static double[][] inverse(Band factor) {
        double[][] inverse = new double[factor.size()][factor.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i][i] = 1;
            factor.solve(inverse[i]);
        }
        return inverse;
    }

    /** Value, gradient and minus the second derivatives by central differences. */
    private record Differences(double value, double[] gradient, double[][] curvature) {

        static Differences at(ToDoubleFunction<double[]> f, double[] x) {
            int n = x.length;
            double value = f.applyAsDouble(x);
            double[] up = new double[n];
            double[] down = new double[n];
            double[] gradient = new double[n];
            double[][] curvature = new double[n][n];
            for (int i = 0; i < n; i++) {
                up[i] = f.applyAsDouble(moved(x, i, i, STEP));
                down[i] = f.applyAsDouble(moved(x, i, i, -STEP));
                gradient[i] = (up[i] - down[i]) / (2 * STEP);
                curvature[i][i] = (2 * value - up[i] - down[i]) / (STEP * STEP);
            }
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < i; j++) {
                    double both = f.applyAsDouble(moved(x, i, j, STEP)) + f.applyAsDouble(moved(x, i, j, -STEP));
                    curvature[i][j] = (up[i] + down[i] + up[j] + down[j] - 2 * value - both) / (2 * STEP * STEP);
                    curvature[j][i] = curvature[i][j];
                }
            }
            return new Differences(value, gradient, curvature);
        }

        private static double[] moved(double[] x, int i, int j, double step) {
            double[] moved = x.clone();
            moved[i] += step;
            if (j != i) {
                moved[j] += step;
            }
            return moved;
        }

        /** The factored curvature, with as much added to its diagonal as makes it positive definite. */
        Band precision() {
            for (double more = 0; ; more = Math.max(1e-2, 10 * more)) {
                Band precision = new Band(gradient.length, gradient.length);
                for (int i = 0; i < gradient.length; i++) {
                    precision.add(i, i, more);
                    for (int j = 0; j <= i; j++) {
                        precision.add(i, j, curvature[i][j]);
                    }
                }
                if (precision.factor()) {
                    return precision;
                }
            }
        }
    }

    int dimension() {
        return centre.length;
    }

    double[] centre() {
        return centre.clone();
    }

    /** What {@link #at} needs for a draw. */
    double[] noise(Simulator random) {
        double[] noise = random.normals(centre.length, 0, 1);
        double square = 0;
        for (int k = 0; k < degrees; k++) {
            double z = random.normal();
            square += z * z;
        }
        double stretch = Math.sqrt(degrees / square);
        for (int i = 0; i < noise.length; i++) {
            noise[i] *= stretch;
        }
        return noise;
    }

    /** The centre and {@code share} times the noise in this scale. */
    double[] at(double[] noise, double share) {
        return from(centre, noise, share);
    }

    /** Another point and {@code share} times the noise in this scale. */
    double[] from(double[] point, double[] noise, double share) {
        double[] move = noise.clone();
        factor.times(move);
        double[] to = point.clone();
        for (int i = 0; i < to.length; i++) {
            to[i] += share * move[i];
        }
        return to;
    }

    /** The log density, but for a constant. */
    double logDensity(double[] point) {
        double[] z = point.clone();
        for (int i = 0; i < z.length; i++) {
            z[i] -= centre[i];
        }
        factor.solveLower(z);
        double square = 0;
        for (double each : z) {
            square += each * each;
        }
        return -0.5 * (degrees + z.length) * Math.log1p(square / degrees);
    }
}

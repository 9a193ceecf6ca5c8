package org.variational.algorithm.fixeddraws;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Newton's method for a {@link FixedDrawObjective}: conjugate gradients in whitened coordinates, within a region that
 * grows and shrinks with the success of its steps (Steihaug 1983, doi 10.1137/0720042).
 *
 * <p>Unlike the textbook method it never looks at values of the objective, which a constant in the log density can
 * drown: the decrease along a step follows from the slopes at both ends and the curvature at its beginning, between
 * which the slope is taken to be quadratic. A minimum is reached when a full Newton step s, in which no negative
 * curvature was met, is no longer than the tolerance in the norm of the Hessian, {@code sqrt(s' H s)}: a shift of a
 * mean by one conditional standard deviation of the posterior has length 1. In a direction in which the objective
 * hardly changes, a step may be long without harm.
 */
final class TrustRegionNewton {

    private static final double LOOSEST_RESIDUAL = 0.1;
    private static final double TIGHTEST_RESIDUAL = 1e-4;
    /** What is left of a gradient may be this small a part of the tolerance, where the curvature is about 1. */
    private static final double NEGLIGIBLE = 0.01;

    private static final double FLAT = 1e-10;
    private static final double ACCEPTED = 0.05;
    private static final double POOR = 0.25;
    private static final double FINE = 0.75;
    private static final double SMALLEST_RADIUS = 1e-9;
    private static final int MAX_CONJUGATE_STEPS = 500;

    /** What came of an iteration. */
    enum Result {
        /** A step was taken. */
        MOVED,
        /** The region was made smaller. */
        REJECTED,
        /** A minimum is reached; its last step was taken. */
        CONVERGED,
        /** No step, however small, leads on. */
        STALLED,
        /** The limits of the fit were reached. */
        SPENT
    }

    private final FixedDrawObjective objective;
    private final double tolerance;
    private double[] parameters;
    private double[] gradient;
    private double[] trial;
    private double[] trialGradient;
    private double value;
    private double radius;
    private final double[] local;
    private final double[] step;
    private final double[] curved;
    private final double[] residual;
    private final double[] conjugate;
    private final double[] product;
    private boolean interior;
    private double lastStep = Double.NaN;

    /**
     * @param objective what is minimised
     * @param tolerance the length of the last step in the norm of the Hessian
     * @param parameters where to start, where the objective must be finite
     */
    TrustRegionNewton(FixedDrawObjective objective, double tolerance, double[] parameters) {
        this.objective = objective;
        this.tolerance = tolerance;
        int n = parameters.length;
        this.parameters = parameters.clone();
        this.gradient = new double[n];
        this.trial = new double[n];
        this.trialGradient = new double[n];
        this.local = new double[n];
        this.step = new double[n];
        this.curved = new double[n];
        this.residual = new double[n];
        this.conjugate = new double[n];
        this.product = new double[n];
        this.radius = Math.sqrt(n);
    }

    /** Evaluates the starting point; false if the objective is not finite there. */
    boolean begin() {
        boolean usable = objective.evaluate(parameters, gradient);
        value = objective.value();
        return usable;
    }

    double[] parameters() {
        return parameters.clone();
    }

    double[] gradient() {
        return gradient.clone();
    }

    double value() {
        return value;
    }

    /**
     * The length of the last step that was computed, in the norm of the Hessian where it was a full one; NaN before the
     * first.
     */
    double lastStep() {
        return lastStep;
    }

    Result iterate() {
        Whitening whitening = Whitening.of(objective.member(parameters));
        whitening.pull(gradient, local);
        whitening.removeRotations(local);
        Result failure = aim(whitening);
        if (failure != null) {
            return failure;
        }
        double slope = FixedDrawObjective.dot(local, step);
        lastStep = Math.sqrt(Math.max(0, -slope));
        boolean small = interior && lastStep <= tolerance;
        whitening.push(step, trial);
        for (int k = 0; k < trial.length; k++) {
            trial[k] += parameters[k];
        }
        double length = FixedDrawObjective.norm(step);
        if (objective.meter().exhausted()) {
            return Result.SPENT;
        }
        if (!objective.evaluate(trial, trialGradient)) {
            return shrink(length);
        }
        whitening.pull(trialGradient, product);
        double curvature = FixedDrawObjective.dot(curved, step);
        double endSlope = FixedDrawObjective.dot(product, step);
        double predicted = -(slope + curvature / 2);
        double decrease = -(slope + curvature / 2 + (endSlope - slope - curvature) / 3);
        // a step below the tolerance is taken as it is: its decrease may be below rounding
        if (!small && !(decrease > ACCEPTED * predicted)) {
            return shrink(length);
        }
        if (decrease < POOR * predicted) {
            radius = POOR * length;
        } else if (decrease > FINE * predicted && !interior) {
            radius *= 2;
        }
        double[] swap = parameters;
        parameters = trial;
        trial = swap;
        swap = gradient;
        gradient = trialGradient;
        trialGradient = swap;
        value = objective.value();
        return small ? Result.CONVERGED : Result.MOVED;
    }

    private Result shrink(double length) {
        radius = POOR * Math.min(radius, length);
        return radius < SMALLEST_RADIUS ? Result.STALLED : Result.REJECTED;
    }

    /** Minimises the local quadratic in the region; null if that went well. */
    private @Nullable Result aim(Whitening whitening) {
        Arrays.fill(step, 0);
        Arrays.fill(curved, 0);
        System.arraycopy(local, 0, residual, 0, local.length);
        double square = FixedDrawObjective.dot(residual, residual);
        double norm = Math.sqrt(square);
        double goal = Math.max(
                NEGLIGIBLE * tolerance,
                norm * Math.max(TIGHTEST_RESIDUAL, Math.min(LOOSEST_RESIDUAL, Math.sqrt(norm))));
        for (int k = 0; k < local.length; k++) {
            conjugate[k] = -residual[k];
        }
        interior = true;
        if (norm <= goal) {
            return null;
        }
        int most = Math.min(2 * local.length, MAX_CONJUGATE_STEPS);
        for (int iteration = 0; iteration < most; iteration++) {
            if (objective.meter().exhausted()) {
                return Result.SPENT;
            }
            if (!objective.hessianProduct(parameters, gradient, whitening, conjugate, product)) {
                return Result.STALLED;
            }
            double curvature = FixedDrawObjective.dot(conjugate, product);
            double ahead = FixedDrawObjective.dot(conjugate, conjugate);
            double length = square / curvature;
            boolean convex = curvature > FLAT * ahead;
            if (!convex || beyond(length, ahead)) {
                length = toBoundary(ahead);
                interior = false;
            }
            FixedDrawObjective.addScaled(length, conjugate, step);
            FixedDrawObjective.addScaled(length, product, curved);
            if (!interior) {
                return null;
            }
            FixedDrawObjective.addScaled(length, product, residual);
            double next = FixedDrawObjective.dot(residual, residual);
            if (Math.sqrt(next) <= goal) {
                return null;
            }
            for (int k = 0; k < conjugate.length; k++) {
                conjugate[k] = -residual[k] + next / square * conjugate[k];
            }
            square = next;
        }
        interior = false;
        return null;
    }

    private boolean beyond(double length, double ahead) {
        double along = FixedDrawObjective.dot(step, conjugate);
        double square = FixedDrawObjective.dot(step, step);
        return square + length * (2 * along + length * ahead) >= radius * radius;
    }

    /** How far along the conjugate direction the region ends. */
    private double toBoundary(double ahead) {
        double along = FixedDrawObjective.dot(step, conjugate);
        double room = Math.max(0, radius * radius - FixedDrawObjective.dot(step, step));
        return room / (along + Math.sqrt(along * along + ahead * room));
    }
}

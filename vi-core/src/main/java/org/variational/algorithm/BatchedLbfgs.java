package org.variational.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ejml.data.DMatrixRMaj;
import org.variational.estimator.GuardedDensity;

/**
 * Limited-memory BFGS from several starting points in lockstep: every lane of a batch is a path of its own, so that one
 * evaluation of the density serves all paths.
 *
 * <p>Minimises {@code -log p} with backtracking (Armijo) and keeps, along each path, a few points together with the
 * diagonal of the inverse Hessian that the steps have revealed (Zhang et al. (2022), Pathfinder, arXiv 2108.03782, section
 * 2.2). A trial point that cannot be evaluated shortens the step.
 */
final class BatchedLbfgs {

    private static final int MEMORY = 6;
    private static final double SUFFICIENT_DECREASE = 1e-4;
    private static final int MAX_BACKTRACKS = 40;
    private static final double CLOSE_ENOUGH = 1e-6;
    private static final double LARGEST_CURVATURE = 1e20;

    /** What each path visits that is worth keeping: after 8, 16, 32, ... steps, and where it ends. */
    record Visit(double[] point, double[] inverseCurvature) {}

    private final GuardedDensity target;
    private final int maxIterations;
    private final BooleanSupplier stopped;
    private long evaluations;
    private long rejected;

    /**
     * @param target the density
     * @param maxIterations the largest number of batch evaluations
     * @param stopped asked before every evaluation
     */
    BatchedLbfgs(GuardedDensity target, int maxIterations, BooleanSupplier stopped) {
        this.target = target;
        this.maxIterations = maxIterations;
        this.stopped = stopped;
    }

    /**
     * Follows a path from every column of {@code starts}.
     *
     * @param starts D x S, points with finite value and gradient
     * @return the kept points of all paths, in order of lanes, never empty
     */
    List<Visit> run(DMatrixRMaj starts) {
        int d = starts.numRows;
        int lanes = starts.numCols;
        DMatrixRMaj points = starts.copy();
        DMatrixRMaj gradients = new DMatrixRMaj(d, lanes);
        double[] values = new double[lanes];
        evaluate(points, values, gradients);
        Path[] paths = new Path[lanes];
        for (int s = 0; s < lanes; s++) {
            paths[s] = new Path(column(points, s), -values[s], negatedColumn(gradients, s));
        }
        for (int iteration = 0; iteration < maxIterations && !stopped.getAsBoolean(); iteration++) {
            boolean moving = false;
            for (int s = 0; s < lanes; s++) {
                moving |= !paths[s].done;
                for (int i = 0; i < d; i++) {
                    points.data[i * lanes + s] = paths[s].trial[i];
                }
            }
            if (!moving) {
                break;
            }
            evaluate(points, values, gradients);
            for (int s = 0; s < lanes; s++) {
                if (!paths[s].done) {
                    paths[s].take(-values[s], negatedColumn(gradients, s));
                }
            }
        }
        List<Visit> visits = new ArrayList<>();
        for (Path path : paths) {
            path.keep();
            visits.addAll(path.visits);
        }
        return visits;
    }

    private void evaluate(DMatrixRMaj points, double[] values, DMatrixRMaj gradients) {
        target.evaluate(points, values, gradients);
        evaluations += target.evaluations();
        rejected += target.rejected();
    }

    long evaluations() {
        return evaluations;
    }

    long rejected() {
        return rejected;
    }

    private static double[] column(DMatrixRMaj matrix, int column) {
        double[] copy = new double[matrix.numRows];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = matrix.data[i * matrix.numCols + column];
        }
        return copy;
    }

    private static double[] negatedColumn(DMatrixRMaj matrix, int column) {
        double[] copy = column(matrix, column);
        for (int i = 0; i < copy.length; i++) {
            copy[i] = -copy[i];
        }
        return copy;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** One path: where it is, its memory, and the point it wants evaluated next. */
    private static final class Path {

        private final int d;
        private double[] x;
        private double value;
        private double[] gradient;
        private final double[] diagonal;
        private final List<double[]> steps = new ArrayList<>();
        private final List<double[]> changes = new ArrayList<>();
        private final List<Visit> visits = new ArrayList<>();
        private double[] direction;
        private double slope;
        private double length;
        private int backtracks;
        private int accepted;
        private double[] trial;
        private boolean done;

        Path(double[] x, double value, double[] gradient) {
            this.d = x.length;
            this.x = x;
            this.value = value;
            this.gradient = gradient;
            this.diagonal = new double[d];
            Arrays.fill(diagonal, 1);
            this.direction = new double[d];
            this.trial = x;
            aim();
        }

        /** Chooses a direction and the first trial point on it. */
        private void aim() {
            double[] q = gradient.clone();
            double[] weights = new double[steps.size()];
            for (int k = steps.size() - 1; k >= 0; k--) {
                weights[k] = dot(steps.get(k), q) / dot(steps.get(k), changes.get(k));
                add(-weights[k], changes.get(k), q);
            }
            for (int i = 0; i < d; i++) {
                q[i] *= diagonal[i];
            }
            for (int k = 0; k < steps.size(); k++) {
                double beta = dot(changes.get(k), q) / dot(steps.get(k), changes.get(k));
                add(weights[k] - beta, steps.get(k), q);
            }
            for (int i = 0; i < d; i++) {
                direction[i] = -q[i];
            }
            slope = dot(direction, gradient);
            if (!(slope < 0)) {
                steps.clear();
                changes.clear();
                for (int i = 0; i < d; i++) {
                    direction[i] = -gradient[i] * diagonal[i];
                }
                slope = dot(direction, gradient);
            }
            // -slope is the squared gradient in units of the curvature: twice the decrease still to be had
            if (!(slope < -CLOSE_ENOUGH) || Double.isInfinite(slope)) {
                done = true;
                return;
            }
            length = steps.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
            backtracks = 0;
            placeTrial();
        }

        private static void add(double scale, double[] from, double[] to) {
            for (int i = 0; i < to.length; i++) {
                to[i] += scale * from[i];
            }
        }

        private void placeTrial() {
            trial = new double[d];
            for (int i = 0; i < d; i++) {
                trial[i] = x[i] + length * direction[i];
            }
        }

        /** Takes in the value and gradient at the trial point. */
        void take(double newValue, double[] newGradient) {
            boolean usable = Double.isFinite(newValue);
            for (double g : newGradient) {
                usable &= Double.isFinite(g);
            }
            if (!usable || newValue > value + SUFFICIENT_DECREASE * length * slope) {
                if (++backtracks > MAX_BACKTRACKS) {
                    done = true;
                    return;
                }
                double fitted = usable ? -slope * length / (2 * ((newValue - value) / length - slope)) : 0;
                length = Math.min(0.5 * length, Math.max(0.1 * length, fitted));
                placeTrial();
                return;
            }
            double[] step = new double[d];
            double[] change = new double[d];
            for (int i = 0; i < d; i++) {
                step[i] = trial[i] - x[i];
                change[i] = newGradient[i] - gradient[i];
            }
            x = trial;
            value = newValue;
            gradient = newGradient;
            accepted++;
            learn(step, change);
            if (accepted >= 8 && Integer.bitCount(accepted) == 1) {
                keep();
            }
            aim();
        }

        /** Updates the memory and the diagonal of the inverse Hessian where the curvature along the step is positive. */
        private void learn(double[] step, double[] change) {
            double curvature = dot(step, change);
            double size = dot(change, change);
            if (!(curvature > 0) || size > LARGEST_CURVATURE * curvature) {
                return;
            }
            double scaledChange = 0;
            double scaledStep = 0;
            for (int i = 0; i < d; i++) {
                scaledChange += change[i] * diagonal[i] * change[i];
                scaledStep += step[i] / diagonal[i] * step[i];
            }
            for (int i = 0; i < d; i++) {
                double ratio = step[i] / diagonal[i];
                double inverse =
                        (scaledChange / diagonal[i] + change[i] * change[i] - scaledChange / scaledStep * ratio * ratio)
                                / curvature;
                double updated = 1 / inverse;
                if (updated > 1e-20 && updated < 1e20) {
                    diagonal[i] = updated;
                }
            }
            if (steps.size() == MEMORY) {
                steps.remove(0);
                changes.remove(0);
            }
            steps.add(step);
            changes.add(change);
        }

        void keep() {
            visits.add(new Visit(x.clone(), diagonal.clone()));
        }
    }
}

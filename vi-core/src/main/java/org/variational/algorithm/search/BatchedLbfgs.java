package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Matrices;

/**
 * Limited-memory BFGS from several starting points in lockstep: every lane of a batch is a path of its own, so that one
 * evaluation of the function serves all paths that still move.
 *
 * <p>Each path keeps its last J pairs of steps {@code s} and changes of the gradient {@code y}, and the diagonal of an
 * inverse Hessian that the steps have revealed ({@link InverseBfgs}), with which it starts every direction. A step is
 * accepted by the weak Wolfe conditions, found by expansion and bisection, so that {@code s'y > 0} on every step; where
 * the function's own rounding hides the decrease, the slope alone decides (the approximate Wolfe condition). A trial
 * point that cannot be evaluated shortens the step.
 *
 * <p>A path is at a minimum when its Newton decrement {@code g'Hg}, which is twice the decrease that the model promises
 * and depends neither on the scales of the coordinates nor on a constant added to the function, is at most the
 * tolerance and H has seen a step.
 *
 * <p>What happens on a path does not depend on the other paths. Mutable, for one thread.
 *
 * @see <a href="https://doi.org/10.1007/s10107-012-0514-2">Lewis and Overton (2013), Nonsmooth optimization via
 *     quasi-Newton methods</a>, for the line search
 * @see <a href="https://doi.org/10.1137/030601880">Hager and Zhang (2005), A new conjugate gradient method with
 *     guaranteed descent and an efficient line search</a>, for the approximate condition
 */
final class BatchedLbfgs {

    private static final double SUFFICIENT_DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int MAX_TRIALS = 40;

    /** Differences of function values within this many units in the last place may be rounding. */
    private static final int ROUNDING = 16;

    /** A function to be minimised. */
    @FunctionalInterface
    interface Function {
        /**
         * Evaluates the function at S points.
         *
         * @param points D x S, read only
         * @param values S numbers to be filled; NaN or infinite where the function cannot be evaluated
         * @param gradients D x S, to be reshaped and filled
         */
        void evaluate(DMatrixRMaj points, double[] values, DMatrixRMaj gradients);
    }

    /** What a path is doing. */
    enum State {
        /** It has a point to be evaluated. */
        MOVING,
        /** The Newton decrement is at most the tolerance. */
        AT_MINIMUM,
        /** No acceptable step could be found, or the function cannot be evaluated at the start. */
        STUCK
    }

    private final Function function;
    private final int memory;
    private final double tolerance;
    private final int dimension;
    private final Path[] paths;
    private final DMatrixRMaj points = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj gradients = new DMatrixRMaj(0, 0);
    private final double[] values;

    /**
     * Evaluates the function at the starts.
     *
     * @param function what is minimised
     * @param starts D x S, one start a column
     * @param memory the number of pairs J that a path keeps
     * @param tolerance the Newton decrement {@code g'Hg} at which a path ends
     */
    BatchedLbfgs(Function function, DMatrixRMaj starts, int memory, double tolerance) {
        this.function = function;
        this.memory = memory;
        this.tolerance = tolerance;
        this.dimension = starts.numRows;
        this.values = new double[starts.numCols];
        this.paths = new Path[starts.numCols];
        function.evaluate(starts, values, gradients);
        for (int s = 0; s < paths.length; s++) {
            paths[s] = new Path(Matrices.column(starts, s), values[s], Matrices.column(gradients, s));
        }
    }

    /**
     * Evaluates the next trial point of every path that moves, and lets these paths accept it or choose another.
     *
     * @return whether a path still moves
     */
    boolean step() {
        int[] moving = new int[paths.length];
        int count = 0;
        for (int s = 0; s < paths.length; s++) {
            paths[s].stepped = false;
            if (paths[s].state == State.MOVING) {
                moving[count++] = s;
            }
        }
        if (count == 0) {
            return false;
        }
        points.reshape(dimension, count);
        for (int i = 0; i < dimension; i++) {
            for (int c = 0; c < count; c++) {
                points.data[i * count + c] = paths[moving[c]].trial[i];
            }
        }
        function.evaluate(points, values, gradients);
        boolean still = false;
        for (int c = 0; c < count; c++) {
            Path path = paths[moving[c]];
            path.take(values[c], Matrices.column(gradients, c));
            still |= path.state == State.MOVING;
        }
        return still;
    }

    /** The number of paths S. */
    int count() {
        return paths.length;
    }

    /** The path of a lane. */
    Path path(int lane) {
        return paths[lane];
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static boolean isUsable(double value, double[] gradient) {
        boolean usable = Double.isFinite(value);
        for (double g : gradient) {
            usable &= Double.isFinite(g);
        }
        return usable;
    }

    /** One path: where it is, its memory, and the point it wants evaluated next. */
    final class Path {

        private double[] x;
        private double value;
        private double[] gradient;
        private double[] diagonal;
        private final List<double[]> steps = new ArrayList<>();
        private final List<double[]> changes = new ArrayList<>();
        private double[] direction;
        private double slope;
        private double decrement = Double.NaN;
        private double length;
        private double shortest;
        private double longest;
        private int trials;
        private int accepted;
        private boolean stepped;
        private double[] trial;
        /** The longest step so far with a sufficient decrease, to fall back on. */
        private double[] fallback = {};

        private double fallbackValue;
        private double[] fallbackGradient = {};
        private State state = State.MOVING;

        private Path(double[] x, double value, double[] gradient) {
            this.x = x;
            this.value = value;
            this.gradient = gradient;
            this.diagonal = new double[dimension];
            Arrays.fill(diagonal, 1);
            this.direction = new double[dimension];
            this.trial = x;
            if (isUsable(value, gradient)) {
                aim();
            } else {
                state = State.STUCK;
            }
        }

        /** A copy of where the path is. */
        double[] point() {
            return x.clone();
        }

        /** The function there. */
        double value() {
            return value;
        }

        /** A copy of the function's gradient there. */
        double[] gradient() {
            return gradient.clone();
        }

        /** The inverse Hessian that the path knows; it does not change with later steps. */
        InverseBfgs inverseHessian() {
            return new InverseBfgs(diagonal, steps, changes);
        }

        State state() {
            return state;
        }

        /** The Newton decrement {@code g'Hg} where the path is; NaN at a start that cannot be evaluated. */
        double decrement() {
            return decrement;
        }

        /** Whether the inverse Hessian has learned from a step. */
        boolean hasPairs() {
            return !steps.isEmpty();
        }

        /** The number of steps made. */
        int accepted() {
            return accepted;
        }

        /** Whether the last {@link BatchedLbfgs#step()} moved the path. */
        boolean stepped() {
            return stepped;
        }

        /** Chooses a direction and the first trial point on it. */
        private void aim() {
            direction = inverseHessian().times(gradient);
            negate(direction);
            slope = dot(direction, gradient);
            if (!(slope <= 0)) {
                steps.clear();
                changes.clear();
                direction = inverseHessian().times(gradient);
                negate(direction);
                slope = dot(direction, gradient);
            }
            decrement = -slope;
            // without a pair the decrement is in the unit of the coordinates
            if (decrement == 0 || (decrement <= tolerance && !steps.isEmpty())) {
                state = State.AT_MINIMUM;
                return;
            }
            if (!Double.isFinite(slope)) {
                state = State.STUCK;
                return;
            }
            length = steps.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
            shortest = 0;
            longest = Double.POSITIVE_INFINITY;
            trials = 0;
            placeTrial();
        }

        private static void negate(double[] vector) {
            for (int i = 0; i < vector.length; i++) {
                vector[i] = -vector[i];
            }
        }

        private void placeTrial() {
            trial = new double[dimension];
            for (int i = 0; i < dimension; i++) {
                trial[i] = x[i] + length * direction[i];
            }
        }

        /** Takes in the value and gradient at the trial point. */
        private void take(double newValue, double[] newGradient) {
            boolean usable = isUsable(newValue, newGradient);
            double newSlope = usable ? dot(direction, newGradient) : Double.NaN;
            trials++;
            boolean flat = newSlope >= CURVATURE * slope;
            boolean lower = newValue < value && newValue <= value + SUFFICIENT_DECREASE * length * slope;
            if (usable && flat && (lower || isLowerButForRounding(newValue, newSlope))) {
                accept(trial, newValue, newGradient);
                return;
            }
            if (usable && lower) {
                shortest = length;
                fallback = trial;
                fallbackValue = newValue;
                fallbackGradient = newGradient;
            } else {
                longest = length;
            }
            if (trials >= MAX_TRIALS) {
                if (shortest > 0) {
                    accept(fallback, fallbackValue, fallbackGradient);
                } else {
                    state = State.STUCK;
                }
                return;
            }
            length = nextLength(usable, newValue);
            placeTrial();
        }

        private boolean isLowerButForRounding(double newValue, double newSlope) {
            return Math.abs(newValue - value) <= ROUNDING * Math.ulp(value)
                    && newSlope <= (2 * SUFFICIENT_DECREASE - 1) * slope;
        }

        private double nextLength(boolean usable, double newValue) {
            if (Double.isInfinite(longest)) {
                return 2 * length;
            }
            if (shortest > 0) {
                return 0.5 * (shortest + longest);
            }
            // the minimum of the parabola through the value and slope at 0 and the value here
            double fitted = usable ? -slope * length / (2 * ((newValue - value) / length - slope)) : 0;
            return Math.min(0.5 * length, Math.max(0.1 * length, fitted));
        }

        private void accept(double[] newX, double newValue, double[] newGradient) {
            double[] step = new double[dimension];
            double[] change = new double[dimension];
            for (int i = 0; i < dimension; i++) {
                step[i] = newX[i] - x[i];
                change[i] = newGradient[i] - gradient[i];
            }
            x = newX;
            value = newValue;
            gradient = newGradient;
            accepted++;
            stepped = true;
            if (InverseBfgs.accepts(step, change)) {
                diagonal = InverseBfgs.updatedDiagonal(diagonal, step, change);
                if (steps.size() == memory) {
                    steps.remove(0);
                    changes.remove(0);
                }
                steps.add(step);
                changes.add(change);
            }
            aim();
        }
    }
}

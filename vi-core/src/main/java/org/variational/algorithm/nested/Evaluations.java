package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.Limits;
import org.variational.estimator.GuardedDensity;
import org.variational.structure.Structure;

/**
 * Evaluates a log density in batches of lanes, and counts; points that are not evaluated as a limit is reached are NaN.
 * Mutable, for one thread.
 */
final class Evaluations {

    private static final int LANES = 64;
    private static final long MOST_NUMBERS = 4_000_000;

    private final GuardedDensity density;
    private final Structure structure;
    private final int[] inner;
    private final int lanes;
    private final Limits limits;
    private EvaluationCount count = EvaluationCount.NONE;
    private boolean cutShort;

    Evaluations(GuardedDensity density, Structure structure, Limits limits) {
        this.density = density;
        this.limits = limits;
        this.structure = structure;
        this.inner = structure.inner();
        this.lanes = (int) Math.max(1, Math.min(LANES, MOST_NUMBERS / structure.dimension()));
    }

    Structure structure() {
        return structure;
    }

    EvaluationCount count() {
        return count;
    }

    /** The points that are evaluated together. */
    int lanes() {
        return lanes;
    }

    /** Whether points have been left out at a limit, so that what was made of the others says nothing. */
    boolean cutShort() {
        return cutShort;
    }

    /** How many of some points limits allow to be evaluated now. */
    int allowed(int wanted) {
        boolean reached = cutShort || limits.reached(count.made()) != null;
        long left = reached ? 0 : limits.budget().maxEvaluations() - count.made();
        cutShort = left < wanted;
        return (int) Math.min(wanted, left);
    }

    /** Whether the budget has room for so many more points; nothing is said of time. */
    boolean canAfford(long points) {
        return limits.budget().maxEvaluations() - count.made() >= points;
    }

    /** Evaluates points whatever the limits, and counts them. */
    void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        density.evaluate(points, logDensity, gradient);
        count = count.plus(new EvaluationCount(density.evaluations(), density.rejected()));
    }

    /** Counts points that have been evaluated elsewhere. */
    void add(int points) {
        count = count.plus(new EvaluationCount(points, 0));
    }

    Batch batch() {
        return new Batch();
    }

    /** Points that are evaluated together with their gradients. */
    final class Batch {

        private final List<double[]> points = new ArrayList<>();
        private double[] logDensity = {};
        private double[][] gradients = {};

        void add(double[] point) {
            points.add(point);
        }

        int size() {
            return points.size();
        }

        void evaluate() {
            int d = structure.dimension();
            logDensity = new double[points.size()];
            gradients = new double[points.size()][inner.length];
            Arrays.fill(logDensity, Double.NaN);
            for (double[] gradient : gradients) {
                Arrays.fill(gradient, Double.NaN);
            }
            DMatrixRMaj at = new DMatrixRMaj(d, 1);
            DMatrixRMaj slope = new DMatrixRMaj(d, 1);
            int used;
            for (int from = 0; from < points.size(); from += used) {
                used = allowed(Math.min(lanes, points.size() - from));
                if (used == 0) {
                    return;
                }
                at.reshape(d, used);
                for (int s = 0; s < used; s++) {
                    double[] point = points.get(from + s);
                    for (int i = 0; i < d; i++) {
                        at.data[i * used + s] = point[i];
                    }
                }
                double[] values = new double[used];
                Evaluations.this.evaluate(at, values, slope);
                for (int s = 0; s < used; s++) {
                    if (!Double.isFinite(values[s])) {
                        continue;
                    }
                    logDensity[from + s] = values[s];
                    for (int i = 0; i < inner.length; i++) {
                        gradients[from + s][i] = slope.data[inner[i] * used + s];
                    }
                }
            }
        }

        /** The log density at a point; NaN where it is not finite. */
        double logDensity(int point) {
            return logDensity[point];
        }

        /** Writes the gradient by the inner coordinates at a point; NaN where the log density is not finite. */
        void innerGradient(int point, double[] into) {
            System.arraycopy(gradients[point], 0, into, 0, into.length);
        }
    }
}

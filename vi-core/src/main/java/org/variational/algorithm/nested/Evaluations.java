package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.algorithm.EvaluationCount;
import org.variational.estimator.GuardedDensity;
import org.variational.structure.Structure;

/** Evaluates a log density at lists of points, in batches of lanes, and counts. Mutable, for one thread. */
final class Evaluations {

    private static final int LANES = 64;
    private static final long MOST_NUMBERS = 4_000_000;

    private final GuardedDensity density;
    private final Structure structure;
    private final int[] inner;
    private final int lanes;
    private EvaluationCount count = EvaluationCount.NONE;

    Evaluations(GuardedDensity density, Structure structure) {
        this.density = density;
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
            DMatrixRMaj at = new DMatrixRMaj(d, 1);
            DMatrixRMaj slope = new DMatrixRMaj(d, 1);
            for (int from = 0; from < points.size(); from += lanes) {
                int used = Math.min(lanes, points.size() - from);
                at.reshape(d, used);
                for (int s = 0; s < used; s++) {
                    double[] point = points.get(from + s);
                    for (int i = 0; i < d; i++) {
                        at.data[i * used + s] = point[i];
                    }
                }
                double[] values = new double[used];
                density.evaluate(at, values, slope);
                count = count.plus(new EvaluationCount(density.evaluations(), density.rejected()));
                for (int s = 0; s < used; s++) {
                    boolean known = Double.isFinite(values[s]);
                    logDensity[from + s] = known ? values[s] : Double.NaN;
                    for (int i = 0; i < inner.length; i++) {
                        gradients[from + s][i] = known ? slope.data[inner[i] * used + s] : Double.NaN;
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

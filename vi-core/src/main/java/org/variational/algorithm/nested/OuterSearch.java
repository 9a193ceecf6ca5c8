package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Task;
import org.variational.random.RandomStreams;
import org.variational.structure.Structure;

/**
 * Climbs Laplace's approximation of the log density of the outer coordinates to its mode, by Newton steps with
 * differences, in the eigenvectors of the Hessian: short of the mode along directions of positive curvature too.
 */
final class OuterSearch {

    /** The expected gain in log density at which the mode is near enough to lay out nodes around it. */
    private static final double NEAR = 1e-3;

    private static final int MOST_STEPS = 60;
    private static final double LONGEST_STEP = 2;
    private static final double WIDEST = 3;
    private static final double FIRST_DIFFERENCE = 0.1;
    private static final double SHORTER = 0.25;
    private static final int MOST_REFUSALS = 6;

    /** Where the first starts of the search are, in every outer coordinate; the others differ by normal numbers. */
    private static final double[] OTHER_STARTS = {0, -2, 2};

    private static final int STARTS = 5;

    private final ConditionalSolver solver;
    private final int k;
    private Conditional centre;
    private final double[] difference;

    /** The mode, and the directions and standard deviations of a Gaussian there: column a of {@code axes} for a. */
    record Mode(Conditional centre, double[][] axes, double[] deviations) {

        /** The matrix that turns a difference of outer coordinates into standard deviations along the axes. */
        double[][] whitening() {
            int count = deviations.length;
            double[][] whitening = new double[count][count];
            for (int a = 0; a < count; a++) {
                for (int i = 0; i < count; i++) {
                    whitening[a][i] = axes[i][a] / deviations[a];
                }
            }
            return whitening;
        }

        /** Where a value of the outer coordinates is, in standard deviations along the axes. */
        double[] place(double[] outer) {
            double[][] whitening = whitening();
            double[] place = new double[outer.length];
            for (int a = 0; a < place.length; a++) {
                for (int i = 0; i < place.length; i++) {
                    place[a] += whitening[a][i] * (outer[i] - centre.outer()[i]);
                }
            }
            return place;
        }
    }

    /**
     * The best mode that is found from a few starts, or from that of the task; null if there is none.
     *
     * @param solver finds the conditionals
     * @param structure says what is outside
     */
    static @Nullable Mode mode(ConditionalSolver solver, Structure structure, Task task) {
        int[] outer = structure.outer();
        int[] inner = structure.inner();
        Task.Start given = task.start();
        double[] initial = given == null ? task.layout().initialPoint() : given.mean();
        List<double[]> outers = new ArrayList<>();
        List<double[]> starts = new ArrayList<>();
        RandomGenerator random = RandomStreams.of(task.seed()).generator("nested starts", 0);
        for (int start = 0; start < (given == null ? STARTS : 1); start++) {
            double shift = OTHER_STARTS[start % OTHER_STARTS.length];
            double jitter = start < OTHER_STARTS.length ? 0 : 1;
            double[] at = new double[outer.length];
            Arrays.setAll(at, a -> initial[outer[a]] + shift + jitter * random.nextGaussian());
            double[] inside = new double[inner.length];
            Arrays.setAll(inside, i -> initial[inner[i]] + jitter * random.nextGaussian());
            outers.add(at);
            starts.add(inside);
        }
        List<Conditional> found = solver.solve(outers, starts).stream()
                .filter(there -> there != null && !Double.isNaN(there.logMarginal()))
                .map(Objects::requireNonNull)
                .sorted(Comparator.comparingDouble((Conditional c) -> -c.logMarginal()))
                .toList();
        if (outer.length == 0) {
            return found.isEmpty() ? null : new Mode(found.get(0), new double[0][], new double[0]);
        }
        for (Conditional start : found) {
            Mode mode = new OuterSearch(solver, start).climb();
            if (mode != null) {
                return mode;
            }
        }
        return null;
    }

    OuterSearch(ConditionalSolver solver, Conditional start) {
        this.solver = solver;
        this.centre = start;
        this.k = start.outer().length;
        this.difference = new double[k];
        Arrays.fill(difference, FIRST_DIFFERENCE);
    }

    /** The values of the log density around a centre, by differences. */
    private record Local(double[] gradient, double[][] axes, double[] curvatures) {}

    /** The mode; null if the search does not come to an end. */
    @Nullable
    Mode climb() {
        for (int step = 0; step < MOST_STEPS; step++) {
            Local local = differences();
            if (local == null) {
                return null;
            }
            double gain = 0;
            double[] along = new double[k];
            for (int a = 0; a < k; a++) {
                double slope = local.gradient[a];
                double curvature = local.curvatures[a];
                double newton = curvature < 0 ? -slope / curvature : Math.signum(slope) * LONGEST_STEP;
                along[a] = Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, newton));
                gain += Math.abs(slope * along[a]) / 2;
            }
            if (gain < NEAR) {
                return mode(local);
            }
            if (!move(local, along)) {
                return gain < 100 * NEAR ? mode(local) : null;
            }
        }
        return null;
    }

    private Mode mode(Local local) {
        double[] deviations = new double[k];
        for (int a = 0; a < k; a++) {
            double curvature = -local.curvatures[a];
            deviations[a] = curvature > 1 / (WIDEST * WIDEST) ? 1 / Math.sqrt(curvature) : WIDEST;
        }
        return new Mode(centre, local.axes, deviations);
    }

    private boolean move(Local local, double[] along) {
        double[] step = new double[k];
        for (int i = 0; i < k; i++) {
            for (int a = 0; a < k; a++) {
                step[i] += local.axes[i][a] * along[a];
            }
        }
        double length = 1;
        for (int refusals = 0; refusals < MOST_REFUSALS; refusals++) {
            double[] to = centre.outer().clone();
            for (int i = 0; i < k; i++) {
                to[i] += length * step[i];
            }
            Conditional there =
                    solver.solve(List.of(to), List.of(centre.inner())).get(0);
            if (there != null && there.logMarginal() > centre.logMarginal()) {
                centre = there;
                return true;
            }
            length *= SHORTER;
        }
        return false;
    }

    private @Nullable Local differences() {
        List<double[]> places = new ArrayList<>();
        for (int i = 0; i < k; i++) {
            places.add(at(i, 1, -1, 0));
            places.add(at(i, -1, -1, 0));
        }
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < i; j++) {
                places.add(at(i, 1, j, 1));
            }
        }
        List<double[]> starts = places.stream().map(place -> centre.inner()).toList();
        List<@Nullable Conditional> found = solver.solve(places, starts);
        double[] values = new double[places.size()];
        for (int p = 0; p < values.length; p++) {
            Conditional there = found.get(p);
            if (there == null) {
                return null;
            }
            values[p] = there.logMarginal();
        }
        DMatrixRMaj hessian = new DMatrixRMaj(k, k);
        double[] gradient = new double[k];
        double here = centre.logMarginal();
        for (int i = 0; i < k; i++) {
            gradient[i] = (values[2 * i] - values[2 * i + 1]) / (2 * difference[i]);
            hessian.set(i, i, (values[2 * i] - 2 * here + values[2 * i + 1]) / (difference[i] * difference[i]));
        }
        int p = 2 * k;
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < i; j++, p++) {
                double hi = difference[i];
                double hj = difference[j];
                double cross = (values[p]
                                - here
                                - gradient[i] * hi
                                - gradient[j] * hj
                                - hessian.get(i, i) * hi * hi / 2
                                - hessian.get(j, j) * hj * hj / 2)
                        / (hi * hj);
                hessian.set(i, j, cross);
                hessian.set(j, i, cross);
            }
        }
        adapt(hessian);
        return local(gradient, hessian);
    }

    /** Differences of a fraction of a standard deviation. */
    private void adapt(DMatrixRMaj hessian) {
        for (int i = 0; i < k; i++) {
            double curvature = Math.abs(hessian.get(i, i));
            double wanted = curvature > 0 ? 0.2 / Math.sqrt(curvature) : FIRST_DIFFERENCE;
            difference[i] = Math.max(1e-3, Math.min(2 * FIRST_DIFFERENCE, wanted));
        }
    }

    private double[] at(int i, int signOfI, int j, int signOfJ) {
        double[] place = centre.outer().clone();
        place[i] += signOfI * difference[i];
        if (j >= 0) {
            place[j] += signOfJ * difference[j];
        }
        return place;
    }

    private @Nullable Local local(double[] gradient, DMatrixRMaj hessian) {
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(k, true, true);
        if (!eigen.decompose(hessian)) {
            return null;
        }
        double[][] axes = new double[k][k];
        double[] curvatures = new double[k];
        double[] slopes = new double[k];
        for (int a = 0; a < k; a++) {
            curvatures[a] = eigen.getEigenvalue(a).getReal();
            for (int i = 0; i < k; i++) {
                axes[i][a] = eigen.getEigenVector(a).get(i);
                slopes[a] += axes[i][a] * gradient[i];
            }
        }
        return new Local(slopes, axes, curvatures);
    }
}

package org.variational.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.LogDensity;
import org.variational.density.RowLogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.CoordinateSplit;
import org.variational.estimator.GuardedDensity;
import org.variational.estimator.Rejection;

/**
 * The search for a place to start: paths of {@link BatchedLbfgs} from several points, of which the visited point, with the
 * scale seen there, that has the largest evidence lower bound is taken.
 *
 * <p>Trial points are the origin (or the user's point) and uniform draws from [-2, 2]^D; one is usable if the density and its
 * gradient are finite there.
 */
final class StartSearch {

    private static final int PATHS = 4;
    private static final int MAX_TRIALS = 100;
    private static final int MAX_STEPS = 300;
    private static final int BOUND_DRAWS = 4;
    private static final double[] SCALINGS = {1, 0.3, 0.1};
    private static final long MAX_NUMBERS = 4_000_000;

    private final Task task;
    private final GuardedDensity target;
    private final RandomGenerator random;
    private final BooleanSupplier interrupted;
    private final int dimension;
    private long evaluations;
    private long rejected;
    private @Nullable Rejection firstRejection;

    StartSearch(Task task, RandomGenerator random, BooleanSupplier interrupted) {
        this.task = task;
        LogDensity density = task.target();
        if (task.minibatch() > 0 && density instanceof RowLogDensity rows) {
            density = new RowSubset(rows, task.minibatch());
        }
        CoordinateSplit split = task.objective().coordinates();
        this.target = new GuardedDensity(density, split);
        this.random = random;
        this.interrupted = interrupted;
        this.dimension = split.dimension();
    }

    long evaluations() {
        return evaluations;
    }

    long rejected() {
        return rejected;
    }

    /** Finds a place to start. */
    Task.Start find() {
        Task.Start given = task.start();
        if (given != null && given.standardDeviation() != null) {
            requireUsable(given.mean());
            return given;
        }
        DMatrixRMaj points = usablePoints(given == null ? null : given.mean());
        List<BatchedLbfgs.Visit> visits = new ArrayList<>();
        double[] ones = new double[dimension];
        Arrays.fill(ones, 1);
        for (int s = 0; s < points.numCols; s++) {
            double[] point = new double[dimension];
            for (int i = 0; i < dimension; i++) {
                point[i] = points.data[i * points.numCols + s];
            }
            visits.add(new BatchedLbfgs.Visit(point, ones));
        }
        if (task.target().hasGradient()) {
            BatchedLbfgs search = new BatchedLbfgs(target, MAX_STEPS, interrupted);
            visits.addAll(search.run(points));
            evaluations += search.evaluations();
            rejected += search.rejected();
        }
        return best(visits);
    }

    private void requireUsable(double[] point) {
        DMatrixRMaj points = new DMatrixRMaj(dimension, 1, true, point.clone());
        if (!evaluate(points)[0]) {
            throw invalid("the given starting point cannot be used");
        }
    }

    /** Which columns have a finite value and gradient. */
    private boolean[] evaluate(DMatrixRMaj points) {
        double[] values = new double[points.numCols];
        DMatrixRMaj gradients = task.target().hasGradient() ? new DMatrixRMaj(dimension, points.numCols) : null;
        target.evaluate(points, values, gradients);
        evaluations += target.evaluations();
        rejected += target.rejected();
        if (firstRejection == null) {
            firstRejection = target.firstRejection();
        }
        boolean[] usable = new boolean[points.numCols];
        for (int s = 0; s < usable.length; s++) {
            usable[s] = Double.isFinite(values[s]);
        }
        return usable;
    }

    private DMatrixRMaj usablePoints(double @Nullable [] first) {
        int wanted = first != null || (long) dimension * PATHS > MAX_NUMBERS / 16 ? 1 : PATHS;
        List<double[]> found = new ArrayList<>();
        for (int tried = 0; tried < MAX_TRIALS && found.size() < wanted && !interrupted.getAsBoolean(); ) {
            int lanes = tried == 0 ? wanted : Math.min(PATHS, MAX_TRIALS - tried);
            DMatrixRMaj points = new DMatrixRMaj(dimension, lanes);
            for (int s = 0; s < lanes; s++) {
                boolean random = tried + s > 0;
                for (int i = 0; i < dimension; i++) {
                    double center = first == null ? 0 : first[i];
                    points.data[i * lanes + s] = center + (random ? 4 * this.random.nextDouble() - 2 : 0);
                }
            }
            boolean[] usable = evaluate(points);
            if (tried == 0 && first != null && !usable[0]) {
                throw invalid("the given starting point cannot be used");
            }
            for (int s = 0; s < lanes && found.size() < wanted; s++) {
                if (usable[s]) {
                    double[] point = new double[dimension];
                    for (int i = 0; i < dimension; i++) {
                        point[i] = points.data[i * lanes + s];
                    }
                    found.add(point);
                }
            }
            tried += lanes;
            if (!found.isEmpty() && tried >= 5 * PATHS) {
                break;
            }
        }
        if (found.isEmpty()) {
            throw interrupted.getAsBoolean()
                    ? new FitException(
                            new Stop(
                                    Status.CANCELLED,
                                    "the fit was ended before a starting point was found",
                                    0,
                                    List.of(),
                                    rejected,
                                    null),
                            null)
                    : invalid("none of " + MAX_TRIALS
                            + " trial points in [-2, 2]^D has a finite log density and gradient");
        }
        DMatrixRMaj points = new DMatrixRMaj(dimension, found.size());
        for (int s = 0; s < found.size(); s++) {
            for (int i = 0; i < dimension; i++) {
                points.data[i * found.size() + s] = found.get(s)[i];
            }
        }
        return points;
    }

    private FitException invalid(String what) {
        Rejection rejection = firstRejection;
        String where = rejection == null
                ? "the log density is -Infinity there (the point is outside the support)"
                : rejection.toString();
        Throwable cause = rejection == null ? null : rejection.cause();
        Stop stop = new Stop(
                cause == null ? Status.INVALID_MODEL : Status.FAILED,
                what + ": " + where + ". Check the model there, or give a starting point with start(...)",
                0,
                List.of(),
                rejected,
                cause);
        return new FitException(stop, rejection == null ? null : rejection.point());
    }

    /** The visit and scaling with the largest lower bound, estimated with the same noise for all. */
    private Task.Start best(List<BatchedLbfgs.Visit> visits) {
        int draws = Math.max(1, (int) Math.min(BOUND_DRAWS, MAX_NUMBERS / dimension));
        DMatrixRMaj noise = new DMatrixRMaj(dimension, draws);
        for (int at = 0; at < noise.data.length; at++) {
            noise.data[at] = random.nextGaussian();
        }
        DMatrixRMaj points = new DMatrixRMaj(dimension, draws);
        double[] values = new double[draws];
        double best = Double.NEGATIVE_INFINITY;
        double[] mean = visits.get(0).point();
        double[] deviation = scaled(visits.get(0), SCALINGS[SCALINGS.length - 1]);
        for (BatchedLbfgs.Visit visit : visits) {
            for (double scaling : SCALINGS) {
                if (interrupted.getAsBoolean()) {
                    break;
                }
                double[] sd = scaled(visit, scaling);
                double bound = 0;
                for (int i = 0; i < dimension; i++) {
                    bound += Math.log(sd[i]);
                    for (int s = 0; s < draws; s++) {
                        points.data[i * draws + s] = visit.point()[i] + sd[i] * noise.data[i * draws + s];
                    }
                }
                target.evaluate(points, values, null);
                evaluations += target.evaluations();
                rejected += target.rejected();
                for (int s = 0; s < draws; s++) {
                    bound += values[s] / draws;
                }
                if (bound > best) {
                    best = bound;
                    mean = visit.point();
                    deviation = sd;
                }
            }
        }
        return new Task.Start(mean, deviation);
    }

    private static double[] scaled(BatchedLbfgs.Visit visit, double scaling) {
        double[] sd = new double[visit.point().length];
        for (int i = 0; i < sd.length; i++) {
            sd[i] = scaling * Math.sqrt(visit.inverseCurvature()[i]);
        }
        return sd;
    }

    /** The density estimated from a fixed, evenly spread subset of its rows. */
    private static final class RowSubset implements LogDensity {

        private final RowLogDensity density;
        private final int[] rows;

        RowSubset(RowLogDensity density, int count) {
            this.density = density;
            this.rows = new int[count];
            for (int k = 0; k < count; k++) {
                rows[k] = (int) ((long) k * density.rowCount() / count);
            }
        }

        @Override
        public int dimension() {
            return density.dimension();
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
            density.evaluateRows(rows, rows.length, points, logDensity, gradient);
        }

        @Override
        public boolean hasGradient() {
            return density.hasGradient();
        }
    }
}

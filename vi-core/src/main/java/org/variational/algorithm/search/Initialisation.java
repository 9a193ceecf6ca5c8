package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.EvaluationCount;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.algorithm.Task;
import org.variational.density.LogDensity;
import org.variational.density.Matrices;
import org.variational.density.RowLogDensity;
import org.variational.estimator.CoordinateSplit;

/**
 * The search for a place to start: paths of {@link BatchedLbfgs} from several points, of which the visited point, with
 * the scale seen there, that has the largest evidence lower bound is taken.
 *
 * <p>Trial points are the origin (or the user's point) and uniform draws from [-2, 2]^D; one is usable if the density
 * and its gradient are finite there.
 */
public final class Initialisation {

    private static final int PATHS = 4;
    private static final int MAX_STEPS = 300;
    private static final double HALF_WIDTH = 2;
    private static final int BOUND_DRAWS = 4;
    private static final double[] SCALINGS = {1, 0.3, 0.1};
    private static final long MAX_NUMBERS = 4_000_000;

    private final Task task;
    private final NegativeLogDensity target;
    private final RandomGenerator random;
    private final Limits limits;
    private final int dimension;

    /**
     * A search that has not begun.
     *
     * @param task what is to be fitted
     * @param random the source of trial points
     * @param limits what bounds the search
     */
    public Initialisation(Task task, RandomGenerator random, Limits limits) {
        this.task = task;
        LogDensity density = task.target();
        if (task.minibatch() > 0 && density instanceof RowLogDensity rows) {
            density = new RowSubset(rows, task.minibatch());
        }
        CoordinateSplit split = task.objective().coordinates();
        this.target = new NegativeLogDensity(density, split);
        this.random = random;
        this.limits = limits;
        this.dimension = split.dimension();
    }

    /** The density evaluations so far. */
    public EvaluationCount count() {
        return target.count();
    }

    /**
     * Finds a place to start.
     *
     * @throws FitException if there is none, or a limit was reached before one was found
     */
    public Task.Start find() {
        boolean withGradient = task.target().hasGradient();
        InitialPoints places = new InitialPoints(target, withGradient, dimension, random, limits);
        Task.Start given = task.start();
        if (given != null && given.standardDeviation() != null) {
            places.requireUsable(given.mean());
            return given;
        }
        double[] halfWidth = new double[dimension];
        Arrays.fill(halfWidth, HALF_WIDTH);
        int wanted = given != null || (long) dimension * PATHS > MAX_NUMBERS / 16 ? 1 : PATHS;
        DMatrixRMaj points = places.find(given == null ? null : given.mean(), halfWidth, true, wanted, PATHS);
        List<PathVisit> visits = new ArrayList<>();
        double[] ones = new double[dimension];
        Arrays.fill(ones, 1);
        for (int s = 0; s < points.numCols; s++) {
            visits.add(new PathVisit(Matrices.column(points, s), ones));
        }
        if (withGradient) {
            visits.addAll(PathVisit.along(
                    target,
                    points,
                    MAX_STEPS,
                    () -> limits.reached(target.count().made()) != null));
        }
        return best(visits);
    }

    /** The visit and scaling with the largest lower bound, estimated with the same noise for all. */
    private Task.Start best(List<PathVisit> visits) {
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
        for (PathVisit visit : visits) {
            for (double scaling : SCALINGS) {
                if (limits.ended()) {
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
                target.logDensity(points, values, null);
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

    private static double[] scaled(PathVisit visit, double scaling) {
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

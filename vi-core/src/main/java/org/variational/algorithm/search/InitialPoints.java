package org.variational.algorithm.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.FitException;
import org.variational.algorithm.Limits;
import org.variational.density.Matrices;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Stop;
import org.variational.estimator.Rejection;

/** Finds random points at which the density and, where there is one, its gradient are finite. */
final class InitialPoints {

    private static final int MAX_TRIALS = 100;

    private final NegativeLogDensity density;
    private final boolean withGradient;
    private final int dimension;
    private final RandomGenerator random;
    private final Limits limits;

    InitialPoints(
            NegativeLogDensity density, boolean withGradient, int dimension, RandomGenerator random, Limits limits) {
        this.density = density;
        this.withGradient = withGradient;
        this.dimension = dimension;
        this.random = random;
        this.limits = limits;
    }

    /**
     * Tries points until enough can be used: a first batch of as many as are wanted, then more, but no more than five
     * times {@code lanes} once one has been found.
     *
     * @param center the middle of the box the points are drawn from; null for the origin
     * @param halfWidth half the width of the box by coordinate
     * @param centerFirst whether the first point tried is the center
     * @param wanted the number of points wanted
     * @param lanes the number of points in each later batch
     * @return D x S with S from 1 to {@code wanted}, in the order tried
     * @throws FitException if none can be used, the given center cannot where it comes first, or a limit is reached
     *     before one is found
     */
    DMatrixRMaj find(double @Nullable [] center, double[] halfWidth, boolean centerFirst, int wanted, int lanes) {
        List<double[]> found = new ArrayList<>();
        int tried = 0;
        Status limit = reached();
        while (tried < MAX_TRIALS && found.size() < wanted && limit == null) {
            int count = tried == 0 ? wanted : Math.min(lanes, MAX_TRIALS - tried);
            DMatrixRMaj points = new DMatrixRMaj(dimension, count);
            for (int s = 0; s < count; s++) {
                boolean atCenter = centerFirst && tried + s == 0;
                for (int i = 0; i < dimension; i++) {
                    double middle = center == null ? 0 : center[i];
                    points.data[i * count + s] = middle + (atCenter ? 0 : halfWidth[i] * (2 * random.nextDouble() - 1));
                }
            }
            boolean[] usable = usable(points);
            if (tried == 0 && centerFirst && center != null && !usable[0]) {
                throw invalid("the given starting point cannot be used");
            }
            for (int s = 0; s < count && found.size() < wanted; s++) {
                if (usable[s]) {
                    found.add(Matrices.column(points, s));
                }
            }
            tried += count;
            limit = reached();
            if (!found.isEmpty() && tried >= 5 * lanes) {
                break;
            }
        }
        if (found.isEmpty()) {
            throw limit != null && tried < MAX_TRIALS
                    ? FitException.beforeStart(limit, limits.budget(), density.count(), density.firstRejection())
                    : invalid("none of " + MAX_TRIALS + " trial points in " + box(center, halfWidth)
                            + " has a finite log density and gradient");
        }
        return Matrices.ofColumns(found);
    }

    private @Nullable Status reached() {
        return limits.reached(density.count().made());
    }

    private static String box(double @Nullable [] center, double[] halfWidth) {
        for (double width : halfWidth) {
            if (width != halfWidth[0] || center != null) {
                return "the box around the given start";
            }
        }
        return String.format(Locale.ROOT, "[-%1$.3g, %1$.3g]^D", halfWidth[0]).replaceAll("\\.?0+([,\\]])", "$1");
    }

    /** Fails unless a given point can be used. */
    void requireUsable(double[] point) {
        if (!usable(new DMatrixRMaj(dimension, 1, true, point.clone()))[0]) {
            throw invalid("the given starting point cannot be used");
        }
    }

    /** Which columns have a finite value and gradient. */
    private boolean[] usable(DMatrixRMaj points) {
        double[] values = new double[points.numCols];
        density.logDensity(points, values, withGradient ? new DMatrixRMaj(dimension, points.numCols) : null);
        boolean[] usable = new boolean[points.numCols];
        for (int s = 0; s < usable.length; s++) {
            usable[s] = Double.isFinite(values[s]);
        }
        return usable;
    }

    private FitException invalid(String what) {
        Rejection rejection = density.firstRejection();
        String where = rejection == null
                ? "the log density is -Infinity there (the point is outside the support)"
                : rejection.toString();
        Throwable cause = rejection == null ? null : rejection.cause();
        Stop stop = new Stop(
                cause == null ? Status.INVALID_MODEL : Status.FAILED,
                what + ": " + where + ". Check the model there, or give a starting point with start(...)",
                0,
                List.of(),
                density.count().rejected(),
                cause);
        return new FitException(stop, rejection == null ? null : rejection.point());
    }
}

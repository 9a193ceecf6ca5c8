package org.variational.algorithm.nested;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.structure.FactorPattern;
import org.variational.structure.SparseCholesky;

/**
 * Finds the mode of the inner coordinates for many values of the outer ones at once, by damped Newton steps with sparse
 * Hessians.
 *
 * <p>A Hessian is measured anew only when a full step has reduced the Newton decrement by less than a factor of ten. It
 * is measured once more at the mode, unless the last steps show that it has hardly changed. Where the negative Hessian
 * is not positive definite, multiples of its diagonal are added until it is.
 */
final class ConditionalSolver {

    /** The Newton decrement {@code g' H^-1 g}, twice the distance in log density, at which a mode is found. */
    private static final double FOUND = 1e-7;

    /** A Hessian that has changed by less than this relative to itself is that of the mode. */
    private static final double UNCHANGED = 1e-4;

    private static final double STALE = 0.1;
    private static final double SUFFICIENT = 1e-4;
    private static final double SHORTER = 0.25;
    private static final int MOST_WAVES = 200;
    private static final int MOST_REFUSALS = 25;
    private static final double LARGEST_DAMPING = 1e8;
    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private final Evaluations evaluations;
    private final FactorPattern pattern;
    private final Curvature curvature;
    private final SparseCholesky algebra;
    private final int[] outer;
    private final int[] inner;
    /** The conditional standard deviations at the mode found last, from which other searches begin. */
    private final double[] scales;

    ConditionalSolver(Evaluations evaluations, FactorPattern pattern) {
        this.evaluations = evaluations;
        this.pattern = pattern;
        this.curvature = new Curvature(evaluations, pattern);
        this.algebra = new SparseCholesky(pattern);
        this.outer = evaluations.structure().outer();
        this.inner = evaluations.structure().inner();
        this.scales = new double[inner.length];
        Arrays.fill(scales, Double.NaN);
    }

    /** The state of one search. */
    private static final class Search {
        final double[] point;
        double logDensity = Double.NaN;
        double[] gradient = {};
        double[] factor = {};
        /** The conditional standard deviations, by which differences are scaled; empty before the first Hessian. */
        double[] scale = {};

        boolean measured;
        double damping;
        double[] step = {};
        double length = 1;
        double decrement = Double.NaN;
        /** The decrement before the last full step; NaN if the Hessian is to be measured. */
        double before = Double.NaN;

        int refusals;
        boolean known;
        boolean fresh;
        boolean stale = true;
        boolean done;
        boolean failed;

        Search(double[] point) {
            this.point = point;
        }
    }

    /**
     * The conditionals at some values of the outer coordinates.
     *
     * @param outers values of the outer coordinates
     * @param starts where to start inside, one for each
     * @return for each the conditional, or null where no mode was found
     */
    List<@Nullable Conditional> solve(List<double[]> outers, List<double[]> starts) {
        List<Search> searches = new ArrayList<>();
        for (int p = 0; p < outers.size(); p++) {
            double[] point = new double[outer.length + inner.length];
            for (int a = 0; a < outer.length; a++) {
                point[outer[a]] = outers.get(p)[a];
            }
            for (int i = 0; i < inner.length; i++) {
                point[inner[i]] = starts.get(p)[i];
            }
            searches.add(new Search(point));
        }
        for (int wave = 0; wave < MOST_WAVES; wave++) {
            List<Search> open =
                    searches.stream().filter(s -> !s.done && !s.failed).toList();
            if (open.isEmpty() || evaluations.cutShort()) {
                break;
            }
            moveAndEvaluate(open);
            // aiming finds out that a Hessian is out of date, and aims again with the new one
            for (int pass = 0; pass < 2; pass++) {
                measure(open.stream()
                        .filter(s -> s.known && s.stale && !s.done && !s.failed)
                        .toList());
                open.stream()
                        .filter(s -> s.known && !s.stale && !s.done && !s.failed)
                        .forEach(this::aim);
            }
        }
        List<@Nullable Conditional> found = new ArrayList<>();
        for (Search search : searches) {
            found.add(search.done && !search.failed ? conditional(search) : null);
        }
        return found;
    }

    private double[] moved(Search s) {
        double[] to = s.point.clone();
        if (s.known) {
            for (int i = 0; i < inner.length; i++) {
                to[inner[i]] += s.length * s.step[i];
            }
        }
        return to;
    }

    private void moveAndEvaluate(List<Search> open) {
        Evaluations.Batch batch = evaluations.batch();
        List<double[]> places = new ArrayList<>();
        for (Search s : open) {
            places.add(moved(s));
            batch.add(places.get(places.size() - 1));
        }
        batch.evaluate();
        for (int p = 0; p < open.size(); p++) {
            Search s = open.get(p);
            double value = batch.logDensity(p);
            double required = s.known ? s.logDensity + SUFFICIENT * s.length * s.decrement - slack(s) : value;
            if (Double.isNaN(value) || value < required) {
                refuse(s);
                continue;
            }
            boolean whole = s.known && s.length == 1 && s.damping == 0;
            s.before = whole ? s.decrement : Double.NaN;
            s.stale |= !whole;
            System.arraycopy(places.get(p), 0, s.point, 0, s.point.length);
            s.logDensity = value;
            s.gradient = new double[inner.length];
            batch.innerGradient(p, s.gradient);
            s.known = true;
            s.fresh = false;
            s.length = 1;
            s.refusals = 0;
        }
    }

    /** What rounding may take from a log density. */
    private static double slack(Search s) {
        return 1e-12 * (1 + Math.abs(s.logDensity));
    }

    private void refuse(Search s) {
        s.refusals++;
        s.failed = !s.known || s.refusals > MOST_REFUSALS;
        s.length *= SHORTER;
        if (s.refusals > 2 && !s.fresh) {
            // a stale Hessian may be what is wrong
            s.stale = true;
            s.length = 1;
        }
    }

    private void measure(List<Search> searches) {
        if (searches.isEmpty()) {
            return;
        }
        measure(searches, searches.stream().map(this::scale).toList());
        // a first measurement, in steps of no known size, only gives the size of the steps
        measure(
                searches.stream().filter(s -> !s.measured && !s.failed).toList(),
                searches.stream()
                        .filter(s -> !s.measured && !s.failed)
                        .map(this::scale)
                        .toList());
    }

    private void measure(List<Search> searches, List<double[]> steps) {
        if (searches.isEmpty()) {
            return;
        }
        double[][] entries = curvature.at(searches.stream().map(s -> s.point).toList(), steps);
        for (int p = 0; p < searches.size(); p++) {
            Search s = searches.get(p);
            boolean sized = s.scale.length > 0 || !Double.isNaN(scales[0]);
            s.scale = steps.get(p).clone();
            for (int j = 0; j < inner.length; j++) {
                double diagonal = Math.abs(entries[p][pattern.start(j)]);
                int node = pattern.node(j);
                s.scale[node] = diagonal > 0 && Double.isFinite(diagonal) ? 1 / Math.sqrt(diagonal) : s.scale[node];
            }
            s.measured = sized;
            factor(s, entries[p]);
        }
    }

    /** The conditional standard deviations of a search, those of the modes found before, or a guess. */
    private double[] scale(Search s) {
        if (s.scale.length > 0) {
            return s.scale;
        }
        double[] guess = scales.clone();
        for (int i = 0; i < inner.length && Double.isNaN(scales[0]); i++) {
            guess[i] = Math.max(1, Math.abs(s.point[inner[i]]));
        }
        return guess;
    }

    private void factor(Search s, double[] entries) {
        boolean[] positive = new boolean[1];
        s.stale = false;
        s.fresh = true;
        for (double entry : entries) {
            if (!Double.isFinite(entry)) {
                s.failed = true;
                return;
            }
        }
        double average = 0;
        for (int j = 0; j < inner.length; j++) {
            average += Math.abs(entries[pattern.start(j)]) / inner.length;
        }
        for (double damping = 0; damping <= LARGEST_DAMPING; damping = damping == 0 ? 1e-3 : 10 * damping) {
            s.factor = entries.clone();
            for (int j = 0; j < inner.length && damping > 0; j++) {
                double diagonal = Math.abs(entries[pattern.start(j)]);
                s.factor[pattern.start(j)] += damping * (diagonal > 0 ? diagonal : average > 0 ? average : 1);
            }
            algebra.factor(s.factor, 1, positive);
            if (positive[0]) {
                s.damping = damping;
                return;
            }
        }
        s.failed = true;
    }

    /** Sets the next step, ends the search, or finds that the Hessian is out of date. */
    private void aim(Search s) {
        if (s.refusals > 0 && !s.fresh) {
            return;
        }
        s.step = NewtonStep.of(algebra, s.factor, s.gradient);
        s.decrement = dot(s.step, s.gradient);
        if (s.decrement < FOUND) {
            boolean unchanged = Double.isFinite(s.before)
                    && 2 * Math.sqrt(Math.max(0, s.decrement)) < UNCHANGED * Math.sqrt(s.before);
            s.done = s.fresh || unchanged;
            s.failed = s.done && s.damping > 0;
            s.stale = !s.done;
        } else if (!s.fresh && !(s.decrement < STALE * s.before)) {
            s.stale = true;
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private Conditional conditional(Search s) {
        double[] at = new double[outer.length];
        for (int a = 0; a < at.length; a++) {
            at[a] = s.point[outer[a]];
        }
        double[] mode = new double[inner.length];
        for (int i = 0; i < mode.length; i++) {
            // the last step is below what the search resolves, and free
            mode[i] = s.point[inner[i]] + s.step[i];
        }
        double[] logDiagonals = new double[1];
        algebra.sumOfLogDiagonals(s.factor, 1, logDiagonals);
        System.arraycopy(s.scale, 0, scales, 0, scales.length);
        double logDensity = s.logDensity + s.decrement / 2;
        return new Conditional(
                at,
                mode,
                s.factor,
                new double[inner.length],
                new double[inner.length],
                logDensity,
                logDensity + 0.5 * inner.length * LOG_TWO_PI - logDiagonals[0]);
    }
}

package org.variational.lab.matrix;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;

/**
 * The best member of a family under a population divergence, by quadrature and deterministic descent: no draws, and
 * none of the library's estimators.
 *
 * @param parameters the member's parameters
 * @param value the divergence there, NaN where the rule minimises none
 * @param slope the largest entry of the gradient there
 * @param secondMoment the expectation of the squared score coefficient there; what a grid makes of an infinite one is
 *     above {@link #LARGEST_VALUE}
 */
record Optimum(double[] parameters, double value, double slope, double secondMoment) {
    private static final int MOST_STEPS = 120;
    private static final int PLAIN_STEPS = 20;
    private static final double[] STARTS = {1, 0.5, 0.3};
    /** What a grid makes of an infinite value. */
    static final double LARGEST_VALUE = 1e12;

    private static final double LONGEST_STEP = 0.5;
    /** The gradient at which no other start is tried. */
    private static final double FLAT_ENOUGH = 1e-3;

    private static final double FLAT = 1e-6;

    /** A point with its value and gradient. */
    private record Point(double[] at, double value, double[] gradient, double secondMoment) {}

    static Optimum of(Target target, VariationalFamily family, Population population) {
        Point best = null;
        for (double narrower : STARTS) {
            double[] sd = Arrays.stream(target.startSd()).map(s -> s * narrower).toArray();
            Point end = evaluate(target, family, population, family.initialParameters(target.startMean(), sd));
            if (Double.isNaN(end.value())) {
                end = broyden(target, family, population, end);
            } else if (end.value() < LARGEST_VALUE) {
                end = quasiNewton(target, family, population, end);
            }
            boolean finite = !(end.value() >= LARGEST_VALUE);
            boolean better =
                    best == null || best.value() >= LARGEST_VALUE || largest(end.gradient()) < largest(best.gradient());
            if (best == null || (finite && better)) {
                best = end;
            }
            if (finite && largest(end.gradient()) < FLAT_ENOUGH) {
                break;
            }
        }
        Objects.requireNonNull(best);
        return new Optimum(best.at(), best.value(), largest(best.gradient()), best.secondMoment());
    }

    private static Point evaluate(Target target, VariationalFamily family, Population population, double[] at) {
        VariationalDistribution q = family.member(at);
        int n = target.logP().length;
        double[] logQ = new double[n];
        q.logDensity(target.grid(), logQ);
        double[] logMass = new double[n];
        double[] logRatio = new double[n];
        for (int i = 0; i < n; i++) {
            logMass[i] = logQ[i] + target.logWeight()[i];
            logRatio[i] = target.logP()[i] - logQ[i];
        }
        double[] score = new double[n];
        double value = population.evaluate(logMass, logRatio, score);
        double[] gradient = new double[at.length];
        q.addParameterScore(target.grid(), score, gradient);
        double mass = 0;
        double secondMoment = 0;
        for (int i = 0; i < n; i++) {
            double weight = Math.exp(logMass[i]);
            mass += weight;
            secondMoment += weight > 0 ? score[i] / weight * score[i] : 0;
        }
        // the grid does not resolve a member of which it misses a part
        double resolved = Math.abs(mass - 1) < 1e-3 ? value : Double.POSITIVE_INFINITY;
        return new Point(at, resolved, gradient, secondMoment);
    }

    /** The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno with backtracking. */
    private static Point quasiNewton(Target target, VariationalFamily family, Population population, Point start) {
        int n = start.at().length;
        double[][] inverse = new double[n][n];
        Point point = start;
        boolean fresh = true;
        for (int t = 0; t < MOST_STEPS && largest(point.gradient()) > FLAT; t++) {
            if (fresh) {
                double length = Math.max(1, largest(point.gradient()));
                for (int i = 0; i < n; i++) {
                    Arrays.fill(inverse[i], 0);
                    inverse[i][i] = 1 / length;
                }
            }
            double[] direction = times(inverse, point.gradient());
            double slope = dot(direction, point.gradient());
            Point next = slope > 0 ? search(target, family, population, point, direction, slope) : null;
            if (next == null) {
                if (fresh) {
                    break;
                }
                fresh = true;
                continue;
            }
            update(inverse, difference(next.at(), point.at()), difference(next.gradient(), point.gradient()));
            fresh = false;
            point = next;
        }
        return point;
    }

    private static @Nullable Point search(
            Target target,
            VariationalFamily family,
            Population population,
            Point from,
            double[] direction,
            double slope) {
        for (double length = Math.min(1, LONGEST_STEP / largest(direction)); length > 1e-10; length /= 2) {
            double[] at = from.at().clone();
            for (int i = 0; i < at.length; i++) {
                at[i] -= length * direction[i];
            }
            Point next = evaluate(target, family, population, at);
            if (next.value() <= from.value() - 1e-4 * length * slope && Double.isFinite(largest(next.gradient()))) {
                return next;
            }
        }
        return null;
    }

    private static void update(double[][] inverse, double[] step, double[] change) {
        double curvature = dot(step, change);
        if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) {
            return;
        }
        double[] product = times(inverse, change);
        double factor = (1 + dot(change, product) / curvature) / curvature;
        for (int i = 0; i < step.length; i++) {
            for (int j = 0; j < step.length; j++) {
                inverse[i][j] += factor * step[i] * step[j] - (product[i] * step[j] + step[i] * product[j]) / curvature;
            }
        }
    }

    /** The root of a field that is no gradient: short steps against it, then Broyden's method. */
    private static Point broyden(Target target, VariationalFamily family, Population population, Point start) {
        int n = start.at().length;
        double[][] inverse = new double[n][n];
        for (int i = 0; i < n; i++) {
            inverse[i][i] = 0.5;
        }
        Point point = start;
        for (int t = 0; t < MOST_STEPS && largest(point.gradient()) > FLAT; t++) {
            double[] step = times(inverse, point.gradient());
            double shorten = Math.min(1, 0.5 / largest(step));
            double[] at = point.at().clone();
            for (int i = 0; i < n; i++) {
                step[i] *= -shorten;
                at[i] += step[i];
            }
            Point next = evaluate(target, family, population, at);
            if (t >= PLAIN_STEPS) {
                double[] product = times(inverse, difference(next.gradient(), point.gradient()));
                double scale = dot(step, product);
                double[] row = new double[n];
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < n; j++) {
                        row[j] += step[i] * inverse[i][j];
                    }
                }
                for (int i = 0; i < n && Math.abs(scale) > 1e-300; i++) {
                    for (int j = 0; j < n; j++) {
                        inverse[i][j] += (step[i] - product[i]) * row[j] / scale;
                    }
                }
            }
            point = next;
        }
        return point;
    }

    private static double[] times(double[][] matrix, double[] vector) {
        return Arrays.stream(matrix).mapToDouble(row -> dot(row, vector)).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] difference(double[] a, double[] b) {
        double[] difference = a.clone();
        for (int i = 0; i < a.length; i++) {
            difference[i] -= b[i];
        }
        return difference;
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            if (!(Math.abs(value) <= largest)) {
                largest = Math.abs(value);
            }
        }
        return largest;
    }
}

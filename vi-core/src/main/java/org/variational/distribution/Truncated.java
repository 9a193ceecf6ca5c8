package org.variational.distribution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.constraint.Constraints;
import org.variational.expression.Expr;

/** A continuous distribution given that the value is between bounds. */
final class Truncated extends Univariate {

    private final Tails base;
    private final @Nullable Expr lower;
    private final @Nullable Expr upper;

    Truncated(Tails base, @Nullable Expr lower, @Nullable Expr upper) {
        super("truncated " + base.name(), parameters(base, lower, upper));
        this.base = base;
        this.lower = lower;
        this.upper = upper;
        requireWithin(lower, base.lowerEnd(), 1, "lower bound");
        requireWithin(upper, base.upperEnd(), -1, "upper bound");
        support();
    }

    private static Expr[] parameters(Tails base, @Nullable Expr lower, @Nullable Expr upper) {
        List<Expr> all = new ArrayList<>(base.parameters());
        if (lower != null) {
            all.add(lower);
        }
        if (upper != null) {
            all.add(upper);
        }
        return all.toArray(Expr[]::new);
    }

    private void requireWithin(@Nullable Expr bound, @Nullable Expr end, int sign, String what) {
        double[] at = number(bound);
        double[] limit = number(end);
        if (at != null && limit != null && sign * (at[0] - limit[0]) < 0) {
            throw new IllegalArgumentException(name() + ": the " + what + " " + at[0]
                    + " is outside the support, which ends at " + limit[0] + "; leave this bound away");
        }
    }

    private static double @Nullable [] number(@Nullable Expr bound) {
        double[] values = bound == null ? null : bound.declaredValues();
        return values == null || values.length != 1 ? null : values;
    }

    @Override
    public Constraint support() {
        Expr from = lower == null ? base.lowerEnd() : lower;
        Expr to = upper == null ? base.upperEnd() : upper;
        if (from == null) {
            return to == null ? Constraints.real() : Constraints.upper(to);
        }
        return to == null ? Constraints.lower(from) : Constraints.interval(from, to);
    }

    @Override
    boolean possible(double value) {
        double[] from = number(lower == null ? base.lowerEnd() : lower);
        double[] to = number(upper == null ? base.upperEnd() : upper);
        return Double.isFinite(value) && (from == null || value >= from[0]) && (to == null || value <= to[0]);
    }

    @Override
    String demand() {
        return "in " + support().name();
    }

    @Override
    public Expr logDensity(Expr value) {
        Expr density = base.logDensity(value);
        if (lower != null) {
            density = density.plus(value.minus(lower).logStep());
        }
        if (upper != null) {
            density = density.plus(upper.minus(value).logStep());
        }
        if (lower == null) {
            return upper == null ? density : density.minus(base.logCdf(upper));
        }
        return density.minus(upper == null ? base.logSurvival(lower) : base.logInterval(lower, upper));
    }

    /** Inverts the distribution function by bisection, on the logarithm of whichever tail is smaller. */
    @Override
    public Sampler sampler() {
        int own = base.parameters().size();
        return (random, p, draw) -> {
            double[][] of = Arrays.copyOf(p, own);
            double from = lower == null ? Double.NEGATIVE_INFINITY : p[own][0];
            double to = upper == null ? Double.POSITIVE_INFINITY : p[p.length - 1][0];
            draw[0] = quantile(of, from, to, Draws.open(random));
        };
    }

    private double quantile(double[][] p, double from, double to, double probability) {
        double logBelow = from == Double.NEGATIVE_INFINITY ? from : base.logCdf(p, from);
        double logAbove = to == Double.POSITIVE_INFINITY ? Double.NEGATIVE_INFINITY : base.logSurvival(p, to);
        boolean right = logAbove < logBelow;
        double target = right
                ? logMix(base.logSurvival(p, from), logAbove, probability)
                : logMix(logBelow, to == Double.POSITIVE_INFINITY ? 0 : base.logCdf(p, to), probability);
        double low = from;
        double high = to;
        for (double step = 1; low == Double.NEGATIVE_INFINITY && step < Double.POSITIVE_INFINITY; step *= 2) {
            double candidate = (high == Double.POSITIVE_INFINITY ? 0 : high) - step;
            low = passed(p, candidate, right, target) ? low : candidate;
        }
        for (double step = 1; high == Double.POSITIVE_INFINITY && step < Double.POSITIVE_INFINITY; step *= 2) {
            double candidate = low + step;
            high = passed(p, candidate, right, target) ? candidate : high;
        }
        double middle = low + (high - low) / 2;
        while (low < middle && middle < high) {
            if (passed(p, middle, right, target)) {
                high = middle;
            } else {
                low = middle;
            }
            middle = low + (high - low) / 2;
        }
        return middle;
    }

    /** Whether the distribution function at x is beyond the target, given as its logarithm or that of the survival. */
    private boolean passed(double[][] p, double x, boolean right, double target) {
        return right ? base.logSurvival(p, x) <= target : base.logCdf(p, x) >= target;
    }

    /** {@code log((1 - t) exp(a) + t exp(b))}. */
    private static double logMix(double a, double b, double t) {
        double first = Math.log1p(-t) + a;
        double second = Math.log(t) + b;
        double largest = Math.max(first, second);
        return largest + Math.log1p(Math.exp(-Math.abs(first - second)));
    }
}

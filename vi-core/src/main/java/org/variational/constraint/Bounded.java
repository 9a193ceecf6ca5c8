package org.variational.constraint;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;

/** Each element in an interval, bounded on neither side, one, or both. */
record Bounded(@Nullable Expr lower, @Nullable Expr upper) implements Constraint {

    static final Bounded REAL = new Bounded(null, null);
    static final Bounded POSITIVE = new Bounded(Expr.constant(0), null);

    static Bounded of(@Nullable Expr lower, @Nullable Expr upper) {
        requireFinite("lower", lower);
        requireFinite("upper", upper);
        double[] from = lower == null ? null : lower.declaredValues();
        double[] to = upper == null ? null : upper.declaredValues();
        if (from != null && to != null) {
            if (from.length != to.length && from.length != 1 && to.length != 1) {
                throw new IllegalArgumentException("interval: the bounds have " + from.length + " and " + to.length
                        + " elements; they must agree, or one be a scalar");
            }
            for (int i = 0; i < Math.max(from.length, to.length); i++) {
                double a = from[from.length == 1 ? 0 : i];
                double b = to[to.length == 1 ? 0 : i];
                if (!(a < b)) {
                    throw new IllegalArgumentException(
                            "interval: the lower bound " + a + " must be below the upper bound " + b
                                    + (from.length == 1 && to.length == 1 ? "" : ", at element " + i));
                }
            }
        }
        return new Bounded(lower, upper);
    }

    private static void requireFinite(String side, @Nullable Expr bound) {
        double[] values = bound == null ? null : bound.declaredValues();
        if (values != null) {
            for (double value : values) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "the " + side + " bound must be finite, got " + value + "; leave an infinite bound away");
                }
            }
        }
    }

    private boolean unit() {
        return is(lower, 0) && is(upper, 1);
    }

    private static boolean is(@Nullable Expr bound, double number) {
        return bound != null && bound.isConstant(number);
    }

    @Override
    public String name() {
        if (lower == null) {
            return upper == null ? "real" : "upper(" + describe(upper) + ")";
        }
        if (upper == null) {
            return is(lower, 0) ? "positive" : "lower(" + describe(lower) + ")";
        }
        return "interval(" + describe(lower) + ", " + describe(upper) + ")";
    }

    private static String describe(Expr bound) {
        double[] values = bound.declaredValues();
        return values != null && values.length == 1 ? Double.toString(values[0]) : bound.describe();
    }

    @Override
    public boolean elementwise() {
        return true;
    }

    @Override
    public int coordinates(int rows, int columns) {
        return rows * columns;
    }

    @Override
    public Expr constrain(Expr coordinates, int rows, int columns) {
        requireFit(lower, coordinates);
        requireFit(upper, coordinates);
        if (lower == null) {
            return upper == null ? coordinates : upper.minus(coordinates.exp());
        }
        if (upper == null) {
            return is(lower, 0) ? coordinates.exp() : lower.plus(coordinates.exp());
        }
        return unit()
                ? coordinates.logistic()
                : upper.minus(lower).times(coordinates.logistic()).plus(lower);
    }

    private void requireFit(@Nullable Expr bound, Expr value) {
        boolean fits = bound == null
                || (bound.size() == 1 && (bound.axis() == null || bound.axis() == value.axis()))
                || (bound.rows() == value.rows() && bound.columns() == value.columns() && bound.axis() == value.axis())
                || (value.axis() != null && bound.axis() == null && bound.size() == value.size());
        if (!fits) {
            throw new IllegalArgumentException(name() + ": the bounds do not fit " + value.describe()
                    + "; they must be scalars or have its shape");
        }
    }

    @Override
    public Expr logJacobian(Expr coordinates, Expr constrained) {
        if (lower == null && upper == null) {
            return coordinates.times(0);
        }
        if (lower == null || upper == null) {
            return coordinates;
        }
        Expr slope = coordinates.softplus().times(-2).plus(coordinates);
        return unit() ? slope : slope.plus(upper.minus(lower).log());
    }

    @Override
    public List<Expr> dependencies() {
        return Stream.of(lower, upper)
                .flatMap(Stream::ofNullable)
                .filter(bound -> bound.declaredValues() == null)
                .toList();
    }

    @Override
    public Constraint fixedAt(List<double[]> values) {
        Iterator<double[]> next = values.iterator();
        return new Bounded(fixed(lower, next), fixed(upper, next));
    }

    private static @Nullable Expr fixed(@Nullable Expr bound, Iterator<double[]> values) {
        return bound == null || bound.declaredValues() != null ? bound : Expr.constant(values.next());
    }

    @Override
    public double[] unconstrain(double[] value, int rows, int columns) {
        Checks.requireLength(this, value, rows, columns);
        double[] from = fixed("lower", lower, value.length);
        double[] to = fixed("upper", upper, value.length);
        double[] u = new double[value.length];
        for (int i = 0; i < u.length; i++) {
            double x = value[i];
            double a = from == null ? Double.NEGATIVE_INFINITY : from[from.length == 1 ? 0 : i];
            double b = to == null ? Double.POSITIVE_INFINITY : to[to.length == 1 ? 0 : i];
            if (!(a < x && x < b)) {
                String demand = from == null
                        ? to == null ? "finite" : "below " + b
                        : to == null ? "finite and above " + a : "between " + a + " and " + b;
                throw Checks.outside(this, Checks.position(i, columns), x, demand);
            }
            u[i] = from == null
                    ? to == null ? x : Math.log(b - x)
                    : to == null ? Math.log(x - a) : Math.log(x - a) - Math.log(b - x);
        }
        return u;
    }

    private double @Nullable [] fixed(String side, @Nullable Expr bound, int length) {
        if (bound == null) {
            return null;
        }
        double[] values = bound.declaredValues();
        if (values == null) {
            throw new IllegalArgumentException(name() + ": the " + side
                    + " bound depends on parameters, so there is no fixed inverse; give the coordinates instead");
        }
        if (values.length != 1 && values.length != length) {
            throw new IllegalArgumentException(name() + ": the " + side + " bound has " + values.length
                    + " elements, but the value has " + length);
        }
        return values;
    }
}

package org.variational.distribution;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.variational.constraint.Constraint;
import org.variational.expression.Expr;

/** Values of which some are only known to lie between the recorded number and a larger one. */
final class IntervalCensored extends Univariate {

    private final Tails base;
    private final Expr upper;

    IntervalCensored(Tails base, Expr upper) {
        super(
                "interval-censored " + base.name(),
                Stream.concat(base.parameters().stream(), Stream.of(upper)).toArray(Expr[]::new));
        this.base = base;
        this.upper = finite(name(), "upper", upper);
    }

    @Override
    public Constraint support() {
        return base.support();
    }

    @Override
    public void checkObserved(String data, double[] values) {
        super.checkObserved(data, values);
        double[] to = upper.declaredValues();
        if (to == null || (to.length != 1 && to.length != values.length)) {
            return;
        }
        for (int row = 0; row < values.length; row++) {
            double end = to[to.length == 1 ? 0 : row];
            if (values[row] > end) {
                throw new IllegalArgumentException("data \"" + data + "\" is " + values[row] + " at row " + row
                        + ", but " + name() + " data are the lower ends of intervals, and the upper end here is "
                        + end);
            }
            if (values[row] == end && base instanceof Univariate exact && !exact.possible(end)) {
                throw new IllegalArgumentException("data \"" + data + "\" is " + end + " at row " + row
                        + ", observed exactly since both ends agree, but " + base.name() + " data must be "
                        + exact.demand());
            }
        }
    }

    @Override
    boolean possible(double value) {
        return Double.isFinite(value);
    }

    @Override
    String demand() {
        return "finite";
    }

    /** 1 where the value is not positive, 0 where it is. */
    private static Expr notPositive(Expr value) {
        return value.negate().logStep().exp();
    }

    /** One of two terms, by an indicator; the other may be infinite. */
    private static Expr choose(Expr indicator, Expr whereOne, Expr whereZero) {
        return whereOne.plus(indicator.minus(1).logStep())
                .max(whereZero.plus(indicator.negate().logStep()));
    }

    /** Where both ends agree the interval that takes their place, wide enough to have a probability, is not chosen. */
    @Override
    public Expr logDensity(Expr lower) {
        Expr exact = notPositive(upper.minus(lower));
        Expr to = upper.plus(exact.times(upper.abs().plus(1)));
        return choose(exact, base.logDensity(lower), logProbability(lower, to).min(Expr.constant(0)));
    }

    /** What is outside the support is cut off; an interval from its lower end on needs no difference. */
    private Expr logProbability(Expr lower, Expr to) {
        @Nullable Expr first = base.lowerEnd();
        @Nullable Expr last = base.upperEnd();
        Expr high = last == null ? to : to.min(last);
        if (first == null) {
            return base.logInterval(lower, high);
        }
        Expr atEnd = notPositive(lower.minus(first));
        Expr low = lower.max(first);
        Expr inside = low.plus(high.minus(low).times(atEnd).times(0.5));
        return choose(atEnd, base.logCdf(high), base.logInterval(inside, high));
    }

    /** Draws the value itself, as if it were observed. */
    @Override
    public Sampler sampler() {
        return base.sampler();
    }
}

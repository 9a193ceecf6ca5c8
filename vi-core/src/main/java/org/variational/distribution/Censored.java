package org.variational.distribution;

import java.util.stream.Stream;
import org.variational.constraint.Constraint;
import org.variational.expression.Expr;

/** Values of which some are only known to be larger, or only known to be smaller, than what is recorded. */
final class Censored extends Univariate {

    private final Tails base;
    private final Expr observed;
    private final boolean right;

    Censored(Tails base, Expr observed, boolean right) {
        super(
                (right ? "right-censored " : "left-censored ") + base.name(),
                Stream.concat(base.parameters().stream(), Stream.of(observed)).toArray(Expr[]::new));
        this.base = base;
        this.observed = checked(name(), "observed", observed, d -> d == 0 || d == 1, "0 or 1");
        this.right = right;
    }

    @Override
    public Constraint support() {
        return base.support();
    }

    @Override
    public void checkObserved(String data, double[] values) {
        base.checkObserved(data, values);
    }

    @Override
    boolean possible(double value) {
        return !Double.isNaN(value);
    }

    @Override
    String demand() {
        return "numbers";
    }

    /** Chooses rather than multiplies by 0 and 1, so that the term that does not apply may be infinite. */
    @Override
    public Expr logDensity(Expr value) {
        Expr tail = (right ? base.logSurvival(value) : base.logCdf(value)).min(Expr.constant(0));
        return base.logDensity(value)
                .plus(observed.minus(1).logStep())
                .max(tail.plus(observed.negate().logStep()));
    }

    /** Draws the value itself, as if it were observed. */
    @Override
    public Sampler sampler() {
        return base.sampler();
    }
}

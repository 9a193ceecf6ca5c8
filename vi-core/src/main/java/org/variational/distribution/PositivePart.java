package org.variational.distribution;

import org.variational.expression.Expr;

/**
 * A value that only counts where it is positive: functions of {@code standIn} plus {@code step} are those of the value
 * there, and {@code -Infinity} with finite slopes elsewhere.
 *
 * @param standIn the value where it is positive, another positive number where it is not
 * @param step 0 where the value is positive, {@code -Infinity} where it is not
 */
record PositivePart(Expr standIn, Expr step) {

    static PositivePart of(Expr value) {
        if (value.logStep().isConstant(0) && !value.isConstant(0)) {
            return new PositivePart(value, Expr.constant(0));
        }
        Expr nonzero = value.minus(value.abs().negate().logStep().exp());
        return new PositivePart(nonzero.abs(), nonzero.logStep());
    }

    /** The logarithm of the value, {@code -Infinity} with finite slopes where it is not positive. */
    static Expr log(Expr value) {
        PositivePart positive = of(value);
        return positive.standIn.log().plus(positive.step);
    }
}

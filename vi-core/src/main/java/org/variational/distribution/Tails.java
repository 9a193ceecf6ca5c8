package org.variational.distribution;

import org.jspecify.annotations.Nullable;
import org.variational.expression.Expr;

/**
 * A univariate distribution with a known distribution function F, as is needed to truncate or censor it. All logarithms
 * are accurate in both tails as far as a double reaches.
 */
interface Tails extends Distribution {

    /** The lower end of the support, null for none. */
    default @Nullable Expr lowerEnd() {
        return null;
    }

    /** The upper end of the support, null for none. */
    default @Nullable Expr upperEnd() {
        return null;
    }

    /** {@code log F(value)}. */
    Expr logCdf(Expr value);

    /** {@code log(1 - F(value))}. */
    Expr logSurvival(Expr value);

    /** {@code log(F(upper) - F(lower))} for finite bounds. */
    Expr logInterval(Expr lower, Expr upper);

    /** {@code log F(value)} at numbers. */
    double logCdf(double[][] parameters, double value);

    /** {@code log(1 - F(value))} at numbers. */
    double logSurvival(double[][] parameters, double value);

    /** {@code log(exp(larger) - exp(smaller))}. */
    static Expr logDifference(Expr larger, Expr smaller) {
        return larger.plus(smaller.minus(larger).expm1().negate().log());
    }

    /** {@code log(1 - exp(x))} for {@code x <= 0}. */
    static double log1mExp(double x) {
        return x > -Math.log(2) ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    }
}

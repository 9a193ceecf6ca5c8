package org.variational.distribution;

import java.util.random.RandomGenerator;
import org.variational.expression.Expr;

/** {@code exp(-z - exp(-z))}: the distribution of the largest of many. */
final class Gumbel extends Standardised implements Tails {

    private static final Gumbel STANDARD = new Gumbel(Expr.constant(0), Expr.constant(1));

    Gumbel(Expr location, Expr scale) {
        super("gumbel", location, scale, location, scale);
    }

    @Override
    Expr logKernel(Expr minusZ) {
        return minusZ.minus(minusZ.exp());
    }

    @Override
    double drawStandard(RandomGenerator random, double[][] parameters) {
        return Draws.gumbel(random);
    }

    @Override
    public Distribution standard() {
        return STANDARD;
    }

    @Override
    public Expr logCdf(Expr value) {
        return minusZ(value).exp().negate();
    }

    @Override
    public Expr logSurvival(Expr value) {
        return logCdf(value).expm1().negate().log();
    }

    @Override
    public Expr logInterval(Expr lower, Expr upper) {
        return Tails.logDifference(logCdf(upper), logCdf(lower));
    }

    @Override
    public double logCdf(double[][] p, double value) {
        return -Math.exp((p[0][0] - value) / p[1][0]);
    }

    @Override
    public double logSurvival(double[][] p, double value) {
        return Tails.log1mExp(logCdf(p, value));
    }
}

package org.variational.distribution;

import java.util.random.RandomGenerator;
import org.variational.expression.Expr;

/** {@code 2 N(z) Phi(slant z)}: a normal density, tilted by a normal distribution function. */
final class SkewNormal extends Standardised {

    private static final double LOG_2 = Math.log(2);
    private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

    private final Expr slant;

    SkewNormal(Expr location, Expr scale, Expr slant) {
        super("skewNormal", location, scale, finite("skewNormal", "slant", slant), location, scale);
        this.slant = slant;
    }

    @Override
    Expr logKernel(Expr minusZ) {
        return minusZ.square()
                .times(-0.5)
                .plus(slant.times(minusZ).negate().logNormalCdf())
                .plus(LOG_2 - LOG_SQRT_2PI);
    }

    /**
     * {@code delta |a| + sqrt(1 - delta^2) b} for standard normal a and b, {@code delta = slant / sqrt(1 + slant^2)}.
     */
    @Override
    double drawStandard(RandomGenerator random, double[][] parameters) {
        double a = Math.abs(random.nextGaussian());
        double b = random.nextGaussian();
        double alpha = parameters[0][0];
        double length = Math.hypot(1, alpha);
        return alpha / length * a + b / length;
    }

    @Override
    public Distribution standard() {
        return new SkewNormal(Expr.constant(0), Expr.constant(1), slant);
    }
}

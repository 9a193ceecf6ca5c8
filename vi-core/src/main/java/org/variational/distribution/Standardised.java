package org.variational.distribution;

import java.util.random.RandomGenerator;
import org.variational.expression.Expr;

/**
 * The distributions of {@code location + scale * z} on the line. The log density is a sum of terms, so that what
 * depends on the scale alone is not computed for every row.
 */
abstract class Standardised extends Univariate.OnReals implements LocationScale {

    final Expr location;
    final Expr scale;

    Standardised(String name, Expr location, Expr scale, Expr... parameters) {
        super(name, parameters);
        this.location = finite(name, "location", location);
        this.scale = positive(name, "scale", scale);
    }

    /** The log density of z, as a function of -z. */
    abstract Expr logKernel(Expr minusZ);

    /** A draw of z. */
    abstract double drawStandard(RandomGenerator random, double[][] parameters);

    /** {@code -z} of a value, the sign that leaves data as they are. */
    final Expr minusZ(Expr value) {
        return location.minus(value).times(scale.reciprocal());
    }

    @Override
    public final Expr logDensity(Expr value) {
        return logKernel(minusZ(value)).minus(scale.log());
    }

    @Override
    public final Expr fromStandard(Expr standardised) {
        return location.plus(scale.times(standardised));
    }

    @Override
    public final Sampler sampler() {
        int at = parameters().size() - 2;
        return (random, p, draw) -> draw[0] = p[at][0] + p[at + 1][0] * drawStandard(random, p);
    }

    /** A member symmetric about its location, with a distribution function of z that is accurate in the lower tail. */
    abstract static class Symmetric extends Standardised {

        Symmetric(String name, Expr location, Expr scale, Expr... parameters) {
            super(name, location, scale, parameters);
        }

        /** The log density, for location 0, of a value that is positive however it is computed. */
        Expr logDensityOfPositive(Expr value) {
            return logDensity(value);
        }
    }

    /** A symmetric member whose distribution function is known. */
    abstract static class SymmetricWithTails extends Symmetric implements Tails {

        SymmetricWithTails(String name, Expr location, Expr scale) {
            super(name, location, scale, location, scale);
        }

        /** {@code log F(z)} of the standard member. */
        abstract Expr logCdfOfStandard(Expr z);

        /** {@code log F(z)} of the standard member at a number. */
        abstract double logCdfOfStandard(double z);

        @Override
        public final Expr logCdf(Expr value) {
            return logCdfOfStandard(minusZ(value).negate());
        }

        @Override
        public final Expr logSurvival(Expr value) {
            return logCdfOfStandard(minusZ(value));
        }

        /** Both bounds are mirrored into the lower half where their middle is in the upper. */
        @Override
        public final Expr logInterval(Expr lower, Expr upper) {
            Expr a = minusZ(lower).negate().min(minusZ(upper));
            Expr b = minusZ(upper).negate().min(minusZ(lower));
            return Tails.logDifference(logCdfOfStandard(b), logCdfOfStandard(a));
        }

        @Override
        public final double logCdf(double[][] p, double value) {
            return logCdfOfStandard((value - p[0][0]) / p[1][0]);
        }

        @Override
        public final double logSurvival(double[][] p, double value) {
            return logCdfOfStandard((p[0][0] - value) / p[1][0]);
        }
    }
}

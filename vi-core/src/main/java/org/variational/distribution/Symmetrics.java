package org.variational.distribution;

import java.util.random.RandomGenerator;
import org.variational.expression.Expr;
import org.variational.random.NormalTail;

/** The location-scale families on the line that are symmetric. */
final class Symmetrics {

    private static final double LOG_2 = Math.log(2);
    private static final double LOG_PI = Math.log(Math.PI);
    private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

    private Symmetrics() {}

    /** {@code exp(-z^2 / 2) / sqrt(2 pi)}. */
    static final class Normal extends Standardised.SymmetricWithTails {

        static final Normal STANDARD = new Normal(Expr.constant(0), Expr.constant(1));

        Normal(Expr location, Expr scale) {
            super("normal", location, scale);
        }

        @Override
        Expr logKernel(Expr z) {
            return z.square().times(-0.5).minus(LOG_SQRT_2PI);
        }

        @Override
        double drawStandard(RandomGenerator random, double[][] parameters) {
            return random.nextGaussian();
        }

        @Override
        Expr logCdfOfStandard(Expr z) {
            return z.logNormalCdf();
        }

        @Override
        double logCdfOfStandard(double z) {
            return NormalTail.logCdf(z);
        }

        @Override
        public Distribution standard() {
            return STANDARD;
        }
    }

    /** {@code 1 / (pi (1 + z^2))}. */
    static final class Cauchy extends Standardised.SymmetricWithTails {

        static final Cauchy STANDARD = new Cauchy(Expr.constant(0), Expr.constant(1));

        Cauchy(Expr location, Expr scale) {
            super("cauchy", location, scale);
        }

        @Override
        Expr logKernel(Expr z) {
            return z.square().log1p().negate().minus(LOG_PI);
        }

        /** From the logarithm of z, since the square of z may overflow. */
        @Override
        Expr logDensityOfPositive(Expr value) {
            Expr logZ = value.log().minus(scale.log());
            return logZ.times(2).softplus().negate().minus(LOG_PI).minus(scale.log());
        }

        @Override
        double drawStandard(RandomGenerator random, double[][] parameters) {
            double numerator = random.nextGaussian();
            return numerator / random.nextGaussian();
        }

        @Override
        Expr logCdfOfStandard(Expr z) {
            return z.logCauchyCdf();
        }

        @Override
        double logCdfOfStandard(double z) {
            return z > 0 ? Math.log1p(-Math.atan2(1, z) / Math.PI) : Math.log(Math.atan2(1, -z) / Math.PI);
        }

        @Override
        public Distribution standard() {
            return STANDARD;
        }
    }

    /** {@code exp(-|z|) / 2}. */
    static final class Laplace extends Standardised.SymmetricWithTails {

        static final Laplace STANDARD = new Laplace(Expr.constant(0), Expr.constant(1));

        Laplace(Expr location, Expr scale) {
            super("laplace", location, scale);
        }

        @Override
        Expr logKernel(Expr z) {
            return z.abs().negate().minus(LOG_2);
        }

        @Override
        double drawStandard(RandomGenerator random, double[][] parameters) {
            double above = random.nextExponential();
            return above - random.nextExponential();
        }

        /** {@code min(z, 0) - log 2 + log(2 - exp(-max(z, 0)))}. */
        @Override
        Expr logCdfOfStandard(Expr z) {
            Expr zero = Expr.constant(0);
            Expr upper = z.max(zero).negate().exp().times(-0.5).log1p();
            return z.min(zero).plus(upper);
        }

        @Override
        double logCdfOfStandard(double z) {
            return z > 0 ? Math.log1p(-0.5 * Math.exp(-z)) : z - LOG_2;
        }

        @Override
        public Distribution standard() {
            return STANDARD;
        }
    }

    /** {@code exp(-z) / (1 + exp(-z))^2}. */
    static final class Logistic extends Standardised.SymmetricWithTails {

        static final Logistic STANDARD = new Logistic(Expr.constant(0), Expr.constant(1));

        Logistic(Expr location, Expr scale) {
            super("logistic", location, scale);
        }

        @Override
        Expr logKernel(Expr z) {
            return z.softplus().times(-2).plus(z);
        }

        @Override
        double drawStandard(RandomGenerator random, double[][] parameters) {
            return Draws.logistic(random);
        }

        @Override
        Expr logCdfOfStandard(Expr z) {
            return z.negate().softplus().negate();
        }

        @Override
        double logCdfOfStandard(double z) {
            return z > 0 ? -Math.log1p(Math.exp(-z)) : z - Math.log1p(Math.exp(z));
        }

        @Override
        public Distribution standard() {
            return STANDARD;
        }
    }

    /** {@code Gamma((nu + 1) / 2) / (Gamma(nu / 2) sqrt(nu pi)) (1 + z^2 / nu)^(-(nu + 1) / 2)}. */
    static final class StudentT extends Standardised.Symmetric {

        private final Expr degrees;

        StudentT(Expr degrees, Expr location, Expr scale) {
            super("studentT", location, scale, positive("studentT", "degrees of freedom", degrees), location, scale);
            this.degrees = degrees;
        }

        @Override
        Expr logKernel(Expr z) {
            return logKernelOf(z.square().times(degrees.reciprocal()).log1p());
        }

        /** From the logarithm of z, since the square of z may overflow. */
        @Override
        Expr logDensityOfPositive(Expr value) {
            Expr logZ = value.log().minus(scale.log());
            return logKernelOf(logZ.times(2).minus(degrees.log()).softplus()).minus(scale.log());
        }

        /** The log density of z as a function of {@code log(1 + z^2 / nu)}. */
        private Expr logKernelOf(Expr log1pRatio) {
            Expr half = degrees.times(0.5);
            return log1pRatio
                    .times(half.negate().minus(0.5))
                    .plus(half.plus(0.5).lgamma())
                    .minus(half.lgamma())
                    .minus(degrees.log().times(0.5))
                    .minus(0.5 * LOG_PI);
        }

        @Override
        double drawStandard(RandomGenerator random, double[][] parameters) {
            double half = 0.5 * parameters[0][0];
            return random.nextGaussian() * Math.exp(0.5 * (Math.log(half) - Draws.logGamma(random, half)));
        }

        @Override
        public Distribution standard() {
            return new StudentT(degrees, Expr.constant(0), Expr.constant(1));
        }
    }
}

package org.variational.lab.evaluation;

import org.apache.commons.math3.special.Gamma;
import org.variational.random.NormalTail;

/** A distribution of the real line with an exact mean and variance. Immutable and thread-safe. */
interface Marginal {

    /** The log density up to a constant. */
    double logDensity(double z);

    /** The slope of the log density. */
    double slope(double z);

    double mean();

    double variance();

    /**
     * Student's t.
     *
     * @param degrees the degrees of freedom, above 2
     */
    record StudentT(double degrees) implements Marginal {
        @Override
        public double logDensity(double z) {
            return -0.5 * (degrees + 1) * Math.log1p(z * z / degrees);
        }

        @Override
        public double slope(double z) {
            return -(degrees + 1) * z / (degrees + z * z);
        }

        @Override
        public double mean() {
            return 0;
        }

        @Override
        public double variance() {
            return degrees / (degrees - 2);
        }
    }

    /**
     * The logarithm of a Gamma variable of scale 1, skewed to the left.
     *
     * @param shape the shape of the Gamma distribution
     */
    record LogGamma(double shape) implements Marginal {
        @Override
        public double logDensity(double z) {
            return shape * z - Math.exp(z);
        }

        @Override
        public double slope(double z) {
            return shape - Math.exp(z);
        }

        @Override
        public double mean() {
            return Gamma.digamma(shape);
        }

        @Override
        public double variance() {
            return Gamma.trigamma(shape);
        }
    }

    /**
     * The skew normal distribution with density {@code 2 phi(z) Phi(slant z)}.
     *
     * @param slant 0 for the normal distribution
     */
    record SkewNormal(double slant) implements Marginal {
        @Override
        public double logDensity(double z) {
            return -0.5 * z * z + NormalTail.logCdf(slant * z);
        }

        @Override
        public double slope(double z) {
            return -z + slant * NormalTail.inverseMills(slant * z);
        }

        @Override
        public double mean() {
            return slant / Math.sqrt(1 + slant * slant) * Math.sqrt(2 / Math.PI);
        }

        @Override
        public double variance() {
            return 1 - mean() * mean();
        }
    }

    /**
     * The sinh-arcsinh distribution: that of {@code sinh((asinh(e) + skew) / tail)} for a standard normal e. Its
     * moments come from the trapezoid rule over e, which is exact to rounding for so smooth an integrand.
     *
     * @param skew 0 for symmetry
     * @param tail below 1 for tails heavier than normal
     * @see <a href="https://doi.org/10.1093/biomet/asp053">Jones and Pewsey (2009), Sinh-arcsinh distributions</a>
     */
    record SinhArcsinh(double skew, double tail) implements Marginal {

        private static final double REACH = 16;
        private static final double SPACING = 0.02;

        @Override
        public double logDensity(double z) {
            double inner = tail * asinh(z) - skew;
            double e = Math.sinh(inner);
            return -0.5 * e * e + Math.log(Math.cosh(inner)) - 0.5 * Math.log1p(z * z);
        }

        @Override
        public double slope(double z) {
            double inner = tail * asinh(z) - skew;
            double byInner = -Math.sinh(inner) * Math.cosh(inner) + Math.tanh(inner);
            return byInner * tail / Math.sqrt(1 + z * z) - z / (1 + z * z);
        }

        @Override
        public double mean() {
            return moment(1);
        }

        @Override
        public double variance() {
            double mean = mean();
            return moment(2) - mean * mean;
        }

        private double moment(int power) {
            double sum = 0;
            int nodes = (int) Math.round(REACH / SPACING);
            for (int i = -nodes; i <= nodes; i++) {
                double e = i * SPACING;
                sum += NormalTail.density(e) * Math.pow(Math.sinh((asinh(e) + skew) / tail), power);
            }
            return sum * SPACING;
        }

        private static double asinh(double x) {
            return Math.copySign(Math.log(Math.abs(x) + Math.sqrt(x * x + 1)), x);
        }
    }
}

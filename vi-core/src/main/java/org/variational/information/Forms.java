package org.variational.information;

import static org.variational.information.Scalars.digamma;
import static org.variational.information.Scalars.lgamma;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.special.Erf;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/**
 * The closed forms of the distributions of {@link org.variational.distribution.Distributions}, by name and parameters.
 */
final class Forms {
    private static final double EULER = 0.57721566490153286061;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private Forms() {}

    /**
     * The closed forms of a distribution.
     *
     * @param p the values of its parameters, each row-major
     * @return null if nothing is known in closed form
     */
    static @Nullable Form of(String name, double[][] p) {
        double a = p[0][0];
        double b = p.length > 1 ? p[1][0] : Double.NaN;
        return switch (name) {
            case "normal" -> new Normal(name, a, b, 0);
            case "logNormal" -> new Normal(name, a, b, a);
            case "studentT" -> new StudentT(a, p[2][0]);
            case "cauchy" -> new Cauchy(a, b);
            case "laplace" -> new Laplace(a, b);
            case "logistic" -> new Logistic(b);
            case "gumbel" -> new Gumbel(a, b);
            case "uniform" -> new Uniform(a, b);
            case "pareto" -> new Pareto(a, b);
            case "weibull" -> new Weibull(a, b);
            case "halfNormal" ->
                new ExponentialFamily(
                        name,
                        new double[] {-0.5 / (a * a)},
                        new double[] {a * a},
                        0,
                        t -> t[0] < 0 ? 0.5 * Math.log(Math.PI / (-4 * t[0])) : INFINITY);
            case "halfCauchy" -> new HalfCauchy(a);
            case "exponential" -> new ExponentialFamily(name, new double[] {-a}, new double[] {1 / a}, 0, rateOnly());
            case "gamma" -> gamma(name, a, b, digamma(a) - Math.log(b), 1);
            case "inverseGamma" -> gamma(name, a, b, Math.log(b) - digamma(a), -1);
            case "beta" -> dirichlet(name, new double[] {a, b});
            case "dirichlet" -> dirichlet(name, p[0]);
            case "poisson" -> poisson(a);
            case "poissonLog" -> poisson(Math.exp(a));
            case "bernoulli" -> binomial(1, a);
            case "bernoulliLogit" -> binomial(1, 1 / (1 + Math.exp(-a)));
            case "binomial" -> binomial(a, b);
            case "binomialLogit" -> binomial(a, 1 / (1 + Math.exp(-b)));
            case "geometric" -> failures("geometric", 1, Math.log1p(-a), (1 - a) / a, 0);
            case "negativeBinomial" -> failures(name, b, -Math.log1p(b / a), a, Double.NaN);
            case "negativeBinomialLog" ->
                failures("negativeBinomial", b, -Math.log1p(b * Math.exp(-a)), Math.exp(a), Double.NaN);
            case "multivariateNormal" -> gaussian(p[0], timesTransposed(p[1]));
            case "multivariateNormalPrecision" -> gaussian(p[0], inverse(p[1]));
            default -> null;
        };
    }

    private static Form gaussian(double[] location, DMatrixRMaj covariance) {
        double[] mean = location.clone();
        if (mean.length != covariance.numRows) {
            mean = new double[covariance.numRows];
            Arrays.fill(mean, location[0]);
        }
        return Gaussian.of(mean, covariance);
    }

    private static DMatrixRMaj square(double[] elements) {
        int d = (int) Math.round(Math.sqrt(elements.length));
        return DMatrixRMaj.wrap(d, d, elements);
    }

    private static DMatrixRMaj timesTransposed(double[] factor) {
        DMatrixRMaj left = square(factor);
        DMatrixRMaj covariance = left.createLike();
        CommonOps_DDRM.multOuter(left, covariance);
        return covariance;
    }

    private static DMatrixRMaj inverse(double[] precision) {
        DMatrixRMaj matrix = square(precision);
        DMatrixRMaj covariance = matrix.createLike();
        CommonOps_DDRM.invertSPD(matrix, covariance);
        return covariance;
    }

    /** {@code A(-rate) = -log rate}. */
    private static ToDoubleFunction<double[]> rateOnly() {
        return theta -> theta[0] < 0 ? -Math.log(-theta[0]) : INFINITY;
    }

    /** Gamma (sign 1) and inverse gamma (sign -1): T = (log x, x^sign), h = 1 / x. */
    private static Form gamma(String name, double shape, double rate, double meanLog, int sign) {
        return new ExponentialFamily(
                name,
                new double[] {sign * shape, -rate},
                new double[] {meanLog, shape / rate},
                -meanLog,
                theta -> sign * theta[0] > 0 && theta[1] < 0
                        ? lgamma(sign * theta[0]) - sign * theta[0] * Math.log(-theta[1])
                        : INFINITY);
    }

    private static Form dirichlet(String name, double[] concentration) {
        double total = Arrays.stream(concentration).sum();
        double[] meanLog = Arrays.stream(concentration)
                .map(c -> digamma(c) - digamma(total))
                .toArray();
        return new ExponentialFamily(
                name, concentration.clone(), meanLog, -Arrays.stream(meanLog).sum(), theta -> {
                    double value = -lgamma(Arrays.stream(theta).sum());
                    for (double c : theta) {
                        value += c > 0 ? lgamma(c) : INFINITY;
                    }
                    return Double.isNaN(value) ? INFINITY : value;
                });
    }

    private static Form poisson(double rate) {
        return new ExponentialFamily(
                "poisson", new double[] {Math.log(rate)}, new double[] {rate}, Double.NaN, theta -> Math.exp(theta[0]));
    }

    private static Form binomial(double trials, double probability) {
        return new ExponentialFamily(
                "binomial " + trials,
                new double[] {Math.log(probability) - Math.log1p(-probability)},
                new double[] {trials * probability},
                trials == 1 ? 0 : Double.NaN,
                theta -> trials * (Math.max(0, theta[0]) + Math.log1p(Math.exp(-Math.abs(theta[0])))));
    }

    /** Failures before the r-th success, each trial failing with probability {@code exp(logFailure)}. */
    private static Form failures(String name, double r, double logFailure, double mean, double meanLogCarrier) {
        return new ExponentialFamily(
                name + " " + r,
                new double[] {logFailure},
                new double[] {mean},
                meanLogCarrier,
                theta -> theta[0] < 0 ? -r * Math.log(-Math.expm1(theta[0])) : INFINITY);
    }

    /** Normal, and log-normal, whose entropy exceeds it by its location. */
    private static final class Normal extends Form {
        private final String name;
        private final double location;
        private final double scale;
        private final double excess;

        Normal(String name, double location, double scale, double excess) {
            this.name = name;
            this.location = location;
            this.scale = scale;
            this.excess = excess;
        }

        @Override
        double entropy() {
            return 0.5 * (Math.log(2 * Math.PI) + 1) + Math.log(scale) + excess;
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Normal q) || !q.name.equals(name)) {
                return Double.NaN;
            }
            double ratio = scale / q.scale;
            double shift = (location - q.location) / q.scale;
            return Math.max(0, 0.5 * ((ratio - 1) * (ratio + 1) + shift * shift) - Math.log(ratio));
        }

        @Override
        double logAffinity(Form other, double a) {
            if (!(other instanceof Normal q) || !q.name.equals(name)) {
                return Double.NaN;
            }
            double ratio = scale / q.scale;
            double blend = a + (1 - a) * ratio * ratio;
            if (!(blend > 0)) {
                return INFINITY;
            }
            double shift = (location - q.location) / q.scale;
            return -0.5 * a * (1 - a) * shift * shift / blend + (1 - a) * Math.log(ratio) - 0.5 * Math.log(blend);
        }

        @Override
        double totalVariation(Form other) {
            return other instanceof Normal q && q.name.equals(name) && q.scale == scale
                    ? Erf.erf(Math.abs(location - q.location) / (2 * Math.sqrt(2) * scale))
                    : Double.NaN;
        }
    }

    private static final class StudentT extends Form {
        private final double degrees;
        private final double scale;

        StudentT(double degrees, double scale) {
            this.degrees = degrees;
            this.scale = scale;
        }

        @Override
        double entropy() {
            double half = 0.5 * (degrees + 1);
            return Math.log(scale)
                    + half * (digamma(half) - digamma(0.5 * degrees))
                    + 0.5 * Math.log(degrees)
                    + lgamma(0.5 * degrees)
                    + 0.5 * Math.log(Math.PI)
                    - lgamma(half);
        }
    }

    /** KL by Chyzak and Nielsen (2019, arXiv 1905.10965); it is symmetric. */
    private static final class Cauchy extends Form {
        private final double location;
        private final double scale;

        Cauchy(double location, double scale) {
            this.location = location;
            this.scale = scale;
        }

        @Override
        double entropy() {
            return Math.log(4 * Math.PI * scale);
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Cauchy q)) {
                return Double.NaN;
            }
            double shift = location - q.location;
            double difference = scale - q.scale;
            return Math.log1p((shift * shift + difference * difference) / (4 * scale * q.scale));
        }
    }

    private static final class HalfCauchy extends Form {
        private final double scale;

        HalfCauchy(double scale) {
            this.scale = scale;
        }

        @Override
        double entropy() {
            return Math.log(2 * Math.PI * scale);
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof HalfCauchy q)) {
                return Double.NaN;
            }
            double difference = scale - q.scale;
            return Math.log1p(difference * difference / (4 * scale * q.scale));
        }
    }

    /** An exponential family where the locations agree. */
    private static final class Laplace extends Form {
        private final double location;
        private final double scale;

        Laplace(double location, double scale) {
            this.location = location;
            this.scale = scale;
        }

        @Override
        double entropy() {
            return 1 + Math.log(2 * scale);
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Laplace q)) {
                return Double.NaN;
            }
            double shift = Math.abs(location - q.location);
            double ratio = scale / q.scale;
            return Math.max(0, -Math.log(ratio) + shift / q.scale + ratio * Math.exp(-shift / scale) - 1);
        }

        @Override
        double logAffinity(Form other, double a) {
            if (!(other instanceof Laplace q) || q.location != location) {
                return Double.NaN;
            }
            double ratio = scale / q.scale;
            double blend = a + (1 - a) * ratio;
            return blend > 0 ? (1 - a) * Math.log(ratio) - Math.log(blend) : INFINITY;
        }
    }

    private static final class Logistic extends Form {
        private final double scale;

        Logistic(double scale) {
            this.scale = scale;
        }

        @Override
        double entropy() {
            return Math.log(scale) + 2;
        }
    }

    private static final class Gumbel extends Form {
        private final double location;
        private final double scale;

        Gumbel(double location, double scale) {
            this.location = location;
            this.scale = scale;
        }

        @Override
        double entropy() {
            return Math.log(scale) + EULER + 1;
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Gumbel q)) {
                return Double.NaN;
            }
            double ratio = scale / q.scale;
            double shift = (location - q.location) / q.scale;
            return Math.max(
                    0, -Math.log(ratio) + EULER * (ratio - 1) + Math.exp(-shift + lgamma(ratio + 1)) - 1 + shift);
        }
    }

    /** Every measure is the share of one interval in the other. */
    private static final class Uniform extends Form {
        private final double lower;
        private final double upper;

        Uniform(double lower, double upper) {
            this.lower = lower;
            this.upper = upper;
        }

        private double length() {
            return upper - lower;
        }

        private double overlap(Uniform q) {
            return Math.max(0, Math.min(upper, q.upper) - Math.max(lower, q.lower));
        }

        private boolean inside(Uniform q) {
            return lower >= q.lower && upper <= q.upper;
        }

        @Override
        double entropy() {
            return Math.log(length());
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Uniform q)) {
                return Double.NaN;
            }
            return inside(q) ? Math.log(q.length()) - Math.log(length()) : INFINITY;
        }

        @Override
        double logAffinity(Form other, double a) {
            if (!(other instanceof Uniform q)) {
                return Double.NaN;
            }
            if ((a > 1 && !inside(q)) || (a < 0 && !q.inside(this))) {
                return INFINITY;
            }
            return Math.log(overlap(q)) - a * Math.log(length()) - (1 - a) * Math.log(q.length());
        }

        @Override
        double totalVariation(Form other) {
            return other instanceof Uniform q ? 1 - overlap(q) / Math.max(length(), q.length()) : Double.NaN;
        }
    }

    private static final class Pareto extends Form {
        private final double minimum;
        private final double shape;

        Pareto(double minimum, double shape) {
            this.minimum = minimum;
            this.shape = shape;
        }

        @Override
        double entropy() {
            return Math.log(minimum / shape) + 1 / shape + 1;
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Pareto q)) {
                return Double.NaN;
            }
            double ratio = q.shape / shape;
            return minimum >= q.minimum
                    ? Math.max(0, -Math.log(ratio) + q.shape * Math.log(minimum / q.minimum) + ratio - 1)
                    : INFINITY;
        }

        @Override
        double logAffinity(Form other, double a) {
            if (!(other instanceof Pareto q)) {
                return Double.NaN;
            }
            double blend = a * shape + (1 - a) * q.shape;
            if ((a > 1 && minimum < q.minimum) || (a < 0 && q.minimum < minimum) || !(blend > 0)) {
                return INFINITY;
            }
            double start = Math.max(minimum, q.minimum);
            return a * (Math.log(shape) + shape * Math.log(minimum / start))
                    + (1 - a) * (Math.log(q.shape) + q.shape * Math.log(q.minimum / start))
                    - Math.log(blend);
        }
    }

    /** KL by Bauckhage (2013, arXiv 1310.3713); an exponential family where the shapes agree. */
    private static final class Weibull extends Form {
        private final double shape;
        private final double scale;

        Weibull(double shape, double scale) {
            this.shape = shape;
            this.scale = scale;
        }

        @Override
        double entropy() {
            return EULER * (1 - 1 / shape) + Math.log(scale / shape) + 1;
        }

        @Override
        double kl(Form other) {
            if (!(other instanceof Weibull q)) {
                return Double.NaN;
            }
            double logRatio = Math.log(scale) - Math.log(q.scale);
            return Math.max(
                    0,
                    Math.log(shape)
                            - Math.log(q.shape)
                            - q.shape * logRatio
                            - EULER * (shape - q.shape) / shape
                            + Math.exp(q.shape * logRatio + lgamma(q.shape / shape + 1))
                            - 1);
        }

        @Override
        double logAffinity(Form other, double a) {
            if (!(other instanceof Weibull q) || q.shape != shape) {
                return Double.NaN;
            }
            double logRatio = shape * (Math.log(scale) - Math.log(q.scale));
            double blend = a + (1 - a) * Math.exp(logRatio);
            return blend > 0 ? (1 - a) * logRatio - Math.log(blend) : INFINITY;
        }
    }
}

package org.variational.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.bernoulli;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.betaBinomial;
import static org.variational.distribution.Distributions.binomial;
import static org.variational.distribution.Distributions.binomialLogit;
import static org.variational.distribution.Distributions.categorical;
import static org.variational.distribution.Distributions.categoricalLogit;
import static org.variational.distribution.Distributions.cauchy;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.geometric;
import static org.variational.distribution.Distributions.gumbel;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.halfStudentT;
import static org.variational.distribution.Distributions.hurdle;
import static org.variational.distribution.Distributions.inverseGamma;
import static org.variational.distribution.Distributions.laplace;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.logistic;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.negativeBinomial;
import static org.variational.distribution.Distributions.negativeBinomialLog;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.orderedLogistic;
import static org.variational.distribution.Distributions.pareto;
import static org.variational.distribution.Distributions.poisson;
import static org.variational.distribution.Distributions.poissonLog;
import static org.variational.distribution.Distributions.skewNormal;
import static org.variational.distribution.Distributions.studentT;
import static org.variational.distribution.Distributions.truncated;
import static org.variational.distribution.Distributions.truncatedAbove;
import static org.variational.distribution.Distributions.truncatedBelow;
import static org.variational.distribution.Distributions.uniform;
import static org.variational.distribution.Distributions.weibull;
import static org.variational.distribution.Distributions.zeroInflated;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.apache.commons.math3.distribution.AbstractIntegerDistribution;
import org.apache.commons.math3.distribution.AbstractRealDistribution;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.distribution.CauchyDistribution;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.ExponentialDistribution;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.distribution.GeometricDistribution;
import org.apache.commons.math3.distribution.GumbelDistribution;
import org.apache.commons.math3.distribution.LaplaceDistribution;
import org.apache.commons.math3.distribution.LogNormalDistribution;
import org.apache.commons.math3.distribution.LogisticDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.ParetoDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.distribution.UniformRealDistribution;
import org.apache.commons.math3.distribution.WeibullDistribution;
import org.apache.commons.math3.exception.MathIllegalArgumentException;
import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;
import org.apache.commons.math3.util.CombinatoricsUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.expression.Evaluations;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/**
 * Every univariate distribution against the formulas of commons-math: log densities with their gradients, integrals,
 * draws.
 */
class UnivariateDistributionTest {

    /** Special functions of the reference are good to about this. */
    private static final double TOLERANCE = 1e-11;

    private static final int DRAWS = 20_000;
    private static final int TENTH = 10;
    private static final int COUNTS = 6;

    /** Points that integrate a density with one unit of width over 18 of them to 1e-6. */
    private static final int QUADRATURE_POINTS = 64;

    private static final GaussIntegratorFactory QUADRATURE = new GaussIntegratorFactory();

    /** A distribution with fixed parameters, computed elsewhere; the distribution function is unused for counts. */
    private record Law(DoubleUnaryOperator logDensity, DoubleUnaryOperator cdf) {

        static Law of(AbstractRealDistribution known) {
            return new Law(known::logDensity, known::cumulativeProbability);
        }

        static Law of(AbstractIntegerDistribution known) {
            return of((double k) -> known.logProbability((int) k));
        }

        static Law of(DoubleUnaryOperator logProbability) {
            return new Law(logProbability, k -> Double.NaN);
        }

        Law half() {
            return new Law(x -> Math.log(2) + logDensity.applyAsDouble(x), x -> 2 * cdf.applyAsDouble(x) - 1);
        }

        Law between(double a, double b) {
            double below = cdf.applyAsDouble(a);
            double mass = cdf.applyAsDouble(b) - below;
            return new Law(
                    x -> logDensity.applyAsDouble(x) - Math.log(mass), x -> (cdf.applyAsDouble(x) - below) / mass);
        }

        Law mixedWith(double weight, Law other) {
            return new Law(
                    x -> Math.log(weight * Math.exp(logDensity.applyAsDouble(x))
                            + (1 - weight) * Math.exp(other.logDensity.applyAsDouble(x))),
                    x -> weight * cdf.applyAsDouble(x) + (1 - weight) * other.cdf.applyAsDouble(x));
        }
    }

    /** A distribution over a box of parameters, and the range of values in which its gradient is checked. */
    private record Case(
            String name,
            double[] low,
            double[] high,
            double from,
            double to,
            Function<Expr[], Distribution> factory,
            Function<double[], Law> law) {

        Distribution at(double... parameters) {
            return factory.apply(
                    Arrays.stream(parameters).mapToObj(Expr::constant).toArray(Expr[]::new));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static double[] box(double... ends) {
        return ends;
    }

    private static Law student(double nu, double location, double scale) {
        TDistribution t = new TDistribution(nu);
        return new Law(
                x -> t.logDensity((x - location) / scale) - Math.log(scale),
                x -> t.cumulativeProbability((x - location) / scale));
    }

    /** By its formula: the log density of commons-math loses digits near 0. */
    private static Law gammaLaw(double shape, double rate) {
        return new Law(
                x -> shape * Math.log(rate) - Gamma.logGamma(shape) + (shape - 1) * Math.log(x) - rate * x,
                new GammaDistribution(shape, 1 / rate)::cumulativeProbability);
    }

    private static Law inverseGammaLaw(double shape, double scale) {
        GammaDistribution reciprocal = new GammaDistribution(shape, 1 / scale);
        return new Law(
                x -> reciprocal.logDensity(1 / x) - 2 * Math.log(x), x -> 1 - reciprocal.cumulativeProbability(1 / x));
    }

    /** The distribution function by quadrature of the density, which is that of a normal pair on one side of a line. */
    private static Law skewNormalLaw(double location, double scale, double slant) {
        NormalDistribution normal = new NormalDistribution(0, 1);
        DoubleUnaryOperator standard = z -> Math.log(2) + normal.logDensity(z) + logNormalCdf(slant * z);
        return new Law(
                x -> standard.applyAsDouble((x - location) / scale) - Math.log(scale),
                x -> (x - location) / scale <= -9
                        ? 0
                        : QUADRATURE
                                .legendre(QUADRATURE_POINTS, -9, (x - location) / scale)
                                .integrate(z -> Math.exp(standard.applyAsDouble(z))));
    }

    private static double logNormalCdf(double z) {
        return Math.log(0.5 * Erf.erfc(-z / Math.sqrt(2)));
    }

    static Stream<Case> continuous() {
        return Stream.of(
                new Case(
                        "normal",
                        box(-2, 0.3),
                        box(2, 3),
                        -5,
                        5,
                        p -> normal(p[0], p[1]),
                        p -> Law.of(new NormalDistribution(p[0], p[1]))),
                new Case(
                        "studentT",
                        box(0.8, -2, 0.3),
                        box(9, 2, 3),
                        -5,
                        5,
                        p -> studentT(p[0], p[1], p[2]),
                        p -> student(p[0], p[1], p[2])),
                new Case(
                        "cauchy",
                        box(-2, 0.3),
                        box(2, 3),
                        -5,
                        5,
                        p -> cauchy(p[0], p[1]),
                        p -> Law.of(new CauchyDistribution(p[0], p[1]))),
                new Case(
                        "laplace",
                        box(-2, 0.3),
                        box(2, 3),
                        -5,
                        5,
                        p -> laplace(p[0], p[1]),
                        p -> Law.of(new LaplaceDistribution(p[0], p[1]))),
                new Case(
                        "logistic",
                        box(-2, 0.3),
                        box(2, 3),
                        -5,
                        5,
                        p -> logistic(p[0], p[1]),
                        p -> Law.of(new LogisticDistribution(p[0], p[1]))),
                new Case(
                        "gumbel",
                        box(-2, 0.6),
                        box(2, 3),
                        -3,
                        5,
                        p -> gumbel(p[0], p[1]),
                        p -> Law.of(new GumbelDistribution(p[0], p[1]))),
                new Case(
                        "skewNormal",
                        box(-2, 0.3, -4),
                        box(2, 3, 4),
                        -5,
                        5,
                        p -> skewNormal(p[0], p[1], p[2]),
                        p -> skewNormalLaw(p[0], p[1], p[2])),
                new Case("halfNormal", box(0.3), box(3), 0.01, 5, p -> halfNormal(p[0]), p -> Law.of(
                                new NormalDistribution(0, p[0]))
                        .half()),
                new Case("halfCauchy", box(0.3), box(3), 0.01, 5, p -> halfCauchy(p[0]), p -> Law.of(
                                new CauchyDistribution(0, p[0]))
                        .half()),
                new Case("halfStudentT", box(0.8, 0.3), box(9, 3), 0.01, 5, p -> halfStudentT(p[0], p[1]), p -> student(
                                p[0], 0, p[1])
                        .half()),
                new Case(
                        "exponential",
                        box(0.3),
                        box(3),
                        0.01,
                        5,
                        p -> exponential(p[0]),
                        p -> Law.of(new ExponentialDistribution(1 / p[0]))),
                new Case(
                        "gamma",
                        box(0.4, 0.3),
                        box(6, 3),
                        0.01,
                        5,
                        p -> gamma(p[0], p[1]),
                        p -> Law.of(new GammaDistribution(p[0], 1 / p[1]))),
                new Case(
                        "gamma near 0",
                        box(0.4, 0.3),
                        box(6, 3),
                        1e-9,
                        1e-6,
                        p -> gamma(p[0], p[1]),
                        p -> gammaLaw(p[0], p[1])),
                new Case(
                        "inverseGamma",
                        box(0.8, 0.3),
                        box(6, 3),
                        0.05,
                        5,
                        p -> inverseGamma(p[0], p[1]),
                        p -> inverseGammaLaw(p[0], p[1])),
                new Case(
                        "logNormal",
                        box(-2, 0.3),
                        box(2, 3),
                        0.01,
                        5,
                        p -> logNormal(p[0], p[1]),
                        p -> Law.of(new LogNormalDistribution(p[0], p[1]))),
                new Case(
                        "weibull",
                        box(0.5, 0.3),
                        box(4, 3),
                        0.01,
                        3,
                        p -> weibull(p[0], p[1]),
                        p -> Law.of(new WeibullDistribution(p[0], p[1]))),
                new Case(
                        "beta",
                        box(0.4, 0.4),
                        box(6, 6),
                        0.01,
                        0.99,
                        p -> beta(p[0], p[1]),
                        p -> Law.of(new BetaDistribution(p[0], p[1]))),
                new Case(
                        "beta near 0",
                        box(0.4, 0.4),
                        box(6, 6),
                        1e-9,
                        1e-6,
                        p -> beta(p[0], p[1]),
                        p -> Law.of(new BetaDistribution(p[0], p[1]))),
                new Case(
                        "uniform",
                        box(-3, 1),
                        box(-1, 2),
                        -0.9,
                        0.9,
                        p -> uniform(p[0], p[1]),
                        p -> Law.of(new UniformRealDistribution(p[0], p[1]))),
                new Case(
                        "pareto",
                        box(0.3, 0.8),
                        box(2, 4),
                        2.5,
                        9,
                        p -> pareto(p[0], p[1]),
                        p -> Law.of(new ParetoDistribution(p[0], p[1]))),
                new Case(
                        "truncated normal",
                        box(-2, 0.5, -3, 1.5),
                        box(2, 2, -1, 3),
                        -0.9,
                        1.4,
                        p -> truncated(normal(p[0], p[1]), p[2], p[3]),
                        p -> Law.of(new NormalDistribution(p[0], p[1])).between(p[2], p[3])),
                new Case(
                        "normal truncated below",
                        box(-2, 0.5, -3),
                        box(2, 2, -1),
                        -0.9,
                        4,
                        p -> truncatedBelow(normal(p[0], p[1]), p[2]),
                        p -> Law.of(new NormalDistribution(p[0], p[1])).between(p[2], Double.POSITIVE_INFINITY)),
                new Case(
                        "cauchy truncated above",
                        box(-2, 0.5, 2),
                        box(2, 2, 3),
                        -4,
                        1.9,
                        p -> truncatedAbove(cauchy(p[0], p[1]), p[2]),
                        p -> Law.of(new CauchyDistribution(p[0], p[1])).between(Double.NEGATIVE_INFINITY, p[2])),
                new Case(
                        "truncated logistic",
                        box(-2, 0.5, -3, 1.5),
                        box(2, 2, -1, 3),
                        -0.9,
                        1.4,
                        p -> truncated(logistic(p[0], p[1]), p[2], p[3]),
                        p -> Law.of(new LogisticDistribution(p[0], p[1])).between(p[2], p[3])),
                new Case(
                        "truncated laplace",
                        box(-2, 0.5, -3, 1.5),
                        box(2, 2, -1, 3),
                        -0.9,
                        1.4,
                        p -> truncated(laplace(p[0], p[1]), p[2], p[3]),
                        p -> Law.of(new LaplaceDistribution(p[0], p[1])).between(p[2], p[3])),
                new Case(
                        "truncated gumbel",
                        box(-1, 0.8, -2, 1.5),
                        box(1, 2, -1, 3),
                        -0.9,
                        1.4,
                        p -> truncated(gumbel(p[0], p[1]), p[2], p[3]),
                        p -> Law.of(new GumbelDistribution(p[0], p[1])).between(p[2], p[3])),
                new Case(
                        "truncated weibull",
                        box(0.5, 0.5, 0.2, 2),
                        box(3, 3, 0.4, 4),
                        0.5,
                        1.9,
                        p -> truncated(weibull(p[0], p[1]), p[2], p[3]),
                        p -> Law.of(new WeibullDistribution(p[0], p[1])).between(p[2], p[3])),
                new Case(
                        "exponential truncated above",
                        box(0.5, 2),
                        box(3, 4),
                        0.01,
                        1.9,
                        p -> truncatedAbove(exponential(p[0]), p[1]),
                        p -> Law.of(new ExponentialDistribution(1 / p[0])).between(0, p[1])),
                new Case(
                        "mixture of normals",
                        box(0.1, -2, 0.5, -1, 0.5),
                        box(0.9, 0, 2, 3, 2),
                        -4,
                        4,
                        p -> mixture(
                                Expr.concatenate(p[0], p[0].negate().plus(1)), normal(p[1], p[2]), normal(p[3], p[4])),
                        p -> Law.of(new NormalDistribution(p[1], p[2]))
                                .mixedWith(p[0], Law.of(new NormalDistribution(p[3], p[4])))));
    }

    private static double logFactorial(double k) {
        return Gamma.logGamma(k + 1);
    }

    private static Law negativeBinomialLaw(double mean, double phi) {
        return Law.of((double y) -> Gamma.logGamma(y + phi)
                - Gamma.logGamma(phi)
                - logFactorial(y)
                + phi * Math.log(phi)
                + y * Math.log(mean)
                - (y + phi) * Math.log(mean + phi));
    }

    private static Law betaBinomialLaw(int n, double a, double b) {
        return Law.of((double y) -> CombinatoricsUtils.binomialCoefficientLog(n, (int) y)
                + Beta.logBeta(y + a, n - y + b)
                - Beta.logBeta(a, b));
    }

    private static Law inflatedLaw(double probability, Law counts) {
        return counts.mixedWith(1 - probability, Law.of((double y) -> y == 0 ? 0 : Double.NEGATIVE_INFINITY));
    }

    private static Law hurdleLaw(double probability, Law counts) {
        double positive = -Math.expm1(counts.logDensity.applyAsDouble(0));
        return Law.of((double y) -> y == 0
                ? Math.log(probability)
                : Math.log((1 - probability) / positive) + counts.logDensity.applyAsDouble(y));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static Stream<Case> counts() {
        return Stream.of(
                new Case(
                        "bernoulli",
                        box(0.1),
                        box(0.9),
                        0,
                        1,
                        p -> bernoulli(p[0]),
                        p -> Law.of(new BinomialDistribution(1, p[0]))),
                new Case(
                        "bernoulliLogit",
                        box(-4),
                        box(4),
                        0,
                        1,
                        p -> bernoulliLogit(p[0]),
                        p -> Law.of(new BinomialDistribution(1, sigmoid(p[0])))),
                new Case(
                        "binomial",
                        box(0.1),
                        box(0.9),
                        0,
                        40,
                        p -> binomial(40, p[0]),
                        p -> Law.of(new BinomialDistribution(40, p[0]))),
                new Case(
                        "binomialLogit",
                        box(-2),
                        box(2),
                        0,
                        9,
                        p -> binomialLogit(9, p[0]),
                        p -> Law.of(new BinomialDistribution(9, sigmoid(p[0])))),
                new Case(
                        "poisson",
                        box(0.3),
                        box(60),
                        0,
                        400,
                        p -> poisson(p[0]),
                        p -> Law.of(new PoissonDistribution(p[0]))),
                new Case(
                        "poissonLog",
                        box(-2),
                        box(5),
                        0,
                        900,
                        p -> poissonLog(p[0]),
                        p -> Law.of(new PoissonDistribution(Math.exp(p[0])))),
                new Case(
                        "negativeBinomial",
                        box(0.5, 0.4),
                        box(9, 20),
                        0,
                        900,
                        p -> negativeBinomial(p[0], p[1]),
                        p -> negativeBinomialLaw(p[0], p[1])),
                new Case(
                        "negativeBinomialLog",
                        box(-1, 0.4),
                        box(3, 20),
                        0,
                        900,
                        p -> negativeBinomialLog(p[0], p[1]),
                        p -> negativeBinomialLaw(Math.exp(p[0]), p[1])),
                new Case(
                        "geometric",
                        box(0.1),
                        box(0.9),
                        0,
                        900,
                        p -> geometric(p[0]),
                        p -> Law.of(new GeometricDistribution(p[0]))),
                new Case(
                        "categorical",
                        box(0.1, 0.1),
                        box(0.4, 0.5),
                        0,
                        2,
                        p -> categorical(Expr.concatenate(
                                p[0], p[1], p[0].plus(p[1]).negate().plus(1))),
                        p -> Law.of((double k) -> Math.log(k == 0 ? p[0] : k == 1 ? p[1] : 1 - p[0] - p[1]))),
                new Case(
                        "categoricalLogit",
                        box(-2, -2, -2),
                        box(2, 2, 2),
                        0,
                        2,
                        p -> categoricalLogit(Expr.concatenate(p[0], p[1], p[2])),
                        p -> Law.of(
                                (double k) -> p[(int) k] - Math.log(Math.exp(p[0]) + Math.exp(p[1]) + Math.exp(p[2])))),
                new Case(
                        "orderedLogistic",
                        box(-2, -2, 0.5),
                        box(2, 0, 2),
                        0,
                        2,
                        p -> orderedLogistic(p[0], Expr.concatenate(p[1], p[2])),
                        p -> Law.of((double k) -> Math.log((k == 2 ? 1 : sigmoid(p[1 + (int) k] - p[0]))
                                - (k == 0 ? 0 : sigmoid(p[(int) k] - p[0]))))),
                new Case(
                        "poisson without 0",
                        box(0.3),
                        box(9),
                        1,
                        200,
                        p -> truncated(poisson(p[0]), 1, Double.POSITIVE_INFINITY),
                        p -> Law.of((double k) ->
                                new PoissonDistribution(p[0]).logProbability((int) k) - Math.log(-Math.expm1(-p[0])))),
                new Case("truncated binomial", box(0.2), box(0.8), 2, 6, p -> truncated(binomial(9, p[0]), 2, 6), p -> {
                    BinomialDistribution whole = new BinomialDistribution(9, p[0]);
                    double mass = IntStream.rangeClosed(2, 6)
                            .mapToDouble(whole::probability)
                            .sum();
                    return Law.of((double k) -> whole.logProbability((int) k) - Math.log(mass));
                }),
                new Case(
                        "betaBinomial",
                        box(0.3, 0.3),
                        box(9, 9),
                        0,
                        20,
                        p -> betaBinomial(20, p[0], p[1]),
                        p -> betaBinomialLaw(20, p[0], p[1])),
                new Case(
                        "zero-inflated poisson",
                        box(0.05, 0.3),
                        box(0.95, 30),
                        0,
                        200,
                        p -> zeroInflated(p[0], poisson(p[1])),
                        p -> inflatedLaw(p[0], Law.of(new PoissonDistribution(p[1])))),
                new Case(
                        "zero-inflated negativeBinomial",
                        box(0.05, 0.5, 0.4),
                        box(0.95, 9, 20),
                        0,
                        900,
                        p -> zeroInflated(p[0], negativeBinomial(p[1], p[2])),
                        p -> inflatedLaw(p[0], negativeBinomialLaw(p[1], p[2]))),
                new Case(
                        "zero-inflated binomial",
                        box(0.05, 0.1),
                        box(0.95, 0.9),
                        0,
                        9,
                        p -> zeroInflated(p[0], binomial(9, p[1])),
                        p -> inflatedLaw(p[0], Law.of(new BinomialDistribution(9, p[1])))),
                new Case(
                        "zero-inflated betaBinomial",
                        box(0.05, 0.3, 0.3),
                        box(0.95, 9, 9),
                        0,
                        9,
                        p -> zeroInflated(p[0], betaBinomial(9, p[1], p[2])),
                        p -> inflatedLaw(p[0], betaBinomialLaw(9, p[1], p[2]))),
                new Case(
                        "hurdle poisson",
                        box(0.05, 0.3),
                        box(0.95, 30),
                        0,
                        200,
                        p -> hurdle(p[0], poisson(p[1])),
                        p -> hurdleLaw(p[0], Law.of(new PoissonDistribution(p[1])))),
                new Case(
                        "hurdle negativeBinomial",
                        box(0.05, 0.5, 0.4),
                        box(0.95, 9, 20),
                        0,
                        900,
                        p -> hurdle(p[0], negativeBinomial(p[1], p[2])),
                        p -> hurdleLaw(p[0], negativeBinomialLaw(p[1], p[2]))),
                new Case(
                        "truncated zero-inflated poisson",
                        box(0.05, 0.5),
                        box(0.95, 5),
                        0,
                        4,
                        p -> truncated(zeroInflated(p[0], poisson(p[1])), 0, 4),
                        p -> {
                            Law whole = inflatedLaw(p[0], Law.of(new PoissonDistribution(p[1])));
                            double mass = IntStream.rangeClosed(0, 4)
                                    .mapToDouble(k -> Math.exp(whole.logDensity.applyAsDouble(k)))
                                    .sum();
                            return Law.of((double k) -> whole.logDensity.applyAsDouble(k) - Math.log(mass));
                        }),
                new Case(
                        "mixture of counts",
                        box(0.1, 0.5, 4),
                        box(0.9, 3, 9),
                        0,
                        200,
                        p -> mixture(
                                Expr.concatenate(p[0], p[0].negate().plus(1)),
                                poisson(p[1]),
                                negativeBinomial(p[2], p[1])),
                        p -> Law.of(new PoissonDistribution(p[1])).mixedWith(p[0], negativeBinomialLaw(p[2], p[1]))));
    }

    // ---- log densities and gradients --------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("continuous")
    void logDensityAndGradient(Case c) {
        int n = c.low.length;
        double[] low = IntStream.rangeClosed(0, n)
                .mapToDouble(i -> i == 0 ? c.from : c.low[i - 1])
                .toArray();
        double[] high = IntStream.rangeClosed(0, n)
                .mapToDouble(i -> i == 0 ? c.to : c.high[i - 1])
                .toArray();
        Expr[] parameters = IntStream.range(0, n)
                .mapToObj(i -> Expr.coordinates("p" + i, 1 + i, 1, 1))
                .toArray(Expr[]::new);
        Expr value = Expr.coordinates("x", 0, 1, 1);
        requireAgreement(
                c.factory.apply(parameters).logDensity(value),
                u -> new double[] {law(c, u, 1).applyAsDouble(u[0])},
                points(low, high),
                TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("counts")
    void logProbabilityAndGradient(Case c) {
        double[] values = values(c);
        Expr[] parameters = IntStream.range(0, c.low.length)
                .mapToObj(i -> Expr.coordinates("p" + i, i, 1, 1))
                .toArray(Expr[]::new);
        requireAgreement(
                c.factory.apply(parameters).logDensity(Expr.constant(values)),
                u -> Arrays.stream(values).map(law(c, u, 0)).toArray(),
                points(c.low, c.high),
                TOLERANCE);
    }

    private static double[] values(Case c) {
        return IntStream.range(0, COUNTS)
                .mapToDouble(i -> c.from + Math.min(i, c.to - c.from))
                .toArray();
    }

    /** NaN where a difference step leaves the range of the parameters or of the value. */
    private static DoubleUnaryOperator law(Case c, double[] point, int from) {
        return x -> {
            try {
                return c.law.apply(Arrays.copyOfRange(point, from, point.length))
                        .logDensity
                        .applyAsDouble(x);
            } catch (MathIllegalArgumentException outside) {
                return Double.NaN;
            }
        };
    }

    /** The two opposite corners first and last, so that both get their gradient checked, and random points between. */
    private static double[][] points(double[] low, double[] high) {
        double[][] unit = Evaluations.points(9, low.length, 0, 1, 17);
        Arrays.fill(unit[0], 0);
        Arrays.fill(unit[8], 1);
        for (double[] point : unit) {
            for (int d = 0; d < low.length; d++) {
                point[d] = low[d] + (high[d] - low[d]) * point[d];
            }
        }
        return unit;
    }

    @ParameterizedTest
    @MethodSource({"continuous", "counts"})
    void rowsAndVectorsAgree(Case c) {
        double[] values = values(c);
        if (!c.at(c.low).discrete()) {
            Arrays.setAll(values, i -> c.from + (c.to - c.from) * (i + 0.5) / COUNTS);
        }
        Expr[] parameters = IntStream.range(0, c.low.length)
                .mapToObj(i -> Expr.coordinates("p" + i, i, 1, 1))
                .toArray(Expr[]::new);
        Distribution distribution = c.factory.apply(parameters);
        Expr rows = Expr.data("y", RowAxis.of("rows", COUNTS), 1, values);
        double[] point = points(c.low, c.high)[4];
        double[] found = Evaluations.elements(distribution.logDensity(rows), point);
        double[] expected = Evaluations.elements(distribution.logDensity(Expr.constant(values)), point);
        for (int i = 0; i < COUNTS; i++) {
            requireClose("row " + i, found[i], expected[i], 1e-13);
        }
    }

    // ---- integrals --------------------------------------------------------------------------------------------------

    /**
     * The trapezoidal rule on the coordinates of the support, which for these integrands converges faster than any
     * power of the step; for densities with a corner the error is about the square of the step, 1e-6.
     */
    @ParameterizedTest
    @MethodSource("continuous")
    void densityIntegratesToOneOverItsSupport(Case c) {
        int points = 160_001;
        double step = 1e-3;
        for (double[] parameters : new double[][] {c.low, c.high}) {
            Distribution distribution = c.at(parameters);
            Expr u = Expr.coordinates("u", 0, 1, 1);
            boolean whole = distribution.support().name().equals("real");
            Expr x = whole
                    ? u.exp().minus(u.negate().exp()).times(0.5)
                    : distribution.support().constrain(u, 1, 1);
            Expr slope = whole
                    ? u.exp().plus(u.negate().exp()).times(0.5).log()
                    : distribution.support().logJacobian(u, x);
            double[][] grid = new double[points][1];
            for (int i = 0; i < points; i++) {
                grid[i][0] = (i - points / 2) * step;
            }
            double[] logs = Evaluations.values(distribution.logDensity(x).plus(slope), grid);
            double sum = Arrays.stream(logs)
                            .map(Math::exp)
                            .filter(v -> !Double.isNaN(v))
                            .sum()
                    * step;
            assertThat(sum).as(distribution.toString()).isBetween(1 - 2e-6, 1 + 2e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("counts")
    void probabilitiesSumToOne(Case c) {
        double[] values =
                IntStream.rangeClosed((int) c.from, (int) c.to).asDoubleStream().toArray();
        for (double[] parameters : new double[][] {c.low, c.high}) {
            double[] logs = Evaluations.elements(c.at(parameters).logDensity(Expr.constant(values)), new double[0]);
            assertThat(Arrays.stream(logs).map(Math::exp).sum()).isBetween(1 - 1e-10, 1 + 1e-10);
        }
    }

    // ---- draws ------------------------------------------------------------------------------------------------------

    private static double[] draws(Distribution distribution) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20260101);
        double[][] parameters = distribution.parameters().stream()
                .map(p -> Evaluations.elements(p, new double[0]))
                .toArray(double[][]::new);
        Sampler sampler = distribution.sampler();
        double[] draws = new double[DRAWS];
        double[] draw = new double[1];
        for (int i = 0; i < DRAWS; i++) {
            sampler.draw(random, parameters, draw);
            draws[i] = draw[0];
        }
        return draws;
    }

    /**
     * Kolmogorov and Smirnov: P(sqrt(n) D > 2.7) is about 2 exp(-2 * 2.7^2) = 1e-6 for each of about 60 tests. The
     * distance at every tenth draw is exceeded in between by at most {@code 10 / n}, which is 0.07 in units of
     * {@code sqrt(n)}.
     */
    @ParameterizedTest
    @MethodSource("continuous")
    void drawsFollowTheDistributionFunction(Case c) {
        for (double[] parameters : new double[][] {c.low, c.high}) {
            Distribution distribution = c.at(parameters);
            double[] draws = draws(distribution);
            distribution.checkObserved("draws", draws);
            Arrays.sort(draws);
            DoubleUnaryOperator cdf = c.law.apply(parameters).cdf;
            double largest = 0;
            for (int i = 0; i < DRAWS; i += TENTH) {
                double p = cdf.applyAsDouble(draws[i]);
                largest = Math.max(largest, Math.max(p - (double) i / DRAWS, (i + 1.0) / DRAWS - p));
            }
            assertThat((largest + (double) TENTH / DRAWS) * Math.sqrt(DRAWS))
                    .as(distribution.toString())
                    .isLessThan(2.7);
        }
    }

    /** Pearson's statistic over values, those expected fewer than 20 times put together; false alarms 1e-6 each. */
    @ParameterizedTest
    @MethodSource("counts")
    void drawsFollowTheProbabilities(Case c) {
        for (double[] parameters : new double[][] {c.low, c.high}) {
            Distribution distribution = c.at(parameters);
            double[] draws = draws(distribution);
            distribution.checkObserved("draws", draws);
            DoubleUnaryOperator logProbability = c.law.apply(parameters).logDensity;
            int[] found = new int[(int) c.to + 1];
            for (double draw : draws) {
                found[(int) draw]++;
            }
            double statistic = 0;
            double restExpected = 0;
            double restFound = 0;
            int cells = 0;
            for (int k = (int) c.from; k <= c.to; k++) {
                double expected = DRAWS * Math.exp(logProbability.applyAsDouble(k));
                if (expected < 20) {
                    restExpected += expected;
                    restFound += found[k];
                } else {
                    statistic += (found[k] - expected) * (found[k] - expected) / expected;
                    cells++;
                }
            }
            if (restExpected >= 1) {
                statistic += (restFound - restExpected) * (restFound - restExpected) / restExpected;
                cells++;
            }
            double limit = new ChiSquaredDistribution(cells - 1).inverseCumulativeProbability(1 - 1e-6);
            assertThat(statistic).as(distribution.toString()).isLessThan(limit);
        }
    }
}

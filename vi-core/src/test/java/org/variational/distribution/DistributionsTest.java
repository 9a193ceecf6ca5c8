package org.variational.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.variational.distribution.Distributions.bernoulli;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.beta;
import static org.variational.distribution.Distributions.betaBinomial;
import static org.variational.distribution.Distributions.binomial;
import static org.variational.distribution.Distributions.binomialLogit;
import static org.variational.distribution.Distributions.categorical;
import static org.variational.distribution.Distributions.categoricalLogit;
import static org.variational.distribution.Distributions.cauchy;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.geometric;
import static org.variational.distribution.Distributions.gumbel;
import static org.variational.distribution.Distributions.halfCauchy;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.halfStudentT;
import static org.variational.distribution.Distributions.hurdle;
import static org.variational.distribution.Distributions.intervalCensored;
import static org.variational.distribution.Distributions.inverseGamma;
import static org.variational.distribution.Distributions.laplace;
import static org.variational.distribution.Distributions.leftCensored;
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
import static org.variational.distribution.Distributions.rightCensored;
import static org.variational.distribution.Distributions.skewNormal;
import static org.variational.distribution.Distributions.studentT;
import static org.variational.distribution.Distributions.truncated;
import static org.variational.distribution.Distributions.uniform;
import static org.variational.distribution.Distributions.weibull;
import static org.variational.distribution.Distributions.zeroInflated;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;
import static org.variational.expression.Expr.constant;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.constraint.Constraints;
import org.variational.expression.Evaluations;
import org.variational.expression.Evaluations.Result;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;
import org.variational.expression.RowIndex;

/** Log densities at hard places, refusals, and what location-scale and derived distributions promise. */
class DistributionsTest {

    private static double logDensity(Distribution distribution, double value) {
        return Evaluations.elements(distribution.logDensity(constant(value)), new double[0])[0];
    }

    /** The expected numbers were computed from the formulas with 60 digits by mpmath. */
    static Stream<Arguments> hardPlaces() {
        return Stream.of(
                arguments(normal(1, 0.001), 5.0, -7999994.0111832535),
                arguments(normal(0, 1e150), 1e155, -5000000346.306703),
                arguments(studentT(0.05, 0, 2), 1e6, -18.269066905860097),
                arguments(studentT(4000, 1, 2), 9.0, -9.598186763473642),
                arguments(cauchy(0, 1e-3), 1e8, -44.893846652736265),
                arguments(logistic(0, 1), -700.0, -700.0),
                arguments(logistic(0, 1), 700.0, -700.0),
                arguments(gumbel(1, 2), -8.0, -86.21027848108176),
                arguments(gumbel(1, 2), 1000.0, -500.19314718055995),
                arguments(laplace(1, 2), -800.0, -401.8862943611199),
                arguments(halfNormal(2), 0.0, -0.9189385332046728),
                arguments(halfCauchy(2.5), 1e-9, -1.3678734371636099),
                arguments(halfStudentT(3, 2), 7.0, -4.252823278394132),
                arguments(exponential(1e-5), 1e7, -111.51292546497024),
                arguments(gamma(0.01, 3), 1e-200, 451.32335465766573),
                arguments(gamma(500, 3), 200.0, -11.949340120208745),
                arguments(inverseGamma(0.5, 3), 1e-2, -293.1153035196085),
                arguments(inverseGamma(3, 0.1), 1e9, -90.49396580742773),
                arguments(logNormal(-2, 0.3), 1e-4, -279.33244913328946),
                arguments(weibull(0.3, 2), 1e-10, 14.705366440068044),
                arguments(weibull(9, 2), 3.0, -33.69556111335841),
                arguments(pareto(2, 0.5), 1e12, -41.793105264172794),
                arguments(beta(0.1, 0.2), 1e-300, 619.0169966290454),
                arguments(beta(300, 4), 0.99, 4.222732114900055),
                arguments(uniform(-1, 3), 2.999, -1.3862943611198906),
                arguments(bernoulli(1e-12), 0.0, -1.0000000000005e-12),
                arguments(bernoulliLogit(constant(700)), 0.0, -700.0),
                arguments(bernoulliLogit(constant(-700)), 0.0, -9.85967654375977e-305),
                arguments(bernoulliLogit(constant(30)), 1.0, -9.357622968839737e-14),
                arguments(binomialLogit(20, constant(-300)), 3.0, -892.9612164586115),
                arguments(binomial(1000, 0.3), 310.0, -3.8386153311462023),
                arguments(poisson(1e-3), 4.0, -30.810074946276494),
                arguments(poissonLog(constant(-700)), 0.0, -9.85967654375977e-305),
                arguments(poissonLog(constant(4)), 55.0, -2.925595481571891),
                arguments(negativeBinomial(7, 0.02), 0.0, -0.11721572446931731),
                arguments(negativeBinomial(7, 1000), 12.0, -3.629865366178216),
                arguments(negativeBinomialLog(constant(50), constant(2)), 3.0, -97.22741127776023),
                arguments(negativeBinomialLog(constant(-50), constant(2)), 1.0, -50.0),
                arguments(geometric(0.001), 5000.0, -11.910256946899805),
                arguments(categorical(0.2, 0.3, 0.5), 2.0, -0.6931471805599453),
                arguments(categoricalLogit(constant(new double[] {700, -700, 0})), 1.0, -1400.0),
                arguments(orderedLogistic(constant(500), constant(new double[] {-1, 2})), 1.0, -498.0510691809427),
                arguments(orderedLogistic(constant(-600), constant(new double[] {-1, 2})), 0.0, 0.0),
                arguments(orderedLogistic(constant(-600), constant(new double[] {-1, 2})), 2.0, -602.0),
                arguments(truncated(normal(0, 1), 30, 31), 30.01, 3.102255423138532),
                arguments(truncated(normal(0, 1), -31, -30), -30.01, 3.102255423138532),
                arguments(truncated(normal(0, 1), 100, Double.POSITIVE_INFINITY), 100.1, -5.399729838999015),
                arguments(truncated(normal(1, 2), -1, 5), 0.5, -1.4431694194401554),
                arguments(truncated(normal(1, 2), Double.NEGATIVE_INFINITY, -50), -50.5, -3.8591867265850834),
                arguments(truncated(cauchy(0, 1), 1e6, 2e6), 1.5e6, -13.933293593620519),
                arguments(truncated(logistic(0, 1), 500, 501), 500.5, -0.041324854612918106),
                arguments(truncated(laplace(0, 1), 40, 41), 40.5, -0.041324854612918106),
                arguments(truncated(exponential(2), 300, 301), 300.5, -0.16143936157119562),
                arguments(truncated(weibull(2, 3), 1, 4), 2.0, -0.9349297002969164),
                arguments(truncated(gumbel(0, 1), 30, 40), 31.0, -0.9999545990396171),
                arguments(truncated(logNormal(0, 1), 0.5, 2), 1.0, -0.24908358697536775),
                arguments(truncated(pareto(1, 2), 10, 20), 15.0, -2.5381511643068126),
                arguments(truncated(uniform(0, 4), 1, 2), 1.5, 0.0),
                arguments(truncated(poisson(3), 1, Double.POSITIVE_INFINITY), 2.0, -1.4448534222810243),
                arguments(truncated(poisson(3), 2, 4), 4.0, -1.2992829841302609),
                arguments(rightCensored(weibull(2, 3), constant(0)), 4.0, -1.7777777777777777),
                arguments(rightCensored(weibull(2, 3), constant(1)), 4.0, -1.8955608134341613),
                arguments(rightCensored(normal(0, 1), constant(0)), 60.0, -1805.0135606805673),
                arguments(leftCensored(normal(0, 1), constant(0)), -60.0, -1805.0135606805671),
                arguments(leftCensored(weibull(2, 3), constant(0)), 1e-5, -25.223075507282232),
                arguments(leftCensored(weibull(2, 3), constant(1)), 4.0, -1.8955608134341613),
                arguments(leftCensored(logNormal(0, 1), constant(0)), 1e-30, -2391.008527534262),
                arguments(leftCensored(exponential(2), constant(0)), 1e-12, -26.937873935369603),
                arguments(intervalCensored(normal(0, 1), constant(31)), 30.0, -454.32124395634325),
                arguments(intervalCensored(weibull(2, 3), constant(41)), 40.0, -177.77790119519748),
                arguments(intervalCensored(weibull(2, 3), constant(1)), 0.0, -2.2522657825113749),
                arguments(intervalCensored(weibull(2, 3), constant(1)), -5.0, -2.2522657825113749),
                arguments(intervalCensored(weibull(2, 3), constant(4)), 4.0, -1.8955608134341612),
                arguments(intervalCensored(logNormal(0, 1), constant(1e-3)), 0.0, -26.730082824460588),
                arguments(intervalCensored(uniform(0, 4), constant(9)), 1.0, Math.log(0.75)),
                arguments(intervalCensored(pareto(1, 2), constant(2)), 0.5, Math.log(0.75)),
                arguments(betaBinomial(20, 0.01, 0.02), 0.0, -0.44055152196902002),
                arguments(betaBinomial(1000, 300, 700), 310.0, -4.0713541072701173),
                arguments(betaBinomial(5, 1e-3, 1e3), 4.0, -31.145736383356178),
                arguments(zeroInflated(constant(1e-12), poisson(40)), 0.0, -27.631016867583317),
                arguments(zeroInflated(constant(0.3), poisson(3)), 2.0, -1.8525975471624583),
                arguments(zeroInflated(constant(0.25), negativeBinomial(7, 0.02)), 0.0, -0.086598755119930393),
                arguments(hurdle(constant(0.25), poisson(1e-9)), 1.0, -0.28768207295178093),
                arguments(hurdle(constant(0.25), poisson(3)), 0.0, -1.3862943611198906),
                arguments(hurdle(constant(0.25), binomial(9, 0.4)), 3.0, -1.6605623920855146),
                arguments(skewNormal(1, 2, 5), -7.0, -212.83609390430194),
                arguments(skewNormal(0, 1, -3), 0.5, -3.0567357534686172),
                arguments(
                        mixture(constant(new double[] {0.25, 0.75}), normal(0, 1), normal(100, 1)),
                        50.0,
                        -1250.9189385332047),
                arguments(
                        mixture(constant(new double[] {0.25, 0.75}), poisson(2), poisson(5)),
                        3.0,
                        -1.8945088439529143));
    }

    @ParameterizedTest
    @MethodSource("hardPlaces")
    void logDensityAtHardPlaces(Distribution distribution, double value, double expected) {
        requireClose(distribution.toString(), logDensity(distribution, value), expected, 2e-13);
    }

    /** A parameter far out has a finite log density and gradient through its transform. */
    @Test
    void densitiesStayFiniteThroughTransforms() {
        List<Distribution> priors = List.of(
                beta(2, 3),
                beta(0.5, 0.5),
                gamma(2, 1e-3),
                inverseGamma(2, 1e-300),
                logNormal(0, 1),
                halfCauchy(1),
                halfStudentT(3, 1),
                truncated(normal(0, 1), -1, 2));
        Expr u = Expr.coordinates("u", 0, 1, 1);
        for (Distribution prior : priors) {
            Expr x = prior.support().constrain(u, 1, 1);
            Expr term = prior.logDensity(x).plus(prior.support().logJacobian(u, x));
            double[][] points = prior.support().name().equals("positive")
                    ? new double[][] {{-300}, {-37}, {0}, {37}, {300}}
                    : new double[][] {{-700}, {-37}, {0}, {37}, {700}};
            Result result = Evaluations.evaluate(term, points);
            for (int s = 0; s < points.length; s++) {
                assertThat(result.values()[s]).as(prior + " at " + points[s][0]).isFinite();
                assertThat(result.gradients()[s][0])
                        .as(prior + " at " + points[s][0])
                        .isFinite();
            }
        }
        Expr likelihood = bernoulli(u.logistic()).logDensity(constant(new double[] {0, 1}));
        Result result = Evaluations.evaluate(likelihood, new double[][] {{-700}, {700}});
        assertThat(result.values()).containsExactly(-700, -700);
        assertThat(result.gradients()[0][0]).isEqualTo(1);
    }

    @Test
    void outsideTheSupportTheLogDensityIsMinusInfinity() {
        for (Distribution distribution : List.of(
                halfNormal(1),
                halfCauchy(1),
                halfStudentT(3, 1),
                exponential(1),
                gamma(2, 1),
                inverseGamma(2, 1),
                logNormal(0, 1),
                weibull(2, 1),
                pareto(1, 2),
                beta(2, 2),
                uniform(0.5, 1),
                truncated(normal(0, 1), 1, 2),
                truncated(normal(0, 1), 0.5, Double.POSITIVE_INFINITY))) {
            assertThat(logDensity(distribution, -0.25))
                    .as(distribution.toString())
                    .isEqualTo(Double.NEGATIVE_INFINITY);
        }
        assertThat(logDensity(uniform(0.5, 1), 1.5)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logDensity(truncated(normal(0, 1), 1, 2), 2.5)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logDensity(truncated(poisson(3), 1, 5), 0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logDensity(categorical(0.5, 0.5), 2)).isNaN();
    }

    private static final Expr U = Expr.coordinates("u", 0, 1, 1);

    private static Result at(Expr term, double... point) {
        return Evaluations.evaluate(term, new double[][] {point});
    }

    /** A component that cannot have made a value leaves the mixture, and its slopes, to the one that can. */
    @Test
    void componentsOutsideTheirSupportDropOutOfMixtures() {
        Expr one = constant(1);
        Expr positive = U.exp();
        Expr half = constant(new double[] {0.5, 0.5});
        List<Distribution> components = List.of(
                exponential(positive),
                gamma(positive, one),
                gamma(one, positive),
                inverseGamma(positive, one),
                inverseGamma(one, positive),
                logNormal(U, one),
                logNormal(constant(0), positive),
                weibull(positive, one),
                weibull(one, positive),
                beta(positive, one),
                beta(one, positive),
                beta(positive, positive),
                pareto(positive, one),
                pareto(one, positive),
                uniform(constant(0.1), positive.plus(1)));
        for (Distribution component : components) {
            for (double value : new double[] {-1e100, -2, -1, -1e-300, 0, 1, 1.5, 2, 9}) {
                boolean inside = component instanceof Bounded.Beta ? value > 0 && value < 1 : value > 0;
                if (inside || (component.name().equals("exponential") && value == 0)) {
                    continue;
                }
                Distribution normal = normal(U, one);
                Result found = at(mixture(half, component, normal).logDensity(constant(value)), 0.3);
                Result expected = at(normal.logDensity(constant(value)).minus(Math.log(2)), 0.3);
                String what = component.name() + " at " + value;
                requireClose(what, found.values()[0], expected.values()[0], 1e-14);
                requireClose(what, found.gradients()[0][0], expected.gradients()[0][0], 1e-14);
            }
        }
        Expr free = Expr.coordinates("x", 1, 1, 1);
        Result byValue = at(mixture(half, gamma(positive, one), normal(U, one)).logDensity(free), 0.3, -1.5);
        requireClose("slope", byValue.gradients()[0][1], 1.8, 1e-14);
    }

    @Test
    void probabilitiesPickedFromAVectorStayFiniteWhereTheyRoundToOne() {
        Expr u = Expr.coordinates("u", 0, 2, 1);
        Expr p = u.logistic();
        RowAxis axis = RowAxis.of("rows", 1);
        Expr gathered = p.at(RowIndex.of("g", axis, new int[] {1}));
        Expr twice = p.select(1, 0).at(RowIndex.of("h", axis, new int[] {0}));
        for (Expr picked : List.of(p.element(1), gathered, twice)) {
            for (double at : new double[] {-700, -40, 40, 700}) {
                double log = Math.min(at, 0) - Math.log1p(Math.exp(-Math.abs(at)));
                double rest = log - at;
                double slope = 1 / (1 + Math.exp(at));
                requireLogAndSlope(bernoulli(picked), 1, at, log, slope);
                requireLogAndSlope(bernoulli(picked), 0, at, rest, slope - 1);
                requireLogAndSlope(binomial(constant(3), picked), 3, at, 3 * log, 3 * slope);
                requireLogAndSlope(geometric(picked), 2, at, log + 2 * rest, slope + 2 * (slope - 1));
                Result prior = at(beta(2, 3).logDensity(picked).sum(), 0, at);
                requireClose("beta", prior.values()[0], log + 2 * rest + Math.log(12), 1e-13);
            }
        }
    }

    private static void requireLogAndSlope(Distribution law, double value, double at, double log, double slope) {
        Result found = at(law.logDensity(constant(value)).sum(), 0, at);
        requireClose(law.name() + " at " + at, found.values()[0], log, 1e-13);
        assertThat(found.gradients()[0][0]).isZero();
        requireClose(law.name() + " slope at " + at, found.gradients()[0][1], slope, 1e-13);
    }

    /**
     * Observed at the upper end, where survival has probability 0; censored below the lower end, where it is certain.
     */
    @Test
    void rightCensoringAtAndBeyondTheEndsOfTheSupport() {
        assertThat(logDensity(rightCensored(uniform(0, 10), constant(1)), 10)).isEqualTo(-Math.log(10));
        assertThat(logDensity(rightCensored(uniform(0, 10), constant(0)), 11)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(logDensity(rightCensored(pareto(3, 2), constant(0)), 3)).isZero();
        Result pareto =
                at(rightCensored(pareto(U.exp(), constant(2)), constant(0)).logDensity(constant(1)), 1.1);
        assertThat(pareto.values()[0]).isCloseTo(0, within(1e-15));
        assertThat(pareto.gradients()[0][0]).isCloseTo(0, within(1e-15));
        Distribution window = rightCensored(uniform(U, U.plus(4)), constant(new double[] {0, 1}));
        Result below = at(window.logDensity(constant(new double[] {1, 3})).sum(), 2);
        assertThat(below.values()).containsExactly(-Math.log(4));
        assertThat(below.gradients()[0]).containsExactly(0);
        assertThat(Evaluations.elements(uniformSurvival(0.5), new double[0])).containsExactly(0);
        assertThat(Evaluations.elements(uniformSurvival(2.5), new double[0])).containsExactly(Math.log(0.25));
        assertThat(Evaluations.elements(
                        new Bounded.Uniform(constant(1), constant(3)).logCdf(constant(3.5)), new double[0]))
                .containsExactly(0);
        assertThat(Evaluations.elements(
                        new Bounded.Pareto(constant(1), constant(3)).logSurvival(constant(0.5)), new double[0]))
                .containsExactly(0);
    }

    private static Expr uniformSurvival(double value) {
        return new Bounded.Uniform(constant(1), constant(3)).logSurvival(constant(value));
    }

    /**
     * {@code log p(y) - log of the sum of p(k) over k from the bound on}, by the recursion of the ratios p(k + 1) /
     * p(k).
     */
    private static double truncatedLog(double y, int lower, IntToDoubleFunction ratio) {
        double term = 1;
        double sum = 0;
        double log = 0;
        for (int k = lower; k < lower + 5000; k++) {
            sum += term;
            term *= ratio.applyAsDouble(k);
            log += k < y ? Math.log(ratio.applyAsDouble(k)) : 0;
        }
        return log - Math.log(sum);
    }

    /**
     * One minus a probability below the bound of up to 1 - 1e-6 has a relative error of 1e-10; so has the part of the
     * tail that is not summed.
     */
    @Test
    void countsTruncatedBelowAreExactHoweverSmallTheirRate() {
        double[][] points = Evaluations.points(12, 1, -30, 4, 5);
        for (int lower : new int[] {1, 2, 5, 40}) {
            double y = lower + 1;
            double infinite = Double.POSITIVE_INFINITY;
            requireAgreement(
                    truncated(poisson(U.exp()), lower, infinite).logDensity(constant(y)),
                    u -> new double[] {truncatedLog(y, lower, k -> Math.exp(u[0]) / (k + 1))},
                    points,
                    1e-9);
            requireAgreement(
                    truncated(binomial(constant(42), U.logistic()), lower, infinite)
                            .logDensity(constant(y)),
                    u -> new double[] {truncatedLog(y, lower, k -> k < 42 ? (42 - k) * Math.exp(u[0]) / (k + 1) : 0)},
                    points,
                    1e-9);
            requireAgreement(
                    truncated(negativeBinomial(U.exp(), constant(0.5)), lower, infinite)
                            .logDensity(constant(y)),
                    u -> new double[] {
                        truncatedLog(y, lower, k -> (k + 0.5) / (k + 1) * Math.exp(u[0]) / (Math.exp(u[0]) + 0.5))
                    },
                    points,
                    1e-9);
        }
        assertThat(logDensity(truncated(bernoulli(0.3), 1, Double.POSITIVE_INFINITY), 1))
                .isCloseTo(0, within(1e-15));
        refused(() -> truncated(bernoulli(0.3), 2, Double.POSITIVE_INFINITY), "possible", "2.0");
    }

    @Test
    void cutPointsThatCoincideInRoundingLeaveOtherCategoriesTheirGradient() {
        Expr u = Expr.coordinates("u", 0, 4, 1);
        Expr cuts = Constraints.ordered().constrain(u.slice(0, 3), 3, 1);
        Expr density = orderedLogistic(u.element(3), cuts).logDensity(constant(new double[] {0, 3}));
        Result found = at(density.sum(), 1, -40, -40, 0);
        requireClose("log", found.values()[0], -Math.log1p(Math.exp(-1)) - Math.log1p(Math.exp(1)), 1e-14);
        double first = 1 / (1 + Math.exp(1)) - 1 / (1 + Math.exp(-1));
        requireClose("cut", found.gradients()[0][0], first, 1e-14);
        requireClose("predictor", found.gradients()[0][3], -first, 1e-14);
        assertThat(found.gradients()[0][1]).isCloseTo(0, within(1e-16));
        Expr empty = orderedLogistic(u.element(3), cuts).logDensity(constant(1));
        assertThat(at(empty, 1, -40, -40, 0).values()).containsExactly(Double.NEGATIVE_INFINITY);
    }

    @Test
    void halfDistributionsKeepTheirTailsWhereTheSquareOverflows() {
        for (double u : new double[] {-700, -400, 0, 400, 700}) {
            double tail = u > 0 ? -2 * u : u < 0 ? 0 : -Math.log(2);
            Result cauchy = at(halfCauchy(1).logDensity(U.exp()), u);
            requireClose("cauchy", cauchy.values()[0], Math.log(2 / Math.PI) + tail, 1e-14);
            requireClose("slope", cauchy.gradients()[0][0], u > 0 ? -2 : u < 0 ? 0 : -1, 1e-14);
            Result student = at(halfStudentT(1, 1).logDensity(U.exp()), u);
            requireClose("studentT", student.values()[0], Math.log(2 / Math.PI) + tail, 1e-13);
            requireClose("slope", student.gradients()[0][0], u > 0 ? -2 : u < 0 ? 0 : -1, 1e-13);
        }
    }

    /** {@code log p(z) = log p(location + scale z) + log scale}. */
    @Test
    void standardMembersAreTheLocationScaleFamilyWithoutLocationAndScale() {
        for (LocationScale distribution : List.of(
                normal(-3, 2), studentT(4, -3, 2.0), cauchy(-3, 2), laplace(-3, 2), logistic(-3, 2), gumbel(-3, 2))) {
            for (double z : new double[] {-2, 0.25, 3}) {
                Expr x = distribution.fromStandard(constant(z));
                double whole = Evaluations.elements(distribution.logDensity(x), new double[0])[0];
                double standard = logDensity(distribution.standard(), z);
                requireClose(distribution.toString(), whole + Math.log(2), standard, 1e-14);
            }
            assertThat(distribution.nonCentered().support()).isEqualTo(Constraints.real());
        }
    }

    /**
     * Row-wise vectors of parameters: each row has its own categories' probabilities, mixture weights, or component.
     */
    @Test
    void parametersMayDifferByRow() {
        RowAxis axis = RowAxis.of("rows", 3);
        double[] logits = {0.1, 2, -1, 0.5, 0.5, 0, -2, 1, 3};
        Expr rows = Expr.data("logits", axis, 3, logits);
        Expr y = Expr.data("y", axis, 1, new double[] {2, 0, 1});
        double[] found = Evaluations.elements(categoricalLogit(rows).logDensity(y), new double[0]);
        double[] weights = {0.2, 0.5, 0.3, 0.6, 0.3, 0.1, 0.1, 0.1, 0.8};
        Expr weightRows = Expr.data("weights", axis, 3, weights);
        double[] categories = Evaluations.elements(categorical(weightRows).logDensity(y), new double[0]);
        Distribution mixture = mixture(weightRows, normal(0, 1), normal(y, 2), normal(constant(5), y.plus(1)));
        double[] mixed = Evaluations.elements(mixture.logDensity(y), new double[0]);
        for (int t = 0; t < 3; t++) {
            double value = new double[] {2, 0, 1}[t];
            double sum = 0;
            for (int k = 0; k < 3; k++) {
                sum += Math.exp(logits[3 * t + k]);
            }
            requireClose("logit", found[t], logits[3 * t + (int) value] - Math.log(sum), 1e-14);
            requireClose("probability", categories[t], Math.log(weights[3 * t + (int) value]), 1e-14);
            double expected = Math.log(weights[3 * t] * Math.exp(logDensity(normal(0, 1), value))
                    + weights[3 * t + 1] * Math.exp(logDensity(normal(value, 2), value))
                    + weights[3 * t + 2] * Math.exp(logDensity(normal(5, value + 1), value)));
            requireClose("mixture", mixed[t], expected, 1e-14);
        }
    }

    /** A prior of several elements or rows is the sum of its elements, whichever way they are laid out. */
    @Test
    void mixturesKeepTheShapeOfTheirValue() {
        Distribution mixture = mixture(constant(new double[] {0.3, 0.7}), normal(0, 0.1), normal(0, 2));
        double[] values = {-1, 0.05, 2, 0.4, 0, 1};
        Expr matrix = constant(new double[][] {{-1, 0.05, 2}, {0.4, 0, 1}});
        Expr rows = Expr.data("x", RowAxis.of("rows", 2), 3, values);
        for (Expr value : List.of(constant(values), matrix, rows)) {
            Expr density = mixture.logDensity(value);
            assertThat(List.of(density.rows(), density.columns())).isEqualTo(List.of(value.rows(), value.columns()));
            double[] found = Evaluations.elements(density, new double[0]);
            for (int i = 0; i < values.length; i++) {
                requireClose("element " + i, found[i], logDensity(mixture, values[i]), 1e-14);
            }
        }
    }

    @Test
    void rightCensoringChoosesByRow() {
        Expr observed = constant(new double[] {1, 0});
        Distribution censored = rightCensored(exponential(2), observed);
        double[] found = Evaluations.elements(censored.logDensity(constant(new double[] {3, 3})), new double[0]);
        assertThat(found).containsExactly(Math.log(2) - 6, -6);
    }

    // ---- draws ------------------------------------------------------------------------------------------------------

    /** One draw over a buffer that holds something else. */
    private static double[] draw(Distribution distribution, double[]... parameters) {
        double[] draw = new double[distribution.size()];
        Arrays.fill(draw, 123);
        distribution.sampler().draw(new java.util.SplittableRandom(1), parameters, draw);
        return draw;
    }

    private static double[][] each(double... parameters) {
        return Arrays.stream(parameters).mapToObj(p -> new double[] {p}).toArray(double[][]::new);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void drawsFromParametersThatAreNoDistributionAreNaN() {
        double nan = Double.NaN;
        for (double bad : new double[] {nan, -1}) {
            assertThat(draw(poisson(1), each(bad))).containsExactly(nan);
            assertThat(draw(negativeBinomial(1, 1), each(bad, 1))).containsExactly(nan);
            assertThat(draw(negativeBinomial(1, 1), each(1, bad))).containsExactly(nan);
            assertThat(draw(negativeBinomialLog(constant(0), constant(1)), each(0, bad)))
                    .containsExactly(nan);
            assertThat(draw(gamma(1, 1), each(bad, 1))).containsExactly(nan);
            assertThat(draw(gamma(1, 1), each(1, bad))).containsExactly(nan);
            assertThat(draw(inverseGamma(1, 1), each(bad, 1))).containsExactly(nan);
            assertThat(draw(beta(1, 1), each(1, bad))).containsExactly(nan);
            assertThat(draw(studentT(3, 0, 1.0), each(bad, 0, 1))).containsExactly(nan);
            assertThat(draw(binomial(9, 0.5), each(9, bad))).containsExactly(nan);
            assertThat(draw(binomial(9, 0.5), each(bad, 0.5))).containsExactly(nan);
            assertThat(draw(dirichlet(1, 1), new double[] {1, bad})).containsExactly(nan, nan);
        }
        assertThat(draw(bernoulli(0.5), each(nan))).containsExactly(nan);
        assertThat(draw(bernoulliLogit(constant(0)), each(nan))).containsExactly(nan);
        assertThat(draw(poissonLog(constant(0)), each(nan))).containsExactly(nan);
        assertThat(draw(geometric(0.5), each(nan))).containsExactly(nan);
        assertThat(draw(categorical(0.5, 0.5), each(0.5, nan))).containsExactly(nan);
        assertThat(draw(categoricalLogit(constant(new double[2])), each(nan, 0)))
                .containsExactly(nan);
        assertThat(draw(categoricalLogit(constant(new double[2])), each(0, nan)))
                .containsExactly(nan);
        assertThat(draw(orderedLogistic(constant(0), constant(new double[] {0, 1})), each(0, 0, nan)))
                .containsExactly(nan);
        assertThat(draw(
                        mixture(constant(new double[] {0.5, 0.5}), normal(0, 1), normal(1, 1)),
                        each(nan, nan, 0, 1, 1, 1)))
                .containsExactly(nan);
        assertThat(draw(truncated(poisson(3), 1, 5), each(nan))).containsExactly(nan);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void drawsAtInfiniteParametersAreTheirLimits() {
        double infinite = Double.POSITIVE_INFINITY;
        assertThat(draw(poisson(1), each(infinite))).containsExactly(infinite);
        assertThat(draw(poissonLog(constant(0)), each(800))).containsExactly(infinite);
        assertThat(draw(negativeBinomialLog(constant(0), constant(2)), each(800, 2)))
                .containsExactly(infinite);
        assertThat(draw(gamma(1, 1), each(infinite, 1))).containsExactly(infinite);
        assertThat(draw(gamma(1, 1), each(infinite, infinite))).containsExactly(Double.NaN);
        assertThat(draw(beta(1, 1), each(infinite, 1))).containsExactly(1);
        assertThat(draw(binomial(9, 0.5), each(infinite, 0.5))).containsExactly(Double.NaN);
        assertThat(draw(poisson(1), each(1e300))[0]).isBetween(1e300 * (1 - 1e-12), 1e300 * (1 + 1e-12));
        assertThat(draw(poisson(1), each(0))).containsExactly(0);
    }

    // ---- refusals ---------------------------------------------------------------------------------------------------

    private static void refused(ThrowingCallable declaration, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(declaration).withMessageContainingAll(parts);
    }

    @Test
    void impossibleParametersAreRefusedWhenDeclared() {
        refused(() -> normal(0, 0), "normal", "scale", "0.0", "positive");
        refused(() -> normal(0, -1), "normal", "scale", "-1.0");
        refused(() -> normal(Double.NaN, 1), "normal", "location", "NaN");
        refused(() -> normal(0, Double.POSITIVE_INFINITY), "normal", "scale", "Infinity");
        refused(() -> normal(constant(0), constant(new double[] {1, -2})), "scale", "-2.0", "element 1");
        refused(
                () -> normal(0, Expr.data("sigma", RowAxis.of("schools", 2), 1, new double[] {15, 0})),
                "scale",
                "element 1",
                "\"sigma\"");
        refused(() -> studentT(0, 0, 1.0), "degrees of freedom");
        refused(() -> halfCauchy(-2.5), "scale", "-2.5");
        refused(() -> exponential(0), "rate");
        refused(() -> gamma(-1, 1), "shape");
        refused(() -> gamma(1, 0), "rate");
        refused(() -> beta(0, 1), "a must be");
        refused(() -> uniform(1, 1), "1.0", "below");
        refused(() -> uniform(0, Double.POSITIVE_INFINITY), "upper", "finite");
        refused(() -> pareto(0, 1), "minimum");
        refused(() -> bernoulli(1.5), "probability", "1.5");
        refused(() -> binomial(-1, 0.5), "trials", "-1.0");
        refused(() -> poisson(-1), "rate");
        refused(() -> negativeBinomial(1, 0), "dispersion");
        refused(() -> categorical(0.5, 0.6), "sum to 1", "1.1");
        refused(() -> orderedLogistic(constant(0), constant(new double[] {1, 1})), "increase");
        refused(() -> mixture(constant(new double[] {0.5, 0.5}), normal(0, 1)), "1 components", "2 elements");
        refused(() -> mixture(constant(new double[] {0.5, 0.4}), normal(0, 1), normal(1, 1)), "sum to 1");
        refused(() -> mixture(constant(new double[] {0.5, 0.5}), normal(0, 1), poisson(1)), "different kinds");
        refused(
                () -> mixture(constant(new double[] {0.5, 0.5}), normal(0, 1), gamma(1, 1))
                        .support(),
                "one support");
        refused(() -> truncated(studentT(3, 0, 1.0), 0, 1), "studentT", "distribution function");
        refused(() -> truncated(normal(0, 1), 2, 1), "2.0", "below");
        refused(() -> truncated(exponential(1), -1, 2), "lower bound -1.0", "outside the support");
        refused(() -> truncated(poisson(1), 0.5, 2), "integers");
        refused(() -> rightCensored(gamma(1, 1), constant(1)), "gamma", "distribution function");
        refused(() -> rightCensored(normal(0, 1), constant(0.5)), "0 or 1");
        refused(() -> poisson(2).support(), "discrete");
    }

    @Test
    void impossibleDataAreRefusedWithTheirRow() {
        refused(
                () -> poissonLog(constant(0)).checkObserved("deaths", new double[] {3, -1}),
                "\"deaths\"",
                "-1.0",
                "row 1");
        refused(() -> poisson(2).checkObserved("deaths", new double[] {2.5}), "2.5", "integers");
        refused(() -> bernoulliLogit(constant(0)).checkObserved("switched", new double[] {0, 1, 2}), "2.0", "row 2");
        refused(() -> binomial(5, 0.5).checkObserved("hits", new double[] {6}), "6.0", "trials", "5.0");
        refused(() -> categorical(0.5, 0.5).checkObserved("choice", new double[] {2}), "0 to 1");
        refused(
                () -> orderedLogistic(constant(0), constant(new double[] {0, 1}))
                        .checkObserved("grade", new double[] {3}),
                "0 to 2");
        refused(() -> normal(0, 1).checkObserved("height", new double[] {1, Double.NaN}), "\"height\"", "NaN", "row 1");
        refused(() -> weibull(1, 1).checkObserved("time", new double[] {0}), "positive");
        refused(() -> halfNormal(1).checkObserved("size", new double[] {-0.5}), "at least 0");
        refused(() -> beta(1, 1).checkObserved("share", new double[] {1}), "between 0 and 1");
        refused(() -> uniform(0, 1).checkObserved("angle", new double[] {1.5}), "1.5");
        refused(() -> pareto(2, 1).checkObserved("income", new double[] {1}), "minimum");
        refused(() -> truncated(normal(0, 1), 0, 1).checkObserved("x", new double[] {2}), "interval(0.0, 1.0)");
        refused(() -> truncated(poisson(3), 1, 5).checkObserved("n", new double[] {0}), "from 1");
        Distribution mixture = mixture(constant(new double[] {0.5, 0.5}), poisson(1), poisson(9));
        refused(() -> mixture.checkObserved("n", new double[] {1, -1}), "row 1", "no component");
        mixture.checkObserved("n", new double[] {1, 7});
        binomial(5, 0.5).checkObserved("hits", new double[] {0, 5});
    }

    @Test
    void aDrawThatCannotBeMadeSaysSo() {
        Distribution impossible = truncated(poisson(1e-9), 3, 5);
        assertThatThrownBy(() -> impossible
                        .sampler()
                        .draw(new java.util.SplittableRandom(1), new double[][] {{1e-9}}, new double[1]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("truncated poisson");
    }
}

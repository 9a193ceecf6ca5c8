package org.variational.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.variational.distribution.Distributions.binomial;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.gamma;
import static org.variational.distribution.Distributions.hurdle;
import static org.variational.distribution.Distributions.intervalCensored;
import static org.variational.distribution.Distributions.leftCensored;
import static org.variational.distribution.Distributions.logNormal;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poisson;
import static org.variational.distribution.Distributions.rightCensored;
import static org.variational.distribution.Distributions.truncated;
import static org.variational.distribution.Distributions.weibull;
import static org.variational.distribution.Distributions.zeroInflated;
import static org.variational.expression.Evaluations.requireAgreement;
import static org.variational.expression.Evaluations.requireClose;
import static org.variational.expression.Expr.constant;

import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.AbstractRealDistribution;
import org.apache.commons.math3.distribution.ExponentialDistribution;
import org.apache.commons.math3.distribution.LogNormalDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.WeibullDistribution;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.variational.expression.Evaluations;
import org.variational.expression.Expr;
import org.variational.expression.RowAxis;

/** Censored values: which of density and probabilities counts where, gradients, completeness, refusals, draws. */
class CensoringTest {

    private static final double[] RECORDED = {0.4, 1.1, 2.5, 3};

    private static Expr p(int i) {
        return Expr.coordinates("p" + i, i, 1, 1);
    }

    private static double probability(AbstractRealDistribution known, double from, double to) {
        return known.cumulativeProbability(to) - known.cumulativeProbability(from);
    }

    /** The reference loses about two digits where it subtracts distribution functions. */
    @Test
    void eachRowCountsWhatIsKnownOfIt() {
        RowAxis axis = RowAxis.of("rows", 4);
        Expr value = Expr.data("value", axis, 1, RECORDED);
        Expr seen = Expr.data("seen", axis, 1, new double[] {1, 0, 1, 0});
        Expr upper = Expr.data("upper", axis, 1, new double[] {0.4, 2, 2.5, 7});
        double[][] points = Evaluations.points(9, 2, 0.6, 2, 1);
        requireAgreement(
                leftCensored(weibull(p(0), p(1)), seen).logDensity(value),
                u -> {
                    WeibullDistribution known = new WeibullDistribution(u[0], u[1]);
                    return rows(n -> n % 2 == 0
                            ? known.logDensity(RECORDED[n])
                            : Math.log(known.cumulativeProbability(RECORDED[n])));
                },
                points,
                1e-11);
        double[] ends = {0.4, 2, 2.5, 7};
        requireAgreement(
                intervalCensored(normal(p(0), p(1)), upper).logDensity(value),
                u -> {
                    NormalDistribution known = new NormalDistribution(u[0], u[1]);
                    return rows(n -> n % 2 == 0
                            ? known.logDensity(RECORDED[n])
                            : Math.log(probability(known, RECORDED[n], ends[n])));
                },
                points,
                1e-10);
    }

    private static double[] rows(IntToDoubleFunction row) {
        return IntStream.range(0, 4).mapToDouble(row).toArray();
    }

    /**
     * A lower end of 0, where logarithms of positive values are infinite, leaves value and gradient finite and right.
     */
    @Test
    void intervalsFromTheLowerEndOfTheSupport() {
        Expr lower = constant(new double[] {0, 0, 0.5, 1});
        Expr upper = constant(new double[] {1, 3, 0.5, 2});
        double[] from = {0, 0, 0.5, 1};
        double[] to = {1, 3, 0.5, 2};
        double[][] points = Evaluations.points(9, 2, 0.6, 2, 2);
        requireIntervals(
                intervalCensored(weibull(p(0), p(1)), upper).logDensity(lower),
                u -> new WeibullDistribution(u[0], u[1]),
                from,
                to,
                points);
        requireIntervals(
                intervalCensored(logNormal(p(0), p(1)), upper).logDensity(lower),
                u -> new LogNormalDistribution(u[0], u[1]),
                from,
                to,
                points);
        requireIntervals(
                intervalCensored(exponential(p(0)), upper).logDensity(lower),
                u -> new ExponentialDistribution(1 / u[0]),
                from,
                to,
                points);
    }

    private static void requireIntervals(
            Expr logDensity,
            Function<double[], AbstractRealDistribution> known,
            double[] from,
            double[] to,
            double[][] points) {
        requireAgreement(
                logDensity,
                u -> rows(n -> from[n] == to[n]
                        ? known.apply(u).logDensity(from[n])
                        : Math.log(probability(known.apply(u), from[n], to[n]))),
                points,
                1e-10);
    }

    /** Interval and exact rows have finite gradients however narrow, wide or far out the intervals are. */
    @Test
    void gradientsStayFinite() {
        Expr lower = constant(new double[] {5, 1e17, -1e17, -1e300, 37, 0});
        Expr upper = constant(new double[] {5, 1e17, -1e17, 1e300, 38, 1e-9});
        Evaluations.Result result = Evaluations.evaluate(
                intervalCensored(normal(p(0), p(1)), upper).logDensity(lower).sum(), new double[][] {{0, 1}, {3, 0.2}});
        for (double[] gradient : result.gradients()) {
            assertThat(gradient).doesNotContain(Double.NaN);
            assertThat(DoubleStream.of(gradient).allMatch(Double::isFinite)).isTrue();
        }
    }

    /** The probabilities of what can be recorded sum to 1: density up to a limit and the probability beyond it. */
    @Test
    void whatCanBeRecordedHasProbabilityOne() {
        Distribution time = weibull(1.7, 2);
        double limit = 2.5;
        int cells = 2000;
        double width = limit / cells;
        double below = 0;
        for (int i = 0; i < cells; i++) {
            below += Math.exp(
                    elements(intervalCensored(time, constant((i + 1) * width)).logDensity(constant(i * width))));
        }
        double above = Math.exp(elements(rightCensored(time, constant(0)).logDensity(constant(limit))));
        double left = Math.exp(elements(leftCensored(time, constant(0)).logDensity(constant(limit))));
        requireClose("cells and survival", below + above, 1, 1e-12);
        requireClose("both tails", left + above, 1, 1e-14);
    }

    private static double elements(Expr scalar) {
        return Evaluations.elements(scalar, new double[0])[0];
    }

    @Test
    void drawsAreOfTheValueItself() {
        RandomGenerator one = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        RandomGenerator other = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        double[] whole = new double[1];
        double[] censored = new double[1];
        weibull(2, 3).sampler().draw(one, new double[][] {{2}, {3}}, whole);
        intervalCensored(weibull(2, 3), constant(4)).sampler().draw(other, new double[][] {{2}, {3}, {4}}, censored);
        assertThat(censored).isEqualTo(whole);
    }

    /** With a logit of -800 and a rate of 800 both origins of a zero have probability exp(-800). */
    @Test
    void zeroInflationIsExactInItsTails() {
        Expr zero = zeroInflated(p(0).logistic(), poisson(800)).logDensity(constant(0));
        Evaluations.Result result = Evaluations.evaluate(zero, new double[][] {{-800}, {800}});
        requireClose("rare", result.values()[0], Math.log(2) - 800, 1e-15);
        requireClose("slope", result.gradients()[0][0], 0.5, 1e-12);
        assertThat(result.values()[1]).isZero();
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContainingAll(parts);
    }

    @Test
    void refusals() {
        Expr upper = constant(new double[] {1, 2});
        Distribution interval = intervalCensored(weibull(2, 3), upper);
        refused(() -> interval.checkObserved("t", new double[] {0, 2.5}), "\"t\"", "2.5", "row 1", "upper end", "2.0");
        refused(
                () -> intervalCensored(weibull(2, 3), constant(new double[] {1, 0}))
                        .checkObserved("t", new double[] {0, 0}),
                "row 1",
                "exactly",
                "positive");
        refused(() -> interval.checkObserved("t", new double[] {0, Double.NaN}), "row 1", "NaN");
        refused(() -> leftCensored(normal(0, 1), constant(0.5)), "left-censored normal", "0 or 1");
        refused(() -> leftCensored(gamma(1, 1), constant(0)), "leftCensored", "gamma", "distribution function");
        refused(() -> intervalCensored(gamma(1, 1), upper), "intervalCensored", "gamma");
        refused(() -> zeroInflated(constant(1.5), poisson(1)), "zero-inflated poisson", "probability", "1.5");
        refused(() -> zeroInflated(constant(0.5), normal(0, 1)), "zeroInflated", "normal", "counts");
        refused(() -> hurdle(constant(0.5), mixture(constant(new double[] {1}), poisson(1))), "hurdle", "counts");
        refused(
                () -> zeroInflated(constant(0.5), truncated(poisson(1), 1, Double.POSITIVE_INFINITY)),
                "no zeros",
                "truncated poisson");
        refused(
                () -> zeroInflated(constant(0.5), binomial(3, 0.5)).checkObserved("y", new double[] {0, 4}),
                "row 1",
                "number of trials");
    }
}

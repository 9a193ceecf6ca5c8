package org.variational.information;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.distribution.Distribution;
import org.variational.random.RandomStreams;

/** Closed forms against sums and quadrature, and both against Monte Carlo. */
class ClosedFormTest {
    private static final double[] ORDERS = {-0.5, 0.3, 0.5, 0.9, 1.2, 2};

    /** The accuracy that Information states for sums and integrals. */
    private static org.assertj.core.data.Offset<Double> close(double value) {
        return within(1e-9 * (1 + Math.abs(value)));
    }

    private static Pair pair(MeasuredPairs.Named named) {
        return Pair.of(named.p(), named.q());
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void klAgreesWithTheComputedOne(MeasuredPairs.Named named) {
        Pair pair = pair(named);
        double closed = pair.p().form().kl(pair.q().form());
        assertThat(closed).isPositive().isCloseTo(pair.computed(Measure.kl()), close(closed));
        assertThat(Information.klDivergence(named.p(), named.q())).isEqualTo(closed);
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void klOfADistributionToItselfIsZero(MeasuredPairs.Named named) {
        assertThat(Information.klDivergence(named.p(), named.p())).isBetween(0.0, 1e-14);
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void entropyAgreesWithTheComputedOne(MeasuredPairs.Named named) {
        Pair pair = Pair.of(named.p(), named.p());
        double computed = pair.computed(Measure.entropy());
        double entropy = Information.entropy(named.p());
        assertThat(entropy).isCloseTo(computed, close(entropy));
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#entropyOnly")
    void entropyWithoutADivergenceAgreesWithTheComputedOne(Distribution p) {
        Parameterised numeric = Parameterised.of(p);
        double closed = numeric.form().entropy();
        assertThat(closed).isCloseTo(Pair.of(numeric, numeric).computed(Measure.entropy()), close(closed));
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void crossEntropyIsEntropyPlusKl(MeasuredPairs.Named named) {
        double sum = Information.entropy(named.p()) + Information.klDivergence(named.p(), named.q());
        assertThat(Information.crossEntropy(named.p(), named.q())).isCloseTo(sum, close(sum));
        assertThat(pair(named).computed(Measure.crossEntropy())).isCloseTo(sum, close(sum));
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void affinityAgreesWithTheComputedRenyiDivergence(MeasuredPairs.Named named) {
        Pair pair = pair(named);
        for (double order : ORDERS) {
            double closed = pair.p().form().logAffinity(pair.q().form(), order) / (order - 1);
            double computed = pair.computed(Measure.renyi(order));
            if (Double.isInfinite(closed)) {
                assertThat(computed).as("order %s", order).isEqualTo(closed);
            } else if (!Double.isNaN(closed)) {
                assertThat(computed).as("order %s", order).isCloseTo(closed, close(closed));
            }
            assertThat(Information.renyiDivergence(named.p(), named.q(), order)).isNotNaN();
        }
        double closed = Information.chiSquared(named.p(), named.q());
        assertThat(pair.computed(Measure.chiSquared())).isCloseTo(closed, close(closed));
        double hellinger = Information.squaredHellinger(named.p(), named.q());
        assertThat(pair.computed(Measure.squaredHellinger())).isCloseTo(hellinger, close(hellinger));
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void renyiIncreasesWithItsOrderThroughKl(MeasuredPairs.Named named) {
        double before = Double.NEGATIVE_INFINITY;
        for (double order : new double[] {-0.5, 0, 0.4, 0.99, 1, 1.01, 1.4}) {
            double divergence = Information.renyiDivergence(named.p(), named.q(), order);
            assertThat(divergence).as("order %s", order).isGreaterThanOrEqualTo(before - 1e-9);
            before = divergence;
        }
    }

    @ParameterizedTest
    @MethodSource("org.variational.information.MeasuredPairs#univariate")
    void totalVariationObeysItsBounds(MeasuredPairs.Named named) {
        double tv = Information.totalVariation(named.p(), named.q());
        double h2 = Information.squaredHellinger(named.p(), named.q());
        double kl = Information.klDivergence(named.p(), named.q());
        double js = Information.jensenShannon(named.p(), named.q());
        assertThat(tv).isBetween(h2 - 1e-12, Math.sqrt(h2 * (2 - h2)) + 1e-12);
        assertThat(tv).isLessThanOrEqualTo(Math.sqrt(kl / 2) + 1e-12);
        assertThat(js).isBetween(tv * tv / 2 - 1e-12, tv * Math.log(2) + 1e-12);
        assertThat(pair(named).computed(Measure.totalVariation())).isCloseTo(tv, close(1));
    }

    /**
     * Twenty-nine univariate and two multivariate pairs, three estimates each: at 5.7 standard errors one false alarm
     * in 1e6.
     */
    @ParameterizedTest
    @MethodSource({
        "org.variational.information.MeasuredPairs#univariate",
        "org.variational.information.MeasuredPairs#multivariate"
    })
    void monteCarloAgrees(MeasuredPairs.Named named) {
        MonteCarlo draws = MonteCarlo.of(
                named.p(), named.q(), 20_000, RandomStreams.of(20260101).generator("test", 0));
        agree(draws.klDivergence(), Information.klDivergence(named.p(), named.q()));
        agree(draws.crossEntropy(), Information.crossEntropy(named.p(), named.q()));
        agree(draws.squaredHellinger(), Information.squaredHellinger(named.p(), named.q()));
    }

    private static void agree(MonteCarloEstimate estimate, double exact) {
        assertThat(estimate.value()).isCloseTo(exact, within(5.7 * estimate.standardError() + 1e-12));
        assertThat(estimate.standardError()).isLessThan(0.2);
    }
}

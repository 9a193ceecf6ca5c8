package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.posterior.Approximation;
import org.variational.random.RandomStreams;

/**
 * Draws from {@code q = N(0, 1)} for the density {@code Z N(m, s^2)}: {@code E log w = log Z - KL(q || p)}, {@code E w
 * = Z} and {@code E w^2 = Z^2 exp(D_2(p || q))}.
 */
class EvidenceTest {
    private static final double LOG_Z = -1234.5;
    private static final double MEAN = 0.3;
    private static final double SD = 0.8;
    private static final double KL = 0.5 * (1 / (SD * SD) + MEAN * MEAN / (SD * SD) - 1) + Math.log(SD);
    /** log of the integral of p^2 / q, which is that of a Gaussian of variance 1 / (2 / s^2 - 1). */
    private static final double RENYI =
            -2 * Math.log(SD) - 0.5 * Math.log(2 / (SD * SD) - 1) + MEAN * MEAN / (2 - SD * SD);

    private static double[] logWeights(int repeat, int draws) {
        RandomGenerator random = RandomStreams.of(21).generator("evidence", repeat);
        double[] logWeights = new double[draws];
        Arrays.setAll(logWeights, s -> {
            double e = random.nextGaussian();
            double z = (e - MEAN) / SD;
            return LOG_Z + 0.5 * (e * e - z * z) - Math.log(SD);
        });
        return logWeights;
    }

    /**
     * 300 repeats of 2000 draws: standardised errors have mean 0 and mean square 1. Tolerances of five standard errors,
     * 1 / sqrt(300) and sqrt(2 / 300), false-alarm rate 6e-7 each; 0.1 is added for the bias of logarithms and of
     * estimated errors, of order their relative error, 0.02.
     */
    @Test
    void boundsAreThoseOfGaussiansAndTheirErrorsAreTrue() {
        int repeats = 300;
        double[] truth = {LOG_Z - KL, LOG_Z, LOG_Z + RENYI / 2};
        double[] mean = new double[3];
        double[] square = new double[3];
        for (int r = 0; r < repeats; r++) {
            Evidence evidence = Evidence.of(logWeights(r, 2000));
            Evidence.Bound[] found = {evidence.elbo(), evidence.logZ(), evidence.cubo()};
            for (int j = 0; j < 3; j++) {
                double z = (found[j].value() - truth[j]) / found[j].standardError();
                mean[j] += z / repeats;
                square[j] += z * z / repeats;
            }
            assertThat(evidence.cubo().value())
                    .isGreaterThanOrEqualTo(evidence.logZ().value());
        }
        for (int j = 0; j < 3; j++) {
            assertThat(mean[j]).isCloseTo(0, within(5 / Math.sqrt(repeats) + 0.1));
            assertThat(square[j]).isCloseTo(1, within(5 * Math.sqrt(2.0 / repeats) + 0.1));
        }
    }

    /** The gap of the bound of K draws is Var(w) / (2 K Z^2) to first order; here at K = 20 with 20,000 groups. */
    @Test
    void theImportanceWeightedBoundGrowsFromTheElboToTheEvidence() {
        Evidence evidence = Evidence.of(logWeights(0, 400_000));
        assertThat(evidence.iwelbo(1)).isEqualTo(evidence.elbo());
        Evidence.Bound five = evidence.iwelbo(5);
        Evidence.Bound twenty = evidence.iwelbo(20);
        assertThat(five.value()).isBetween(evidence.elbo().value(), twenty.value());
        double gap = Math.expm1(RENYI) / 40;
        assertThat(twenty.value()).isCloseTo(LOG_Z - gap, within(5 * twenty.standardError() + gap * gap));
        assertThat(evidence.iwelbo(400_000).value()).isCloseTo(evidence.logZ().value(), within(0.01));
        assertThat(evidence.iwelbo(400_000).standardError()).isNaN();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evidence.iwelbo(0))
                .withMessageContaining("from 1 to");
        assertThatIllegalArgumentException().isThrownBy(() -> evidence.iwelbo(400_001));
    }

    @Test
    void constantWeightsAreTheEvidenceWithoutError() {
        double[] constant = new double[500];
        Arrays.fill(constant, LOG_Z);
        Evidence evidence = Evidence.of(constant);
        for (Evidence.Bound bound : new Evidence.Bound[] {evidence.elbo(), evidence.logZ(), evidence.cubo()}) {
            assertThat(bound.value()).isCloseTo(LOG_Z, within(1e-9));
            assertThat(bound.standardError()).isCloseTo(0, within(1e-9));
        }
        assertThat(evidence.kHat()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(evidence.logZIsReliable()).isTrue();
        assertThat(evidence.cuboIsReliable()).isTrue();
    }

    /**
     * A q of half the width has weights without a variance (shape 3/4): the upper bound is infinite and must not be
     * used.
     */
    @Test
    void heavyTailedWeightsAreFlagged() {
        RandomGenerator random = RandomStreams.of(22).generator("heavy", 0);
        double[] logWeights = new double[20_000];
        Arrays.setAll(logWeights, s -> {
            double e = random.nextGaussian();
            return 0.375 * e * e - Math.log(2);
        });
        Evidence evidence = Evidence.of(logWeights);
        assertThat(evidence.cuboIsReliable()).isFalse();
        assertThat(evidence.toString()).contains("[unreliable]");
    }

    @Test
    void unknownDrawsAreLeftOutAndZerosCount() {
        double[] logWeights = logWeights(0, 1000);
        double[] padded = Arrays.copyOf(logWeights, 1100);
        Arrays.fill(padded, 1000, 1100, Double.NaN);
        Evidence evidence = Evidence.of(logWeights);
        Evidence left = Evidence.of(padded);
        assertThat(left.logZ()).isEqualTo(evidence.logZ());
        assertThat(left.unknown()).isEqualTo(100);
        assertThat(left.draws()).isEqualTo(1000);

        Arrays.fill(padded, 1000, 1100, Double.NEGATIVE_INFINITY);
        Evidence zeros = Evidence.of(padded);
        assertThat(zeros.elbo().value()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(zeros.logZ().value())
                .isCloseTo(
                        evidence.logZ().value() + Math.log(1000 / 1100.0),
                        within(5 * evidence.logZ().standardError()));

        Evidence nothing = Evidence.of(new double[] {Double.NaN, Double.NaN});
        assertThat(nothing.logZ().value()).isNaN();
        assertThat(nothing.elbo().value()).isNaN();
        assertThat(nothing.logZIsReliable()).isFalse();
        double[] empty = new double[100];
        Arrays.fill(empty, Double.NEGATIVE_INFINITY);
        assertThat(Evidence.of(empty).logZ().value()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Evidence.of(empty).cubo().value()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void aPosteriorGivesItsOwnWeights() {
        double[] logWeights = logWeights(1, 300);
        logWeights[4] = Double.NaN;
        Approximation approximation =
                Approximation.of(ParameterLayout.unnamed(1), new DMatrixRMaj(1, 300), logWeights, new double[300]);
        assertThat(Evidence.of(approximation).logZ())
                .isEqualTo(Evidence.of(logWeights).logZ());
        assertThat(Evidence.of(approximation).unknown()).isEqualTo(1);
    }

    /**
     * One draw in a hundred lies where q was never fitted: the bound is that of the others with the logarithm of their
     * share, and its error that of both. Three in a hundred are too many to be left out.
     */
    @Test
    void fewDrawsFarBelowDoNotDecideTheBound() {
        double[] logWeights = logWeights(0, 2000);
        Evidence.Bound whole = Evidence.of(Arrays.copyOf(logWeights, 1980)).elbo();
        Arrays.fill(logWeights, 1980, 2000, -1e9);
        Evidence.Bound bound = Evidence.of(logWeights).elbo();
        assertThat(bound.value()).isCloseTo(whole.value() + Math.log(0.99), within(1e-9));
        assertThat(bound.standardError())
                .isCloseTo(Math.hypot(whole.standardError(), Math.sqrt(0.01 / 0.99 / 2000)), within(1e-12));
        Arrays.fill(logWeights, 1940, 1980, -1e9);
        assertThat(Evidence.of(logWeights).elbo().value()).isLessThan(-1e7);
    }
}

package org.variational.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

class EvidenceBoundTest {
    private static final int DRAWS = 4000;

    /** Log weights of p = N(0, 1) times exp(2) from q = N(0, sd^2). */
    private static LogWeights weights(double sd, long repeat) {
        RandomGenerator random = RandomStreams.of(1).generator("bound", repeat);
        double[] logWeights = new double[DRAWS];
        Arrays.setAll(logWeights, s -> {
            double e = random.nextGaussian();
            return 2 + (1 - sd * sd) * e * e / 2 + Math.log(sd);
        });
        return LogWeights.of(logWeights);
    }

    @Test
    void boundsStandOnTheirSidesOfTheEvidence() {
        LogWeights weights = weights(1.3, 0);
        EvidenceBound elbo = EvidenceBound.elbo(weights);
        EvidenceBound evidence = EvidenceBound.importanceWeighted(weights);
        EvidenceBound cubo = EvidenceBound.cubo(2, weights);
        // KL(q, p) = (1.69 - 1 - log 1.69) / 2. Five standard errors: false-alarm rate 6e-7.
        assertThat(elbo.value()).isCloseTo(2 - (1.69 - 1 - Math.log(1.69)) / 2, within(5 * elbo.standardError()));
        assertThat(evidence.value()).isCloseTo(2, within(5 * evidence.standardError()));
        // E[w^2] = 1.69 / sqrt(2 * 1.69 - 1)
        assertThat(cubo.value())
                .isCloseTo(2 + Math.log(1.69 / Math.sqrt(2 * 1.69 - 1)) / 2, within(5 * cubo.standardError()));
        assertThat(elbo.side()).isEqualTo(Divergence.Bound.LOWER);
        assertThat(cubo.side()).isEqualTo(Divergence.Bound.UPPER);
        assertThat(cubo.note()).contains("biased low");
        assertThat(elbo.value()).isLessThan(evidence.value());
        assertThat(evidence.value()).isLessThan(cubo.value());
    }

    /** The sd over 200 repeats has a relative standard error of 5 %; 5 of them. */
    @Test
    void standardErrorsAreTheSpreadOfRepeats() {
        int repeats = 200;
        double[] values = new double[repeats];
        double stated = 0;
        for (int r = 0; r < repeats; r++) {
            EvidenceBound bound = EvidenceBound.cubo(2, weights(1.3, r));
            values[r] = bound.value();
            stated += bound.standardError() / repeats;
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance =
                Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (repeats - 1);
        assertThat(stated / Math.sqrt(variance)).isCloseTo(1, within(0.25));
    }

    /** One draw's log weight has sd |sd^2 - 1| / sqrt 2; its estimate from 4000 draws a relative one of about 3 %, times 5. */
    @Test
    void theLowerBoundsErrorIsThatOfTheClosedForm() {
        double stated = EvidenceBound.elbo(weights(1.3, 1)).standardError();
        assertThat(stated * Math.sqrt(DRAWS) / (0.69 / Math.sqrt(2))).isCloseTo(1, within(0.15));
    }

    @Test
    void heavyWeightsGetNoStandardErrorAndAWarning() {
        // q narrower than p: k = 1 - 0.6^2 = 0.64 at sd 0.6 and 0.36 at 0.8.
        EvidenceBound heavy = EvidenceBound.cubo(2, weights(0.6, 0));
        assertThat(heavy.standardError()).isNaN();
        assertThat(heavy.note()).contains("not to be trusted").contains("no standard error");
        EvidenceBound between = EvidenceBound.cubo(2, weights(0.8, 0));
        assertThat(between.shape()).isBetween(0.25, 0.5);
        assertThat(between.standardError()).isNaN();
        assertThat(between.note()).contains("biased low").contains("k-hat below 0.25");
        assertThat(EvidenceBound.elbo(weights(0.6, 0)).standardError()).isFinite();
    }

    @Test
    void aDrawOutsideTheTargetMakesTheLowerBoundMinusInfinite() {
        double[] logWeights = new double[100];
        logWeights[4] = Double.NEGATIVE_INFINITY;
        EvidenceBound elbo = EvidenceBound.elbo(LogWeights.of(logWeights));
        assertThat(elbo.value()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(elbo.standardError()).isNaN();
        assertThat(elbo.note()).contains("-Infinity");
        assertThat(EvidenceBound.importanceWeighted(LogWeights.of(logWeights)).value())
                .isCloseTo(Math.log(0.99), within(1e-12));
    }

    @Test
    void aPerfectFitHasNoErrorAtAll() {
        double[] logWeights = new double[100];
        Arrays.fill(logWeights, -3);
        EvidenceBound cubo = EvidenceBound.cubo(2, LogWeights.of(logWeights));
        assertThat(cubo.value()).isCloseTo(-3, within(1e-12));
        assertThat(cubo.standardError()).isCloseTo(0, within(1e-8));
    }

    @Test
    void ordersThatBoundNothingAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EvidenceBound.cubo(1, LogWeights.of(new double[] {0})))
                .withMessageContaining("above 1");
    }
}

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

    /**
     * One draw's log weight has sd |sd^2 - 1| / sqrt 2; its estimate from 4000 draws a relative one of about 3 %, times
     * 5.
     */
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

    /**
     * Draws from N(0, 1.6^2) with the base weights q / r of q = N(0, 1.3^2): the stated errors are the spread of 200
     * repeats, whose sd has a relative standard error of 5 %; 5 of them.
     */
    @Test
    void standardErrorsCountBaseWeights() {
        int repeats = 200;
        double[][] values = new double[2][repeats];
        double[] stated = new double[2];
        for (int r = 0; r < repeats; r++) {
            RandomGenerator random = RandomStreams.of(3).generator("proposal", r);
            double[] logWeights = new double[DRAWS];
            double[] logBase = new double[DRAWS];
            for (int s = 0; s < DRAWS; s++) {
                double z = 1.6 * random.nextGaussian();
                logWeights[s] = -z * z / 2 + z * z / (2 * 1.69) + Math.log(1.3);
                logBase[s] = -z * z / (2 * 1.69) + z * z / (2 * 2.56);
            }
            LogWeights weights = LogWeights.of(logWeights, logBase);
            EvidenceBound[] bounds = {EvidenceBound.elbo(weights), EvidenceBound.importanceWeighted(weights)};
            for (int i = 0; i < 2; i++) {
                values[i][r] = bounds[i].value();
                stated[i] += bounds[i].standardError() / repeats;
            }
        }
        for (int i = 0; i < 2; i++) {
            double mean = Arrays.stream(values[i]).average().orElseThrow();
            double variance =
                    Arrays.stream(values[i]).map(x -> (x - mean) * (x - mean)).sum() / (repeats - 1);
            assertThat(stated[i] / Math.sqrt(variance)).isCloseTo(1, within(0.25));
        }
    }

    @Test
    void noDrawInTheSupportIsNoUpperBound() {
        double[] logWeights = new double[100];
        Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
        EvidenceBound cubo = EvidenceBound.cubo(2, LogWeights.of(logWeights));
        assertThat(cubo.value()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(cubo.standardError()).isNaN();
        assertThat(cubo.note()).contains("no draw is in the support");
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

package org.variational.algorithm.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyForecastTest {

    /**
     * Stages with step sizes 1, 1/2, ... whose averages are exactly {@code sqrt(c) gamma^kappa} from the optimum, up to
     * noise.
     */
    private static AccuracyForecast stages(int count, double kappa, double c, double noise, RandomGenerator random) {
        AccuracyForecast forecasts = new AccuracyForecast();
        for (int k = 0; k < count; k++) {
            double step = Math.pow(0.5, k);
            forecasts.addStage(step, 100 * Math.pow(2, k));
            if (k > 0) {
                double root = Math.sqrt(c) * (Math.pow(2 * step, kappa) - Math.pow(step, kappa));
                forecasts.addDifference(step, 0.5, root * root * Math.exp(noise * random.nextGaussian()));
            }
        }
        return forecasts;
    }

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /**
     * Without noise the posterior is as wide as the smallest s of the grid lets it: the slope of {@code log SKL} over 7
     * halvings is known to {@code 2 kappa log 2 sqrt(28)}, kappa to a few thousandths beside the grid's cells of 0.02.
     */
    @ParameterizedTest
    @CsvSource({"0.5, 1", "0.5, 1e-6", "0.8, 30", "0.25, 0.01"})
    void exactSequencesGiveTheirPowerConstantAndDistance(double kappa, double c) {
        AccuracyForecast forecasts = stages(8, kappa, c, 0, random(1));
        double step = Math.pow(0.5, 7);
        AccuracyForecast.Forecast forecast = forecasts.at(step);
        assertThat(forecast.power()).isCloseTo(kappa, within(0.02));
        assertThat(forecast.logConstant()).isCloseTo(Math.log(c), within(0.15));
        double distance = Math.sqrt(c) * Math.pow(step, kappa);
        assertThat(forecast.distance() / distance).isBetween(0.9, 1.1);
        assertThat(forecast.upperDistance()).isGreaterThan(forecast.distance());
        assertThat(forecast.relativeAccuracy(0.5, 0.1 * distance)).isCloseTo(Math.pow(0.5, kappa) + 0.1, within(0.03));
    }

    /**
     * With kappa uniform, as the prior has it, and s = 0.5 the distance is below the 95 % bound in at least 90 % of 400
     * sequences: the probability of fewer under a coverage of 95 % is below 1e-4.
     */
    @Test
    void theUpperDistanceCovers() {
        RandomGenerator random = random(2);
        int covered = 0;
        for (int run = 0; run < 400; run++) {
            double kappa = random.nextDouble();
            AccuracyForecast forecasts = stages(4, kappa, 1, 0.5, random);
            double step = 0.125;
            covered += Math.pow(step, kappa) <= forecasts.at(step).upperDistance() ? 1 : 0;
        }
        assertThat(covered).isGreaterThanOrEqualTo(360);
    }

    /** A unit of step size is arbitrary: multiplying all by a constant leaves the distances. */
    @Test
    void distancesDoNotDependOnTheUnitOfSteps() {
        AccuracyForecast one = new AccuracyForecast();
        AccuracyForecast other = new AccuracyForecast();
        for (int k = 1; k < 5; k++) {
            double divergence = 0.1 / (k * k);
            one.addDifference(Math.pow(0.5, k), 0.5, divergence);
            other.addDifference(3 * Math.pow(0.5, k), 0.5, divergence);
        }
        // the prior of log c, Cauchy(0, 10), is all that knows the unit
        assertThat(other.at(3 * 0.0625).distance() / one.at(0.0625).distance()).isCloseTo(1, within(0.02));
    }

    @Test
    void workGoesOnAsItGrew() {
        AccuracyForecast forecasts = new AccuracyForecast();
        forecasts.addStage(1, 5000);
        forecasts.addStage(0.5, 200);
        assertThat(forecasts.workAt(0.25)).isCloseTo(400, within(1e-9));
        forecasts.addStage(0.25, 800);
        assertThat(forecasts.workAt(0.125)).isCloseTo(3200, within(1e-6));
        assertThat(forecasts.lastWork()).isCloseTo(800, within(1e-9));
        AccuracyForecast shrinking = new AccuracyForecast();
        shrinking.addStage(1, 5000);
        shrinking.addStage(0.5, 400);
        shrinking.addStage(0.25, 300);
        assertThat(shrinking.workAt(0.125)).isCloseTo(600, within(1e-6));
    }

    @Test
    void twoDifferencesAreNeeded() {
        AccuracyForecast forecasts = stages(2, 0.5, 1, 0, random(3));
        assertThat(forecasts.known()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> forecasts.at(0.5)).withMessageContaining("2 differences");
        assertThat(stages(3, 0.5, 1, 0, random(3)).known()).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> new AccuracyForecast().workAt(1));
    }

    /** With kappa = 1 and doubling work, {@code (1/2 + accuracy / distance) K' / (K + 1000)} is known in advance. */
    @Test
    void theRuleStopsWhereTheNextStageDoesNotPay() {
        AccuracyForecast forecasts = stages(8, 0.75, 1, 0, random(4));
        double step = Math.pow(0.5, 7);
        double distance = Math.pow(step, 0.75);
        double relativeWork = 25600.0 / (12800 + 1000);
        double expected = (Math.pow(0.5, 0.75) + 0.5) * relativeWork;
        assertThat(StoppingRule.forecast(0.5 * distance, 0.9 * expected).doesNotPay(forecasts, step, 0.5, 1000))
                .isTrue();
        assertThat(StoppingRule.forecast(0.5 * distance, 1.1 * expected).doesNotPay(forecasts, step, 0.5, 1000))
                .isFalse();
        assertThat(StoppingRule.forecast(0.8 * distance, 1).isAccurate(forecasts.at(step)))
                .isFalse();
        assertThat(StoppingRule.forecast(1.5 * distance, 1).isAccurate(forecasts.at(step)))
                .isTrue();
    }

    @Test
    void misuseOfTheRuleIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoppingRule.forecast(0, 1))
                .withMessageContaining("accuracy must be positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoppingRule.forecast(0.1, Double.NaN))
                .withMessageContaining("inefficiency must be positive");
        assertThat(StoppingRule.agreement()).hasToString("agreement");
    }
}

package org.variational.information;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.*;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.LogDensities;
import org.variational.distribution.Distribution;
import org.variational.random.RandomStreams;

/** Estimates against exact values, and nearest neighbours against the Gaussian closed form. */
class MonteCarloTest {
    private static final int DRAWS = 20_000;
    private static final Distribution P = normal(0.2, 1);
    private static final Distribution Q = normal(0, 1.2);

    private static RandomGenerator random(int index) {
        return RandomStreams.of(20260101).generator("monte carlo", index);
    }

    /** Nine checks at 5.5 standard errors: a false alarm in about 3e6 runs. */
    @Test
    void everyEstimateAgreesWithTheExactValue() {
        MonteCarlo draws = MonteCarlo.of(P, Q, DRAWS, random(0));
        agree(draws.entropy(), Information.entropy(P));
        agree(draws.crossEntropy(), Information.crossEntropy(P, Q));
        agree(draws.klDivergence(), Information.klDivergence(P, Q));
        agree(draws.klDivergenceNonNegative(), Information.klDivergence(P, Q));
        agree(draws.jensenShannon(), Information.jensenShannon(P, Q));
        agree(draws.chiSquared(), Information.chiSquared(P, Q));
        agree(draws.squaredHellinger(), Information.squaredHellinger(P, Q));
        agree(draws.totalVariation(), Information.totalVariation(P, Q));
        agree(draws.renyiDivergence(0.4), Information.renyiDivergence(P, Q, 0.4));
    }

    private static void agree(MonteCarloEstimate estimate, double exact) {
        assertThat(estimate.value()).isCloseTo(exact, within(5.5 * estimate.standardError()));
        assertThat(estimate.standardError()).isPositive().isLessThan(0.02);
    }

    /** Near p = q the variance falls from order d^2 to order d^4. */
    @Test
    void nonNegativeEstimateHasLowerVarianceNextToEquality() {
        MonteCarlo draws = MonteCarlo.of(normal(0.02, 1), normal(0, 1), DRAWS, random(1));
        assertThat(draws.klDivergenceNonNegative().standardError())
                .isLessThan(0.05 * draws.klDivergence().standardError());
        MonteCarlo few = MonteCarlo.of(normal(0.02, 1), normal(0, 1), 2, random(2));
        assertThat(few.klDivergenceNonNegative().value()).isNotNegative();
    }

    /**
     * The standard error is that of the mean: over 200 repetitions z has unit variance, chi-squared within 5 sd of 0.1.
     */
    @Test
    void standardErrorsAreHonest() {
        double exact = Information.klDivergence(P, Q);
        double squares = IntStream.range(0, 200)
                .mapToDouble(i -> {
                    MonteCarloEstimate estimate =
                            MonteCarlo.of(P, Q, 500, random(10 + i)).klDivergence();
                    double z = (estimate.value() - exact) / estimate.standardError();
                    return z * z;
                })
                .average()
                .orElseThrow();
        assertThat(squares).isBetween(0.5, 1.5);
    }

    /** An average and not a sum: twice the same draws give the same value. */
    @Test
    void repeatedDrawsDoNotChangeTheValue() {
        double[] logP = {-1, -2, -0.5};
        double[] logQ = {-1.5, -1, -0.75};
        double[] twiceP = {-1, -2, -0.5, -1, -2, -0.5};
        double[] twiceQ = {-1.5, -1, -0.75, -1.5, -1, -0.75};
        double value = MonteCarlo.of(logP, logQ).klDivergence().value();
        assertThat(value).isCloseTo(-0.25 / 3, within(1e-15));
        assertThat(MonteCarlo.of(twiceP, twiceQ).klDivergence().value()).isCloseTo(value, within(1e-15));
    }

    @Test
    void vanishingQGivesInfinityAndNotNaN() {
        MonteCarlo draws = MonteCarlo.of(normal(0, 1), exponential(1), 100, random(3));
        for (MonteCarloEstimate estimate : new MonteCarloEstimate[] {
            draws.klDivergence(),
            draws.klDivergenceNonNegative(),
            draws.crossEntropy(),
            draws.chiSquared(),
            draws.renyiDivergence(2)
        }) {
            assertThat(estimate.value()).isEqualTo(Double.POSITIVE_INFINITY);
            assertThat(estimate.standardError()).isNaN();
        }
        assertThat(draws.totalVariation().value()).isBetween(0.3, 1.0);
        assertThat(draws.renyiDivergence(0.5).value()).isFinite();
        MonteCarlo binomial = MonteCarlo.of(poisson(3), binomial(4, 0.5), 100, random(7));
        assertThat(binomial.klDivergence().value()).isEqualTo(Double.POSITIVE_INFINITY);
        MonteCarlo bounded = MonteCarlo.of(normal(0, 1), beta(0.9, 1.7), 100, random(8));
        assertThat(bounded.squaredHellinger().value()).isBetween(0.2, 0.8);
        MonteCarlo apart = MonteCarlo.of(exponential(1), uniform(-2, -1), 100, random(4));
        assertThat(apart.renyiDivergence(0.5).value()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(apart.jensenShannon().value()).isCloseTo(0.5 * Math.log(2), within(1e-12));
    }

    @Test
    void anyLogDensitiesCanBeCompared() {
        DMatrixRMaj draws = new DMatrixRMaj(1, 1000);
        RandomGenerator random = random(5);
        for (int s = 0; s < 1000; s++) {
            draws.set(0, s, random.nextGaussian());
        }
        double constant = 0.5 * Math.log(2 * Math.PI);
        MonteCarlo both = MonteCarlo.of(
                LogDensities.ofValues(1, x -> -0.5 * x[0] * x[0] - constant),
                LogDensities.ofValues(1, x -> -0.5 * (x[0] - 1) * (x[0] - 1) - constant),
                draws);
        assertThat(both.draws()).isEqualTo(1000);
        // log p - log q = 1/2 - x, whose standard error is 1/sqrt(1000): a false alarm in 2e6
        assertThat(both.klDivergence().value()).isCloseTo(0.5, within(5 / Math.sqrt(1000)));
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> MonteCarlo.of(new double[3], new double[2])).hasMessageContaining("3 and 2");
        assertThatThrownBy(() -> MonteCarlo.of(new double[1], new double[1])).hasMessageContaining("2 or more");
        double[] outside = {0, Double.NEGATIVE_INFINITY};
        assertThatThrownBy(() -> MonteCarlo.of(outside, new double[2])).hasMessageContaining("draws of q?");
        assertThatThrownBy(() -> MonteCarlo.of(new double[2], new double[] {0, Double.NaN}))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> MonteCarlo.of(P, Q, 1, random(0))).hasMessageContaining("at least 2");
        assertThatThrownBy(() -> MonteCarlo.of(P, Q, 9, random(0)).renyiDivergence(1))
                .hasMessageContaining("klDivergence");
    }

    /**
     * The spread over repetitions of 1000 samples at k = 4 is below 0.04 for these correlations (Kraskov et al., figure
     * 4); the tolerance is 5 of the mean of 10, plus 0.01 for the bias.
     */
    @Test
    void nearestNeighboursFindTheInformationOfGaussians() {
        for (double rho : new double[] {0, 0.6, 0.9}) {
            double sum = 0;
            for (int repetition = 0; repetition < 10; repetition++) {
                RandomGenerator random = random(1000 + repetition);
                double[] x = new double[1000];
                double[] y = new double[1000];
                for (int i = 0; i < x.length; i++) {
                    x[i] = random.nextGaussian();
                    y[i] = rho * x[i] + Math.sqrt(1 - rho * rho) * random.nextGaussian();
                }
                sum += NearestNeighbours.mutualInformation(x, y, 4);
            }
            double exact = -0.5 * Math.log1p(-rho * rho);
            assertThat(sum / 10).as("rho %s", rho).isCloseTo(exact, within(0.01 + 5 * 0.04 / Math.sqrt(10)));
        }
    }

    /** Vectors: Y repeats the second coordinate of X with noise, and has another that is independent. */
    @Test
    void nearestNeighboursServeVectors() {
        RandomGenerator random = random(6);
        int n = 2000;
        double[][] x = new double[n][2];
        double[][] y = new double[n][2];
        for (int i = 0; i < n; i++) {
            x[i][0] = random.nextGaussian();
            x[i][1] = random.nextGaussian();
            y[i][0] = 0.8 * x[i][1] + 0.6 * random.nextGaussian();
            y[i][1] = random.nextGaussian();
        }
        assertThat(NearestNeighbours.mutualInformation(x, y, 4)).isCloseTo(-0.5 * Math.log(0.36), within(0.12));
    }

    /** Worked by hand: three points, k = 1. */
    @Test
    void nearestNeighboursOnThreePoints() {
        // distances in the larger of the two: 1-2: 2, 1-3: 5, 2-3: 4; radii 2, 2, 4
        double[] x = {0, 2, 5};
        double[] y = {0, 1, 5};
        // points nearer than the radius in x, y, the point itself included: (1, 2), (1, 2), (2, 1)
        double expected = digamma(1) + digamma(3) - 2 * (digamma(1) + digamma(2)) / 3 - (digamma(2) + digamma(1)) / 3;
        assertThat(NearestNeighbours.mutualInformation(x, y, 1)).isCloseTo(expected, within(1e-14));
    }

    private static double digamma(int n) {
        return -0.57721566490153286061
                + IntStream.range(1, n).mapToDouble(i -> 1.0 / i).sum();
    }

    @Test
    void nearestNeighboursRefuseTiesAndMisfits() {
        double[] tied = {1, 1, 1, 2};
        assertThatThrownBy(() -> NearestNeighbours.mutualInformation(tied, tied, 2))
                .hasMessageContaining("coincides");
        assertThatThrownBy(() -> NearestNeighbours.mutualInformation(tied, new double[3], 2))
                .hasMessageContaining("4, 3");
        assertThatThrownBy(() -> NearestNeighbours.mutualInformation(tied, tied, 4))
                .hasMessageContaining("fewer");
        double[] bad = {1, 2, Double.NaN, 4};
        assertThatThrownBy(() -> NearestNeighbours.mutualInformation(tied, bad, 2))
                .hasMessageContaining("sample 2");
    }
}

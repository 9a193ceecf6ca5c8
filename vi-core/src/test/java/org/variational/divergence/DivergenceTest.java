package org.variational.divergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.alpha;
import static org.variational.divergence.Divergences.chiSquared;
import static org.variational.divergence.Divergences.cubo;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.geometricJensenShannon;
import static org.variational.divergence.Divergences.importanceWeighted;
import static org.variational.divergence.Divergences.interpolatedKl;
import static org.variational.divergence.Divergences.jeffreys;
import static org.variational.divergence.Divergences.jensenShannon;
import static org.variational.divergence.Divergences.renyi;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.divergence.Divergences.skewedForwardKl;
import static org.variational.divergence.Divergences.skewedReverseKl;
import static org.variational.divergence.Divergences.squaredHellinger;
import static org.variational.divergence.Divergences.tailAdaptive;
import static org.variational.divergence.Divergences.tempered;
import static org.variational.divergence.Divergences.totalVariation;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.divergence.Divergence.Bound;
import org.variational.divergence.Divergence.Coupling;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

/**
 * Divergences against quadrature. With base weights q(z_j) dz on a grid, sums over "draws" are integrals, exact to
 * rounding for these smooth densities, and no Monte-Carlo error stands in the way. p = N(1, 1.2^2), q = N(m, s^2) near
 * N(0.3, 1.5^2), as in the constants.
 */
class DivergenceTest {
    private static final double M = 0.3;
    private static final double S = 1.5;
    private static final int GRID = 4001;
    private static final double HALF_WIDTH = 25;
    private static final Divergence TRIANGULAR = Divergence.f(
            w -> (w - 1) * (w - 1) / (w + 1),
            w -> (w - 1) * (w + 3) / ((w + 1) * (w + 1)),
            w -> 8 / ((w + 1) * (w + 1) * (w + 1)));

    private static double z(int j) {
        return 0.5 + HALF_WIDTH * (2.0 * j / (GRID - 1) - 1);
    }

    private static double logNormal(double z, double mean, double sd) {
        double e = (z - mean) / sd;
        return -e * e / 2 - Math.log(sd) - Math.log(2 * Math.PI) / 2;
    }

    private static double logP(double z) {
        return logNormal(z, 1, 1.2);
    }

    private static LogWeights gridWeights(double m, double s, double shift) {
        double[] logWeights = new double[GRID];
        double[] logBase = new double[GRID];
        for (int j = 0; j < GRID; j++) {
            logBase[j] = logNormal(z(j), m, s);
            logWeights[j] = logP(z(j)) + shift - logBase[j];
        }
        return LogWeights.of(logWeights, logBase);
    }

    private static double value(Divergence divergence, double m, double s) {
        return divergence.evaluate(gridWeights(m, s, 0), new double[GRID], new double[GRID]);
    }

    /** The gradients by m and s: two of the path form, two of the score form. */
    private static double[] gradients(Divergence divergence, double shift) {
        double[] c = new double[GRID];
        double[] b = new double[GRID];
        divergence.evaluate(gridWeights(M, S, shift), c, b);
        double[] result = new double[4];
        for (int j = 0; j < GRID; j++) {
            double e = (z(j) - M) / S;
            double h = -(z(j) - 1) / (1.2 * 1.2) + e / S;
            result[0] -= c[j] * h;
            result[1] -= c[j] * h * e;
            result[2] += b[j] * e / S;
            result[3] += b[j] * (e * e - 1) / S;
        }
        return result;
    }

    static Stream<Divergence> smooth() {
        return Stream.of(
                reverseKl(),
                forwardKl(),
                alpha(-0.5),
                alpha(0.25),
                alpha(0.5),
                alpha(1.5),
                alpha(2),
                chiSquared(),
                cubo(1.5),
                renyi(-0.5),
                squaredHellinger(),
                jeffreys(),
                interpolatedKl(0.3),
                geometricJensenShannon(0.3),
                skewedReverseKl(0.6),
                skewedForwardKl(0.6),
                jensenShannon(),
                TRIANGULAR);
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void bothFormsAreTheGradientOfTheValue(Divergence divergence) {
        double[] g = gradients(divergence, 0);
        double h = 1e-4;
        double byMean = (value(divergence, M + h, S) - value(divergence, M - h, S)) / (2 * h);
        double bySd = (value(divergence, M, S + h) - value(divergence, M, S - h)) / (2 * h);
        // Central differences of step 1e-4 on values of order 1: truncation about 1e-8, rounding about 1e-11.
        assertThat(g[0]).isCloseTo(byMean, within(1e-6));
        assertThat(g[1]).isCloseTo(bySd, within(1e-6));
        assertThat(g[2]).isCloseTo(byMean, within(1e-6));
        assertThat(g[3]).isCloseTo(bySd, within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("smooth")
    void gradientsDoNotDependOnTheTargetsNormalisation(Divergence divergence) {
        double[] plain = gradients(divergence, 0);
        double[] shifted = gradients(divergence, 1000);
        for (int k = 0; k < plain.length; k++) {
            assertThat(shifted[k]).isCloseTo(plain[k], within(1e-9));
        }
    }

    @Test
    void constantsOfTheLiterature() {
        assertGradient(reverseKl(), 1, -0.4861, 0.3750);
        assertGradient(forwardKl(), 1, -0.3111, 0.0948);
        assertGradient(squaredHellinger(), 1, -0.1813, 0.0882);
        // w^2 - 1 has c = 2 w^2; the log form CUBO_2 divides by E[w^2], and c = w^2 / E[w^2].
        double secondMoment = Math.exp(gridWeights(M, S, 0).logMeanExp(2));
        assertGradient(chiSquared(), 2 * secondMoment, -0.5756, 0.0490);
        assertGradient(Divergence.f(w -> w * w - 1, w -> 2 * w, w -> 2), 1, -0.5756, 0.0490);
        assertGradient(alpha(2), 2 * secondMoment, -0.5756, 0.0490);
    }

    private static void assertGradient(Divergence divergence, double factor, double byMean, double bySd) {
        double[] g = gradients(divergence, 0);
        assertThat(g[0] * factor).as(divergence.name()).isCloseTo(byMean, within(6e-5));
        assertThat(g[1] * factor).as(divergence.name()).isCloseTo(bySd, within(6e-5));
        assertThat(g[2] * factor).as(divergence.name()).isCloseTo(byMean, within(6e-5));
        assertThat(g[3] * factor).as(divergence.name()).isCloseTo(bySd, within(6e-5));
    }

    @Test
    void valuesAreTheClosedFormsBetweenGaussians() {
        double v = S * S;
        double u = 1.2 * 1.2;
        double d2 = 0.7 * 0.7;
        double reverse = (v / u + d2 / u - 1 + Math.log(u / v)) / 2;
        double forward = (u / v + d2 / v - 1 + Math.log(v / u)) / 2;
        assertThat(value(reverseKl(), M, S)).isCloseTo(reverse, within(1e-10));
        assertThat(value(forwardKl(), M, S)).isCloseTo(forward, within(1e-10));
        assertThat(value(jeffreys(), M, S)).isCloseTo(reverse + forward, within(1e-10));
        assertThat(value(interpolatedKl(0.25), M, S)).isCloseTo(0.75 * reverse + 0.25 * forward, within(1e-10));
        double bhattacharyya = Math.sqrt(2 * S * 1.2 / (v + u)) * Math.exp(-d2 / (4 * (v + u)));
        assertThat(value(squaredHellinger(), M, S)).isCloseTo(2 - 2 * bhattacharyya, within(1e-10));
        // log E_q[w^a] = -1/2 log((a v + (1-a) u) / (v^a u^(1-a))) - a (1-a) d2 / (2 (a v + (1-a) u))
        for (double a : new double[] {-0.5, 0.5, 1.5, 2}) {
            double mixed = a * v + (1 - a) * u;
            double logMoment =
                    -Math.log(mixed / (Math.pow(v, a) * Math.pow(u, 1 - a))) / 2 - a * (1 - a) * d2 / (2 * mixed);
            assertThat(value(alpha(a), M, S)).isCloseTo(logMoment / (a * (a - 1)), within(1e-9));
        }
    }

    /**
     * The draw that is moved has next to no base weight, so that the normaliser of the others stands still, as the
     * identity supposes; groups are differentiated as they are, since their score coefficients have their own
     * baselines.
     */
    @ParameterizedTest
    @MethodSource({"smooth", "grouped"})
    void scoreCoefficientsFallAsPathCoefficientsStateTo(Divergence divergence) {
        int count = 6;
        double[] logWeights = {0.3, -1.2, 0.8, 0.1, -0.4, 1.5};
        double[] logBase = new double[count];
        boolean grouped = divergence.coupling() == Coupling.GROUPED;
        double h = 1e-5;
        for (int s = 0; s < count; s++) {
            Arrays.fill(logBase, 0);
            if (!grouped) {
                logBase[s] = -25;
            }
            double[] c = new double[count];
            double[][] b = new double[2][count];
            divergence.evaluate(weights(logWeights, logBase, grouped), c, new double[count]);
            for (int side = 0; side < 2; side++) {
                double[] moved = logWeights.clone();
                moved[s] += side == 0 ? -h : h;
                divergence.evaluate(weights(moved, logBase, grouped), new double[count], b[side]);
            }
            double slope = (b[1][s] - b[0][s]) / (2 * h);
            // Relative: truncation 1e-10, rounding 1e-10 and the base weight 1e-11 of the draw.
            assertThat(slope).isCloseTo(-c[s], within(1e-6 * Math.abs(c[s]) + 1e-16));
        }
    }

    private static LogWeights weights(double[] logWeights, double[] logBase, boolean equal) {
        return equal ? LogWeights.of(logWeights) : LogWeights.of(logWeights, logBase);
    }

    static Stream<Divergence> grouped() {
        return Stream.of(
                importanceWeighted(2),
                importanceWeighted(3),
                renyi(0),
                renyi(0.5),
                renyi(2),
                renyi(0.5, 3),
                renyi(1.5, 2));
    }

    /**
     * A bound on pairs is integrated over a grid of pairs: its path form, its score form with the leave-one-out
     * baseline and the difference quotient of its value agree.
     */
    @ParameterizedTest
    @MethodSource("pairs")
    void boundsOnPairsHaveTheGradientOfTheirExpectation(Divergence divergence) {
        double[] g = pairIntegral(divergence, M, S);
        double h = 1e-3;
        double byMean = (pairIntegral(divergence, M + h, S)[4] - pairIntegral(divergence, M - h, S)[4]) / (2 * h);
        double bySd = (pairIntegral(divergence, M, S + h)[4] - pairIntegral(divergence, M, S - h)[4]) / (2 * h);
        assertThat(g[0]).isCloseTo(byMean, within(1e-5));
        assertThat(g[1]).isCloseTo(bySd, within(1e-5));
        assertThat(g[2]).isCloseTo(byMean, within(1e-5));
        assertThat(g[3]).isCloseTo(bySd, within(1e-5));
    }

    static Stream<Divergence> pairs() {
        return Stream.of(importanceWeighted(2), renyi(0.5, 2), renyi(2, 2), renyi(0.5));
    }

    private static double[] pairIntegral(Divergence divergence, double m, double s) {
        int n = 161;
        double step = 20 * s / (n - 1);
        double[] sum = new double[5];
        double[] c = new double[2];
        double[] b = new double[2];
        for (int i = 0; i < n; i++) {
            double e0 = -10 + i * step / s;
            for (int j = 0; j < n; j++) {
                double e1 = -10 + j * step / s;
                double mass = Math.exp(logNormal(e0, 0, 1) + logNormal(e1, 0, 1)) * step * step / (s * s);
                double[] e = {e0, e1};
                double[] lw = new double[2];
                for (int k = 0; k < 2; k++) {
                    double at = m + s * e[k];
                    lw[k] = logP(at) - logNormal(at, m, s);
                }
                sum[4] += mass * divergence.evaluate(LogWeights.of(lw), c, b);
                for (int k = 0; k < 2; k++) {
                    double h = -(m + s * e[k] - 1) / (1.2 * 1.2) + e[k] / s;
                    sum[0] -= mass * c[k] * h;
                    sum[1] -= mass * c[k] * h * e[k];
                    sum[2] += mass * b[k] * e[k] / s;
                    sum[3] += mass * b[k] * (e[k] * e[k] - 1) / s;
                }
            }
        }
        return sum;
    }

    /**
     * Differentiating f(log w) with q stopped, as one peer does, is right for reverse KL alone and has the wrong sign
     * for forward KL and chi-squared.
     */
    @Test
    void everyGradientMovesTheMeanOfQTowardsThatOfP() {
        Stream.concat(smooth(), Stream.of(totalVariation())).forEach(divergence -> {
            double[] g = gradients(divergence, 0);
            assertThat(g[2]).as(divergence.name()).isNegative();
            if (divergence.hasPathForm()) {
                assertThat(g[0]).as(divergence.name()).isNegative();
            }
        });
    }

    @Test
    void totalVariationHasAScoreFormOnly() {
        Divergence divergence = totalVariation();
        assertThat(divergence.hasPathForm()).isFalse();
        double[] g = gradients(divergence, 0);
        double h = 1e-3;
        // The integrand jumps at two points of a grid of mesh 0.0125: errors of that order times the density there.
        double byMean = (value(divergence, M + h, S) - value(divergence, M - h, S)) / (2 * h);
        double bySd = (value(divergence, M, S + h) - value(divergence, M, S - h)) / (2 * h);
        assertThat(g[0]).isZero();
        assertThat(g[2]).isCloseTo(byMean, within(5e-3));
        assertThat(g[3]).isCloseTo(bySd, within(5e-3));
    }

    @Test
    void tailAdaptiveCoefficientsFollowTheRanks() {
        Divergence divergence = tailAdaptive();
        RandomGenerator random = RandomStreams.of(1).generator("ranks", 0);
        int count = 100;
        double[] logWeights = new double[count];
        Arrays.setAll(logWeights, s -> random.nextGaussian());
        double[] c = new double[count];
        divergence.evaluate(LogWeights.of(logWeights), c, new double[count]);
        double harmonic = 0;
        for (int r = 1; r <= count; r++) {
            harmonic += 1.0 / r;
        }
        for (int s = 0; s < count; s++) {
            int rank = 0;
            for (double other : logWeights) {
                rank += other >= logWeights[s] ? 1 : 0;
            }
            assertThat(c[s]).isCloseTo(1 / (rank * harmonic), within(1e-14));
        }
        divergence.evaluate(LogWeights.of(new double[] {1, 2, 2, 0}), c, new double[4]);
        // Ties share their rank: 1/3, 1/2, 1/2, 1/4 before normalisation.
        assertThat(c[1]).isEqualTo(c[2]);
        assertThat(c[0] / c[1]).isCloseTo(2 / 3.0, within(1e-14));
    }

    @Test
    void equalWeightsGiveEqualPositiveCoefficients() {
        // Where q is p all weights are equal: no divergence may prefer a draw, and scores sum against a constant.
        double[] equal = new double[10];
        Arrays.fill(equal, -7.5);
        Stream.concat(smooth(), grouped().filter(d -> 10 % Math.max(1, d.groupSize()) == 0))
                .forEach(divergence -> {
                    double[] c = new double[10];
                    double[] b = new double[10];
                    divergence.evaluate(LogWeights.of(equal), c, b);
                    for (int s = 1; s < 10; s++) {
                        assertThat(c[s])
                                .as(divergence.name())
                                .isCloseTo(c[0], within(1e-13))
                                .isPositive();
                        assertThat(b[s]).as(divergence.name()).isCloseTo(b[0], within(1e-13));
                    }
                });
    }

    @ParameterizedTest
    @MethodSource({"smooth", "grouped"})
    void extremeAndZeroWeightsGiveFiniteCoefficients(Divergence divergence) {
        double[][] batches = {
            {0, -800, 3, -1e5, 1, 2},
            {0, Double.NEGATIVE_INFINITY, 3, 1, -2, 0.5},
            {1e10, 1e10 - 1, 1e10 + 2, 1e10, 1e10, 1e10 - 5},
            {-5000, -5001, -5002, -5003, -5000, -4999},
            {700, -700, 0, 0, 0, 0}
        };
        for (double[] batch : batches) {
            double[] c = new double[6];
            double[] b = new double[6];
            divergence.evaluate(LogWeights.of(batch), c, b);
            assertThat(c).as(Arrays.toString(batch)).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
            assertThat(b)
                    .as(Arrays.toString(batch))
                    .doesNotContain(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        }
    }

    @Test
    void massOutsideTheTargetMakesTheDivergencesThatPunishItInfinite() {
        LogWeights weights = LogWeights.of(new double[] {0, Double.NEGATIVE_INFINITY, 1});
        for (Divergence divergence :
                List.of(reverseKl(), jeffreys(), interpolatedKl(0.1), geometricJensenShannon(0.5), alpha(-1))) {
            assertThat(divergence.evaluate(weights, new double[3], new double[3]))
                    .as(divergence.name())
                    .isEqualTo(Double.POSITIVE_INFINITY);
        }
        for (Divergence divergence :
                List.of(forwardKl(), squaredHellinger(), jensenShannon(), chiSquared(), skewedReverseKl(0.5))) {
            assertThat(divergence.evaluate(weights, new double[3], new double[3]))
                    .as(divergence.name())
                    .isFinite();
        }
    }

    @Test
    void whereNoDrawIsInTheSupportNothingIsKnownFromAboveAndBoundedDivergencesAreAtTheirBounds() {
        LogWeights nothing = LogWeights.of(new double[] {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY});
        double infinity = Double.POSITIVE_INFINITY;
        Divergence[] divergences = {
            chiSquared(),
            cubo(1.5),
            renyi(-1),
            jensenShannon(),
            totalVariation(),
            skewedForwardKl(0.6),
            skewedReverseKl(0.6),
            squaredHellinger()
        };
        double[] bounds = {infinity, infinity, infinity, Math.log(2), 1, -Math.log(0.4), -Math.log(0.4), 2};
        for (int i = 0; i < bounds.length; i++) {
            double value = divergences[i].evaluate(nothing, new double[2], new double[2]);
            if (bounds[i] == infinity) {
                assertThat(value).as(divergences[i].name()).isEqualTo(infinity);
            } else {
                assertThat(value).as(divergences[i].name()).isCloseTo(bounds[i], within(1e-14));
            }
        }
    }

    /** A draw of base weight 2/4 is two draws of base weight 1/4. */
    @Test
    void tailAdaptiveRanksCountBaseWeights() {
        double[] twice = new double[4];
        double[] weighted = new double[3];
        tailAdaptive().evaluate(LogWeights.of(new double[] {1, 0, 0, -1}), twice, new double[4]);
        LogWeights merged = LogWeights.of(new double[] {1, 0, -1}, new double[] {0, Math.log(2), 0});
        tailAdaptive().evaluate(merged, weighted, new double[3]);
        assertThat(weighted[0]).isCloseTo(twice[0], within(1e-14));
        assertThat(weighted[1]).isCloseTo(twice[1] + twice[2], within(1e-14));
        assertThat(weighted[2]).isCloseTo(twice[3], within(1e-14));
    }

    @Test
    void groupsNeedEqualBaseWeights() {
        LogWeights unequal = LogWeights.of(new double[] {1, 0}, new double[] {0, Math.log(3)});
        for (Divergence divergence : List.of(renyi(0.5), importanceWeighted(2))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> divergence.evaluate(unequal, new double[2], new double[2]))
                    .withMessageContaining(divergence.name())
                    .withMessageContaining("equal base weights")
                    .withMessageContaining("draws 0 and 1");
        }
    }

    @Test
    void aFunctionWithoutAValueAtZeroIsTakenNearIt() {
        Divergence forward = Divergence.f(w -> w * Math.log(w), w -> Math.log(w) + 1, w -> 1 / w);
        LogWeights weights = LogWeights.of(new double[] {0, Double.NEGATIVE_INFINITY});
        double value = forward.evaluate(weights, new double[2], new double[2]);
        assertThat(value).isCloseTo(Math.log(2), within(1e-14));
        Divergence reverse = Divergence.f(w -> -Math.log(w), w -> -1 / w, w -> 1 / (w * w));
        assertThat(reverse.evaluate(weights, new double[2], new double[2])).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void boundedDivergencesStayWithinTheirBounds() {
        LogWeights weights = LogWeights.of(new double[] {0, -500, 20, -40});
        assertThat(jensenShannon().evaluate(weights, new double[4], new double[4]))
                .isBetween(0.0, Math.log(2));
        assertThat(squaredHellinger().evaluate(weights, new double[4], new double[4]))
                .isBetween(0.0, 2.0);
        assertThat(totalVariation().evaluate(weights, new double[4], new double[4]))
                .isBetween(0.0, 1.0);
        assertThat(skewedReverseKl(0.9).evaluate(weights, new double[4], new double[4]))
                .isBetween(0.0, -Math.log(0.1));
    }

    @Test
    void limitsAreRoutedToTheDivergencesTheyAre() {
        assertThat(alpha(0)).isSameAs(reverseKl());
        assertThat(alpha(1)).isSameAs(forwardKl());
        assertThat(renyi(1)).isSameAs(reverseKl());
        assertThat(renyi(0.5, 1)).isSameAs(reverseKl());
        assertThat(importanceWeighted(1)).isSameAs(reverseKl());
        assertThat(interpolatedKl(0)).isSameAs(reverseKl());
        assertThat(geometricJensenShannon(1)).isSameAs(forwardKl());
        assertThat(skewedForwardKl(1)).isSameAs(forwardKl());
        assertThat(renyi(-1).bound()).isEqualTo(Bound.UPPER);
    }

    @Test
    void boundsAreOrderedAroundTheEvidence() {
        double shift = 3;
        LogWeights weights = gridWeights(M, S, shift);
        double[] scratch = new double[GRID];
        double elbo = -reverseKl().evaluate(weights, scratch, scratch.clone());
        double half = weights.logMeanExp(0.5) / 0.5;
        double cubo = chiSquared().evaluate(weights, scratch, scratch.clone());
        assertThat(elbo).isLessThan(half);
        assertThat(half).isLessThan(shift);
        assertThat(shift).isLessThan(cubo);
    }

    @Test
    void aTemperedDivergenceKeepsWhatItsInnerOneNeeds() {
        Divergence divergence = tempered(importanceWeighted(4), 0.5);
        assertThat(divergence.targetPower()).isEqualTo(0.5);
        assertThat(divergence.groupSize()).isEqualTo(4);
        assertThat(divergence.coupling()).isEqualTo(Coupling.GROUPED);
        assertThat(divergence.bound()).isEqualTo(Bound.NONE);
        assertThat(tempered(divergence, 0.5).targetPower()).isEqualTo(0.25);
    }

    @Test
    void smoothingTamesTheLargestWeightAndKeepsTheRest() {
        RandomGenerator random = RandomStreams.of(2).generator("smoothed", 0);
        double[] logWeights = new double[200];
        Arrays.setAll(logWeights, s -> 100 + 2 * random.nextGaussian());
        logWeights[17] = 125;
        double[] raw = new double[200];
        double[] smooth = new double[200];
        forwardKl().evaluate(LogWeights.of(logWeights), raw, new double[200]);
        Divergence divergence = Divergences.smoothed(forwardKl());
        divergence.evaluate(LogWeights.of(logWeights), smooth, new double[200]);
        assertThat(raw[17]).isGreaterThan(0.99);
        assertThat(smooth[17]).isLessThan(raw[17]);
        assertThat(Arrays.stream(smooth).sum()).isCloseTo(1, within(1e-12));
        // Smoothed weights keep the scale of the raw ones, so that the value of an upper bound stays comparable.
        double rough = chiSquared().evaluate(LogWeights.of(logWeights), raw, new double[200]);
        double tame = Divergences.smoothed(chiSquared()).evaluate(LogWeights.of(logWeights), raw, new double[200]);
        assertThat(tame).isLessThanOrEqualTo(rough).isGreaterThan(100);

        double[] few = {0, 1, 2};
        double[] c = new double[3];
        double[] d = new double[3];
        divergence.evaluate(LogWeights.of(few), c, new double[3]);
        forwardKl().evaluate(LogWeights.of(few), d, new double[3]);
        assertThat(c).containsExactly(d);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Divergences.smoothed(reverseKl()))
                .withMessageContaining("reverse KL");
    }

    @Test
    void aDivergenceOfOnesOwnIsALambda() {
        Divergence own = (weights, path, score) -> {
            weights.softmax(1, path);
            for (int s = 0; s < weights.count(); s++) {
                score[s] = -path[s];
            }
            return 0;
        };
        assertThat(gradients(own, 0)).containsExactly(gradients(forwardKl(), 0));
        assertThat(own.coupling()).isEqualTo(Coupling.SELF_NORMALISED);
    }

    @Test
    void parametersOutsideTheirRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> alpha(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> cubo(1)).withMessageContaining("renyi(1 - n)");
        assertThatIllegalArgumentException().isThrownBy(() -> renyi(-1, 5)).withMessageContaining("without K");
        assertThatIllegalArgumentException().isThrownBy(() -> importanceWeighted(0));
        assertThatIllegalArgumentException().isThrownBy(() -> interpolatedKl(1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> skewedReverseKl(0));
        assertThatIllegalArgumentException().isThrownBy(() -> tempered(reverseKl(), 0));
    }
}

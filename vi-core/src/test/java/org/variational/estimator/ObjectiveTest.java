package org.variational.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.importanceWeighted;
import static org.variational.divergence.Divergences.jensenShannon;
import static org.variational.divergence.Divergences.renyi;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.divergence.Divergences.squaredHellinger;
import static org.variational.divergence.Divergences.tailAdaptive;
import static org.variational.divergence.Divergences.tempered;
import static org.variational.divergence.Divergences.totalVariation;
import static org.variational.estimator.GradientEstimators.automatic;
import static org.variational.estimator.GradientEstimators.closedFormEntropy;
import static org.variational.estimator.GradientEstimators.doublyReparameterised;
import static org.variational.estimator.GradientEstimators.exactEnumeration;
import static org.variational.estimator.GradientEstimators.markovChains;
import static org.variational.estimator.GradientEstimators.scoreFunction;
import static org.variational.estimator.GradientEstimators.selfNormalised;
import static org.variational.estimator.GradientEstimators.stickingTheLanding;
import static org.variational.estimator.GradientEstimators.stratifiedPath;
import static org.variational.estimator.GradientEstimators.totalDerivative;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.density.RowLogDensity;
import org.variational.divergence.Divergence;
import org.variational.divergence.DivergenceSchedule;
import org.variational.family.Categorical;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.Mixture;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

class ObjectiveTest {
    private static final GaussianTarget P = GaussianTarget.univariate(1, 1.2);
    private static final double[] LAMBDA = {0.3, Math.log(1.5)};

    private static Objective.Builder on(LogDensity target) {
        return Objective.of(
                target, ParameterLayout.unnamed(target.dimension()), MeanFieldGaussian.of(target.dimension()));
    }

    private static double[] gradient(Objective objective, double[] lambda, long seed) {
        double[] gradient = new double[lambda.length];
        objective.evaluate(lambda, RandomStreams.of(seed), objective.initialState(), gradient);
        return gradient;
    }

    /**
     * The same draws again give the same bits, with what the estimator has learnt; other numbers of draws go on from
     * there.
     */
    @Test
    void anotherNumberOfDrawsGoesOnWhereTheLastOneWas() {
        Objective ten = on(P).build();
        Objective again = ten.withDraws(10);
        Objective twenty = ten.withDraws(20);
        assertThat(twenty.draws()).isEqualTo(20);
        assertThat(twenty.estimatorName()).isEqualTo(ten.estimatorName());
        double[] lambda = ten.initialParameters(new double[P.dimension()], ones(P.dimension()));
        double[] gradient = new double[lambda.length];
        RandomStreams streams = RandomStreams.of(7);
        ObjectiveState state = ten.initialState();
        for (int t = 0; t < 20; t++) {
            ten.evaluate(lambda, streams, state, gradient);
        }
        ObjectiveState other = again.continuing(state);
        ObjectiveState larger = twenty.continuing(state);
        assertThat(larger.step()).isEqualTo(20);
        assertThat(larger.snapshot()).containsExactly(state.snapshot());
        ten.evaluate(lambda, streams, state, gradient);
        double[] same = new double[lambda.length];
        again.evaluate(lambda, streams, other, same);
        assertThat(same).containsExactly(gradient);
        assertThat(twenty.evaluate(lambda, streams, larger, same).draws().used())
                .isEqualTo(20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ten.withDraws(0))
                .withMessageContaining("at least 1, got 0");
        Objective chains =
                on(P).divergence(forwardKl()).estimator(markovChains()).build();
        ObjectiveState fresh = chains.withDraws(20).continuing(chains.initialState());
        assertThat(fresh.snapshot())
                .isEqualTo(chains.withDraws(20).initialState().snapshot());
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    // ------------------------------------------------------------------ what does not fit together

    private static void assertRefused(UnaryOperator<Objective.Builder> parts, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.apply(on(P)).build())
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void whatDoesNotFitTogetherIsRefusedWithARemedy() {
        assertRefused(b -> b.draws(0), "at least 1, got 0");
        assertRefused(b -> b.estimator(scoreFunction()).draws(1), "at least 2 draws, got 1", "identically zero");
        assertRefused(b -> b.divergence(forwardKl()).estimator(selfNormalised()).draws(1), "at least 2 draws");
        assertRefused(
                b -> b.divergence(totalVariation()).estimator(stickingTheLanding()),
                "total variation",
                "no path gradient",
                "use the score-function estimator");
        assertRefused(b -> b.divergence(tailAdaptive()).estimator(scoreFunction()), "no score form", "path estimator");
        assertRefused(b -> b.divergence(tailAdaptive()).draws(9), "at least 10 draws, got 9");
        assertRefused(
                b -> b.divergence(forwardKl()).estimator(closedFormEntropy()), "reverse KL", "sticking the landing");
        assertRefused(b -> b.divergence(forwardKl()).estimator(totalDerivative()), "lower bound");
        assertRefused(b -> b.divergence(forwardKl()).estimator(doublyReparameterised()), "groups");
        assertRefused(b -> b.divergence(reverseKl()).estimator(markovChains()), "forward KL");
        assertRefused(b -> b.divergence(reverseKl()).estimator(selfNormalised()), "sticking the landing");
        assertRefused(b -> b.divergence(importanceWeighted(4)).draws(10), "groups of 4", "multiple");
        assertRefused(b -> b.estimator(exactEnumeration()), "no finite list");
        assertRefused(b -> b.estimator(stratifiedPath()), "no mixture");
    }

    @Test
    void dependentDrawsAreRefusedWhereCoefficientsDependOnOtherDraws() {
        for (DrawScheme scheme : List.of(DrawScheme.antithetic(), DrawScheme.sobol())) {
            for (Divergence divergence :
                    List.of(importanceWeighted(2), forwardKl(), squaredHellinger(), tailAdaptive())) {
                assertRefused(
                        b -> b.divergence(divergence).drawScheme(scheme),
                        scheme.label(),
                        divergence.name(),
                        "independent draws");
            }
            assertRefused(b -> b.estimator(scoreFunction()).drawScheme(scheme), "baseline", "path estimator");
            assertThat(on(P).drawScheme(scheme).build().draws()).isEqualTo(10);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on(new GaussianTarget(new double[1001], new double[1001][1001], 0, true))
                        .drawScheme(DrawScheme.sobol())
                        .build())
                .withMessageContaining("1000");
    }

    @Test
    void aTargetWithoutGradientIsServedByEstimatorsThatNeedNone() {
        GaussianTarget blind = P.withoutGradient();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on(blind).estimator(stickingTheLanding()).build())
                .withMessageContaining("needs the gradient of the target");
        assertThat(on(blind).build().estimatorName()).isEqualTo("score function");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on(blind).draws(1).build())
                .withMessageContaining("no gradient estimator serves this problem");
        for (GradientEstimator estimator : List.of(scoreFunction(), selfNormalised(), markovChains())) {
            double[] gradient = gradient(
                    on(blind)
                            .divergence(forwardKl())
                            .estimator(estimator)
                            .draws(20)
                            .build(),
                    LAMBDA,
                    1);
            assertThat(gradient[0]).isNotZero();
        }
    }

    @Test
    void familiesWithoutAPathAreRefusedOrServedOtherwise() {
        Objective.Builder builder = Objective.of(P, ParameterLayout.unnamed(1), Mixture.of(3, MeanFieldGaussian.of(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.estimator(stickingTheLanding()).build())
                .withMessageContaining("cannot: use the score-function estimator");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.estimator(stratifiedPath()).draws(2).build())
                .withMessageContaining("set at least 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.estimator(stratifiedPath())
                        .draws(6)
                        .divergence(importanceWeighted(2))
                        .build())
                .withMessageContaining("groups");
        assertThat(builder.estimator(automatic())
                        .divergence(reverseKl())
                        .build()
                        .estimatorName())
                .isEqualTo("stratified path");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Objective.of(P, ParameterLayout.unnamed(1), Categorical.of(3))
                        .divergence(importanceWeighted(2))
                        .estimator(exactEnumeration())
                        .build())
                .withMessageContaining("groups");
    }

    @Test
    void shapesThatDoNotMatchAreRefusedWithBothSizes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Objective.of(P, ParameterLayout.unnamed(1), MeanFieldGaussian.of(2))
                        .build())
                .withMessageContaining("2 coordinates, the target infers 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Objective.of(P, ParameterLayout.unnamed(2), MeanFieldGaussian.of(2))
                        .build())
                .withMessageContaining("1 coordinates, its layout 2");
        Objective objective = on(P).build();
        ObjectiveState state = objective.initialState();
        RandomStreams streams = RandomStreams.of(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> objective.evaluate(new double[3], streams, state, new double[3]))
                .withMessageContaining("2 entries");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> objective.evaluate(new double[2], streams, state, new double[3]))
                .withMessageContaining("2 entries, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> objective.evaluate(new double[] {0, Double.NaN}, streams, state, new double[2]))
                .withMessageContaining("entry 1 is NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> objective.initialParameters(new double[2], new double[] {1}))
                .withMessageContaining("got 2 and 1");
    }

    // ------------------------------------------------------------------ bad targets

    /** The standard normal, spoilt by {@code fault} at each point. */
    private static LogDensity spoilt(UnaryOperator<Double> fault) {
        return new LogDensity() {
            @Override
            public int dimension() {
                return 1;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                for (int s = 0; s < points.numCols; s++) {
                    double x = points.get(0, s);
                    logDensity[s] = -x * x / 2 + fault.apply(x);
                    if (gradient != null) {
                        gradient.set(0, s, -x);
                    }
                }
            }
        };
    }

    static Stream<Arguments> estimators() {
        return Stream.of(
                Arguments.of(reverseKl(), stickingTheLanding()),
                Arguments.of(reverseKl(), closedFormEntropy()),
                Arguments.of(reverseKl(), totalDerivative()),
                Arguments.of(reverseKl(), automatic()),
                Arguments.of(reverseKl(), scoreFunction()),
                Arguments.of(forwardKl(), stickingTheLanding()),
                Arguments.of(forwardKl(), scoreFunction()),
                Arguments.of(forwardKl(), selfNormalised()),
                Arguments.of(forwardKl(), markovChains()),
                Arguments.of(jensenShannon(), stickingTheLanding()),
                Arguments.of(importanceWeighted(5), automatic()),
                Arguments.of(importanceWeighted(5), scoreFunction()),
                Arguments.of(totalVariation(), scoreFunction()),
                Arguments.of(tailAdaptive(), stickingTheLanding()));
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void aHalfSpaceOfNanIsCountedAndNeverReachesTheGradient(Divergence divergence, GradientEstimator estimator) {
        LogDensity target = spoilt(x -> x > 0.8 ? Double.NaN : 0);
        Objective objective =
                on(target).divergence(divergence).estimator(estimator).draws(20).build();
        ObjectiveState state = objective.initialState();
        double[] gradient = new double[2];
        int rejected = 0;
        for (int t = 0; t < 50; t++) {
            Estimate estimate = objective.evaluate(new double[] {0, 0}, RandomStreams.of(2), state, gradient);
            assertThat(gradient[0]).isFinite();
            assertThat(gradient[1]).isFinite();
            rejected += estimate.draws().rejected();
            if (estimate.draws().rejected() > 0) {
                assertThat(estimate.firstRejection().description()).contains("NaN");
                assertThat(estimate.firstRejection().point()[0]).isGreaterThan(0.8);
            }
            assertThat(estimate.evaluations()).isEqualTo(20);
        }
        // P(x > 0.8) = 0.212, at most 0.3 under the defensive proposal: 1000 draws, 5 sds of 13.
        assertThat(rejected).isBetween(140, 320);
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void aTargetThatNeverWorksGivesAnUnusableEstimateAndNoGradient(Divergence divergence, GradientEstimator estimator) {
        for (double fault : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            Objective objective = on(spoilt(x -> fault))
                    .divergence(divergence)
                    .estimator(estimator)
                    .draws(10)
                    .build();
            double[] gradient = {5, 5};
            Estimate estimate =
                    objective.evaluate(new double[] {0, 0}, RandomStreams.of(3), objective.initialState(), gradient);
            assertThat(estimate.isUsable()).isFalse();
            assertThat(estimate.value()).isNaN();
            assertThat(estimate.draws().rejected()).isEqualTo(10);
            assertThat(gradient).containsOnly(0.0);
        }
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void massOutsideTheTargetIsReportedAndNotAveragedAway(Divergence divergence, GradientEstimator estimator) {
        LogDensity target = spoilt(x -> x > 0 ? Double.NEGATIVE_INFINITY : 0);
        Objective objective =
                on(target).divergence(divergence).estimator(estimator).draws(20).build();
        ObjectiveState state = objective.initialState();
        double[] gradient = new double[2];
        for (int t = 0; t < 20; t++) {
            Estimate estimate = objective.evaluate(new double[] {0, 0}, RandomStreams.of(4), state, gradient);
            assertThat(gradient[0]).isFinite();
            assertThat(gradient[1]).isFinite();
            // All 20 draws on one side: 2e-6 a step.
            assertThat(estimate.draws().unsupported()).isPositive();
            assertThat(estimate.draws().rejected()).isZero();
            if (divergence == reverseKl()) {
                assertThat(estimate.value()).isEqualTo(Double.POSITIVE_INFINITY);
            }
        }
    }

    @Test
    void aTargetThatIsZeroEverywhereIsNotMistakenForAFit() {
        LogDensity nowhere = spoilt(x -> Double.NEGATIVE_INFINITY);
        for (Divergence divergence : List.of(reverseKl(), forwardKl(), importanceWeighted(2), squaredHellinger())) {
            Objective objective = on(nowhere).divergence(divergence).build();
            double[] gradient = new double[2];
            Estimate estimate =
                    objective.evaluate(new double[] {0, 0}, RandomStreams.of(5), objective.initialState(), gradient);
            assertThat(estimate.draws().unsupported()).isEqualTo(10);
            assertThat(estimate.effectiveSampleSize()).isZero();
            assertThat(gradient[0]).isFinite();
            assertThat(estimate.value()).as(divergence.name()).isNotNegative();
        }
    }

    @Test
    void hugeLogDensitiesDoNotOverflow() {
        for (double size : new double[] {1e300, 1e308, -1e308}) {
            LogDensity target = spoilt(x -> size);
            for (Divergence divergence : List.of(reverseKl(), forwardKl(), importanceWeighted(2))) {
                Objective objective = on(target).divergence(divergence).build();
                double[] gradient = new double[2];
                Estimate estimate = objective.evaluate(
                        new double[] {0, 0}, RandomStreams.of(6), objective.initialState(), gradient);
                assertThat(gradient[0]).isFinite();
                assertThat(estimate.value()).isNotNaN();
            }
        }
    }

    @Test
    void aGradientThatOverflowsMakesTheEstimateUnusable() {
        LogDensity steep = new LogDensity() {
            @Override
            public int dimension() {
                return 1;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                Arrays.fill(logDensity, 0, points.numCols, 0);
                if (gradient != null) {
                    gradient.fill(1e308);
                }
            }
        };
        Objective objective =
                on(steep).estimator(stickingTheLanding()).draws(10).build();
        double[] gradient = new double[2];
        Estimate estimate =
                objective.evaluate(new double[] {0, 5}, RandomStreams.of(7), objective.initialState(), gradient);
        assertThat(estimate.isUsable()).isFalse();
        assertThat(gradient).containsOnly(0.0);
        assertThat(estimate.firstRejection().description()).contains("gradient by variational parameter");
    }

    @Test
    void errorsOfTheTargetAreNotSwallowed() {
        LogDensity target = spoilt(x -> {
            throw new OutOfMemoryError("simulated");
        });
        Objective objective = on(target).build();
        assertThatThrownBy(() -> gradient(objective, new double[] {0, 0}, 1)).isInstanceOf(OutOfMemoryError.class);
    }

    /** A log standard deviation of 800 overflows: q itself cannot be evaluated, which is not the target's fault. */
    @ParameterizedTest
    @MethodSource("estimators")
    void anOverflowOfTheFamilyIsRejectedToo(Divergence divergence, GradientEstimator estimator) {
        LogDensity flat = spoilt(x -> Double.isFinite(x) ? 0 : Double.NaN);
        LogDensity bounded = spoilt(x -> 0.5 * x * x);
        for (LogDensity target : List.of(flat, bounded)) {
            Objective objective = on(target)
                    .divergence(divergence)
                    .estimator(estimator)
                    .draws(10)
                    .build();
            double[] gradient = new double[2];
            for (double logSd : new double[] {800, -800}) {
                Estimate estimate = objective.evaluate(
                        new double[] {1, logSd}, RandomStreams.of(16), objective.initialState(), gradient);
                assertThat(gradient[0]).isFinite();
                assertThat(gradient[1]).isFinite();
                if (!estimate.isUsable()) {
                    assertThat(gradient).containsOnly(0.0);
                    assertThat(estimate.firstRejection()).isNotNull();
                }
            }
        }
    }

    @Test
    void aDivergenceWithBadCoefficientsIsNamed() {
        Divergence badCoefficient = (weights, path, score) -> {
            Arrays.fill(score, 1);
            path[1] = Double.NaN;
            return 0;
        };
        Divergence badValue = (weights, path, score) -> {
            Arrays.fill(path, 1);
            return Double.NaN;
        };
        for (Divergence bad : List.of(badCoefficient, badValue)) {
            Objective objective = on(P).divergence(bad).build();
            double[] gradient = new double[2];
            Estimate estimate = objective.evaluate(LAMBDA, RandomStreams.of(1), objective.initialState(), gradient);
            assertThat(estimate.isUsable()).isFalse();
            assertThat(gradient).containsOnly(0.0);
            assertThat(estimate.firstRejection().description())
                    .contains("user-defined divergence")
                    .contains(bad == badValue ? "value NaN" : "must be finite");
        }
    }

    /**
     * {@code f'' = w^-4} has the coefficient {@code w^-2}, which overflows where a draw is 200 below the mean in log
     * weight.
     */
    @Test
    void aCoefficientThatOverflowsMakesTheStepUnusable() {
        Divergence steep = Divergence.f(
                w -> (1 / (w * w) - 3 + 2 * w) / 6, w -> (1 - 1 / (w * w * w)) / 3, w -> 1 / (w * w * w * w));
        LogDensity cliff = spoilt(x -> x > 0 ? -200.0 : 0);
        Objective objective = on(cliff).divergence(steep).draws(20).build();
        double[] gradient = new double[2];
        // All 20 draws on one side: 2e-6.
        Estimate estimate =
                objective.evaluate(new double[] {0, 0}, RandomStreams.of(4), objective.initialState(), gradient);
        assertThat(estimate.isUsable()).isFalse();
        assertThat(gradient).containsOnly(0.0);
        assertThat(estimate.firstRejection().description()).contains("f-divergence");
        assertThat(estimate.firstRejection().point()).hasSize(1);
    }

    @Test
    void oneDrawIsRefusedWhereItsWeightWouldBeNormalised() {
        for (Divergence divergence : List.of(forwardKl(), jensenShannon(), renyi(0.5))) {
            assertRefused(
                    b -> b.divergence(divergence)
                            .estimator(stickingTheLanding())
                            .draws(1),
                    divergence.name(),
                    "always 1",
                    "reverse KL",
                    "at least 2 draws");
            assertRefused(b -> b.divergence(divergence).draws(1), "always 1");
        }
        assertThat(on(P).draws(1).build().draws()).isEqualTo(1);
        assertThat(on(P).divergence(forwardKl())
                        .estimator(markovChains())
                        .draws(1)
                        .build()
                        .draws())
                .isEqualTo(1);
        Objective outcomes = Objective.of(P, ParameterLayout.unnamed(1), Categorical.of(3))
                .divergence(forwardKl())
                .draws(1)
                .build();
        assertThat(outcomes.estimatorName()).isEqualTo("exact enumeration");
    }

    @Test
    void markovChainsServeForwardKlAtAnyTemperatureAndNoOtherDivergenceOnTheWay() {
        assertRefused(
                b -> b.schedule(DivergenceSchedule.annealedAlpha(1, 0.3)).estimator(markovChains()),
                "forward KL alone",
                "DivergenceSchedule.constant or tempered");
        Objective tempered = on(P).divergence(tempered(forwardKl(), 0.5))
                .estimator(markovChains())
                .draws(200)
                .build();
        ObjectiveState state = tempered.initialState();
        // p^0.5 is N(1, 2.88); from q = p the chains widen q.
        double[] gradient = new double[2];
        double slope = 0;
        for (int t = 0; t < 50; t++) {
            tempered.evaluate(new double[] {1, Math.log(1.2)}, RandomStreams.of(12), state, gradient);
            slope += gradient[1] / 50;
        }
        assertThat(slope).isNegative();
        assertRefused(b -> b.divergence(tempered(reverseKl(), 0.5)).estimator(markovChains()), "forward KL");
    }

    // ------------------------------------------------------------------ invariance and reproducibility

    @ParameterizedTest
    @MethodSource("estimators")
    void aConstantInTheLogDensityChangesNothingButTheValue(Divergence divergence, GradientEstimator estimator) {
        Objective plain =
                on(P).divergence(divergence).estimator(estimator).draws(20).build();
        Objective shifted = on(P.shifted(1e10))
                .divergence(divergence)
                .estimator(estimator)
                .draws(20)
                .build();
        double[] a = gradient(plain, LAMBDA, 8);
        double[] b = gradient(shifted, LAMBDA, 8);
        // 1e10 leaves log weights with a rounding error of 1e-6.
        for (int i = 0; i < 2; i++) {
            assertThat(b[i]).isCloseTo(a[i], within(3e-5));
        }
        if (divergence == reverseKl() && estimator.name().equals("sticking the landing")) {
            assertThat(b).containsExactly(a);
        }
    }

    @ParameterizedTest
    @MethodSource("estimators")
    void sameSeedSameBitsAndASnapshotResumesToTheBit(Divergence divergence, GradientEstimator estimator) {
        Objective first =
                on(P).divergence(divergence).estimator(estimator).draws(10).build();
        Objective second =
                on(P).divergence(divergence).estimator(estimator).draws(10).build();
        double[][] whole = walk(first, first.initialState(), LAMBDA.clone(), 30);
        ObjectiveState state = second.initialState();
        double[][] head = walk(second, state, LAMBDA.clone(), 15);
        Objective third =
                on(P).divergence(divergence).estimator(estimator).draws(10).build();
        ObjectiveState resumed = third.restore(state.snapshot());
        assertThat(resumed.step()).isEqualTo(15);
        double[][] tail = walk(third, resumed, head[14].clone(), 15);
        for (int t = 0; t < 15; t++) {
            assertThat(head[t]).containsExactly(whole[t]);
            assertThat(tail[t]).containsExactly(whole[15 + t]);
        }
    }

    private static double[][] walk(Objective objective, ObjectiveState state, double[] lambda, int steps) {
        double[][] trace = new double[steps][];
        double[] gradient = new double[lambda.length];
        for (int t = 0; t < steps; t++) {
            objective.evaluate(lambda, RandomStreams.of(9), state, gradient);
            for (int i = 0; i < lambda.length; i++) {
                lambda[i] -= 0.05 * gradient[i];
            }
            trace[t] = lambda.clone();
        }
        return trace;
    }

    /**
     * D = 2000 and S = 32: one matrix of draws would be 512,000 bytes. A step may copy lambda some times, at 32,000
     * bytes.
     */
    @Test
    void aStepAllocatesNoMatrices() {
        int d = 2000;
        LogDensity target = new LogDensity() {
            @Override
            public int dimension() {
                return d;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                int lanes = points.numCols;
                Arrays.fill(logDensity, 0, lanes, 0);
                for (int i = 0; i < d * lanes; i++) {
                    logDensity[i % lanes] -= points.data[i] * points.data[i] / 2;
                    gradient.data[i] = -points.data[i];
                }
            }
        };
        Objective objective = on(target).draws(32).build();
        double[] lambda = new double[2 * d];
        double[] gradient = new double[2 * d];
        ObjectiveState state = objective.initialState();
        RandomStreams streams = RandomStreams.of(1);
        objective.evaluate(lambda, streams, state, gradient);
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        int steps = 20;
        for (int t = 0; t < steps; t++) {
            objective.evaluate(lambda, streams, state, gradient);
        }
        long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / steps;
        assertThat(bytes).isLessThan(250_000);
    }

    @Test
    void aSnapshotOfAnotherObjectiveIsRefused() {
        Objective chains =
                on(P).divergence(forwardKl()).estimator(markovChains()).build();
        Objective path = on(P).estimator(stickingTheLanding()).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> path.restore(chains.initialState().snapshot()))
                .withMessageContaining("another objective");
    }

    // ------------------------------------------------------------------ schedules and tempering

    @Test
    void temperingFitsTheTargetsPower() {
        // p^t of N(1, 1.44) is N(1, 1.44 / t): the path gradient vanishes there.
        for (Divergence divergence : List.of(reverseKl(), forwardKl(), importanceWeighted(2))) {
            Objective objective =
                    on(P).divergence(tempered(divergence, 0.25)).draws(10).build();
            double[] gradient = gradient(objective, new double[] {1, Math.log(2.4)}, 10);
            assertThat(gradient[0]).isCloseTo(0, within(1e-12));
            assertThat(gradient[1]).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void theScheduleMovesWithTheState() {
        Objective objective = on(P).schedule(DivergenceSchedule.tempered(forwardKl(), 0.5, 10))
                .estimator(markovChains())
                .build();
        ObjectiveState state = objective.initialState();
        assertThat(state.level()).isEqualTo(0.5);
        walk(objective, state, LAMBDA.clone(), 5);
        assertThat(state.level()).isEqualTo(0.75);
        assertThat(objective.restore(state.snapshot()).level()).isEqualTo(0.75);
    }

    @Test
    void alphaIsLoweredWhenTheWeightsCollapse() {
        // q = N(-6, 0.2^2): one of ten draws carries nearly all the weight.
        Objective objective =
                on(P).schedule(DivergenceSchedule.annealedAlpha(1, 0.5)).build();
        ObjectiveState state = objective.initialState();
        double[] gradient = new double[2];
        Estimate first = objective.evaluate(new double[] {-6, Math.log(0.2)}, RandomStreams.of(11), state, gradient);
        assertThat(first.gradientSampleSize()).isLessThan(5);
        assertThat(state.level()).isEqualTo(0.9);
        for (int t = 0; t < 40; t++) {
            objective.evaluate(new double[] {-6, Math.log(0.2)}, RandomStreams.of(11), state, gradient);
        }
        assertThat(state.level()).isLessThan(0.5);
        assertThat(objective.schedule().report(state.level())).contains("lowered");
        for (int t = 0; t < 200; t++) {
            objective.evaluate(new double[] {1, Math.log(1.2)}, RandomStreams.of(11), state, gradient);
        }
        assertThat(objective.schedule().report(state.level())).isEmpty();
    }

    // ------------------------------------------------------------------ minibatches

    /** {@code -(z_0^2) / 2 - sum_r (x_r - z_0 - b_r)^2 / 2 - b_r^2 / 2}, one local coordinate b_r a row. */
    private static final class Rows implements RowLogDensity {
        private static final double[] X = {0.3, -1.2, 2.0, 0.7, -0.4, 1.1, 0.2};

        @Override
        public int dimension() {
            return 1 + X.length;
        }

        @Override
        public int rowCount() {
            return X.length;
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            int[] all = new int[X.length];
            Arrays.setAll(all, i -> i);
            evaluateRows(all, all.length, points, logDensity, gradient);
        }

        @Override
        public void evaluateRows(int[] rows, int count, DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            double scale = X.length / (double) count;
            if (gradient != null) {
                gradient.zero();
            }
            for (int s = 0; s < points.numCols; s++) {
                double z = points.get(0, s);
                logDensity[s] = -z * z / 2;
                double byZ = -z;
                for (int k = 0; k < count; k++) {
                    int r = rows[k];
                    double b = points.get(1 + r, s);
                    double e = X[r] - z - b;
                    logDensity[s] -= scale * (e * e + b * b) / 2;
                    byZ += scale * e;
                    if (gradient != null) {
                        gradient.set(1 + r, s, scale * (e - b));
                    }
                }
                if (gradient != null) {
                    gradient.set(0, s, byZ);
                }
            }
        }
    }

    private static ParameterLayout rowLayout() {
        int rows = Rows.X.length;
        return new BlockLayout(List.of(
                new ParameterLayout.Block("z", 0, 1, ParameterLayout.Role.INFERRED, false),
                new ParameterLayout.Block("b", 1, rows, ParameterLayout.Role.INFERRED, true)));
    }

    private record BlockLayout(List<Block> blocks) implements ParameterLayout {
        @Override
        public int dimension() {
            return blocks.stream().mapToInt(Block::length).sum();
        }

        @Override
        public List<String> coordinateNames() {
            return blocks.stream()
                    .flatMap(
                            b -> Stream.iterate(0, i -> i + 1).limit(b.length()).map(i -> b.name() + "[" + i + "]"))
                    .toList();
        }

        @Override
        public List<Quantity> quantities() {
            return List.of();
        }

        @Override
        public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
            throw new UnsupportedOperationException();
        }
    }

    /**
     * The mean over subsets of 3 of 7 rows is the gradient of all rows. 40,000 evaluations, 5.5 standard errors:
     * false-alarm rate 4e-8 for each of 16 parameters. The exact one is of the Gaussian ELBO, quadratic in the means.
     */
    @ParameterizedTest
    @MethodSource("minibatchEstimators")
    void minibatchesAreUnbiased(GradientEstimator estimator) {
        MeanFieldGaussian family = MeanFieldGaussian.of(8);
        Objective objective = Objective.of(new Rows(), rowLayout(), family)
                .estimator(estimator)
                .minibatch(3)
                .draws(4)
                .build();
        double[] lambda = new double[16];
        Arrays.setAll(lambda, i -> i < 8 ? 0.1 * i - 0.3 : -0.5 + 0.05 * i);
        double[] exact = new double[16];
        exact[0] = lambda[0];
        for (int r = 0; r < 7; r++) {
            double e = Rows.X[r] - lambda[0] - lambda[1 + r];
            exact[0] -= e;
            exact[1 + r] = lambda[1 + r] - e;
            exact[9 + r] = 2 * Math.exp(2 * lambda[9 + r]) - 1;
        }
        exact[8] = 8 * Math.exp(2 * lambda[8]) - 1;
        double[] gradient = new double[16];
        double[] mean = new double[16];
        double[] square = new double[16];
        ObjectiveState state = objective.initialState();
        int repeats = 40_000;
        for (int t = 1; t <= repeats; t++) {
            objective.evaluate(lambda, RandomStreams.of(12), state, gradient);
            for (int i = 0; i < 16; i++) {
                double deviation = gradient[i] - mean[i];
                mean[i] += deviation / t;
                square[i] += deviation * (gradient[i] - mean[i]);
            }
        }
        for (int i = 0; i < 16; i++) {
            double error = Math.sqrt(square[i] / (repeats - 1.0) / repeats);
            assertThat(mean[i]).as("parameter %d", i).isCloseTo(exact[i], within(5.5 * error));
        }
    }

    static Stream<GradientEstimator> minibatchEstimators() {
        return Stream.of(stickingTheLanding(), closedFormEntropy(), automatic(), scoreFunction());
    }

    @Test
    void aMinibatchMovesTheChosenRowsOnly() {
        Objective objective = Objective.of(new Rows(), rowLayout(), MeanFieldGaussian.of(8))
                .estimator(stickingTheLanding())
                .minibatch(2)
                .build();
        double[] gradient = gradient(objective, new double[16], 13);
        int moved = 0;
        for (int r = 0; r < 7; r++) {
            boolean mean = gradient[1 + r] != 0;
            assertThat(gradient[9 + r] != 0).isEqualTo(mean);
            moved += mean ? 1 : 0;
        }
        assertThat(moved).isEqualTo(2);
        assertThat(gradient[0]).isNotZero();
    }

    @Test
    void allRowsAsAMinibatchAreTheWhole() {
        Objective.Builder builder =
                Objective.of(new Rows(), rowLayout(), MeanFieldGaussian.of(8)).estimator(stickingTheLanding());
        double[] whole = gradient(builder.build(), new double[16], 14);
        double[] batch = gradient(builder.minibatch(7).build(), new double[16], 14);
        assertThat(batch).containsExactly(whole, within(1e-14));
    }

    @Test
    void minibatchesAreRefusedWhereTheyWouldBias() {
        Objective.Builder rows =
                Objective.of(new Rows(), rowLayout(), MeanFieldGaussian.of(8)).minibatch(3);
        for (Divergence divergence : List.of(forwardKl(), importanceWeighted(2), squaredHellinger(), tailAdaptive())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rows.divergence(divergence).build())
                    .withMessageContaining("linear in log p")
                    .withMessageContaining("use reverse KL, or all data rows");
        }
        Objective.Builder reverse = rows.divergence(reverseKl());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reverse.minibatch(8).build())
                .withMessageContaining("the data have 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reverse.minibatch(-1).build());
        assertRefused(b -> b.minibatch(1), "RowLogDensity");
    }

    // ------------------------------------------------------------------ optimised coordinates

    /** {@code log N(y; theta + z, 1) + log N(z; 0, 1)} with theta optimised and y = 3, in the order (theta, z). */
    private static final class Regression implements LogDensity {
        @Override
        public int dimension() {
            return 2;
        }

        @Override
        public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
            for (int s = 0; s < points.numCols; s++) {
                double z = points.get(1, s);
                double e = 3 - points.get(0, s) - z;
                logDensity[s] = -(e * e + z * z) / 2 - Math.log(2 * Math.PI);
                if (gradient != null) {
                    gradient.set(0, s, e);
                    gradient.set(1, s, e - z);
                }
            }
        }
    }

    private static final ParameterLayout MIXED = new BlockLayout(List.of(
            new ParameterLayout.Block("theta", 0, 1, ParameterLayout.Role.OPTIMISED, false),
            new ParameterLayout.Block("z", 1, 1, ParameterLayout.Role.INFERRED, false)));

    /**
     * Evidence {@code N(3; theta, 2)} with derivative {@code (3 - theta) / 2}. At the exact posterior N((3 - theta) /
     * 2, 1/2) every divergence has constant weights, so that each follows it with the error of the mean of 1000 draws
     * of sd 0.71.
     */
    @ParameterizedTest
    @MethodSource("optimising")
    void optimisedCoordinatesFollowTheEvidence(Divergence divergence, GradientEstimator estimator) {
        Objective objective = Objective.of(new Regression(), MIXED, MeanFieldGaussian.of(1))
                .divergence(divergence)
                .estimator(estimator)
                .draws(1000)
                .build();
        double theta = 0.4;
        double[] lambda = {(3 - theta) / 2, Math.log(0.5) / 2, theta};
        assertThat(objective.parameterCount()).isEqualTo(3);
        assertThat(objective.optimisedValues(lambda)).containsExactly(theta);
        double[] gradient = gradient(objective, lambda, 15);
        assertThat(gradient[2]).isCloseTo(-(3 - theta) / 2, within(5 * 0.71 / Math.sqrt(500)));
    }

    static Stream<Arguments> optimising() {
        return estimators();
    }

    @Test
    void theStartPutsEachCoordinateInItsPlace() {
        Objective objective =
                Objective.of(new Regression(), MIXED, MeanFieldGaussian.of(1)).build();
        double[] lambda = objective.initialParameters(new double[] {7, 2}, new double[] {9, 3});
        assertThat(lambda).containsExactly(2, Math.log(3), 7);
        assertThat(objective.distribution(lambda).mean()).containsExactly(2);
        assertThat(objective.coordinates().inferredLayout().coordinateNames()).containsExactly("z[0]");
        assertThat(objective.coordinates().inferredLayout().blocks())
                .containsExactly(new ParameterLayout.Block("z", 0, 1, ParameterLayout.Role.INFERRED, false));
    }

    @Test
    void layoutsThatInferNothingOrHaveGapsAreRefused() {
        ParameterLayout nothing =
                new BlockLayout(List.of(new ParameterLayout.Block("w", 0, 2, ParameterLayout.Role.OPTIMISED, false)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CoordinateSplit.of(nothing))
                .withMessageContaining("no coordinate is inferred");
        ParameterLayout gap =
                new BlockLayout(List.of(new ParameterLayout.Block("w", 1, 2, ParameterLayout.Role.INFERRED, false)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CoordinateSplit.of(gap))
                .withMessageContaining("does not continue at coordinate 0");
    }
}

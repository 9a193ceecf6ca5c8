package org.variational.algorithm.automatic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.studentT;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.nested.NestedInference;
import org.variational.density.Interactions;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.NestedGaussian;
import org.variational.fit.Cancellation;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.random.RandomStreams;
import org.variational.structure.ModelStructures;

/** When the default answers by nested inference, and when it goes on. */
class NestedStageTest {

    /** Effects with tails that no Gaussian has, of which the data say little: joint weights are heavy. */
    private static Model heavyEffects() {
        ModelBuilder m = Model.named("heavy effects");
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr effects = m.parameter("effects", studentT(1, Expr.constant(0), tau), 6);
        m.observe("y", normal(effects, 20), new double[] {1, -2, 3, 0, 2, -1});
        return m.build();
    }

    /** The phases of a fit, each once, and the evaluations made in the nested one. */
    private static final class Watched {
        final List<String> phases = new ArrayList<>();
        long nested;
        final Fit fit;

        Watched(VariationalInference inference) {
            this.fit = inference
                    .callback(progress -> {
                        if (!phases.contains(progress.phase())) {
                            phases.add(progress.phase());
                        }
                        if (progress.phase().equals("nested")) {
                            nested = progress.evaluations();
                        }
                    })
                    .run();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eightSchoolsIsAnsweredAndProvedByWeights(boolean centred) {
        Watched watched = new Watched(VariationalInference.of(ModelStructures.eightSchools(centred)));
        Fit fit = watched.fit;
        assertThat(watched.phases).startsWith("nested", "examination: draws").doesNotContain("search", "fit");
        // weights have judged it better than chains could
        assertThat(watched.phases).doesNotContain("examination: Markov chains");
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.distribution()).isInstanceOf(NestedGaussian.Member.class);
        assertThat(fit.verdict().level()).as(fit.verdict().explain()).isEqualTo(Verdict.Level.GOOD);
        assertThat(fit.evidence().logZ().value()).isCloseTo(-31.3113, within(0.003));
    }

    @Test
    void whereWeightsRefuseTheSearchFollows() {
        Watched watched = new Watched(VariationalInference.of(heavyEffects()).evaluationBudget(40_000));
        assertThat(watched.phases).startsWith("nested", "search", "fit");
        assertThat(watched.fit.distribution()).isInstanceOf(FullRankGaussian.Member.class);
        assertThat(watched.fit.provenance().cost().evaluations()).isGreaterThan(watched.nested);
    }

    /** Each effect has two modes, of which a Gaussian inside has one. */
    @Test
    void twoModesInsideAreLeftToTheSearch() {
        ModelBuilder m = Model.named("two modes");
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr x = m.parameter("x", normal(0, tau.plus(2)), 3);
        m.addLogDensity(normal(x.square(), 1).logDensity(Expr.constant(new double[] {1, 2, 4})));
        Watched watched = new Watched(VariationalInference.of(m.build()).evaluationBudget(10_000));
        assertThat(watched.phases).startsWith("nested", "search");
        assertThat(watched.nested).isLessThanOrEqualTo(5_000);
        assertThat(watched.fit.distribution()).isInstanceOf(FullRankGaussian.Member.class);
    }

    /** Chains look at a nested answer whose weights say little. */
    @Test
    void chainsFollowWhereWeightsSayLittle() {
        // too few evaluations for blocks that are chosen among several
        Watched watched = new Watched(VariationalInference.of(heavyEffects())
                .algorithm(NestedInference.create())
                .seed(2)
                .evaluationBudget(33_000));
        assertThat(watched.fit.stop().status()).isEqualTo(Status.STALLED);
        assertThat(watched.fit.stop().reason()).contains("not below 0.65");
        assertThat(watched.phases).contains("examination: Markov chains");
        assertThat(watched.fit.verdict().level()).isNotEqualTo(Verdict.Level.GOOD);
    }

    /**
     * Few coordinates, and an accepted answer whose weights matter: importance sampling is tried for a better one,
     * finds tails too heavy for variances, and leaves the answer as it was.
     */
    @Test
    void anAcceptedAnswerStandsWhereImportanceSamplingFails() {
        ModelBuilder m = Model.named("seven heavy effects");
        Expr tau = m.parameter("tau", halfNormal(3));
        Expr mu = m.parameter("mu", normal(0, 10));
        Expr effects = m.parameter("effects", studentT(1, mu, tau), 7);
        m.observe("y", normal(effects, 2), new double[] {0, 3.5, -5, 3, 1, -4.5, 4.5});
        Watched watched = new Watched(VariationalInference.of(m.build()).seed(1));
        assertThat(watched.phases).startsWith("nested", "search", "importance").doesNotContain("fit");
        assertThat(watched.fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(watched.fit.distribution()).isInstanceOf(NestedGaussian.Member.class);
    }

    @Test
    void neverMoreThanHalfTheBudget() {
        Model model = ModelStructures.volatility(12, RandomStreams.of(3).generator("returns", 0));
        for (long budget : new long[] {2, 50, 333, 1000, 2001}) {
            Watched watched = new Watched(VariationalInference.of(model).evaluationBudget(budget));
            assertThat(watched.nested).as("of " + budget).isBetween(1L, budget / 2);
            assertThat(watched.fit.distribution()).as("of " + budget).isNotInstanceOf(NestedGaussian.Member.class);
        }
    }

    @Test
    void aChosenFamilyIsNeverReplaced() {
        VariationalInference fit = VariationalInference.of(ModelStructures.eightSchools(false))
                .family(Families.meanField())
                .evaluationBudget(3000);
        for (VariationalInference chosen : List.of(fit, fit.algorithm(AutomaticInference.create()))) {
            Watched watched = new Watched(chosen);
            assertThat(watched.phases).doesNotContain("nested");
            assertThat(watched.fit.distribution().family()).isInstanceOf(MeanFieldGaussian.class);
        }
    }

    @Test
    void cancellationLeavesAnAnswer() {
        Cancellation handle = new Cancellation();
        Fit fit = VariationalInference.of(ModelStructures.eightSchools(true))
                .cancellation(handle)
                .callback(progress -> handle.cancel())
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CANCELLED);
        assertThat(fit.stop().iteration()).isEqualTo(1);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.distribution().parameters()).doesNotContain(Double.NaN);
    }

    /** Two milliseconds a point: a step takes a second, and the fit ends in a fraction of that. */
    @Test
    void theTimeLimitIsSeenWithinASlowStep() {
        LogDensity model = ModelStructures.volatility(12, RandomStreams.of(3).generator("returns", 0))
                .density(1);
        LogDensity slow = new LogDensity() {
            @Override
            public int dimension() {
                return model.dimension();
            }

            @Override
            public Interactions interactions() {
                return model.interactions();
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
                model.evaluate(points, logDensity, gradient);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2L * points.numCols));
            }
        };
        Fit fit =
                VariationalInference.of(slow).timeLimit(Duration.ofMillis(300)).run();
        assertThat(fit.stop().status()).isEqualTo(Status.TIME_LIMIT);
        assertThat(fit.provenance().cost().elapsed()).isLessThan(Duration.ofMillis(1500));
    }
}

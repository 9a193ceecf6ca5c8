package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.divergence.Divergences.smoothed;
import static org.variational.divergence.Divergences.tempered;
import static org.variational.family.Families.fullRank;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.algorithm.Algorithm;
import org.variational.algorithm.Targets;
import org.variational.algorithm.automatic.AutomaticInference;
import org.variational.algorithm.fixeddraws.FixedDraws;
import org.variational.algorithm.gaussian.BatchAndMatch;
import org.variational.algorithm.gaussian.BuresWasserstein;
import org.variational.algorithm.gaussian.GaussianScoreMatching;
import org.variational.algorithm.gaussian.NaturalGradient;
import org.variational.algorithm.search.Laplace;
import org.variational.algorithm.search.Pathfinder;
import org.variational.divergence.Divergence;
import org.variational.divergence.DivergenceSchedule;
import org.variational.fit.Fit;
import org.variational.weights.LogWeights;

/** Algorithms that minimise reverse KL, or an objective of their own in its place, and never what was not asked for. */
class ReverseKlAlgorithmsTest {

    private static final VariationalInference FIT =
            VariationalInference.of(Targets.correlated(0.5, 0)).family(fullRank());

    static Stream<Algorithm<?>> algorithms() {
        return Stream.of(
                AutomaticInference.create(),
                FixedDraws.create(),
                BatchAndMatch.create(),
                GaussianScoreMatching.create(),
                NaturalGradient.create(),
                BuresWasserstein.create(),
                Pathfinder.create(),
                Laplace.create());
    }

    /** A divergence of the user's own that takes the name of another. */
    private static final class Namesake implements Divergence {
        @Override
        public double evaluate(LogWeights weights, double[] path, double[] score) {
            return forwardKl().evaluate(weights, path, score);
        }

        @Override
        public String name() {
            return "reverse KL";
        }
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void refusesEveryOtherDivergenceByName(Algorithm<?> algorithm) {
        VariationalInference fit = FIT.algorithm(algorithm);
        for (Divergence divergence : List.of(
                tempered(reverseKl(), 0.5),
                forwardKl(),
                smoothed(forwardKl()),
                tempered(forwardKl(), 0.5),
                new Namesake())) {
            assertThatIllegalArgumentException()
                    .as(divergence.name())
                    .isThrownBy(fit.minimise(divergence)::run)
                    .withMessageContaining(divergence.name())
                    .withMessageMatching(".*(leave .* out|use reverseKl\\(\\)).*");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(fit.minimise(DivergenceSchedule.tempered(reverseKl(), 0.2, 50))::run)
                .withMessageContaining("reverse KL with the target's power rising from 0.2");
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void acceptsReverseKlHoweverItIsWritten(Algorithm<?> algorithm) {
        Fit plain = FIT.algorithm(algorithm).seed(3).run();
        Fit wrapped = FIT.algorithm(algorithm)
                .minimise(tempered(reverseKl(), 1))
                .seed(3)
                .run();
        assertThat(wrapped.distribution().parameters())
                .containsExactly(plain.distribution().parameters());
    }

    /** The stochastic gradient, to which the others refer, fits {@code p^t}: of a Gaussian, the variance over t. */
    @Test
    void theStochasticGradientTempers() {
        Fit fit = FIT.minimise(tempered(reverseKl(), 0.5)).seed(3).run();
        // sticking-the-landing gradients vanish at the optimum of a Gaussian; the tolerance of the fit is 0.02
        for (double sd : fit.distribution().standardDeviation()) {
            assertThat(sd).isCloseTo(Math.sqrt(2), within(0.06));
        }
    }
}

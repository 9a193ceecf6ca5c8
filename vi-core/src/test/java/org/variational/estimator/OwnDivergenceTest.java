package org.variational.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.divergence.Divergence;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.Mixture;
import org.variational.family.VariationalFamily;
import org.variational.random.RandomStreams;
import org.variational.weights.LogWeights;

/**
 * A divergence of one's own, as the documentation shows it, with the estimators and families it is said to work with.
 */
class OwnDivergenceTest {
    // snippet: functions
    static final Divergence TRIANGULAR = Divergence.f(
            w -> (w - 1) * (w - 1) / (w + 1),
            w -> (w - 1) * (w + 3) / ((w + 1) * (w + 1)),
            w -> 8 / ((w + 1) * (w + 1) * (w + 1)));
    // end

    // snippet: class
    record Triangular() implements Divergence {
        @Override
        public double evaluate(LogWeights weights, double[] path, double[] score) {
            double value = 0;
            for (int s = 0; s < weights.count(); s++) {
                double w = Math.exp(weights.normalisedLogWeight(s)); // at most 1 / base weight: no overflow
                double base = weights.baseWeight(s);
                path[s] = base * 8 * w * w / Math.pow(1 + w, 3); // w^2 f''(w)
                score[s] = base * (w - 1) / (w + 1) * ((w - 1) - w * (w + 3) / (w + 1)); // f(w) - w f'(w)
                value += base * (w - 1) * (w - 1) / (w + 1);
            }
            return value;
        }

        @Override
        public String name() {
            return "triangular";
        }
    }
    // end

    private static final GaussianTarget P = GaussianTarget.univariate(1, 1.2);

    private static double[] gradient(Divergence divergence, GradientEstimator estimator, VariationalFamily family) {
        Objective objective = Objective.of(P, ParameterLayout.unnamed(1), family)
                .divergence(divergence)
                .estimator(estimator)
                .draws(200)
                .build();
        double[] lambda = family.initialParameters(new double[] {0.3}, new double[] {1.5});
        double[] mean = new double[lambda.length];
        double[] gradient = new double[lambda.length];
        ObjectiveState state = objective.initialState();
        for (int t = 0; t < 500; t++) {
            objective.evaluate(lambda, RandomStreams.of(1), state, gradient);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += gradient[i] / 500;
            }
        }
        return mean;
    }

    /**
     * Estimators agree up to the noise of 100,000 draws, whose largest sd is about 1 for the score forms: 5 times
     * 0.005, with the bias of order 1 / 200.
     */
    @Test
    void itWorksWithEveryEstimatorAndFamily() {
        for (Divergence own : List.of(TRIANGULAR, new Triangular())) {
            double[] path = gradient(own, GradientEstimators.stickingTheLanding(), MeanFieldGaussian.of(1));
            for (GradientEstimator estimator : List.of(
                    GradientEstimators.automatic(),
                    GradientEstimators.scoreFunction(),
                    GradientEstimators.selfNormalised())) {
                assertThat(gradient(own, estimator, MeanFieldGaussian.of(1))).containsExactly(path, within(0.03));
            }
            assertThat(gradient(own, GradientEstimators.automatic(), FullRankGaussian.of(1)))
                    .containsExactly(path, within(0.03));
            double[] mixture = gradient(own, GradientEstimators.automatic(), Mixture.of(2, MeanFieldGaussian.of(1)));
            assertThat(Arrays.stream(mixture).allMatch(Double::isFinite)).isTrue();
            assertThat(path[0]).isNegative();
        }
    }

    @Test
    void theDocumentationShowsThisCode() throws IOException {
        Path source = Path.of("src", "test", "java", "org", "variational", "estimator", "OwnDivergenceTest.java");
        String page = Files.readString(Path.of("..", "docs", "divergences.md"));
        for (String name : List.of("functions", "class")) {
            List<String> lines = Files.readAllLines(source);
            int from = lines.indexOf("    // snippet: " + name) + 1;
            int to = from + lines.subList(from, lines.size()).indexOf("    // end");
            String snippet =
                    String.join("\n", lines.subList(from, to)).indent(-4).strip();
            assertThat(page).contains(snippet);
        }
    }
}

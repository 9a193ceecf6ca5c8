package org.variational.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.fixeddraws.FixedDraws;
import org.variational.family.Families;
import org.variational.fit.Fit;

/**
 * Mean-field fits by fixed draws with the covariance by linear response, against long Markov chain runs. Posteriors
 * near a Gaussian are met within their skewness; the mean-field standard deviations themselves are off by up to 84 %
 * there.
 */
class LinearResponseModelsTest {

    @ParameterizedTest
    @ValueSource(strings = {"P01_kidiq_interaction", "P06_eight_schools_noncentered", "P10_arK"})
    void hasTheMeansAndStandardDeviationsOfThePosterior(String name) {
        ProblemFiles files = ProblemFiles.nearby().orElseGet(() -> abort("the reference problems are absent"));
        ReferenceProblem problem = ReferenceProblem.read(name, files);
        Fit fit = VariationalInference.of(problem.model())
                .family(Families.meanField())
                .algorithm(FixedDraws.create().withLinearResponse())
                .seed(1)
                .run();
        assertThat(fit.stop().converged()).as(fit.stop().reason()).isTrue();
        Score score = Score.of(
                Moments.exact(fit.distribution().mean(), fit.distribution().standardDeviation())
                        .at(problem.reference().places()),
                problem.reference().coordinates());
        assertThat(score.rmsMeanError()).isLessThan(0.05);
        assertThat(score.rmsSdError()).isLessThan(0.1);
    }
}

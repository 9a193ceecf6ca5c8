package org.variational.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.Fit;
import org.variational.algorithm.FixedDraws;
import org.variational.family.Families;
import org.variational.models.ReferenceProblems.Declared;

/**
 * Mean-field fits by fixed draws with the covariance by linear response, against long Markov chain runs. Posteriors near a
 * Gaussian are met within their skewness; the mean-field standard deviations themselves are off by up to 84 % there.
 */
class LinearResponseModelsTest {

    @ParameterizedTest
    @ValueSource(strings = {"P01_kidiq_interaction", "P06_eight_schools_noncentered", "P10_arK"})
    void hasTheMeansAndStandardDeviationsOfThePosterior(String name) {
        JsonNode reference = SharedProblems.read("ref", name).get("unconstrained");
        double[] mean = SharedProblems.numbers(reference.get("mean"));
        double[] sd = SharedProblems.numbers(reference.get("sd"));
        Declared problem = ReferenceProblems.ALL.get(name).get();
        int[] places = ReferenceProblemTest.places(problem);
        Fit fit = VariationalInference.of(problem.model())
                .family(Families.meanField())
                .algorithm(FixedDraws.create().withLinearResponse())
                .seed(1)
                .run();
        assertThat(fit.stop().converged()).as(fit.stop().reason()).isTrue();
        double[] fittedMean = fit.approximation().mean();
        double[] fittedSd = fit.approximation().standardDeviation();
        double ofMeans = 0;
        double ofSds = 0;
        for (int i = 0; i < mean.length; i++) {
            ofMeans += Math.pow((fittedMean[places[i]] - mean[i]) / sd[i], 2) / mean.length;
            ofSds += Math.pow(fittedSd[places[i]] / sd[i] - 1, 2) / mean.length;
        }
        assertThat(Math.sqrt(ofMeans)).as("root mean square error of the means").isLessThan(0.05);
        assertThat(Math.sqrt(ofSds))
                .as("root mean square error of the standard deviations")
                .isLessThan(0.1);
    }
}

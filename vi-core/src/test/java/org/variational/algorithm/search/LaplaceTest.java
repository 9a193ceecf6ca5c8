package org.variational.algorithm.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.VariationalInference;
import org.variational.algorithm.Targets;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.diagnostic.Verdict;
import org.variational.family.FullRankGaussian;
import org.variational.family.GaussianDistribution;
import org.variational.fit.Fit;

class LaplaceTest {

    private static Fit fit(LogDensity density) {
        return VariationalInference.of(density)
                .algorithm(Laplace.create())
                .seed(7)
                .run();
    }

    private static Verdict.Finding finding(Fit fit, Verdict.Code code) {
        return fit.verdict().findings().stream()
                .filter(reason -> reason.code() == code)
                .findFirst()
                .orElseThrow();
    }

    /** Differences of a linear gradient are exact up to rounding: 1e-16 / 1.2e-4, times the condition number of 20. */
    @Test
    void isExactOnAGaussian() {
        Fit fit = fit(Targets.correlated(0.9, 0));
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.GOOD);
        FullRankGaussian.Member q = (FullRankGaussian.Member) fit.distribution();
        assertThat(q.mean()).containsExactly(new double[] {1, -2}, within(1e-10));
        assertThat(q.covariance().data).containsExactly(new double[] {1, 0.9, 0.9, 1}, within(1e-9));
    }

    @Test
    void isExactOnAGaussianOfManyScales() {
        double[] mean = {3, -50, 0.01, 1e4};
        double[] sd = {1, 20, 1e-5, 300};
        Fit fit = fit(Targets.independent(mean, sd));
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        for (int i = 0; i < 4; i++) {
            assertThat(fit.distribution().mean()[i]).isCloseTo(mean[i], within(1e-6 * sd[i]));
            assertThat(fit.distribution().standardDeviation()[i]).isCloseTo(sd[i], within(1e-7 * sd[i]));
        }
    }

    /** The log of a Gamma(a, b) variable has its mode at log(a / b) and curvature a there. */
    @Test
    void hasTheClosedFormOfALogGamma() {
        Fit fit = fit(Targets.logGamma(5, 2));
        assertThat(fit.distribution().mean()[0]).isCloseTo(Math.log(2.5), within(1e-7));
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(1 / Math.sqrt(5), within(1e-7));
    }

    /**
     * The posterior's logit of a probability: mode at logit(alpha / (alpha + beta)), curvature alpha beta / (alpha +
     * beta).
     */
    @Test
    void hasTheClosedFormOfABetaBinomial() {
        Fit fit = fit(Targets.betaBinomial(7, 20, 2, 3));
        double alpha = 9;
        double beta = 16;
        assertThat(fit.distribution().mean()[0]).isCloseTo(Math.log(alpha / beta), within(1e-7));
        assertThat(fit.distribution().standardDeviation()[0])
                .isCloseTo(Math.sqrt((alpha + beta) / (alpha * beta)), within(1e-7));
    }

    @Test
    void aConstantChangesNothingThatMatters() {
        double[] plain = fit(Targets.correlated(0.9, 0)).distribution().mean();
        Fit shifted = fit(Targets.correlated(0.9, 1e8));
        assertThat(shifted.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(shifted.distribution().mean()).containsExactly(plain, within(1e-9));
    }

    @Test
    void sameSeedSameBits() {
        LogDensity target = Targets.banana(1, 0.5);
        assertThat(fit(target).distribution().parameters())
                .containsExactly(fit(target).distribution().parameters());
    }

    /** Gradient evaluations: the search, and two a coordinate. */
    @Test
    void differencesTwoGradientsACoordinate() {
        LogDensity target = Targets.equicorrelated(40, 0.5);
        Fit fit = fit(target);
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        DMatrixRMaj covariance = ((GaussianDistribution) fit.distribution()).covariance();
        assertThat(covariance.get(3, 3)).isCloseTo(1, within(1e-8));
        assertThat(covariance.get(3, 30)).isCloseTo(0.5, within(1e-8));
    }

    @Test
    void namesTheCoordinateWithoutCurvature() {
        LogDensity improper = LogDensities.of(3, (u, g) -> {
            g[0] = -u[0];
            g[1] = 0;
            g[2] = -u[2];
            return -0.5 * (u[0] * u[0] + u[2] * u[2]);
        });
        Fit fit = fit(improper);
        assertThat(fit.stop().status()).isEqualTo(Status.STALLED);
        assertThat(fit.stop().coordinates()).hasSize(1).first().asString().contains("1");
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(finding(fit, Verdict.Code.NOT_POSITIVE_DEFINITE).text())
                .contains(fit.stop().coordinates().get(0));
    }

    /** Only the sum of the first and the third coordinate is determined. */
    @Test
    void namesTheCoordinatesOfADirectionWithoutCurvature() {
        LogDensity improper = LogDensities.of(3, (u, g) -> {
            double sum = u[0] + u[2] - 1;
            g[0] = -sum;
            g[1] = -u[1];
            g[2] = -sum;
            return -0.5 * (sum * sum + u[1] * u[1]);
        });
        Fit fit = fit(improper);
        assertThat(fit.stop().status()).isEqualTo(Status.STALLED);
        List<String> names = fit.stop().coordinates();
        assertThat(names).hasSize(2);
        assertThat(names.get(0) + names.get(1)).contains("0").contains("2");
    }

    /** Two equal modes at -4 and 4: one is missed, and said to be. */
    @Test
    void tellsOfAnotherMode() {
        LogDensity bimodal = LogDensities.of(1, (u, g) -> {
            double left = -0.5 * (u[0] + 4) * (u[0] + 4);
            double right = -0.5 * (u[0] - 4) * (u[0] - 4);
            double max = Math.max(left, right);
            double a = Math.exp(left - max);
            double b = Math.exp(right - max);
            g[0] = -(a * (u[0] + 4) + b * (u[0] - 4)) / (a + b);
            return max + Math.log(a + b);
        });
        Fit fit = fit(bimodal);
        Verdict.Finding reason = finding(fit, Verdict.Code.MISSED_MODE);
        assertThat(reason.level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(reason.text()).contains("50 %");
    }

    @Test
    void whereTheModeIsAtAWallNothingIsClaimed() {
        LogDensity wall = LogDensities.of(2, (u, g) -> {
            g[0] = 1;
            g[1] = -u[1];
            return u[0] > 0.5 ? Double.NaN : u[0] - 0.5 * u[1] * u[1];
        });
        Fit fit = fit(wall);
        assertThat(fit.stop().status()).isNotEqualTo(Status.CONVERGED);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
        assertThat(fit.distribution().mean()).doesNotContain(Double.NaN);
    }

    @Test
    void respectsTheBudget() {
        Fit fit = VariationalInference.of(Targets.banana(1, 0.5))
                .algorithm(Laplace.create())
                .evaluationBudget(10)
                .seed(1)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.EVALUATION_LIMIT);
        assertThat(fit.stop().reason()).contains("Newton decrement");
    }

    @Test
    void refusesWhatItCannotServe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(Targets.independent(new double[2001], ones(2001))))
                .withMessageContaining("2000")
                .withMessageContaining("Pathfinder");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(LogDensities.ofValues(1, u -> -0.5 * u[0] * u[0])))
                .withMessageContaining("gradient");
        assertThatIllegalArgumentException().isThrownBy(() -> Laplace.create().withStarts(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Laplace.create().withMaxIterations(0));
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}

package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.fullRank;
import static org.variational.family.Families.meanField;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.algorithm.Targets;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Verdict;
import org.variational.divergence.Divergence;
import org.variational.family.FullRankGaussian;
import org.variational.family.VariationalFamily;
import org.variational.fit.Fit;

/**
 * Whole fits against closed forms. The stopping test promises means within about 0.02 standard deviations and standard
 * deviations within about 2 %; 0.05 and 5 % leave room for its Monte-Carlo error. Under forward KL a bias of order
 * {@code E[w^2] / S} adds to it. Seeds are fixed, so that a pass stays a pass.
 */
class ClosedFormFitTest {

    private static Fit fit(LogDensity target, VariationalFamily.Factory family, Divergence divergence) {
        return VariationalInference.of(target)
                .family(family)
                .minimise(divergence)
                .seed(20260101)
                .run();
    }

    private static void assertMoments(Fit fit, double[] mean, double[] sd, double tolerance) {
        double[] fittedMean = fit.distribution().mean();
        double[] fittedSd = fit.distribution().standardDeviation();
        for (int i = 0; i < mean.length; i++) {
            assertThat((fittedMean[i] - mean[i]) / sd[i]).as("mean %d", i).isCloseTo(0, within(tolerance));
            assertThat(fittedSd[i] / sd[i]).as("sd %d", i).isCloseTo(1, within(tolerance));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9})
    void reverseKlMeanFieldHasTheConditionalVariances(double rho) {
        Fit fit = fit(Targets.correlated(rho, 0), meanField(), reverseKl());
        double sd = Math.sqrt(1 - rho * rho);
        assertMoments(fit, new double[] {1, -2}, new double[] {sd, sd}, 0.05);
        double divergence = -0.5 * Math.log(1 - rho * rho);
        assertThat(fit.elbo()).isCloseTo(-divergence, within(0.01 + 5 * fit.elboStandardError()));
        assertThat(fit.stop().converged()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9})
    void forwardKlMeanFieldHasTheMarginalVariances(double rho) {
        Fit fit = VariationalInference.of(Targets.correlated(rho, 0))
                .family(meanField())
                .minimise(forwardKl())
                .draws(1024)
                .seed(20260101)
                .run();
        assertMoments(fit, new double[] {1, -2}, new double[] {1, 1}, 0.06);
    }

    @ParameterizedTest
    @CsvSource({"0.5,0", "0.9,3", "0.99,-7", "0.9999,0"})
    void fullRankIsExactUnderReverseKl(double rho, double offset) {
        Fit fit = fit(Targets.correlated(rho, offset), fullRank(), reverseKl());
        assertMoments(fit, new double[] {1, -2}, new double[] {1, 1}, 0.005);
        assertThat(((FullRankGaussian.Member) fit.distribution()).covariance().get(0, 1))
                .isCloseTo(rho, within(0.005));
        assertThat(fit.elbo()).isCloseTo(offset, within(1e-3));
        assertThat(fit.elboStandardError()).isLessThan(1e-3);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.GOOD);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.99})
    void fullRankIsExactUnderForwardKl(double rho) {
        Fit fit = fit(Targets.correlated(rho, 0), fullRank(), forwardKl());
        assertMoments(fit, new double[] {1, -2}, new double[] {1, 1}, 0.02);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.GOOD);
    }

    /** Ten coordinates with correlation 0.5: the divergences of the mean-field optima are 0.7224 and 2.2668. */
    @Test
    void equicorrelatedMeanField() {
        LogDensity target = Targets.equicorrelated(10, 0.5);
        Fit reverse = fit(target, meanField(), reverseKl());
        double precision = (1 + 8 * 0.5) / (0.5 * (1 + 9 * 0.5));
        double[] sd = new double[10];
        java.util.Arrays.fill(sd, 1 / Math.sqrt(precision));
        assertMoments(reverse, new double[10], sd, 0.06);
        assertThat(reverse.elbo()).isCloseTo(-0.7224, within(0.01 + 5 * reverse.elboStandardError()));
        assertThat(reverse.verdict().level()).isNotEqualTo(Verdict.Level.GOOD);
    }

    @ParameterizedTest
    @CsvSource({
        "7,10,1,1,0.7558963337,0.6378524529,-2.4016202574,0.7595238095,0.6457243765",
        "0,5,0.5,0.5,-3.3461128238,1.6561602480,-1.5029461697,-3.5746031746,2.2658650859",
        "30,100,2,2,-0.8196113820,0.2134814721,-4.3869545589,-0.8196760692,0.2138437573"
    })
    void betaBinomial(
            int y,
            int n,
            double a,
            double b,
            double mean,
            double sd,
            double elbo,
            double forwardMean,
            double forwardSd) {
        LogDensity target = Targets.betaBinomial(y, n, a, b);
        Fit reverse = fit(target, fullRank(), reverseKl());
        assertMoments(reverse, new double[] {mean}, new double[] {sd}, 0.05);
        assertThat(reverse.elbo()).isCloseTo(elbo, within(0.002 + 5 * reverse.elboStandardError()));
        if (y > 0) {
            Fit forward = fit(target, fullRank(), forwardKl());
            assertMoments(forward, new double[] {forwardMean}, new double[] {forwardSd}, 0.05);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1,4,-1.8862943611,1,0.0810614668,-1.9635100260,1.6449340668",
        "14,4.5,1.0992656471,0.0714285714,0.0059513701,1.0988406935,0.0740402687",
        "3.5,1.1,1.0145956458,0.2857142857,0.0237461637,1.0078464608,0.3303577561"
    })
    void gammaPoisson(
            double a,
            double b,
            double mean,
            double variance,
            double divergence,
            double forwardMean,
            double forwardVariance) {
        LogDensity target = Targets.logGamma(a, b);
        Fit reverse = fit(target, meanField(), reverseKl());
        assertMoments(reverse, new double[] {mean}, new double[] {Math.sqrt(variance)}, 0.05);
        assertThat(reverse.elbo()).isCloseTo(-divergence, within(0.002 + 5 * reverse.elboStandardError()));
        Fit forward = fit(target, meanField(), forwardKl());
        assertMoments(forward, new double[] {forwardMean}, new double[] {Math.sqrt(forwardVariance)}, 0.06);
    }

    @ParameterizedTest
    @CsvSource({"1,0.5,0.6180339887,-0.1909830056,0.1451144097", "100,0.03,15.3355480,-2.53993356,0.7258371961"})
    void banana(double a, double b, double firstVariance, double secondMean, double divergence) {
        Fit fit = fit(Targets.banana(a, b), meanField(), reverseKl());
        assertMoments(fit, new double[] {0, secondMean}, new double[] {Math.sqrt(firstVariance), 1}, 0.06);
        assertThat(fit.elbo()).isCloseTo(-divergence, within(0.01 + 5 * fit.elboStandardError()));
    }

    /**
     * Fault 17: the funnel's optimum is found, and is not called good. Along the valley where all scales follow the
     * first mean the divergence rises by only {@code mean^2 / 18}, which leaves that mean, and with it the other
     * scales, loosely determined; the divergence itself is not.
     */
    @Test
    void funnel() {
        double variance = 1 / (1 / 9.0 + 4.5);
        double[] sd = new double[10];
        java.util.Arrays.fill(sd, Math.exp(-variance / 4));
        sd[0] = Math.sqrt(variance);
        Fit fit = fit(Targets.funnel(10, 3), meanField(), reverseKl());
        assertMoments(fit, new double[10], sd, 0.5);
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(sd[0], within(0.03 * sd[0]));
        assertThat(fit.elbo()).isCloseTo(-1.8628467136, within(0.02 + 5 * fit.elboStandardError()));
        assertThat(fit.kHat()).isGreaterThan(0.7);
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.UNRELIABLE);
    }

    @ParameterizedTest
    @CsvSource({"2.5,1.30338884,0.05347732", "5,1.16737752,0.01813889", "30,1.03191236,0.00074076"})
    void studentT(double nu, double sd, double divergence) {
        Fit fit = fit(Targets.studentT(nu), fullRank(), reverseKl());
        assertMoments(fit, new double[] {0}, new double[] {sd}, 0.05);
        assertThat(fit.elbo()).isCloseTo(-divergence, within(0.002 + 5 * fit.elboStandardError()));
    }

    /**
     * Fault 16: no normal distribution minimises forward KL from a Cauchy distribution, and the fit must not claim one.
     */
    @Test
    void forwardKlFromACauchyIsNotGood() {
        Fit fit = VariationalInference.of(Targets.studentT(1))
                .minimise(forwardKl())
                .maxIterations(3000)
                .seed(20260101)
                .run();
        assertThat(fit.verdict().level()).isNotEqualTo(Verdict.Level.GOOD);
        assertThat(!fit.stop().converged() || fit.kHat() > 0.7).isTrue();
    }
}

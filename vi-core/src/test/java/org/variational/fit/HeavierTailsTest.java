package org.variational.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.forwardKl;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.meanField;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Verdict.Code;
import org.variational.diagnostic.Verdict.Level;

/** A second look with heavier tails tells light tails of a Gaussian from a wrong answer. */
class HeavierTailsTest {

    /**
     * Eight independent Student-t with 5 degrees of freedom, whose reverse-KL Gaussian has 0.904 of their deviation.
     */
    private static final LogDensity HEAVY = LogDensities.of(8, (x, gradient) -> {
        double value = 0;
        for (int i = 0; i < 8; i++) {
            value -= 3 * Math.log1p(x[i] * x[i] / 5);
            gradient[i] = -6 * x[i] / (5 + x[i] * x[i]);
        }
        return value;
    });

    /** Two coordinates of correlation 0.95, of which a mean-field Gaussian finds 0.31 of the deviation. */
    private static final LogDensity CORRELATED = LogDensities.of(2, (x, gradient) -> {
        double precision = 1 / (1 - 0.95 * 0.95);
        gradient[0] = -precision * (x[0] - 0.95 * x[1]);
        gradient[1] = -precision * (x[1] - 0.95 * x[0]);
        return 0.5 * (x[0] * gradient[0] + x[1] * gradient[1]);
    });

    private static Fit fit(LogDensity density) {
        return VariationalInference.of(density)
                .family(meanField())
                .minimise(reverseKl())
                .seed(11)
                .run();
    }

    @Test
    void lightTailsOfARightAnswerAreForgiven() {
        Fit fit = fit(HEAVY);
        assertThat(fit.kHat()).isGreaterThan(0.5);
        assertThat(fit.verdict().findings())
                .as(fit.verdict().explain())
                .noneMatch(reason -> reason.level() == Level.UNRELIABLE);
    }

    @Test
    void aWrongScaleIsNot() {
        Fit fit = fit(CORRELATED);
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertThat(fit.verdict().findings()).anyMatch(reason -> reason.code() == Code.K_HAT_HIGH);
    }

    private static Fit coveringFit(double degrees) {
        LogDensity density = LogDensities.of(1, (x, gradient) -> {
            gradient[0] = -(degrees + 1) * x[0] / (degrees + x[0] * x[0]);
            return -(degrees + 1) / 2 * Math.log1p(x[0] * x[0] / degrees);
        });
        return VariationalInference.of(density)
                .family(meanField())
                .minimise(forwardKl())
                .seed(7)
                .run();
    }

    /** With two degrees of freedom or fewer a Student-t has no variance, and forward KL no minimum among Gaussians. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1.5, 2})
    void forwardKlWithoutAMinimumIsNeverCalledConverged(double degrees) {
        Fit fit = coveringFit(degrees);
        assertThat(fit.stop().converged()).as(fit.stop().reason()).isFalse();
        assertThat(fit.verdict().level()).isEqualTo(Level.UNRELIABLE);
        assertThat(fit.stop().reason()).contains("no variance", "forward KL");
    }

    @Test
    void forwardKlWithAMinimumIsFound() {
        Fit fit = coveringFit(5);
        assertThat(fit.stop().converged()).as(fit.stop().reason()).isTrue();
        // The optimum matches the standard deviation sqrt(5 / 3); self-normalised weights of heavy tails leave a few
        // per cent.
        assertThat(fit.distribution().standardDeviation()[0]).isEqualTo(Math.sqrt(5.0 / 3), within(0.1));
    }
}

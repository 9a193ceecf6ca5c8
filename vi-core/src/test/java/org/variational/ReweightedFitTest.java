package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.meanField;

import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.diagnostic.Verdict;
import org.variational.fit.Fit;
import org.variational.posterior.Summary;

/** A mean-field fit of a correlated Gaussian with unit variances, whose standard deviations are too small by 13 %. */
class ReweightedFitTest {

    /**
     * k-hat tends to 0.5, with a standard deviation of about 0.07 for 20,000 draws, and the weights move the sds by 15
     * % of those of the fit, of which the standard error is 1 %, so that the verdict is REWEIGHT. Tolerances of five
     * standard errors, false-alarm rate 6e-7 each.
     */
    @Test
    void aFitToBeReweightedShowsTheMomentsOfTheTarget() {
        Fit fit = VariationalInference.of(Targets.correlated(0.5, 0))
                .family(meanField())
                .minimise(reverseKl())
                .posteriorDraws(20_000)
                .seed(20260101)
                .run();
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.REWEIGHT);
        assertThat(fit.kHat()).isEqualTo(fit.posterior().kHat());
        Summary summary = fit.summary();
        assertThat(summary.toString()).contains("with importance weights: effective sample size");
        assertThat(fit.approximation().standardDeviation()[0]).isCloseTo(Math.sqrt(0.75), within(0.04));
        Summary.Row row = summary.row("x[0]");
        assertThat(row.mean()).isCloseTo(1, within(5 * row.mcse()));
        assertThat(row.sd()).isGreaterThan(0.93);
        assertThat(fit.evidence().logZ().value())
                .isCloseTo(0, within(5 * fit.evidence().logZ().standardError()));
        assertThat(fit.evidence().elbo().value())
                .isLessThan(fit.evidence().logZ().value());
        assertThat(fit.errorBounds().meanError()).isPositive().isFinite();
    }
}

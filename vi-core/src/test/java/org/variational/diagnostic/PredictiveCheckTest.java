package org.variational.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.posterior.Posterior;
import org.variational.random.RandomStreams;

/** Predictive p-values, their errors and coverages against what is known exactly. */
class PredictiveCheckTest {

    private static final double[] Y = {0.2, -0.5, 1.4, 0.9, -1.1, 0.6, 1.9, 0.1, -0.3, 0.8};
    private static final double MEAN = Arrays.stream(Y).average().orElseThrow();

    private static Model model(double... y) {
        ModelBuilder m = Model.named("location");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.observe("y", normal(mu, Expr.constant(1)), y);
        return m.build();
    }

    private static Posterior draws(Model model, double mean, double sd, int count) {
        RandomGenerator random = RandomStreams.of(3).generator("draws", 0);
        DMatrixRMaj draws = new DMatrixRMaj(1, count);
        for (int s = 0; s < count; s++) {
            draws.data[s] = mean + sd * random.nextGaussian();
        }
        return Posterior.of(model.layout(), draws, new double[count]);
    }

    /**
     * With mu normal(m, v) the replicated mean is normal(m, v + 1/N), so that its p-value is a normal tail probability.
     */
    @Test
    void thePValueOfTheMeanIsExactUpToItsError() {
        Model model = model(Y);
        double mean = 0.7;
        double sd = 0.3;
        PredictiveCheck.Result result = PredictiveCheck.posterior(model, "y", draws(model, mean, sd, 4000))
                .run();
        PredictiveCheck.Test test = result.test("mean");
        double exact = 1 - new NormalDistribution(null, mean, Math.sqrt(sd * sd + 0.1)).cumulativeProbability(MEAN);
        assertThat(test.observed()).isCloseTo(MEAN, within(1e-15));
        // false alarm 6e-7
        assertThat(test.pValue()).isCloseTo(exact, within(5 * test.error()));
        assertThat(test.error()).isCloseTo(Math.sqrt(exact * (1 - exact) / 4000), within(1e-3));
        assertThat(result.surprising(0.05)).isEmpty();
        assertThat(result.effectiveDraws()).isCloseTo(4000, within(1e-6));
        assertThat(result.toString()).contains("mean").contains("90 % intervals");
    }

    /** Draws from a proposal with importance weights give the p-values of the distribution the weights lead to. */
    @Test
    void weightsAreRespected() {
        Model model = model(Y);
        Posterior wide = draws(model, 0.2, 0.6, 8000);
        NormalDistribution proposal = new NormalDistribution(null, 0.2, 0.6);
        NormalDistribution target = new NormalDistribution(null, 0.7, 0.3);
        double[] weights = Arrays.stream(wide.draws("mu"))
                .map(x -> target.density(x) / proposal.density(x))
                .toArray();
        PredictiveCheck check = PredictiveCheck.posterior(model, "y", wide);
        PredictiveCheck.Test weighted = check.weights(weights).run().test("mean");
        double sd = Math.sqrt(0.09 + 0.1);
        double exact = 1 - new NormalDistribution(null, 0.7, sd).cumulativeProbability(MEAN);
        double unweighted = 1 - new NormalDistribution(null, 0.2, Math.sqrt(0.46)).cumulativeProbability(MEAN);
        assertThat(weighted.pValue()).isCloseTo(exact, within(5 * weighted.error()));
        assertThat(Math.abs(weighted.pValue() - unweighted)).isGreaterThan(10 * weighted.error());
        assertThat(weighted.mean()).isCloseTo(0.7, within(0.05));
        assertThat(check.weights(weights).run().effectiveDraws()).isBetween(1000.0, 7000.0);
    }

    /** An observation at 8 standard deviations; the maximum of ten replicated ones has no such values. */
    @Test
    void anOutlierIsSurprising() {
        double[] y = Y.clone();
        y[4] = 8;
        Model model = model(y);
        PredictiveCheck.Result result = PredictiveCheck.posterior(model, "y", draws(model, 1, 0.3, 2000))
                .run();
        assertThat(result.surprising(0.05))
                .extracting(PredictiveCheck.Test::name)
                .contains("max", "sd");
        assertThat(result.test("max").pValue()).isLessThan(0.01);
        assertThat(result.test("max").error()).isPositive();
        assertThat(result.coverages()).allSatisfy(c -> assertThat(c.outside()).contains(4));
    }

    /** Data from the predictive distribution itself: coverage within five standard errors, false alarm 6e-7 each. */
    @Test
    void intervalsCoverWhatTheySay() {
        RandomGenerator random = RandomStreams.of(8).generator("data", 0);
        double[] y = new double[2000];
        Arrays.setAll(y, i -> random.nextGaussian());
        Model model = model(y);
        PredictiveCheck.Result result = PredictiveCheck.posterior(model, "y", draws(model, 0, 1e-6, 1000))
                .run();
        assertThat(result.coverages()).hasSize(2).allSatisfy(coverage -> assertThat(coverage.covered())
                .isCloseTo(coverage.probability(), within(5 * coverage.error() + 0.01)));
    }

    /**
     * Ties between whole numbers count half: for the number of zeros of a Poisson, the p-value is that of mid-ranks.
     */
    @Test
    void tiesCountHalfAndStatisticsCanBeAdded() {
        ModelBuilder m = Model.named("counts");
        Expr rate = m.parameter("log_rate", normal(0, 1));
        m.observe("k", poissonLog(Expr.constant(new double[5]).plus(rate)), new double[] {0, 1, 0, 2, 1});
        Model model = m.build();
        PredictiveCheck.Test zeros = PredictiveCheck.posterior(model, "k", draws(model, 0, 1e-9, 6000))
                .statistic("zeros", k -> Arrays.stream(k).filter(v -> v == 0).count())
                .run()
                .test("zeros");
        double zero = Math.exp(-1);
        double exactlyTwo = 10 * zero * zero * Math.pow(1 - zero, 3);
        double atMostOne = Math.pow(1 - zero, 5) + 5 * zero * Math.pow(1 - zero, 4);
        assertThat(zeros.observed()).isEqualTo(2);
        assertThat(zeros.pValue()).isCloseTo(1 - atMostOne - exactlyTwo / 2, within(5 * zeros.error()));
    }

    @Test
    void thePriorCanBeChecked() {
        PredictiveCheck.Result result =
                PredictiveCheck.prior(model(Y), "y", 3000, 2).run();
        double exact = 1 - new NormalDistribution(null, 0, Math.sqrt(1.1)).cumulativeProbability(MEAN);
        assertThat(result.test("mean").pValue())
                .isCloseTo(exact, within(5 * result.test("mean").error()));
        assertThat(PredictiveCheck.prior(model(Y), "y", 3000, 2).run()).isEqualTo(result);
        assertThat(PredictiveCheck.prior(model(Y), "y", 3000, 3).run()).isNotEqualTo(result);
    }

    @Test
    void misuseIsRefused() {
        Model model = model(Y);
        PredictiveCheck check = PredictiveCheck.posterior(model, "y", draws(model, 0, 1, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PredictiveCheck.prior(model, "z", 10, 1))
                .withMessageContaining("[y]");
        assertThatIllegalArgumentException().isThrownBy(() -> check.weights(new double[9]));
        assertThatIllegalArgumentException().isThrownBy(() -> check.weights(new double[10]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.statistic("none", y -> Double.NaN).run())
                .withMessageContaining("\"none\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.run().test("median"))
                .withMessageContaining("mean");
        ModelBuilder m = Model.named("flat");
        Expr mu = m.parameter("mu", flat());
        m.observe("y", normal(mu, Expr.constant(1)), Y);
        assertThatIllegalStateException().isThrownBy(() -> PredictiveCheck.prior(m.build(), "y", 10, 1));
    }
}

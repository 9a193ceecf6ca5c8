package org.variational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.normal;
import static org.variational.divergence.Divergences.reverseKl;
import static org.variational.family.Families.meanField;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.diagnostic.Loo;
import org.variational.diagnostic.PredictiveCheck;
import org.variational.diagnostic.Verdict;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;
import org.variational.posterior.Summary;
import org.variational.random.RandomStreams;

/** A mean-field fit of a correlated Gaussian with unit variances, whose standard deviations are too small by 13 %. */
class ReweightedFitTest {

    /**
     * k-hat tends to 0.5, with a standard deviation of about 0.07 for 20,000 draws, and the weights move the sds by 15
     * % of those of the fit, of which the standard error is 1 %, so that the verdict is REWEIGHTED. Tolerances of five
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
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.REWEIGHTED);
        assertThat(fit.kHat()).isEqualTo(fit.approximation().kHat());
        Summary summary = fit.summary();
        assertThat(summary.toString())
                .contains("chosen by their importance weights")
                .contains("independent ones");
        assertThat(fit.posterior().size()).isEqualTo(20_000);
        assertThat(fit.distribution().standardDeviation()[0]).isCloseTo(Math.sqrt(0.75), within(0.04));
        Summary.Row row = summary.row("x[0]");
        assertThat(row.mean()).isCloseTo(1, within(5 * row.mcse()));
        assertThat(row.sd()).isGreaterThan(0.93);
        assertThat(fit.evidence().logZ().value())
                .isCloseTo(0, within(5 * fit.evidence().logZ().standardError()));
        assertThat(fit.evidence().elbo().value())
                .isLessThan(fit.evidence().logZ().value());
        assertThat(fit.errorBounds().meanError()).isPositive().isFinite();
    }

    private static final double[] X = {0.2, 0.6, 1.0, 1.4, 1.8, 2.2, 2.6, 3.0, 3.4, 3.8};
    private static final double[] Y = {1.1, 0.3, 1.9, 1.2, 2.4, 1.8, 3.1, 2.2, 3.6, 2.9};

    /** A regression with known noise, whose posterior is Gaussian with the correlation -0.56 of its coefficients. */
    private static Model regression() {
        ModelBuilder m = Model.named("regression");
        Expr intercept = m.parameter("intercept", normal(0, Math.sqrt(0.1)));
        Expr slope = m.parameter("slope", normal(0, Math.sqrt(0.1)));
        Rows rows = m.rows(X.length);
        rows.observe("y", normal(intercept.plus(slope.times(rows.data("x", X))), Expr.constant(1)), Y);
        m.derived("at 2", intercept.plus(slope.times(2)));
        return m.build();
    }

    private static double sd(double[] draws) {
        double mean = Arrays.stream(draws).average().orElseThrow();
        return Math.sqrt(Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).sum() / (draws.length - 1));
    }

    /**
     * Summary, draws, predictions, predictive check and cross-validation of a fit that has chosen its draws by weights
     * speak of the same draws, which are those of the posterior: moments within five standard errors of 1,600
     * independent draws or more.
     */
    @Test
    void everythingSpeaksOfTheSameDraws() {
        Model model = regression();
        Fit fit = VariationalInference.of(model)
                .family(meanField())
                .minimise(reverseKl())
                .seed(7)
                .run();
        assertThat(fit.verdict().level()).isEqualTo(Verdict.Level.REWEIGHTED);
        Posterior posterior = fit.posterior();
        assertThat(posterior.size()).isEqualTo(4000);
        assertThat(posterior.effectiveSampleSize()).isGreaterThanOrEqualTo(Verdict.FEWEST_EFFECTIVE_DRAWS);
        assertThat(fit.kHat()).isEqualTo(fit.approximation().kHat());

        // the precision of the coefficients, prior and data, and their exact posterior
        double a = 10 + X.length;
        double b = Arrays.stream(X).sum();
        double c = 10 + Arrays.stream(X).map(x -> x * x).sum();
        double determinant = a * c - b * b;
        double sdOfIntercept = Math.sqrt(c / determinant);
        double varianceAt2 = (c - 4 * b + 4 * a) / determinant;
        double sumY = Arrays.stream(Y).sum();
        double sumXy =
                IntStream.range(0, X.length).mapToDouble(i -> X[i] * Y[i]).sum();
        double meanAt2 = (c * sumY - b * sumXy + 2 * (a * sumXy - b * sumY)) / determinant;

        double five = 5 / Math.sqrt(2 * posterior.effectiveSampleSize());
        assertThat(sd(posterior.draws("intercept"))).isCloseTo(sdOfIntercept, within(five * sdOfIntercept));
        assertThat(fit.distribution().standardDeviation()[0]).isLessThan((1 - five) * sdOfIntercept);
        Summary.Row row = fit.summary("at 2").rows().get(0);
        assertThat(row.sd()).isEqualTo(sd(posterior.draws("at 2")), within(1e-12));
        assertThat(row.mean()).isCloseTo(meanAt2, within(5 * row.mcse()));

        DMatrixRMaj predicted = model.with(Data.declared().with("x", filled(2)))
                .predict("y", posterior.unconstrained(), RandomStreams.of(3).generator("predict", 0));
        double[] first = Arrays.copyOf(predicted.data, posterior.size());
        double sdOfPrediction = Math.sqrt(1 + varianceAt2);
        assertThat(sd(first)).isCloseTo(sdOfPrediction, within(five * sdOfPrediction));

        Loo loo = Loo.of(model, "y", posterior);
        assertThat(loo.isReliable()).isTrue();
        double exact = 0;
        for (int i = 0; i < X.length; i++) {
            double p = a - 1;
            double q = b - X[i];
            double r = c - X[i] * X[i];
            double d = p * r - q * q;
            double u = sumY - Y[i];
            double v = sumXy - X[i] * Y[i];
            double mean = (r * u - q * v + X[i] * (p * v - q * u)) / d;
            double variance = 1 + (r - 2 * q * X[i] + p * X[i] * X[i]) / d;
            exact -= 0.5 * (Math.log(2 * Math.PI * variance) + (Y[i] - mean) * (Y[i] - mean) / variance);
        }
        assertThat(loo.elpd().value()).isCloseTo(exact, within(5 * loo.monteCarloError()));
        PredictiveCheck.Result check =
                PredictiveCheck.posterior(model, "y", posterior).run();
        assertThat(check.effectiveDraws()).isCloseTo(posterior.effectiveSampleSize(), within(1e-6));
    }

    private static double[] filled(double value) {
        double[] all = new double[X.length];
        Arrays.fill(all, value);
        return all;
    }
}

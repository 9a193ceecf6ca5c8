package org.variational.diagnostic;

import java.util.Arrays;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.posterior.Approximation;
import org.variational.posterior.Posterior;
import org.variational.weights.WeightedSample;

/**
 * The widely applicable information criterion: how well a model would predict new data, from the variance of the log
 * likelihood over the posterior.
 *
 * <p>With normalised weights W of the draws (1/S each for draws from the posterior itself),
 * <pre>
 *   lpd_i     = log sum_s W_s p(y_i | theta_s)
 *   p_waic_i  = sum_s W_s (l_is - mean)^2 / (1 - sum_s W_s^2),    l_is = log p(y_i | theta_s)
 *   elpd_i    = lpd_i - p_waic_i
 * </pre>
 * the second with divisor {@code S - 1} for equal weights. It is a first-order approximation of {@link Loo} that fails
 * for influential observations, seen by {@code p_waic_i > 0.4}; Loo is to be preferred.
 *
 * @param elpd the expected log predictive density
 * @param effectiveParameters the effective number of parameters, p_waic
 * @param influential the number of observations with {@code p_waic_i > 0.4}, for which the approximation fails
 * @param weightKHat the Pareto shape of the weights; negative infinity for draws from the posterior itself
 * @see <a href="https://arxiv.org/abs/1507.04544">Vehtari, Gelman, Gabry (2017), Practical Bayesian model evaluation
 *     using leave-one-out cross-validation and WAIC</a>
 * @see <a href="https://arxiv.org/abs/1004.2316">Watanabe (2010), Asymptotic equivalence of Bayes cross validation and
 *     widely applicable information criterion</a>
 */
public record Waic(Elpd elpd, Elpd effectiveParameters, int influential, double weightKHat) {

    private static final double INFLUENTIAL = 0.4;

    /**
     * From draws from the posterior itself.
     *
     * @param logLikelihood N x S, observation after observation, S at least 2
     * @return the criterion
     * @throws IllegalArgumentException if it is empty or a number is not finite
     */
    public static Waic of(DMatrixRMaj logLikelihood) {
        return of(logLikelihood, new double[logLikelihood.numCols]);
    }

    /**
     * From draws from an approximation.
     *
     * @param logLikelihood N x S, observation after observation
     * @param logWeights S raw log weights {@code log p(theta_s, y) - log q(theta_s)} up to a constant; draws of
     *     {@code -Infinity} and NaN are left out
     * @return the criterion
     * @throws IllegalArgumentException if sizes differ, no draw has a weight, or a log likelihood is not finite where
     *     one has
     */
    public static Waic of(DMatrixRMaj logLikelihood, double[] logWeights) {
        return of(PointwiseDraws.of(logLikelihood, logWeights));
    }

    private static Waic of(PointwiseDraws draws) {
        double[] weights = draws.smoothing().weights();
        double[] logs = draws.smoothing().logWeights();
        int n = draws.observations();
        double[] elpd = new double[n];
        double[] effective = new double[n];
        draws.forEach((i, row) -> {
            WeightedSample sample = WeightedSample.of(row, weights);
            double variance = sample.standardDeviation() * sample.standardDeviation();
            effective[i] = variance / (1 - 1 / sample.effectiveSampleSize());
            elpd[i] = PointwiseDraws.logMean(logs, row) - effective[i];
        });
        long influential =
                Arrays.stream(effective).filter(p -> !(p <= INFLUENTIAL)).count();
        return new Waic(
                new Elpd(elpd),
                new Elpd(effective),
                (int) influential,
                draws.smoothing().shape());
    }

    /**
     * From the draws of the posterior of a declared model.
     *
     * @param observation the name its data were observed under
     * @param posterior the draws
     * @return the criterion over the rows of that observation
     * @throws IllegalArgumentException if there is no such observation, the draws are of another dimension, or a log
     *     likelihood is not finite
     */
    public static Waic of(Model model, String observation, Posterior posterior) {
        return of(PointwiseDraws.of(
                model.pointwiseLogLikelihood(observation), posterior.unconstrained(), new double[posterior.size()]));
    }

    /**
     * From the raw draws of the approximation of a declared model, with their importance weights.
     *
     * @param observation the name its data were observed under
     * @param approximation the draws
     * @return the criterion over the rows of that observation
     * @throws IllegalArgumentException if there is no such observation, the draws are of another dimension, none has a
     *     weight, or a log likelihood is not finite where one has
     */
    public static Waic of(Model model, String observation, Approximation approximation) {
        return of(PointwiseDraws.of(
                model.pointwiseLogLikelihood(observation), approximation.unconstrained(), approximation.logWeights()));
    }

    /** Two lines, and a warning where the approximation fails. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "elpd_waic %s, waic %.2f%np_waic    %s%s",
                elpd,
                elpd.informationCriterion(),
                effectiveParameters,
                influential == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "%n%d observations with p_waic above %.1f: use Loo instead",
                                influential,
                                INFLUENTIAL));
    }
}

package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.posterior.Approximation;
import org.variational.posterior.Posterior;
import org.variational.weights.ParetoSmoothing;

/**
 * Leave-one-out cross-validation without refitting: how well a model would predict each observation from all others.
 *
 * <p>With draws from an approximation q whose importance weights are {@code w_s = p(theta_s | y) / q(theta_s)} (all 1
 * for draws from the posterior itself), the posterior without observation i has the weights
 * <pre>
 *   r_is    = w_s / p(y_i | theta_s)          Pareto-smoothed, normalised to R_is
 *   elpd_i  = log sum_s R_is p(y_i | theta_s)
 *   lpd_i   = log sum_s W_s p(y_i | theta_s)
 *   p_loo   = sum_i (lpd_i - elpd_i)          the effective number of parameters
 * </pre>
 * The product of both weights is smoothed at once, since only that product must have a light tail. An observation whose
 * k-hat is not below {@code min(1 - 1 / log10 S, 0.7)} is so influential that its term cannot be trusted: refit without
 * it. Without the weights w a wrong q gives a wrong answer with inconspicuous k-hats.
 *
 * @param observations one entry per observation
 * @param monteCarloError the Monte-Carlo standard error of the sum of their {@code elpd}, which share their draws, from
 *     having only S of these; true if {@link #isReliable()}
 * @param draws the number of draws that have a weight
 * @param weightKHat the Pareto shape of the weights w; negative infinity for draws from the posterior itself
 * @see <a href="https://arxiv.org/abs/1507.04544">Vehtari, Gelman, Gabry (2017), Practical Bayesian model evaluation
 *     using leave-one-out cross-validation and WAIC</a>
 * @see <a href="https://arxiv.org/abs/1904.10679">Magnusson, Andersen, Jonasson, Vehtari (2019), Bayesian leave-one-out
 *     cross-validation for large data, for draws from an approximation</a>
 */
public record Loo(List<Observation> observations, double monteCarloError, int draws, double weightKHat) {

    /**
     * One observation left out.
     *
     * @param elpd its log predictive density given the others
     * @param lpd its log predictive density given all
     * @param kHat the Pareto shape of its weights; negative infinity for constant weights, NaN if there are too few
     * @param standardError the Monte-Carlo standard error of {@code elpd}
     */
    public record Observation(double elpd, double lpd, double kHat, double standardError) {}

    /** Copies the list. */
    public Loo {
        observations = List.copyOf(observations);
    }

    /**
     * From draws from the posterior itself.
     *
     * @param logLikelihood N x S, observation after observation, {@code log p(y_i | theta_s)}
     * @return the cross-validation
     * @throws IllegalArgumentException if it is empty or a number is not finite
     */
    public static Loo of(DMatrixRMaj logLikelihood) {
        return of(logLikelihood, new double[logLikelihood.numCols]);
    }

    /**
     * From draws from an approximation.
     *
     * @param logLikelihood N x S, observation after observation, {@code log p(y_i | theta_s)}
     * @param logWeights S raw log weights {@code log p(theta_s, y) - log q(theta_s)} up to a constant; draws of
     *     {@code -Infinity} and NaN are left out
     * @return the cross-validation
     * @throws IllegalArgumentException if sizes differ, no draw has a weight, or a log likelihood is not finite where
     *     one has
     */
    public static Loo of(DMatrixRMaj logLikelihood, double[] logWeights) {
        return of(PointwiseDraws.of(logLikelihood, logWeights), 1);
    }

    /**
     * From draws from an approximation, with log likelihoods that are computed when they are needed: those of one
     * observation at a time are enough for them never to be held together.
     *
     * @param observations their number N
     * @param logLikelihood for an observation from 0 to N - 1, the S numbers {@code log p(y_i | theta_s)}; called once
     *     for each, in order
     * @param logWeights S raw log weights, as {@link #of(DMatrixRMaj, double[])} takes them; zeros for draws from the
     *     posterior itself
     * @return the cross-validation
     * @throws IllegalArgumentException if there is no observation, sizes differ, no draw has a weight, or a log
     *     likelihood is not finite where one has
     */
    public static Loo of(int observations, IntFunction<double[]> logLikelihood, double[] logWeights) {
        return of(PointwiseDraws.of(observations, logLikelihood, logWeights), 1);
    }

    private static Loo of(PointwiseDraws draws, double efficiency) {
        double[] full = draws.smoothing().logWeights();
        double[] raw = draws.raw();
        double[] influence = new double[raw.length];
        List<Observation> observations = new ArrayList<>(draws.observations());
        draws.forEach((i, row) -> {
            double[] ratios = new double[row.length];
            Arrays.setAll(ratios, s -> raw[s] - row[s]);
            ParetoSmoothing smoothing = ParetoSmoothing.of(ratios, efficiency);
            double[] left = smoothing.logWeights();
            double elpd = PointwiseDraws.logMean(left, row);
            double square = 0;
            for (int s = 0; s < row.length; s++) {
                double term = Math.exp(left[s]) * Math.expm1(row[s] - elpd);
                square += term * term;
                influence[s] += term;
            }
            observations.add(new Observation(
                    elpd, PointwiseDraws.logMean(full, row), smoothing.shape(), Math.sqrt(square / efficiency)));
        });
        double error = Math.sqrt(Arrays.stream(influence).map(x -> x * x).sum() / efficiency);
        return new Loo(observations, error, draws.count(), draws.smoothing().shape());
    }

    /**
     * From the draws of a posterior.
     *
     * @param logLikelihood N x S, one column per draw of the posterior
     * @param posterior the draws; Monte-Carlo errors allow for what they are worth
     * @return the cross-validation
     * @throws IllegalArgumentException if sizes differ, or a log likelihood is not finite
     */
    public static Loo of(DMatrixRMaj logLikelihood, Posterior posterior) {
        return of(PointwiseDraws.of(logLikelihood, new double[posterior.size()]), efficiency(posterior));
    }

    private static double efficiency(Posterior posterior) {
        return posterior.effectiveSampleSize() / posterior.size();
    }

    /**
     * From the draws of the posterior of a declared model.
     *
     * @param observation the name its data were observed under
     * @param posterior the draws
     * @return the cross-validation over the rows of that observation
     * @throws IllegalArgumentException if there is no such observation, the draws are of another dimension, or a log
     *     likelihood is not finite
     */
    public static Loo of(Model model, String observation, Posterior posterior) {
        return of(
                PointwiseDraws.of(
                        model.pointwiseLogLikelihood(observation),
                        posterior.unconstrained(),
                        new double[posterior.size()]),
                efficiency(posterior));
    }

    /**
     * From the raw draws of the approximation of a declared model, with their importance weights.
     *
     * @param observation the name its data were observed under
     * @param approximation the draws
     * @return the cross-validation over the rows of that observation
     * @throws IllegalArgumentException if there is no such observation, the draws are of another dimension, none has a
     *     weight, or a log likelihood is not finite where one has
     */
    public static Loo of(Model model, String observation, Approximation approximation) {
        return of(
                PointwiseDraws.of(
                        model.pointwiseLogLikelihood(observation),
                        approximation.unconstrained(),
                        approximation.logWeights()),
                1);
    }

    /**
     * The expected log predictive density for new data, with its standard error; compare two models by
     * {@link Elpd#minus}.
     *
     * @return the sum over observations
     */
    public Elpd elpd() {
        return new Elpd(observations.stream().mapToDouble(Observation::elpd).toArray());
    }

    /**
     * The effective number of parameters with its standard error: how much the observations help to predict themselves.
     * Near or below the number of parameters for a well-specified model.
     *
     * @return the sum over observations of {@code lpd - elpd}
     */
    public Elpd effectiveParameters() {
        return new Elpd(
                observations.stream().mapToDouble(o -> o.lpd() - o.elpd()).toArray());
    }

    /**
     * The largest k-hat at which a term is reliable.
     *
     * @return {@code min(1 - 1 / log10 S, 0.7)}
     */
    public double threshold() {
        return ParetoSmoothing.threshold(draws);
    }

    /**
     * The observations whose k-hat is unknown or not below the {@link #threshold()}: so influential, or draws so wrong,
     * that their terms cannot be trusted.
     *
     * @return indices from 0, in order
     */
    public List<Integer> unreliable() {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < observations.size(); i++) {
            if (!(observations.get(i).kHat() < threshold())) {
                found.add(i);
            }
        }
        return List.copyOf(found);
    }

    /**
     * Whether all terms can be trusted.
     *
     * @return whether no observation is {@link #unreliable()} and the weights of the draws themselves have a k-hat
     *     below the threshold
     */
    public boolean isReliable() {
        return weightKHat < threshold() && unreliable().isEmpty();
    }

    /**
     * Three lines: the expected log predictive density, the effective number of parameters, and what cannot be trusted.
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "elpd_loo %s, looic %.2f%np_loo   %s%n%d of %d observations with k-hat not below %.2f (%d draws);"
                        + " Monte-Carlo error %.2f%s",
                elpd(),
                elpd().informationCriterion(),
                effectiveParameters(),
                unreliable().size(),
                observations.size(),
                threshold(),
                draws,
                monteCarloError,
                weightKHat < threshold() ? "" : String.format(Locale.ROOT, "; weights with k-hat %.2f", weightKHat));
    }
}

package org.variational.diagnostic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.model.Model;
import org.variational.model.PointwiseLogLikelihood;
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
 * k-hat is not below {@code min(1 - 1 / log10 S, 0.7)} is so influential that its term cannot be trusted.
 * Without the weights w a wrong q gives a wrong answer with inconspicuous k-hats.
 *
 * <p>{@link #of(Model, String, Posterior)} knows the model and moves draws: to the posterior where they are not from
 * it, and towards the posterior without an observation where k-hat is 1/2 or more, as the weights then have no
 * variance. The {@link #unreliable()} observations that are left need fits without them.
 *
 * @param observations one entry per observation
 * @param monteCarloError the Monte-Carlo standard error of the sum of their {@code elpd}, which share their draws, from
 *     having only S of these; true if {@link #isReliable()}, up to a bias of the terms whose k-hat is a little below
 *     1/2: about .01 nats too good each, which adds up where hundreds of observations are nearly alone in their group
 * @param draws the number of draws that have a weight
 * @param weightKHat the Pareto shape of the weights w; negative infinity for draws from the posterior itself
 * @param settling what became of the draws before observations were left out
 * @see <a href="https://arxiv.org/abs/1507.04544">Vehtari, Gelman, Gabry (2017), Practical Bayesian model evaluation
 *     using leave-one-out cross-validation and WAIC</a>
 * @see <a href="https://arxiv.org/abs/1904.10679">Magnusson, Andersen, Jonasson, Vehtari (2019), Bayesian leave-one-out
 *     cross-validation for large data, for draws from an approximation</a>
 */
public record Loo(
        List<Observation> observations, double monteCarloError, int draws, double weightKHat, Settling settling) {

    /**
     * One observation left out.
     *
     * @param elpd its log predictive density given the others
     * @param lpd its log predictive density given all
     * @param kHat the Pareto shape of its weights; negative infinity for constant weights, NaN if there are too few
     * @param standardError the Monte-Carlo standard error of {@code elpd}
     * @param unmovedKHat the Pareto shape before draws were moved towards the posterior without it; {@code kHat} if
     *     none were
     */
    public record Observation(double elpd, double lpd, double kHat, double standardError, double unmovedKHat) {

        /** Whether its terms are from draws that were moved towards the posterior without it. */
        public boolean isMoved() {
            return Double.compare(kHat, unmovedKHat) != 0;
        }
    }

    /**
     * What became of the draws before observations were left out.
     *
     * @param transitions the transitions of Markov chains from every draw after which the log likelihood no longer
     *     changed; 0 if it did not change with the first, so that the draws were used as they were
     * @param unsettled by how much its mean still changed at the end; 0 if not by more than chance
     */
    public record Settling(int transitions, double unsettled) {

        /** Of draws that were used as they are. */
        public static final Settling NONE = new Settling(0, 0);
    }

    /** Weights of an observation left out, with its log likelihoods. */
    record Term(double[] logWeights, double[] logLikelihood, double elpd) {

        static Term of(ParetoSmoothing smoothing, double[] logLikelihood) {
            double[] logWeights = smoothing.logWeights();
            return new Term(logWeights, logLikelihood, PointwiseDraws.logMean(logWeights, logLikelihood));
        }

        /** What a draw has contributed to the error. */
        double influence(int s) {
            return Math.exp(logWeights[s]) * Math.expm1(logLikelihood[s] - elpd);
        }

        double standardError(double efficiency) {
            double square = 0;
            for (int s = 0; s < logWeights.length; s++) {
                square += influence(s) * influence(s);
            }
            return Math.sqrt(square / efficiency);
        }
    }

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
        Terms terms = new Terms(draws, efficiency);
        return terms.loo(Settling.NONE);
    }

    /** The terms of all observations, on their way to a result. */
    private static final class Terms {
        private final PointwiseDraws draws;
        private final double efficiency;
        private final List<Observation> observations = new ArrayList<>();
        private final double[] influence;
        private double squareOfMoved;

        Terms(PointwiseDraws draws, double efficiency) {
            this.draws = draws;
            this.efficiency = efficiency;
            double[] full = draws.smoothing().logWeights();
            double[] raw = draws.raw();
            this.influence = new double[raw.length];
            draws.forEach((i, row) -> {
                ParetoSmoothing smoothing = smoothing(raw, row);
                Term term = Term.of(smoothing, row);
                add(term, 1);
                observations.add(new Observation(
                        term.elpd(),
                        PointwiseDraws.logMean(full, row),
                        smoothing.shape(),
                        term.standardError(efficiency),
                        smoothing.shape()));
            });
        }

        private ParetoSmoothing smoothing(double[] raw, double[] row) {
            double[] ratios = new double[row.length];
            Arrays.setAll(ratios, s -> raw[s] - row[s]);
            return ParetoSmoothing.of(ratios, efficiency);
        }

        private void add(Term term, int sign) {
            Arrays.setAll(influence, s -> influence[s] + sign * term.influence(s));
        }

        /** Moves draws for the observations that need it, those with the largest k-hat first. */
        void move(PointwiseLogLikelihood likelihood, DMatrixRMaj points, Supplier<MomentMatchedLoo> matching) {
            int[] needed = IntStream.range(0, observations.size())
                    .filter(i -> observations.get(i).kHat() >= MomentMatchedLoo.WORTH_MOVING)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -observations.get(i).kHat()))
                    .mapToInt(i -> i)
                    .toArray();
            if (needed.length == 0) {
                return;
            }
            MomentMatchedLoo mover = matching.get();
            double[] raw = draws.raw();
            for (int i : needed) {
                Observation moved = mover.moved(i, observations.get(i));
                if (moved != null) {
                    double[] row = likelihood.evaluate(points, i, i + 1).data;
                    add(Term.of(smoothing(raw, row), row), -1);
                    squareOfMoved += moved.standardError() * moved.standardError();
                    observations.set(i, moved);
                }
            }
        }

        Loo loo(Settling settling) {
            double square = Arrays.stream(influence).map(x -> x * x).sum() / efficiency;
            return new Loo(
                    observations,
                    Math.sqrt(square + squareOfMoved),
                    draws.count(),
                    draws.smoothing().shape(),
                    settling);
        }
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
     * From the draws of the posterior of a declared model, with two repairs, both deterministic.
     * <ul>
     *   <li>The draws must be of the posterior in what the likelihood combines them to, not only one by one. Markov
     *       chains take one transition from each, some gradients a draw. If that changes the mean log likelihood by
     *       more than chance, they go on until it has settled, and the draws are where they are then.
     *   <li>For an observation whose k-hat is 1/2 or more, draws are moved towards the posterior without it by
     *       importance-weighted moment matching of what its likelihood depends on: one to two log densities a draw and
     *       observation, those with the largest k-hat first, two million at most in all.
     * </ul>
     *
     * @param observation the name its data were observed under
     * @param posterior the draws
     * @return the cross-validation over the rows of that observation
     * @throws IllegalArgumentException if there is no such observation, the draws are of another dimension, or a log
     *     likelihood is not finite
     * @see <a href="https://arxiv.org/abs/1906.08850">Paananen, Piironen, Burkner, Vehtari (2021), Implicitly adaptive
     *     importance sampling</a>
     */
    public static Loo of(Model model, String observation, Posterior posterior) {
        PointwiseLogLikelihood likelihood = model.pointwiseLogLikelihood(observation);
        SettledDraws draws = SettledDraws.of(model, likelihood, posterior);
        double efficiency = efficiency(posterior);
        Terms terms =
                new Terms(PointwiseDraws.of(likelihood, draws.points(), new double[posterior.size()]), efficiency);
        terms.move(
                likelihood, draws.points(), () -> new MomentMatchedLoo(model, likelihood, draws.points(), efficiency));
        return terms.loo(new Settling(draws.transitions(), draws.unsettled()));
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

    /** How many observations have terms from draws that were moved towards the posterior without them. */
    public int moved() {
        return (int) observations.stream().filter(Observation::isMoved).count();
    }

    /**
     * Whether all terms can be trusted.
     *
     * @return whether no observation is {@link #unreliable()}, the weights of the draws themselves have a k-hat below
     *     the threshold, and the draws have settled
     */
    public boolean isReliable() {
        return weightKHat < threshold() && unreliable().isEmpty() && settling.unsettled() == 0;
    }

    /**
     * Three lines: the expected log predictive density, the effective number of parameters, and what cannot be trusted;
     * and one for each repair that was made.
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "elpd_loo %s, looic %.2f%np_loo   %s%n%d of %d observations with k-hat not below %.2f (%d draws);"
                        + " Monte-Carlo error %.2f%s%s%s",
                elpd(),
                elpd().informationCriterion(),
                effectiveParameters(),
                unreliable().size(),
                observations.size(),
                threshold(),
                draws,
                monteCarloError,
                unreliable().isEmpty() ? "" : "; fit without each of these",
                weightKHat < threshold() ? "" : String.format(Locale.ROOT, "; weights with k-hat %.2f", weightKHat),
                repairs());
    }

    private String repairs() {
        StringBuilder text = new StringBuilder();
        if (moved() > 0) {
            text.append(String.format("%ndraws moved towards the posterior without the observation for %d", moved()));
        }
        if (settling.transitions() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "%ndraws moved %d transitions by Markov chains, as their log likelihood was not that of the"
                            + " posterior%s",
                    settling.transitions(),
                    settling.unsettled() == 0
                            ? ""
                            : String.format(Locale.ROOT, "; it still changes, by %.1f", settling.unsettled())));
        }
        return text.toString();
    }
}

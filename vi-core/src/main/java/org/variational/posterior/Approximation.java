package org.variational.posterior;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;
import org.variational.weights.WeightedSample;

/**
 * Draws from the fitted distribution q as they came, with the log densities under q and under the model p, which turn
 * them into weighted draws from the posterior.
 *
 * <p>These are for those who study the approximation or do their own weighting; a {@link Posterior} holds draws for
 * use.
 * With {@code w = p / q}, the weights are Pareto-smoothed and normalised. A draw at which the density of the model is
 * unknown, because it was not evaluated or could not be, has an unknown weight: it is left out everywhere, of k-hat as
 * of every average. A draw at which it is zero counts, with weight zero.
 *
 * <p>Immutable and thread-safe; arrays are copied out.
 *
 * @see <a href="https://arxiv.org/abs/1507.02646">Vehtari, Simpson, Gelman, Yao, Gabry (2024), Pareto smoothed
 *     importance sampling</a>
 */
public final class Approximation {

    /** The fewest known weights from which a Pareto shape is estimated. */
    public static final int FEWEST_FOR_K_HAT = 100;

    private final DrawTable table;
    private final double[] logDensity;
    private final double[] logApproximation;
    private final Reweighting reweighting;

    private Approximation(DrawTable table, double[] logDensity, double[] logApproximation) {
        this.table = table;
        this.logDensity = logDensity;
        this.logApproximation = logApproximation;
        this.reweighting = new Reweighting(logWeights());
    }

    /**
     * Draws with both log densities.
     *
     * @param layout the meaning of the coordinates
     * @param unconstrained D x S, one draw a column, optimised coordinates included; copied
     * @param logDensity the log density of the model at every draw, NaN where unknown; copied
     * @param logApproximation the log density of q at every draw; copied
     * @return the draws
     * @throws IllegalArgumentException if the shapes do not agree
     */
    public static Approximation of(
            ParameterLayout layout, DMatrixRMaj unconstrained, double[] logDensity, double[] logApproximation) {
        int draws = unconstrained.numCols;
        if (logDensity.length != draws || logApproximation.length != draws) {
            throw new IllegalArgumentException("there are " + draws + " draws, but " + logDensity.length
                    + " log densities of the model and " + logApproximation.length + " of the approximation");
        }
        return new Approximation(DrawTable.of(layout, unconstrained), logDensity.clone(), logApproximation.clone());
    }

    /**
     * The number of draws S.
     *
     * @return at least 1
     */
    public int size() {
        return table.size();
    }

    /** The quantities on the user's scale, in order of declaration. */
    public List<Quantity> quantities() {
        return table.quantities();
    }

    /** The names of all scalars, in order. */
    public List<String> scalarNames() {
        return table.scalarNames();
    }

    /**
     * The draws of one scalar, unweighted.
     *
     * @param name a scalar's name, such as {@code tau}, {@code theta[3]} or {@code theta[Choate]}
     * @return S numbers on the user's scale
     * @throws IllegalArgumentException if there is no such scalar, listing the names there are
     */
    public double[] draws(String name) {
        return table.draws(name);
    }

    /**
     * The draws on the unconstrained scale.
     *
     * @return a new D x S matrix
     */
    public DMatrixRMaj unconstrained() {
        return table.unconstrained();
    }

    /**
     * The log density of the model at every draw, on the unconstrained scale.
     *
     * @return S numbers; NaN where it is unknown
     */
    public double[] logDensity() {
        return logDensity.clone();
    }

    /**
     * The log density of q at every draw.
     *
     * @return S numbers
     */
    public double[] logApproximation() {
        return logApproximation.clone();
    }

    /**
     * The raw log weights, {@code log p - log q}.
     *
     * @return S numbers, not normalised; {@code -Infinity} where the density of the model is zero; NaN where one of the
     *     densities is unknown, and where they differ by more than numbers can tell
     */
    public double[] logWeights() {
        double[] weights = new double[size()];
        Arrays.setAll(weights, s -> {
            double weight = logDensity[s] - logApproximation[s];
            return weight == Double.POSITIVE_INFINITY ? Double.NaN : weight;
        });
        return weights;
    }

    /**
     * The Pareto-smoothed normalised weights. Averages with them are estimates under the posterior, to be trusted if
     * {@link #hasReliableWeights()}.
     *
     * @return S numbers that sum to 1, 0 where the weight is zero or unknown; all 0 if all are
     */
    public double[] weights() {
        return reweighting.weights();
    }

    /**
     * The Pareto shape of the weights that are known.
     *
     * @return k-hat; negative infinity for constant weights, never positive infinity, NaN if fewer than
     *     {@value #FEWEST_FOR_K_HAT} weights are known
     */
    public double kHat() {
        return reweighting.known() < FEWEST_FOR_K_HAT
                ? Double.NaN
                : reweighting.smoothing().shape();
    }

    /** Whether k-hat is known and below {@code min(1 - 1 / log10 n, 0.7)} for the n draws whose weight is known. */
    public boolean hasReliableWeights() {
        return kHat() < ParetoSmoothing.threshold(Math.max(1, reweighting.known()));
    }

    /** The number of draws whose weight is known, from 0 to S. */
    public int knownWeights() {
        return reweighting.known();
    }

    /**
     * The effective sample size {@code 1 / sum W^2} of the normalised weights.
     *
     * @return from 1 to S; 0 if no draw has a weight
     */
    public double effectiveSampleSize() {
        return reweighting.smoothing().effectiveSampleSize();
    }

    /**
     * The posterior mean of one scalar, by importance weights.
     *
     * @param name a scalar's name, such as {@code tau}, {@code theta[3]} or {@code theta[Choate]}
     * @return the estimate with its error and its own k-hat
     * @throws IllegalArgumentException if there is no such scalar, or a draw with a weight is not finite
     */
    public Expectation expectation(String name) {
        return expectation(draws(name));
    }

    /**
     * The posterior expectation of a function of the quantities, by importance weights.
     *
     * @param function of all scalars on the user's scale, in the order of {@link #scalarNames()}; called once a draw
     *     with an array of its own
     * @return the estimate with its error and its own k-hat
     * @throws IllegalArgumentException if the function is not finite at a draw with a weight
     */
    public Expectation expectation(ToDoubleFunction<double[]> function) {
        double[] results = new double[size()];
        Arrays.setAll(results, s -> function.applyAsDouble(table.scalarsAt(s)));
        return expectation(results);
    }

    /**
     * The posterior expectation of a function that is given by its values at the draws, by importance weights.
     *
     * @param atDraws S values, in the order of the draws
     * @return the estimate with its error and its own k-hat
     * @throws IllegalArgumentException if there is not one value per draw, or one is not finite at a draw with a weight
     */
    public Expectation expectation(double[] atDraws) {
        if (atDraws.length != size()) {
            throw new IllegalArgumentException("there are " + size() + " draws, but " + atDraws.length + " values");
        }
        return reweighting.expectation(atDraws);
    }

    /**
     * How well the weights serve the mean and the variance of every scalar.
     *
     * @return one entry per scalar, in the order of {@link #scalarNames()}; NaN where a draw with a weight is not
     *     finite
     */
    public List<MarginalKHat> marginalKHats() {
        List<String> names = scalarNames();
        List<MarginalKHat> shapes = new ArrayList<>(names.size());
        for (int row = 0; row < names.size(); row++) {
            shapes.add(reweighting.marginal(names.get(row), table.draws(row)));
        }
        return List.copyOf(shapes);
    }

    /**
     * The number of draws with a value that is not finite on the user's scale.
     *
     * @return from 0 to S
     */
    public int nonFiniteDraws() {
        return table.nonFinite();
    }

    /**
     * The first draws as a posterior: right where q is the posterior for all that matters, which is what the level GOOD
     * of a verdict says.
     *
     * @param count the number of draws, from 1 to S
     * @throws IllegalArgumentException if {@code count} is out of range
     */
    public Posterior unweighted(int count) {
        if (count < 1 || count > size()) {
            throw new IllegalArgumentException("from 1 to " + size() + " draws can be taken, got " + count);
        }
        DrawTable first = count == size()
                ? table
                : table.columns(IntStream.range(0, count).toArray());
        return Posterior.independent(first, Arrays.copyOf(logDensity, count));
    }

    /**
     * Draws that stand for the posterior with equal weights, chosen from these by their weights. They are as good as
     * the weights: look at k-hat first.
     *
     * @param how the scheme
     * @param count the number n of draws wanted, at least 1
     * @param seed the seed of the choice; the same seed gives the same draws
     * @return the chosen draws and their indices
     * @throws IllegalArgumentException if {@code count} is less than 1 or more than the scheme can choose, or no draw
     *     has a known weight above zero
     */
    public ResampledDraws resampled(Resampling how, int count, long seed) {
        Objects.requireNonNull(how, "how");
        double[] weights = weights();
        int weighted = (int) Arrays.stream(weights).filter(weight -> weight > 0).count();
        if (weighted == 0) {
            throw new IllegalArgumentException(
                    "no draw has an importance weight: the density of the model is zero or unknown at all of them");
        }
        int most = how == Resampling.WITH_REPLACEMENT ? Integer.MAX_VALUE : weighted;
        if (count < 1 || count > most) {
            throw new IllegalArgumentException(
                    how + " can choose from 1 to " + most + " draws here, but " + count + " were asked for"
                            + (count > most ? ": make more draws, or use Resampling.WITH_REPLACEMENT" : ""));
        }
        int[] indices = how.choose(weights, count, RandomStreams.of(seed).generator("resampling", 0));
        double[] density = new double[count];
        Arrays.setAll(density, k -> logDensity[indices[k]]);
        double worth = Math.min(count, effectiveSampleSize());
        return new ResampledDraws(new Posterior(table.columns(indices), density, worth, meanErrors(count)), indices);
    }

    /**
     * The standard error of every scalar's mean after resampling: that of the weighted mean, and at most that of
     * choosing n draws independently.
     */
    private double[] meanErrors(int count) {
        double[] errors = new double[table.scalars()];
        int row = 0;
        for (Quantity quantity : table.quantities()) {
            for (int k = 0; k < quantity.size(); k++, row++) {
                double[] draws = table.draws(row);
                if (quantity.role() == Role.OPTIMISED) {
                    errors[row] = 0;
                } else if (!reweighting.isFinite(draws)) {
                    errors[row] = Double.NaN;
                } else {
                    WeightedSample sample = reweighting.sample(draws);
                    errors[row] = Math.hypot(sample.meanError(), sample.standardDeviation() / Math.sqrt(count));
                }
            }
        }
        return errors;
    }

    /** One line: how many draws of what, and what their weights are worth. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "approximation: %d draws of %s; %s, effective sample size %.0f",
                size(),
                table.describe(),
                reweighting.smoothing(),
                effectiveSampleSize());
    }
}

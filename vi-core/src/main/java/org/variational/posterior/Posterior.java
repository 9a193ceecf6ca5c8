package org.variational.posterior;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.density.Matrices;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.random.RandomStreams;
import org.variational.weights.ParetoSmoothing;

/**
 * Draws from an approximation, with names and on the user's scale, and the two log densities that turn them into
 * weighted draws from the posterior.
 *
 * <p>Immutable and thread-safe; arrays are copied out.
 */
public final class Posterior {

    private final ParameterLayout layout;
    private final List<Quantity> quantities;
    private final List<String> coordinateNames;
    private final DMatrixRMaj unconstrained;
    private final DMatrixRMaj values;
    private final double[] logDensity;
    private final double[] logApproximation;
    private final Map<String, Integer> scalarRows = new LinkedHashMap<>();
    private final Map<String, int[]> quantityRows = new LinkedHashMap<>();
    /** Made on first use; threads that race make equal ones. */
    private volatile @Nullable Reweighting reweighting;

    private Posterior(
            ParameterLayout layout,
            DMatrixRMaj unconstrained,
            DMatrixRMaj values,
            double[] logDensity,
            double[] logApproximation) {
        this.layout = layout;
        this.quantities = List.copyOf(layout.quantities());
        this.coordinateNames = List.copyOf(layout.coordinateNames());
        this.unconstrained = unconstrained;
        this.values = values;
        this.logDensity = logDensity;
        this.logApproximation = logApproximation;
        int row = 0;
        for (Quantity quantity : quantities) {
            quantityRows.put(quantity.name(), new int[] {row, quantity.size()});
            for (String name : quantity.scalarNames()) {
                scalarRows.put(name, row++);
            }
        }
    }

    /**
     * The posterior that given draws describe.
     *
     * @param layout the meaning of the coordinates
     * @param unconstrained D x S, one draw a column, optimised coordinates included; copied
     * @param logDensity the log density of the model at every draw, NaN where unknown; copied
     * @param logApproximation the log density of the approximation at every draw; copied
     * @throws IllegalArgumentException if the shapes do not agree
     */
    public static Posterior of(
            ParameterLayout layout, DMatrixRMaj unconstrained, double[] logDensity, double[] logApproximation) {
        int draws = unconstrained.numCols;
        if (unconstrained.numRows != layout.dimension()) {
            throw new IllegalArgumentException(
                    "the draws have " + unconstrained.numRows + " coordinates, the layout has " + layout.dimension());
        }
        if (logDensity.length != draws || logApproximation.length != draws) {
            throw new IllegalArgumentException("there are " + draws + " draws, but " + logDensity.length
                    + " log densities of the model and " + logApproximation.length + " of the approximation");
        }
        int size = layout.quantities().stream().mapToInt(Quantity::size).sum();
        DMatrixRMaj values = new DMatrixRMaj(size, draws);
        DMatrixRMaj copy = unconstrained.copy();
        layout.quantitiesAt(copy, values);
        return new Posterior(layout, copy, values, logDensity.clone(), logApproximation.clone());
    }

    /**
     * The number of draws S.
     *
     * @return at least 1
     */
    public int size() {
        return unconstrained.numCols;
    }

    /**
     * The quantities on the user's scale, in order of declaration.
     *
     * @return an unmodifiable list
     */
    public List<Quantity> quantities() {
        return quantities;
    }

    /**
     * The names of all scalars, in order: {@code tau}, {@code theta[0]}, {@code theta[1]}, ...
     *
     * @return an unmodifiable list
     */
    public List<String> scalarNames() {
        return List.copyOf(scalarRows.keySet());
    }

    /**
     * The draws of one scalar.
     *
     * @param name a scalar's name, such as {@code tau} or {@code theta[3]}
     * @return S numbers on the user's scale
     * @throws IllegalArgumentException if there is no such scalar, listing the names there are
     */
    public double[] draws(String name) {
        Integer row = scalarRows.get(Objects.requireNonNull(name, "name"));
        if (row == null) {
            int[] rows = quantityRows.get(name);
            throw new IllegalArgumentException(
                    rows != null
                            ? "\"" + name + "\" has " + rows[1] + " elements: ask for one of them, such as \""
                                    + scalarNames().get(rows[0]) + "\", or for drawsOf(\"" + name + "\")"
                            : "There is no scalar \"" + name + "\"; there are " + some(scalarNames()));
        }
        return Matrices.row(values, row);
    }

    /**
     * The draws of one quantity.
     *
     * @param name a declared name, such as {@code theta}
     * @return n x S, n the quantity's size, elements in row-major order
     * @throws IllegalArgumentException if there is no such quantity, listing the names there are
     */
    public DMatrixRMaj drawsOf(String name) {
        int[] rows = quantityRows.get(Objects.requireNonNull(name, "name"));
        if (rows == null) {
            throw new IllegalArgumentException(
                    "there is no quantity \"" + name + "\"; there are " + some(List.copyOf(quantityRows.keySet())));
        }
        DMatrixRMaj copy = new DMatrixRMaj(rows[1], size());
        System.arraycopy(values.data, rows[0] * size(), copy.data, 0, rows[1] * size());
        return copy;
    }

    private static String some(List<String> names) {
        int shown = Math.min(20, names.size());
        List<String> list = new ArrayList<>(names.subList(0, shown));
        if (shown < names.size()) {
            list.add("... (" + names.size() + " in all)");
        }
        return String.join(", ", list);
    }

    /**
     * The draws on the unconstrained scale.
     *
     * @return a new D x S matrix
     */
    public DMatrixRMaj unconstrained() {
        return unconstrained.copy();
    }

    /**
     * The names of the unconstrained coordinates.
     *
     * @return an unmodifiable list of D names
     */
    public List<String> coordinateNames() {
        return coordinateNames;
    }

    /**
     * The log density of the model at every draw, on the unconstrained scale.
     *
     * @return S numbers; NaN where it could not be evaluated
     */
    public double[] logDensity() {
        return logDensity.clone();
    }

    /**
     * The log density of the approximation at every draw.
     *
     * @return S numbers
     */
    public double[] logApproximation() {
        return logApproximation.clone();
    }

    /**
     * The log importance weights, {@code log p - log q}, of every draw.
     *
     * @return S numbers, not normalised; {@code -Infinity} where the model's density could not be evaluated
     */
    public double[] logWeights() {
        double[] weights = new double[size()];
        for (int s = 0; s < weights.length; s++) {
            double weight = logDensity[s] - logApproximation[s];
            weights[s] = Double.isNaN(weight) ? Double.NEGATIVE_INFINITY : weight;
        }
        return weights;
    }

    /** The Pareto-smoothed weights, made on first use. */
    Reweighting reweighting() {
        Reweighting made = reweighting;
        if (made == null) {
            double[] logWeights = new double[size()];
            Arrays.setAll(logWeights, s -> logDensity[s] - logApproximation[s]);
            made = new Reweighting(logWeights);
            reweighting = made;
        }
        return made;
    }

    /**
     * The importance weights of the draws, Pareto-smoothed and normalised. Averages with them are estimates under the
     * posterior rather than the approximation, to be trusted if {@link #hasReliableWeights()}.
     *
     * @return S numbers that sum to 1, 0 where the model's density is zero or unknown; all 0 if no density is known or
     *     all are zero
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public double[] weights() {
        return reweighting().weights();
    }

    /**
     * The Pareto shape of the importance weights, those that are unknown left out.
     *
     * @return k-hat; negative infinity for constant weights, never positive infinity, NaN if there are too few weights
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public double kHat() {
        return reweighting().smoothing().shape();
    }

    /**
     * Whether the importance weights can be used: k-hat is known and below {@code min(1 - 1 / log10 S, 0.7)} for the S
     * draws whose weight is known.
     *
     * @return whether {@link #weights()} mend what the approximation has wrong
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public boolean hasReliableWeights() {
        return reweighting().smoothing().isReliable();
    }

    /**
     * The effective sample size {@code 1 / sum W^2} of the normalised weights.
     *
     * @return from 1 to S; 0 if no draw has a weight
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public double effectiveSampleSize() {
        return reweighting().smoothing().effectiveSampleSize();
    }

    /**
     * The posterior mean of one scalar, by importance weights.
     *
     * @param name a scalar's name, such as {@code tau} or {@code theta[3]}
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
        for (int s = 0; s < results.length; s++) {
            double[] scalars = new double[values.numRows];
            for (int row = 0; row < scalars.length; row++) {
                scalars[row] = values.data[row * size() + s];
            }
            results[s] = function.applyAsDouble(scalars);
        }
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
        return reweighting().expectation(atDraws);
    }

    /**
     * How well the importance weights serve the mean and the variance of every scalar.
     *
     * @return one entry per scalar, in the order of {@link #scalarNames()}; NaN where a draw with a weight is not
     *     finite
     * @throws IllegalArgumentException if a log weight is {@code +Infinity}
     */
    public List<MarginalKHat> marginalKHats() {
        List<MarginalKHat> shapes = new ArrayList<>(values.numRows);
        scalarRows.forEach((name, row) -> shapes.add(reweighting().marginal(name, Matrices.row(values, row))));
        return List.copyOf(shapes);
    }

    /**
     * The number of draws with a value that is not finite on the user's scale.
     *
     * @return from 0 to S
     */
    public int nonFiniteDraws() {
        int count = 0;
        for (int s = 0; s < size(); s++) {
            for (int row = 0; row < values.numRows; row++) {
                if (!Double.isFinite(values.data[row * size() + s])) {
                    count++;
                    break;
                }
            }
        }
        return count;
    }

    /**
     * Draws that stand for the posterior with equal weights, chosen from these by their Pareto-smoothed importance
     * weights. They are as good as the weights: look at k-hat first.
     *
     * @param how the scheme
     * @param count the number n of draws wanted, at least 1
     * @param seed the seed of the choice; the same seed gives the same draws
     * @return the chosen draws and their indices
     * @throws IllegalArgumentException if {@code count} is less than 1 or more than the scheme can choose, no draw has
     *     a known weight above zero, or a log weight is {@code +Infinity}
     */
    public ResampledDraws resampled(Resampling how, int count, long seed) {
        Objects.requireNonNull(how, "how");
        double[] weights = ParetoSmoothing.of(logWeights()).weights();
        int weighted = (int) Arrays.stream(weights).filter(weight -> weight > 0).count();
        if (how != Resampling.NONE && weighted == 0) {
            throw new IllegalArgumentException(
                    "no draw has an importance weight: the density of the model is zero or unknown"
                            + " at all of them, so that only Resampling.NONE is possible");
        }
        int most =
                switch (how) {
                    case WITH_REPLACEMENT -> Integer.MAX_VALUE;
                    case WITHOUT_REPLACEMENT -> weighted;
                    case NONE -> size();
                };
        if (count < 1 || count > most) {
            throw new IllegalArgumentException(
                    how + " can choose from 1 to " + most + " draws here, but " + count + " were asked for"
                            + (count > most ? ": make more draws, or use Resampling.WITH_REPLACEMENT" : ""));
        }
        int[] indices = how.choose(weights, count, RandomStreams.of(seed).generator("resampling", 0));
        double[] density = new double[count];
        double[] approximation = new double[count];
        for (int k = 0; k < count; k++) {
            density[k] = logDensity[indices[k]];
            approximation[k] = how == Resampling.NONE ? logApproximation[indices[k]] : density[k];
        }
        Posterior chosen = new Posterior(
                layout,
                Matrices.selectColumns(unconstrained, indices),
                Matrices.selectColumns(values, indices),
                density,
                approximation);
        return new ResampledDraws(chosen, indices);
    }
}

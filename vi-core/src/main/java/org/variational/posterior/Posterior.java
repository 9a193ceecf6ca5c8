package org.variational.posterior;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;

/**
 * Draws that stand for the posterior as they are: equally weighted, with names, on the user's scale and on the
 * unconstrained one.
 *
 * <p>Every average, quantile or prediction over these draws is an estimate under the posterior; no weights are to be
 * applied. A fit whose draws need importance weights has chosen these draws by them ({@link Approximation#resampled}),
 * and then they are worth fewer independent draws than there are: {@link #effectiveSampleSize()} and
 * the Monte-Carlo errors of a {@link Summary} say how many.
 *
 * <p>Immutable and thread-safe; arrays are copied out.
 */
public final class Posterior {

    private final DrawTable table;
    private final double[] logDensity;
    private final double effectiveSampleSize;
    private final double[] meanErrors;

    /**
     * @param table the draws
     * @param logDensity the log density of the model at every draw
     * @param effectiveSampleSize the number of independent draws that these are worth
     * @param meanErrors the Monte-Carlo standard error of every scalar's mean
     */
    Posterior(DrawTable table, double[] logDensity, double effectiveSampleSize, double[] meanErrors) {
        this.table = table;
        this.logDensity = logDensity;
        this.effectiveSampleSize = effectiveSampleSize;
        this.meanErrors = meanErrors;
    }

    /**
     * The posterior that independent draws describe.
     *
     * @param layout the meaning of the coordinates
     * @param unconstrained D x S, one draw a column, optimised coordinates included; copied
     * @param logDensity the log density of the model at every draw, NaN where unknown; copied
     * @return the posterior
     * @throws IllegalArgumentException if the shapes do not agree
     */
    public static Posterior of(ParameterLayout layout, DMatrixRMaj unconstrained, double[] logDensity) {
        if (logDensity.length != unconstrained.numCols) {
            throw new IllegalArgumentException(
                    "there are " + unconstrained.numCols + " draws, but " + logDensity.length + " log densities");
        }
        return independent(DrawTable.of(layout, unconstrained), logDensity.clone());
    }

    /** Independent draws. */
    static Posterior independent(DrawTable table, double[] logDensity) {
        double[] errors = new double[table.scalars()];
        Arrays.setAll(errors, row -> Summary.standardDeviation(table.draws(row)) / Math.sqrt(table.size()));
        return new Posterior(table, logDensity, table.size(), errors);
    }

    /**
     * The number of draws S.
     *
     * @return at least 1
     */
    public int size() {
        return table.size();
    }

    /**
     * The number of independent draws that these are worth: S, or less if they were chosen by importance weights.
     *
     * @return a positive number
     */
    public double effectiveSampleSize() {
        return effectiveSampleSize;
    }

    /** The quantities on the user's scale, in order of declaration. */
    public List<Quantity> quantities() {
        return table.quantities();
    }

    /** The names of all scalars, in order: {@code tau}, {@code theta[0]}, {@code theta[1]}, ... */
    public List<String> scalarNames() {
        return table.scalarNames();
    }

    /**
     * The draws of one scalar.
     *
     * @param name a scalar's name, such as {@code tau}, {@code theta[3]} or {@code theta[Choate]}
     * @return S numbers on the user's scale
     * @throws IllegalArgumentException if there is no such scalar, listing the names there are
     */
    public double[] draws(String name) {
        return table.draws(name);
    }

    /**
     * The draws of one quantity.
     *
     * @param name a declared name, such as {@code theta}
     * @return n x S, n the quantity's size, elements in row-major order
     * @throws IllegalArgumentException if there is no such quantity, listing the names there are
     */
    public DMatrixRMaj drawsOf(String name) {
        return table.drawsOf(name);
    }

    /**
     * The draws on the unconstrained scale.
     *
     * @return a new D x S matrix
     */
    public DMatrixRMaj unconstrained() {
        return table.unconstrained();
    }

    /** The names of the D unconstrained coordinates. */
    public List<String> coordinateNames() {
        return table.coordinateNames();
    }

    /**
     * The log density of the model at every draw, on the unconstrained scale.
     *
     * @return S numbers; NaN where it could not be evaluated
     */
    public double[] logDensity() {
        return logDensity.clone();
    }

    /** The Monte-Carlo standard error of every scalar's mean, in the order of {@link #scalarNames()}. */
    double[] meanErrors() {
        return meanErrors;
    }

    /**
     * The number of draws with a value that is not finite on the user's scale.
     *
     * @return from 0 to S
     */
    public int nonFiniteDraws() {
        return table.nonFinite();
    }

    /** One line: how many draws of what, and what they are worth. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "posterior: %d draws%s of %s",
                size(),
                effectiveSampleSize < size()
                        ? String.format(Locale.ROOT, ", worth %.0f independent ones,", effectiveSampleSize)
                        : "",
                table.describe());
    }
}

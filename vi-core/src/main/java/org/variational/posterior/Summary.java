package org.variational.posterior;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;
import org.variational.weights.WeightedSample;

/**
 * A table of the quantities on the user's scale: mean, standard deviation, quantiles and Monte-Carlo error.
 *
 * <p>The error of a mean has two parts that add in square: that of the draws, {@code sd / sqrt(S)}, and that of the fit
 * itself, which stays however many draws are taken.
 *
 * @param heading what is printed above the table, the verdict first
 * @param rows one row per scalar, in order of declaration
 */
public record Summary(List<String> heading, List<Row> rows) {

    private static final int MAX_PRINTED_ROWS = 60;

    /**
     * One scalar.
     *
     * @param name its name
     * @param role where it comes from
     * @param mean the mean
     * @param sd the standard deviation; 0 for an optimised value, NaN for a single draw
     * @param q05 the 5 % quantile
     * @param q50 the median
     * @param q95 the 95 % quantile
     * @param mcse the Monte-Carlo error of the mean, from the draws and from the fit; NaN where one of them is unknown
     */
    public record Row(
            String name, Role role, double mean, double sd, double q05, double q50, double q95, double mcse) {}

    /** Copies the lists. */
    public Summary {
        heading = List.copyOf(heading);
        rows = List.copyOf(rows);
    }

    /**
     * Summarises draws.
     *
     * @param heading what is printed above the table
     * @param posterior the draws, equally weighted
     * @param fitError the Monte-Carlo error of every scalar's mean that the fit itself left, in order of
     *     {@link Posterior#scalarNames()}; NaN where unknown, which makes the row's error NaN
     * @return the summary
     * @throws IllegalArgumentException if there is not one error per scalar
     */
    public static Summary of(List<String> heading, Posterior posterior, double[] fitError) {
        return of(heading, posterior, fitError, Summary::row);
    }

    /** Makes the row of one scalar from its draws and the error that the fit left in its mean. */
    @FunctionalInterface
    private interface RowMaker {
        Row row(String name, Role role, double[] draws, double fitError);
    }

    private static Summary of(List<String> heading, Posterior posterior, double[] fitError, RowMaker maker) {
        List<String> names = posterior.scalarNames();
        if (fitError.length != names.size()) {
            throw new IllegalArgumentException(
                    "there are " + names.size() + " scalars, but " + fitError.length + " errors of the fit");
        }
        List<Row> rows = new ArrayList<>(names.size());
        int at = 0;
        for (Quantity quantity : posterior.quantities()) {
            for (String name : quantity.scalarNames()) {
                rows.add(maker.row(name, quantity.role(), posterior.draws(name), fitError[at++]));
            }
        }
        return new Summary(heading, rows);
    }

    /**
     * Summarises draws with their importance weights, as estimates under the posterior itself: moments and quantiles of
     * the weighted draws, and the error of the mean that they leave.
     *
     * <p>The error of the fit does not enter, as weighted draws represent the posterior whatever the approximation is,
     * save in optimised values, which weights do not change. Draws without a weight do not count.
     *
     * @param heading what is printed above the table; a line that tells of the weights is added
     * @param posterior the draws, with {@link Posterior#weights() weights}
     * @param fitError the Monte-Carlo error of every scalar's mean that the fit itself left, in order of
     *     {@link Posterior#scalarNames()}; used for optimised values
     * @return the summary; NaN where a draw with a weight is not finite, or no draw has one
     * @throws IllegalArgumentException if there is not one error per scalar
     */
    public static Summary weighted(List<String> heading, Posterior posterior, double[] fitError) {
        List<String> lines = new ArrayList<>(heading);
        lines.add(String.format(
                Locale.ROOT,
                "with importance weights: effective sample size %.0f of %d draws",
                posterior.effectiveSampleSize(),
                posterior.size()));
        Reweighting reweighting = posterior.reweighting();
        return of(
                lines,
                posterior,
                fitError,
                (name, role, draws, error) -> weightedRow(name, role, draws, reweighting, error));
    }

    private static Row weightedRow(String name, Role role, double[] draws, Reweighting reweighting, double fitError) {
        if (!reweighting.isFinite(draws)) {
            return new Row(name, role, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        WeightedSample sample = reweighting.sample(draws);
        boolean optimised = role == Role.OPTIMISED;
        return new Row(
                name,
                role,
                sample.mean(),
                optimised ? 0 : sample.standardDeviation(),
                sample.quantile(0.05),
                sample.quantile(0.5),
                sample.quantile(0.95),
                optimised ? fitError : sample.meanError());
    }

    private static Row row(String name, Role role, double[] draws, double fitError) {
        int n = draws.length;
        double mean = 0;
        for (int s = 0; s < n; s++) {
            mean += (draws[s] - mean) / (s + 1);
        }
        double square = 0;
        for (double draw : draws) {
            square += (draw - mean) * (draw - mean);
        }
        double sd = role == Role.OPTIMISED ? 0 : Math.sqrt(square / (n - 1));
        Arrays.sort(draws);
        return new Row(
                name,
                role,
                mean,
                sd,
                quantile(draws, 0.05),
                quantile(draws, 0.5),
                quantile(draws, 0.95),
                Math.hypot(sd / Math.sqrt(n), fitError));
    }

    /** The quantile of sorted numbers by linear interpolation between order statistics (Hyndman and Fan's type 7). */
    private static double quantile(double[] sorted, double probability) {
        double position = probability * (sorted.length - 1);
        int below = (int) position;
        double above = sorted[Math.min(below + 1, sorted.length - 1)];
        double fraction = position - below;
        return fraction == 0 ? sorted[below] : (1 - fraction) * sorted[below] + fraction * above;
    }

    /**
     * The row of a scalar.
     *
     * @throws IllegalArgumentException if there is no such scalar
     */
    public Row row(String name) {
        for (Row row : rows) {
            if (row.name().equals(name)) {
                return row;
            }
        }
        throw new IllegalArgumentException("there is no scalar \"" + name + "\" in this summary of " + rows.size());
    }

    /** The heading and an aligned table; of very many rows, the first ones and a count. */
    @Override
    public String toString() {
        int shown = Math.min(rows.size(), MAX_PRINTED_ROWS);
        int width = "quantity".length();
        for (Row row : rows.subList(0, shown)) {
            width = Math.max(width, row.name().length());
        }
        StringBuilder text = new StringBuilder();
        for (String line : heading) {
            text.append(line).append('\n');
        }
        if (!heading.isEmpty()) {
            text.append('\n');
        }
        String format = "%-" + width + "s %11s %11s %11s %11s %11s %11s%s%n";
        text.append(String.format(Locale.ROOT, format, "quantity", "mean", "sd", "5 %", "50 %", "95 %", "mcse", ""));
        for (Row row : rows.subList(0, shown)) {
            text.append(String.format(
                    Locale.ROOT,
                    format,
                    row.name(),
                    number(row.mean()),
                    number(row.sd()),
                    number(row.q05()),
                    number(row.q50()),
                    number(row.q95()),
                    number(row.mcse()),
                    row.role() == Role.OPTIMISED ? "  (optimised)" : ""));
        }
        if (shown < rows.size()) {
            text.append("... and ").append(rows.size() - shown).append(" more").append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String number(double value) {
        double size = Math.abs(value);
        if (value == 0 || !Double.isFinite(value)) {
            return String.format(Locale.ROOT, "%.4g", value);
        }
        return String.format(Locale.ROOT, size >= 1e6 || size < 1e-3 ? "%.3e" : "%.4g", value);
    }
}

package org.variational.posterior;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;

/**
 * A table of the quantities on the user's scale: mean, standard deviation, quantiles and Monte-Carlo error.
 *
 * <p>The error of a mean has two parts that add in square: that of having only so many draws, and that of the fit
 * itself, which stays however many draws are taken.
 *
 * @param heading what is printed above the table
 * @param rows one row per scalar
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
     * @param posterior the draws
     * @param fitError the Monte-Carlo error of every scalar's mean that the fit itself left, in order of
     *     {@link Posterior#scalarNames()}; NaN where unknown, which makes the row's error NaN
     * @return the summary
     * @throws IllegalArgumentException if there is not one error per scalar
     */
    public static Summary of(List<String> heading, Posterior posterior, double[] fitError) {
        List<String> names = posterior.scalarNames();
        if (fitError.length != names.size()) {
            throw new IllegalArgumentException(
                    "there are " + names.size() + " scalars, but " + fitError.length + " errors of the fit");
        }
        double[] drawError = posterior.meanErrors();
        List<Row> rows = new ArrayList<>(names.size());
        for (Quantity quantity : posterior.quantities()) {
            for (String name : quantity.scalarNames()) {
                int at = rows.size();
                rows.add(row(name, quantity.role(), posterior.draws(name), drawError[at], fitError[at]));
            }
        }
        return new Summary(heading, rows);
    }

    private static Row row(String name, Role role, double[] draws, double drawError, double fitError) {
        boolean optimised = role == Role.OPTIMISED;
        double sd = optimised ? 0 : standardDeviation(draws);
        double mean = mean(draws);
        Arrays.sort(draws);
        return new Row(
                name,
                role,
                mean,
                sd,
                quantile(draws, 0.05),
                quantile(draws, 0.5),
                quantile(draws, 0.95),
                Math.hypot(optimised ? 0 : drawError, fitError));
    }

    private static double mean(double[] draws) {
        double mean = 0;
        for (int s = 0; s < draws.length; s++) {
            mean += (draws[s] - mean) / (s + 1);
        }
        return mean;
    }

    /** With divisor n - 1; NaN for a single draw. */
    static double standardDeviation(double[] draws) {
        double mean = mean(draws);
        double square = 0;
        for (double draw : draws) {
            square += (draw - mean) * (draw - mean);
        }
        return Math.sqrt(square / (draws.length - 1));
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

package org.variational.density;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;

/**
 * Compares the gradient a density reports with central differences of its values.
 *
 * <p>Per coordinate the difference quotient is taken at two step sizes. Their disagreement, the curvature seen by each,
 * and the rounding of the values, which a large constant in the log density magnifies, measure the quotient's own
 * error, so that rough, badly scaled or shifted densities are not accused wrongly. A coordinate fails where the
 * reported slope is further from the quotient than {@code 1e-4 (1 + |slope|)} and a multiple of that error, or is not
 * finite where the values are. Where a value is not finite there is nothing to compare with.
 */
public final class GradientCheck {

    private static final double RELATIVE_TOLERANCE = 1e-4;
    private static final double SAFETY = 10;
    private static final double STEP = 1e-4;

    /** How many units in the last place a value may be off. */
    private static final double ROUNDING = 4;

    private GradientCheck() {}

    /**
     * A slope that does not match.
     *
     * @param coordinate its number
     * @param point the point at which it was seen
     * @param reported what the density reported
     * @param differenced what central differences give
     */
    public record Mismatch(int coordinate, String name, List<Double> point, double reported, double differenced) {

        /** A sentence that names the coordinate, both numbers and the point. */
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "gradient row %d (\"%s\") is %.8g, but central differences of the log density give %.8g at point"
                            + " %s; check that term of the gradient, its sign and its Jacobian",
                    coordinate,
                    name,
                    reported,
                    differenced,
                    point);
        }
    }

    /**
     * What a comparison found.
     *
     * @param worst the worst mismatch, if any
     * @param compared how many slopes could be compared
     */
    public record Comparison(Optional<Mismatch> worst, int compared) {}

    /**
     * The worst mismatch at some points, if any.
     *
     * @param density the density to check; it is evaluated 4 D + 1 times per point
     * @param layout the names of its coordinates
     * @param points D x S
     * @throws IllegalArgumentException if the density reports no gradient, the dimensions differ, or nothing could be
     *     compared because the density is not finite at or around any of the points
     * @throws IllegalStateException if the density does not fill the matrix that it is passed
     */
    public static Optional<Mismatch> worst(LogDensity density, ParameterLayout layout, DMatrixRMaj points) {
        int[] all = new int[density.dimension()];
        Arrays.setAll(all, d -> d);
        Comparison comparison = compare(density, layout, points, all);
        if (comparison.compared() == 0) {
            throw new IllegalArgumentException(
                    "no slope could be compared, because the log density is not finite at or within "
                            + STEP + " of any of the " + points.numCols
                            + " points: pass points inside the support, further from its edge");
        }
        return comparison.worst();
    }

    /**
     * Compares the slopes of some coordinates.
     *
     * @param density the density to check; it is evaluated 4 C + 1 times per point
     * @param layout the names of its coordinates
     * @param points D x S, not changed
     * @param coordinates C numbers of coordinates
     * @return the worst mismatch, and how many slopes could be compared, which may be none
     * @throws IllegalArgumentException if the density reports no gradient, or the dimensions differ
     * @throws IllegalStateException if the density does not fill the matrix that it is passed
     */
    public static Comparison compare(
            LogDensity density, ParameterLayout layout, DMatrixRMaj points, int[] coordinates) {
        int dimension = density.dimension();
        if (!density.hasGradient()) {
            throw new IllegalArgumentException("the density reports no gradient, so there is none to check");
        }
        if (layout.dimension() != dimension || points.numRows != dimension) {
            throw new IllegalArgumentException("the density has dimension " + dimension + ", the layout "
                    + layout.dimension() + " and the points " + points.numRows + " rows");
        }
        int lanes = points.numCols;
        DMatrixRMaj gradient = new DMatrixRMaj(dimension, lanes);
        double[] values = new double[lanes];
        density.evaluate(points.copy(), values, gradient);
        Gradients.requireFilled(gradient, dimension, lanes);
        Mismatch worst = null;
        double worstExcess = 1;
        int compared = 0;
        for (int d : coordinates) {
            Quotient wide = Quotient.of(density, points, values, d, STEP);
            Quotient narrow = Quotient.of(density, points, values, d, STEP / 2);
            for (int s = 0; s < lanes; s++) {
                double reported = gradient.get(d, s);
                double slope = narrow.slope[s];
                double tolerance = RELATIVE_TOLERANCE * (1 + Math.abs(slope))
                        + SAFETY * Math.abs(wide.slope[s] - slope)
                        + wide.error[s]
                        + narrow.error[s];
                if (!Double.isFinite(values[s])
                        || !Double.isFinite(slope)
                        || (!Double.isFinite(tolerance) && Double.isFinite(reported))) {
                    continue;
                }
                compared++;
                double excess =
                        Double.isFinite(reported) ? Math.abs(reported - slope) / tolerance : Double.POSITIVE_INFINITY;
                if (excess > worstExcess) {
                    worstExcess = excess;
                    worst = new Mismatch(
                            d, layout.coordinateNames().get(d), Matrices.columnList(points, s), reported, slope);
                }
            }
        }
        return new Comparison(Optional.ofNullable(worst), compared);
    }

    /** Difference quotients per lane, and what rounding and curvature may do to each. */
    private record Quotient(double[] slope, double[] error) {

        static Quotient of(LogDensity density, DMatrixRMaj points, double[] values, int d, double relativeStep) {
            int lanes = points.numCols;
            DMatrixRMaj above = points.copy();
            DMatrixRMaj below = points.copy();
            double[] upper = new double[lanes];
            double[] lower = new double[lanes];
            double[] width = new double[lanes];
            double[] error = new double[lanes];
            for (int s = 0; s < lanes; s++) {
                double x = points.get(d, s);
                double step = relativeStep * Math.max(1, Math.abs(x));
                above.set(d, s, x + step);
                below.set(d, s, x - step);
                width[s] = above.get(d, s) - below.get(d, s);
            }
            density.evaluate(above, upper, null);
            density.evaluate(below, lower, null);
            for (int s = 0; s < lanes; s++) {
                double bend = Math.abs((upper[s] - values[s]) + (lower[s] - values[s]));
                error[s] = (bend + ROUNDING * (Math.ulp(upper[s]) + Math.ulp(lower[s]))) / width[s];
                upper[s] = (upper[s] - lower[s]) / width[s];
            }
            return new Quotient(upper, error);
        }
    }
}

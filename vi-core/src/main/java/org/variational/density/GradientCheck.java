package org.variational.density;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;

/**
 * Compares the gradient a density reports with central differences of its values.
 *
 * <p>Per coordinate the difference quotient is taken at two step sizes; their disagreement measures its own error, so that
 * rough or badly scaled densities are not accused wrongly. A coordinate fails where the reported slope is further from the
 * quotient than {@code 1e-4 (1 + |slope|)} and ten times that measured error, or is not finite where the values are.
 */
public final class GradientCheck {

    private static final double RELATIVE_TOLERANCE = 1e-4;
    private static final double SAFETY = 10;
    private static final double STEP = 1e-4;

    private GradientCheck() {}

    /**
     * A slope that does not match.
     *
     * @param coordinate its number
     * @param name its name
     * @param point the point at which it was seen
     * @param reported what the density reported
     * @param differenced what central differences give
     */
    public record Mismatch(int coordinate, String name, List<Double> point, double reported, double differenced) {

        /** A sentence that names the coordinate, both numbers and the point. */
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "gradient row %d (\"%s\") is %.8g, but central differences of the log density give %.8g at point %s; "
                            + "check that term of the gradient, its sign and its Jacobian",
                    coordinate,
                    name,
                    reported,
                    differenced,
                    point);
        }
    }

    /**
     * The worst mismatch at some points, if any.
     *
     * @param density the density to check; it is evaluated 4 D + 1 times per point
     * @param layout the names of its coordinates
     * @param points D x S
     * @throws IllegalArgumentException if the density reports no gradient, or the dimensions differ
     */
    public static Optional<Mismatch> worst(LogDensity density, ParameterLayout layout, DMatrixRMaj points) {
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
        Mismatch worst = null;
        double worstExcess = 1;
        for (int d = 0; d < dimension; d++) {
            double[] wide = quotient(density, points, d, STEP);
            double[] narrow = quotient(density, points, d, STEP / 2);
            for (int s = 0; s < lanes; s++) {
                double reported = gradient.get(d, s);
                if (!Double.isFinite(values[s]) || !Double.isFinite(narrow[s])) {
                    continue;
                }
                double tolerance =
                        RELATIVE_TOLERANCE * (1 + Math.abs(narrow[s])) + SAFETY * Math.abs(wide[s] - narrow[s]);
                double excess = Math.abs(reported - narrow[s]) / tolerance;
                if (!(excess <= worstExcess)) {
                    worstExcess = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
                    worst = new Mismatch(d, layout.coordinateNames().get(d), column(points, s), reported, narrow[s]);
                }
            }
        }
        return Optional.ofNullable(worst);
    }

    private static double[] quotient(LogDensity density, DMatrixRMaj points, int d, double relativeStep) {
        int lanes = points.numCols;
        DMatrixRMaj above = points.copy();
        DMatrixRMaj below = points.copy();
        double[] upper = new double[lanes];
        double[] lower = new double[lanes];
        double[] width = new double[lanes];
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
            upper[s] = (upper[s] - lower[s]) / width[s];
        }
        return upper;
    }

    private static List<Double> column(DMatrixRMaj points, int s) {
        Double[] column = new Double[points.numRows];
        for (int d = 0; d < column.length; d++) {
            column[d] = points.get(d, s);
        }
        return List.of(column);
    }
}

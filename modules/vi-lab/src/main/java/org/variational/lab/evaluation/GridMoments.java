package org.variational.lab.evaluation;

import org.ejml.data.DMatrixRMaj;
import org.variational.density.LogDensity;
import org.variational.weights.LogWeights;

/**
 * Moments of a log-concave density in one or two dimensions by the trapezoid rule, on a grid that is narrowed until it
 * reaches {@value #REACH} standard deviations to each side of the mean.
 */
final class GridMoments {

    private static final double REACH = 12;
    private static final int COARSE = 41;
    private static final int FINE = 241;
    private static final int MOST_ROUNDS = 60;
    private static final double SETTLED = 0.2;

    private GridMoments() {}

    /**
     * Means and standard deviations.
     *
     * @param density in one or two dimensions
     * @param reach how far from the origin the mass can be, in each coordinate
     */
    static Moments of(LogDensity density, double reach) {
        int dimension = density.dimension();
        double[] centre = new double[dimension];
        double[] width = new double[dimension];
        java.util.Arrays.fill(width, reach);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Moments found = onGrid(density, centre, width, COARSE);
            boolean settled = true;
            for (int d = 0; d < dimension; d++) {
                double spacing = 2 * width[d] / (COARSE - 1);
                // A grid too coarse for the mass sees no spread: what it misses is within a few of its cells.
                double wanted = Math.max(REACH * found.sd()[d], 3 * spacing);
                settled &= Math.abs(wanted / width[d] - 1) < SETTLED && wanted > 3 * spacing;
                centre[d] = found.mean()[d];
                width[d] = wanted;
            }
            if (settled) {
                return onGrid(density, centre, width, FINE);
            }
        }
        throw new IllegalStateException("the grid did not settle");
    }

    private static Moments onGrid(LogDensity density, double[] centre, double[] width, int nodes) {
        int dimension = centre.length;
        int count = dimension == 1 ? nodes : nodes * nodes;
        DMatrixRMaj points = new DMatrixRMaj(dimension, count);
        for (int s = 0; s < count; s++) {
            int index = s;
            for (int d = 0; d < dimension; d++) {
                points.set(d, s, centre[d] + width[d] * (2.0 * (index % nodes) / (nodes - 1) - 1));
                index /= nodes;
            }
        }
        double[] logDensity = new double[count];
        density.evaluate(points, logDensity, null);
        double[] weights = new double[count];
        LogWeights.of(logDensity).softmax(1, weights);
        Moments found = Estimate.ofDraws(points, weights);
        return Moments.exact(found.mean(), found.sd());
    }
}

package org.variational.lab.evaluation;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;
import org.variational.density.LogDensity;

/** The density of {@code x = shift + map z} for z of a given shape, plus a constant. Not thread-safe. */
final class MovedShape implements LogDensity {

    private final Shape shape;
    private final DMatrixRMaj map;
    private final DMatrixRMaj inverse;
    private final double[] shift;
    private final double constant;

    private final DMatrixRMaj moved = new DMatrixRMaj(1, 1);
    private final DMatrixRMaj slopes = new DMatrixRMaj(1, 1);

    /**
     * A density.
     *
     * @param shape the distribution of z
     * @param map D x D, invertible
     * @param shift D numbers
     * @param constant added to the log density
     * @throws IllegalArgumentException if the map has no inverse
     */
    MovedShape(Shape shape, DMatrixRMaj map, double[] shift, double constant) {
        this.shape = shape;
        this.map = map;
        this.shift = shift;
        this.constant = constant;
        this.inverse = new DMatrixRMaj(map.numRows, map.numCols);
        if (!CommonOps_DDRM.invert(map, inverse)) {
            throw new IllegalArgumentException("the map has no inverse");
        }
    }

    @Override
    public int dimension() {
        return shape.dimension();
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, @Nullable DMatrixRMaj gradient) {
        int dimension = dimension();
        int lanes = points.numCols;
        DMatrixRMaj centred = new DMatrixRMaj(dimension, lanes);
        for (int d = 0; d < dimension; d++) {
            for (int s = 0; s < lanes; s++) {
                centred.data[d * lanes + s] = points.data[d * lanes + s] - shift[d];
            }
        }
        moved.reshape(dimension, lanes);
        slopes.reshape(dimension, lanes);
        CommonOps_DDRM.mult(inverse, centred, moved);
        double[] z = new double[dimension];
        double[] slope = new double[dimension];
        for (int s = 0; s < lanes; s++) {
            for (int d = 0; d < dimension; d++) {
                z[d] = moved.data[d * lanes + s];
            }
            logDensity[s] = shape.evaluate(z, slope) + constant;
            for (int d = 0; d < dimension; d++) {
                slopes.data[d * lanes + s] = slope[d];
            }
        }
        if (gradient != null) {
            CommonOps_DDRM.multTransA(inverse, slopes, gradient);
        }
    }

    /** The exact moments of x. */
    Moments moments() {
        int dimension = dimension();
        DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
        CommonOps_DDRM.mult(map, shape.covariance(), half);
        double[] centre = shape.mean();
        double[] mean = shift.clone();
        double[] sd = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            double variance = 0;
            for (int j = 0; j < dimension; j++) {
                mean[i] += map.get(i, j) * centre[j];
                variance += half.get(i, j) * map.get(i, j);
            }
            sd[i] = Math.sqrt(variance);
        }
        return Moments.exact(mean, sd);
    }
}

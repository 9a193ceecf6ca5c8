package org.variational.model;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.LogDensity;

/** Points, values and gradients in short. */
final class Evaluations {

    private Evaluations() {}

    static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** One point. */
    static DMatrixRMaj point(double... coordinates) {
        return new DMatrixRMaj(coordinates.length, 1, true, coordinates.clone());
    }

    /** Standard normal points. */
    static DMatrixRMaj points(int dimension, int lanes, long seed) {
        RandomGenerator random = random(seed);
        DMatrixRMaj points = new DMatrixRMaj(dimension, lanes);
        for (int i = 0; i < points.data.length; i++) {
            points.data[i] = random.nextGaussian();
        }
        return points;
    }

    static double[] values(LogDensity density, DMatrixRMaj points) {
        double[] values = new double[points.numCols];
        density.evaluate(points, values, null);
        return values;
    }

    static double value(Model model, double... coordinates) {
        return values(model.density(), point(coordinates))[0];
    }

    static double[] gradient(LogDensity density, DMatrixRMaj points) {
        DMatrixRMaj gradient = new DMatrixRMaj(points.numRows, points.numCols);
        density.evaluate(points, new double[points.numCols], gradient);
        return gradient.data;
    }
}

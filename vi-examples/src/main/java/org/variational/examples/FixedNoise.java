package org.variational.examples;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;

/**
 * The family with one member, the standard normal distribution on R^D: nothing about it is learnt. It is the
 * approximation of the noise of an amortised encoder, whose own parameters are optimised values of the model.
 *
 * @param dimension D
 */
record FixedNoise(int dimension) implements VariationalFamily {

    @Override
    public String name() {
        return "standard normal";
    }

    @Override
    public int parameterCount() {
        return 0;
    }

    @Override
    public VariationalDistribution member(double[] parameters) {
        if (parameters.length != 0) {
            throw new IllegalArgumentException("the standard normal has no parameters, got " + parameters.length);
        }
        return new Member(this);
    }

    @Override
    public double[] initialParameters(double[] mean, double[] standardDeviation) {
        return new double[0];
    }

    private record Member(FixedNoise family)
            implements VariationalDistribution.Reparameterised, VariationalDistribution.ClosedFormEntropy {

        private static final double LOG_2_PI = Math.log(2 * Math.PI);

        @Override
        public double[] parameters() {
            return new double[0];
        }

        @Override
        public int noiseDimension() {
            return family.dimension;
        }

        @Override
        public void sample(DMatrixRMaj noise, DMatrixRMaj points) {
            System.arraycopy(noise.data, 0, points.data, 0, family.dimension * noise.numCols);
        }

        @Override
        public void logDensity(DMatrixRMaj points, double[] logDensity) {
            int lanes = points.numCols;
            Arrays.fill(logDensity, 0, lanes, -0.5 * family.dimension * LOG_2_PI);
            for (int i = 0; i < family.dimension * lanes; i++) {
                logDensity[i % lanes] -= 0.5 * points.data[i] * points.data[i];
            }
        }

        @Override
        public void pointScore(DMatrixRMaj points, DMatrixRMaj score) {
            for (int i = 0; i < family.dimension * points.numCols; i++) {
                score.data[i] = -points.data[i];
            }
        }

        @Override
        public void addParameterScore(DMatrixRMaj points, double[] weights, double[] gradient) {
            // there is no parameter
        }

        @Override
        public void addPathGradient(DMatrixRMaj noise, DMatrixRMaj points, DMatrixRMaj vectors, double[] gradient) {
            // there is no parameter
        }

        @Override
        public double entropy() {
            return 0.5 * family.dimension * (1 + LOG_2_PI);
        }

        @Override
        public void addEntropyGradient(double scale, double[] gradient) {
            // there is no parameter
        }

        @Override
        public double[] mean() {
            return new double[family.dimension];
        }

        @Override
        public double[] standardDeviation() {
            double[] ones = new double[family.dimension];
            Arrays.fill(ones, 1);
            return ones;
        }
    }
}

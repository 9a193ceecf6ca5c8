package org.variational.estimator;

import org.ejml.data.DMatrixRMaj;
import org.variational.density.LogDensity;

/** {@code log p(z) = offset - (z - m)' Lambda (z - m) / 2}, up to the offset not normalised. */
record GaussianTarget(double[] mean, double[][] precision, double offset, boolean hasGradient) implements LogDensity {

    /** N(mean, sd^2), normalised. */
    static GaussianTarget univariate(double mean, double sd) {
        return new GaussianTarget(
                new double[] {mean}, new double[][] {{1 / (sd * sd)}}, -Math.log(sd) - Math.log(2 * Math.PI) / 2, true);
    }

    /** Unit variances and one correlation, mean zero, not normalised. */
    static GaussianTarget correlated(double rho) {
        double d = 1 - rho * rho;
        return new GaussianTarget(new double[2], new double[][] {{1 / d, -rho / d}, {-rho / d, 1 / d}}, 0, true);
    }

    GaussianTarget shifted(double shift) {
        return new GaussianTarget(mean, precision, offset + shift, hasGradient);
    }

    GaussianTarget withoutGradient() {
        return new GaussianTarget(mean, precision, offset, false);
    }

    @Override
    public int dimension() {
        return mean.length;
    }

    @Override
    public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
        if (gradient != null && !hasGradient) {
            throw new UnsupportedOperationException("asked for a gradient that there is not");
        }
        for (int s = 0; s < points.numCols; s++) {
            double sum = 0;
            for (int i = 0; i < mean.length; i++) {
                double row = 0;
                for (int j = 0; j < mean.length; j++) {
                    row += precision[i][j] * (points.get(j, s) - mean[j]);
                }
                sum += row * (points.get(i, s) - mean[i]);
                if (gradient != null) {
                    gradient.set(i, s, -row);
                }
            }
            logDensity[s] = offset - sum / 2;
        }
    }
}

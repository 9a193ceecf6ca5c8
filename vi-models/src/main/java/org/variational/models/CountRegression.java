package org.variational.models;

import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import org.variational.expression.Expr;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** The log rate that the regressions of counts share. */
final class CountRegression {

    private final LinearPredictor predictor;
    private final double[] logExposure;
    private final double averageLogRate;

    private CountRegression(LinearPredictor predictor, double[] logExposure, double averageLogRate) {
        this.predictor = predictor;
        this.logExposure = logExposure;
        this.averageLogRate = averageLogRate;
    }

    static double[] equalExposures(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    static CountRegression check(double[][] x, int[] y, double[] exposure) {
        Inputs.requirePredictors(x, y.length);
        Inputs.requireSameLength("exposure", exposure.length, "y", y.length);
        Inputs.requireCounts("y", y);
        double[] logExposure = new double[exposure.length];
        for (int n = 0; n < exposure.length; n++) {
            if (!(exposure[n] > 0) || !Double.isFinite(exposure[n])) {
                throw new IllegalArgumentException(
                        "exposure[" + n + "] is " + exposure[n] + ", but must be positive and finite");
            }
            logExposure[n] = Math.log(exposure[n]);
        }
        double total = Arrays.stream(y).asLongStream().sum() + 0.5;
        double averageLogRate = Math.log(total / Arrays.stream(exposure).sum());
        return new CountRegression(new LinearPredictor(x), logExposure, averageLogRate);
    }

    /** Declares level and coefficients; half a count is added to the total so that its logarithm exists. */
    Expr logRate(ModelBuilder m, Rows rows) {
        Expr level = m.parameter("level", normal(averageLogRate, 2.5).nonCentered());
        Expr coefficients = predictor.coefficients(m, 2.5);
        Expr intercept = predictor.intercept(m, level, coefficients);
        return predictor.slopes(rows, coefficients).plus(intercept).plus(rows.data("log_exposure", logExposure));
    }
}

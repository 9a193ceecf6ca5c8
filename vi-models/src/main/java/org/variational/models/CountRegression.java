package org.variational.models;

import static org.variational.distribution.Distributions.normal;

import java.util.Arrays;
import java.util.function.Function;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;
import org.variational.distribution.Distribution;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.posterior.Posterior;

/** A regression of counts, whose logarithmic rate is linear in the predictors, over exposures. */
abstract class CountRegression extends LinearModel {

    CountRegression(Declared declared) {
        super(declared.model, declared.expected, declared.predictor);
    }

    /** A model and what predicts from it. */
    record Declared(Model model, Expr expected, LinearPredictor predictor) {}

    @Override
    final Data others(int rows) {
        return super.others(rows).with("log_exposure", new double[rows]);
    }

    private Model at(double[][] newX, double[] newExposure) {
        Inputs.requireSameLength("newX", newX.length, "newExposure", newExposure.length);
        return at(newX, super.others(newX.length).with("log_exposure", logExposure("newExposure", newExposure)));
    }

    /**
     * The expected count at new rows for each posterior draw; without exposures they are 1.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newExposure the exposure of each new row, M, positive
     * @return M x S
     * @throws IllegalArgumentException as {@link #expected(Posterior, double[][])}, or if an exposure is not positive
     *     or their number differs
     */
    public final DMatrixRMaj expected(Posterior posterior, double[][] newX, double[] newExposure) {
        return expected(posterior, at(newX, newExposure));
    }

    /**
     * Draws of counts at new rows, one for each posterior draw; without exposures they are 1.
     *
     * @param posterior of a fit of {@link #model()}, S draws
     * @param newX predictors as they were given to the builder, M x K
     * @param newExposure the exposure of each new row, M, positive
     * @param seed of the draws
     * @return M x S
     * @throws IllegalArgumentException as {@link #predict(Posterior, double[][], long)}, or if an exposure is not
     *     positive or their number differs
     */
    public final DMatrixRMaj predict(Posterior posterior, double[][] newX, double[] newExposure, long seed) {
        return predict(posterior, at(newX, newExposure), seed);
    }

    /** The exposures given, one for each count, or ones. */
    static double[] exposures(double @Nullable [] given, int counts) {
        if (given == null) {
            double[] ones = new double[counts];
            Arrays.fill(ones, 1);
            return ones;
        }
        Inputs.requireSameLength("exposure", given.length, "y", counts);
        return given;
    }

    static double[] logExposure(String name, double[] exposure) {
        double[] logs = new double[exposure.length];
        for (int n = 0; n < exposure.length; n++) {
            logs[n] = Math.log(Inputs.requirePositive(name + "[" + n + "]", exposure[n]));
        }
        return logs;
    }

    /** The logarithm of the average count per exposure; half a count is added so that it exists. */
    static double averageLogRate(int[] counts, double[] exposure) {
        double total = Arrays.stream(counts).asLongStream().sum() + 0.5;
        return Math.log(total / Arrays.stream(exposure).sum());
    }

    /** What the builders share. */
    abstract static class CountBuilder<B extends CountBuilder<B>> extends RegressionBuilder<B> {

        private int @Nullable [] y;
        private double @Nullable [] exposure;

        /** The counts, N. */
        public B outcome(int[] counts) {
            y = counts;
            return self();
        }

        /** The time, area or population that each count was taken over, N, positive; 1 unless set. */
        public B exposure(double[] exposures) {
            exposure = exposures;
            return self();
        }

        /** Declares level, coefficients and counts with a distribution given their logarithmic means. */
        final Declared declare(ModelBuilder m, Function<Expr, Distribution> distribution) {
            int[] counts = Inputs.given(y, "outcome(y)");
            LinearPredictor predictor = predictor(counts.length);
            Inputs.requireCounts("y", counts);
            double[] over = exposures(exposure, counts.length);
            double[] logExposure = logExposure("exposure", over);
            Expr level = m.parameter(
                    "level",
                    normal(averageLogRate(counts, over), scaleOfPriors()).nonCentered());
            Expr coefficients = predictor.coefficients(m, scaleOfPriors());
            Expr intercept = predictor.intercept(m, level, coefficients);
            Rows rows = m.rows(counts.length);
            Expr logMean =
                    predictor.slopes(rows, coefficients).plus(intercept).plus(rows.data("log_exposure", logExposure));
            rows.observe("y", distribution.apply(logMean), counts);
            return new Declared(m.build(), logMean.exp(), predictor);
        }
    }
}

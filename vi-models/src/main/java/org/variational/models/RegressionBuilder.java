package org.variational.models;

import org.jspecify.annotations.Nullable;
import org.variational.density.Labels;

/** What the builders of regressions share. */
abstract class RegressionBuilder<B extends RegressionBuilder<B>> {

    private double @Nullable [][] x;
    private @Nullable Labels names;
    private double priorScale = 2.5;
    private boolean standardised = true;

    abstract B self();

    /**
     * The predictors.
     *
     * @param predictors N x K, without a column of ones; none of them constant
     */
    public B predictors(double[][] predictors) {
        x = predictors;
        names = null;
        return self();
    }

    /**
     * The predictors by name, after which their coefficients are named.
     *
     * @param predictors N x K, without a column of ones; none of them constant
     * @param columnNames K names
     * @throws IllegalArgumentException if a name is blank or stands twice, or there are none
     */
    public B predictors(double[][] predictors, String... columnNames) {
        x = predictors;
        names = Labels.of("predictor", columnNames);
        return self();
    }

    /**
     * How wide the priors of level and coefficients are, as a multiple of their default unit; 2.5 unless set.
     *
     * @throws IllegalArgumentException if the scale is not positive and finite
     */
    public B priorScale(double scale) {
        priorScale = Inputs.requirePositive("priorScale", scale);
        return self();
    }

    /**
     * Whether the priors of coefficients are for predictors in units of their standard deviations (the default), or in
     * the units they are given in.
     */
    public B standardise(boolean standardise) {
        standardised = standardise;
        return self();
    }

    final double scaleOfPriors() {
        return priorScale;
    }

    final LinearPredictor predictor(int rows) {
        double[][] given = Inputs.given(x, "predictors(x)");
        Inputs.requirePredictors(given, rows);
        int columns = given[0].length;
        if (names != null && names.size() != columns) {
            throw new IllegalArgumentException("x has " + columns + " columns, but there are " + names.size()
                    + " names of predictors: " + String.join(", ", names.labels()));
        }
        return new LinearPredictor(given, standardised, names == null ? Labels.numbered(columns) : names);
    }
}

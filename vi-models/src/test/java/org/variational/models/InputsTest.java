package org.variational.models;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the factories refuse, and what they say. */
class InputsTest {

    private static final double[][] X = {{1, 2}, {3, 5}, {4, 1}};
    private static final double[] Y = {1, 2, 4};

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void predictorsOfAnotherLength() {
        refused(() -> LinearRegression.of(X, new double[] {1, 2}), "x has 3 rows", "y has 2 rows");
        refused(() -> LogisticRegression.of(X, new int[] {1, 0}), "x has 3 rows", "y has 2 rows");
        refused(() -> PoissonRegression.of(X, new int[4]), "x has 3 rows", "y has 4 rows");
    }

    @Test
    void nothingAtAll() {
        refused(() -> LinearRegression.of(new double[0][], new double[0]), "y has 0 values", "at least 2");
        refused(() -> LogisticRegression.of(new double[0][], new int[0]), "x is 0 x 0", "at least one row");
        refused(() -> LinearRegression.of(new double[3][0], Y), "x is 3 x 0", "one column");
        refused(() -> LocalLevel.of(new double[] {1, 2}), "y has 2 values", "at least 3");
    }

    @Test
    void raggedMissingAndConstantPredictors() {
        refused(() -> LinearRegression.of(new double[][] {{1, 2}, {3}, {4, 1}}, Y), "x[1] has 1 entries", "x[0] has 2");
        refused(
                () -> LinearRegression.of(new double[][] {{1, 2}, {3, Double.NaN}, {4, 1}}, Y),
                "x[1][1] is NaN",
                "impute");
        refused(
                () -> LinearRegression.of(new double[][] {{1, 2}, {1, 3}, {1, 4}}, Y),
                "column 0 of x is constant",
                "intercept");
    }

    @Test
    void outcomesThatSayNothingOrAreMissing() {
        refused(() -> LinearRegression.of(X, new double[] {2, 2, 2}), "y is constant");
        refused(() -> LocalLevel.of(new double[] {1, 2, Double.POSITIVE_INFINITY}), "y[2] is Infinity");
    }

    @Test
    void impossibleOutcomes() {
        refused(() -> LogisticRegression.of(X, new int[] {0, 2, 1}), "\"y\"", "row 1");
        refused(() -> PoissonRegression.of(X, new int[] {0, -2, 1}), "y[1] is -2", "counts start at 0");
        refused(() -> PoissonRegression.of(X, new int[3], new double[] {1, 0, 1}), "exposure[1] is 0.0", "positive");
        refused(() -> PoissonRegression.of(X, new int[3], new double[2]), "exposure has 2 rows", "y has 3 rows");
    }

    @Test
    void sizesOutOfRange() {
        refused(() -> GaussianMixture.of(Y, 1), "components must be at least 2", "got 1");
        refused(() -> GaussianMixture.of(Y, 4), "y has 3 values", "at least 4");
        refused(() -> Autoregression.of(Y, 0), "order must be at least 1", "got 0");
        refused(() -> Autoregression.of(Y, 2), "y has 3 values", "at least 4");
        refused(() -> HorseshoeRegression.of(X, Y, 2), "between 0 and the number of predictors 2", "got 2.0");
        refused(() -> VaryingIntercepts.of(X, new int[3], 1, Y), "groups is 1", "at least 2");
    }

    @Test
    void groupsAndNewInputsThatDoNotFit() {
        refused(() -> VaryingIntercepts.of(X, new int[2], 3, Y), "group has 2 rows", "y has 3 rows");
        refused(() -> VaryingIntercepts.of(X, new int[] {0, 3, 1}, 3, Y), "\"group\" is 3 at row 1", "3 elements");
        refused(
                () -> GaussianProcessRegression.of(X, Y, new double[][] {{1}}),
                "newX[0] has 1 entries",
                "x has 2 columns");
        refused(
                () -> GaussianProcessRegression.of(X, Y, new double[][] {{1, Double.NaN}}),
                "newX[0][1] is NaN",
                "must be finite");
    }
}

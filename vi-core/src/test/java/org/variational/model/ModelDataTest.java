package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.expression.Data;
import org.variational.expression.Expr;

/** A model with other data under its declared names. */
class ModelDataTest {

    private Expr mean;

    private Model regression(double[][] x, int[] group, double[] offset, double[] y) {
        ModelBuilder m = Model.named("regression");
        Expr alpha = m.parameter("alpha", normal(0, 1), 3);
        Expr beta = m.parameter("beta", normal(0, 1), 2);
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Expr shift = m.data("shift", offset);
        Rows rows = m.rows("cases", y.length);
        mean = rows.data("x", x).matmul(beta).plus(alpha.plus(shift).at(rows.index("group", group)));
        rows.observe("y", normal(mean, sigma), y);
        return m.build();
    }

    private static final double[][] X = {{1, 2}, {0, 1}, {3, -1}};
    private static final int[] GROUP = {0, 2, 1};
    private static final double[] SHIFT = {0.1, 0.2, 0.3};
    private static final double[] Y = {1, 2, 3};

    private static final double[][] NEW_X = {{5, 2}, {1, 1}};
    private static final int[] NEW_GROUP = {2, 2};
    private static final double[] NEW_SHIFT = {1, 2, 3};
    private static final double[] NEW_Y = {-1, 4};

    private static Data replaced() {
        return Data.declared()
                .with("x", NEW_X)
                .with("group", NEW_GROUP)
                .with("shift", NEW_SHIFT)
                .with("y", NEW_Y);
    }

    @Test
    void aModelOnOtherDataEqualsOneDeclaredOnThem() {
        Model model = regression(X, GROUP, SHIFT, Y);
        Model fresh = regression(NEW_X, NEW_GROUP, NEW_SHIFT, NEW_Y);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 4, 1);
        double[] before = Evaluations.values(model.density(), points);
        Model other = model.with(replaced());
        assertThat(Evaluations.values(other.density(), points))
                .containsExactly(Evaluations.values(fresh.density(), points), within(1e-12));
        assertThat(Evaluations.gradient(other.density(), points))
                .containsExactly(Evaluations.gradient(fresh.density(), points), within(1e-12));
        assertThat(other.density().rowCount()).isEqualTo(2);
        assertThat(Evaluations.values(model.density(), points)).isEqualTo(before);
        assertThat(other.pointwiseLogLikelihood("y", points).numRows).isEqualTo(2);
    }

    @Test
    void dataNotReplacedStayAsDeclared() {
        Model model = regression(X, GROUP, SHIFT, Y);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 2, 2);
        Model other = model.with(Data.declared().with("shift", NEW_SHIFT));
        assertThat(Evaluations.values(other.density(), points))
                .containsExactly(
                        Evaluations.values(regression(X, GROUP, NEW_SHIFT, Y).density(), points), within(1e-12));
    }

    @Test
    void expressionsAndPredictionsAreOfTheNewRows() {
        Model model = regression(X, GROUP, SHIFT, Y).with(replaced());
        DMatrixRMaj points = Evaluations.points(model.dimension(), 3, 3);
        DMatrixRMaj means = model.evaluate(mean, points);
        assertThat(means.numRows).isEqualTo(2);
        for (int s = 0; s < 3; s++) {
            for (int n = 0; n < 2; n++) {
                double expected = points.get(NEW_GROUP[n], s)
                        + NEW_SHIFT[NEW_GROUP[n]]
                        + NEW_X[n][0] * points.get(3, s)
                        + NEW_X[n][1] * points.get(4, s);
                assertThat(means.get(n, s)).isCloseTo(expected, within(1e-12));
            }
        }
        DMatrixRMaj drawn = model.predict("y", points, Evaluations.random(4));
        assertThat(drawn.numRows).isEqualTo(2);
        assertThat(drawn.numCols).isEqualTo(3);
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void dataThatDoNotFit() {
        Model model = regression(X, GROUP, SHIFT, Y);
        refused(() -> model.with(Data.declared().with("z", Y)), "no data named [z]", "group", "shift", "x", "y");
        refused(() -> model.with(Data.declared().with("x", NEW_X)), "rows", "cases", "3", "2");
        refused(() -> model.with(Data.declared().with("x", new double[5])), "\"x\" has 5 values", "width 2");
        refused(
                () -> model.with(Data.declared().with("shift", new double[2])),
                "\"shift\" has 2 values",
                "declared with 3");
        refused(
                () -> model.with(Data.declared().with("group", new int[] {0, 1, 3})),
                "\"group\" is 3 at row 2",
                "3 elements");
        refused(
                () -> model.with(Data.declared().with("x", new double[][] {{1, 2}, {1}})),
                "\"x\": row 1 has 1 values",
                "row 0 has 2");
    }

    @Test
    void missingAndImpossibleValues() {
        Model model = regression(X, GROUP, SHIFT, Y);
        refused(() -> Data.declared().with("y", new double[] {1, Double.NaN, 2}), "\"y\" is NaN at position 1");
        ModelBuilder m = Model.named("counts");
        m.rows(2).observe("y", poissonLog(m.parameter("a", normal(0, 1))), new int[] {0, 1});
        Model counts = m.build();
        refused(() -> counts.with(Data.declared().with("y", new double[] {1, -2})), "\"y\" is -2.0 at row 1");
        assertThat(model.with(Data.declared()).observations()).containsExactly("y");
    }

    @Test
    void laterReplacementsKeepEarlierOnes() {
        Model model = regression(X, GROUP, SHIFT, Y);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 2, 6);
        Model both = model.with(Data.declared().with("shift", SHIFT).with("y", Y))
                .with(Data.declared().with("shift", NEW_SHIFT))
                .with(Data.declared().with("y", new double[] {7, 8, 9}));
        Model fresh = regression(X, GROUP, NEW_SHIFT, new double[] {7, 8, 9});
        assertThat(Evaluations.values(both.density(), points))
                .containsExactly(Evaluations.values(fresh.density(), points), within(1e-12));
    }

    @Test
    void rowsWithParametersOfTheirOwnCannotChangeInNumber() {
        ModelBuilder m = Model.named("latents");
        Rows rows = m.rows("cases", 3);
        Expr eps = rows.parameter("eps", normal(0, 1));
        rows.observe("y", normal(eps, 1), Y);
        Model model = m.build();
        refused(() -> model.with(Data.declared().with("y", NEW_Y)), "\"eps\"", "one value per row", "from 3 to 2");
        assertThat(Evaluations.value(model.with(Data.declared().with("y", new double[3])), 0, 0, 0))
                .isGreaterThan(Evaluations.value(model, 0, 0, 0));
    }

    @Test
    void arraysAreCopied() {
        double[] y = Y.clone();
        double[][] x = {{1, 2}, {0, 1}, {3, -1}};
        Model model = regression(x, GROUP, SHIFT, y);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 1, 5);
        double before = Evaluations.values(model.density(), points)[0];
        y[0] = 100;
        x[0][0] = 100;
        assertThat(Evaluations.values(model.density(), points)[0]).isEqualTo(before);
    }

    @Test
    void derivedValuesPerRowFollowTheNewRows() {
        ModelBuilder m = Model.named("lengths");
        Expr slope = m.parameter("slope", normal(0, 1));
        Rows rows = m.rows(2);
        Expr level = m.derived("level", slope.times(rows.data("x", new double[] {1, 2})));
        m.derived("growth", slope.exp());
        rows.observe("y", normal(level, 1), new double[] {0, 0});
        Model other =
                m.build().with(Data.declared().with("x", new double[] {3, 4, 5}).with("y", new double[] {0, 0, 0}));
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        other.layout().quantitiesAt(Evaluations.point(2), values);
        assertThat(values.data).containsExactly(2, 6, 8, 10, Math.exp(2));
        assertThat(other.layout().quantities().get(1).scalarNames())
                .containsExactly("level[0]", "level[1]", "level[2]");
    }

    @Test
    void wholeNumbersReplaceNumbers() {
        ModelBuilder m = Model.named("counts");
        Expr level = m.parameter("level", normal(0, 1));
        m.rows(2).observe("y", poissonLog(level), new int[] {1, 2});
        Model other = m.build().with(Data.declared().with("y", new int[] {5, 7, 3}));
        Model same = other.with(Data.declared().with("y", new double[] {5, 7, 3}));
        assertThat(Evaluations.value(other, 0.5)).isEqualTo(Evaluations.value(same, 0.5));
        assertThat(Evaluations.value(other, 0.5)).isNotEqualTo(Evaluations.value(m.build(), 0.5));
    }

    @Test
    void matricesOfAnotherShape() {
        Model model = regression(X, GROUP, SHIFT, Y);
        refused(
                () -> model.with(Data.declared().with("x", new double[][] {{1, 2, 3}, {4, 5, 6}})),
                "data \"x\" has 3 columns",
                "declared with 2");
        refused(
                () -> model.with(Data.declared().with("group", new double[] {0, 1, 2})),
                "index \"group\" was replaced by numbers");
    }

    @Test
    void expressionsOfAnotherModelAreNotEvaluated() {
        ModelBuilder other = Model.named("other");
        Expr foreign = other.parameter("foreign", normal(0, 1));
        Model model = regression(X, GROUP, SHIFT, Y);
        refused(
                () -> model.evaluate(foreign, new DMatrixRMaj(model.dimension(), 1)),
                "has no parameter \"foreign\"",
                "declared elsewhere");
    }

    /** Every number and index counts, and names and shapes do; declarations beside them do not. */
    @Test
    void theFingerprintIsThatOfTheData() {
        double[] x = {1, 2, 3, 4};
        int[] group = {0, 1, 1, 0};
        String fingerprint = fingerprinted(x, group, 1).dataFingerprint();
        assertThat(fingerprint).matches("[0-9a-f]{64}");
        assertThat(fingerprinted(x, group, 2).dataFingerprint()).isEqualTo(fingerprint);
        assertThat(fingerprinted(new double[] {1, 2, 3, Math.nextUp(4)}, group, 1)
                        .dataFingerprint())
                .isNotEqualTo(fingerprint);
        assertThat(fingerprinted(x, new int[] {0, 1, 0, 0}, 1).dataFingerprint())
                .isNotEqualTo(fingerprint);
        Model replaced =
                fingerprinted(new double[4], group, 1).with(Data.declared().with("x", x));
        assertThat(replaced.dataFingerprint()).isEqualTo(fingerprint);
    }

    private static Model fingerprinted(double[] x, int[] group, double priorSd) {
        ModelBuilder m = Model.named("fingerprinted");
        Expr level = m.parameter("level", normal(0, priorSd), 2);
        Rows rows = m.rows(4);
        rows.observe("y", normal(level.at(rows.index("group", group)).plus(rows.data("x", x)), 1), new double[4]);
        return m.build();
    }
}

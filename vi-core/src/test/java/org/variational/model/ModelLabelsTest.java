package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.positive;
import static org.variational.constraint.Constraints.simplex;
import static org.variational.distribution.Distributions.exponential;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.lkjCholesky;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.Labels;
import org.variational.density.LogDensities;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.QuantityIndex;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;

/** Labels and auxiliaries of declared models: names, order, positions, other data. */
class ModelLabelsTest {

    private static final Labels SCHOOLS = Labels.of("school", "Choate", "Deerfield", "Exeter");
    private static final Labels TERMS = Labels.of("term", "intercept", "slope");
    private static final String[] SCHOOL_OF = {"Exeter", "Choate", "Exeter", "Deerfield"};
    private static final double[] X = {0.5, -1, 2, 0};

    private static Model varyingSlopes() {
        ModelBuilder m = Model.named("slopes");
        Expr z = m.parameter("z", normal(0, 1), SCHOOLS, TERMS);
        Expr factor = m.parameter("factor", lkjCholesky(2, 2), 2, 2);
        m.auxiliary("z", "factor");
        Expr weight = m.optimised("weight", TERMS);
        Expr spread = m.parameter("spread", exponential(1), TERMS);
        Expr effects = m.derived(
                "effects",
                z.matmul(factor.transpose()).times(spread.reshape(1, 2)).plus(weight.reshape(1, 2)),
                SCHOOLS,
                TERMS);
        Expr sigma = m.parameter("sigma", exponential(1));
        Rows pupils = m.rows("pupils", 4);
        Expr own = effects.at(pupils.index("school", SCHOOLS, SCHOOL_OF));
        Expr mean = m.derived("mean", own.element(0).plus(own.element(1).times(pupils.data("x", X))));
        pupils.observe("y", normal(mean, sigma), new double[4]);
        return m.build();
    }

    private static List<String> names(Model model) {
        return QuantityIndex.of(model.layout().quantities()).scalarNames();
    }

    private static double[] values(Model model, DMatrixRMaj point) {
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(point, values);
        return values.data;
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void parametersComeFirstThenDerivedThenOptimisedThenAuxiliaries() {
        assertThat(varyingSlopes().layout().quantities())
                .extracting(Quantity::name)
                .containsExactly("spread", "sigma", "effects", "mean", "weight", "z", "factor");
        assertThat(varyingSlopes().layout().quantities())
                .filteredOn(Quantity::auxiliary)
                .extracting(Quantity::name)
                .containsExactly("z", "factor");
    }

    @Test
    void scalarsAreNamedByTheirLabels() {
        assertThat(names(varyingSlopes()))
                .containsExactly(
                        "spread[intercept]",
                        "spread[slope]",
                        "sigma",
                        "effects[Choate,intercept]",
                        "effects[Choate,slope]",
                        "effects[Deerfield,intercept]",
                        "effects[Deerfield,slope]",
                        "effects[Exeter,intercept]",
                        "effects[Exeter,slope]",
                        "mean[0]",
                        "mean[1]",
                        "mean[2]",
                        "mean[3]",
                        "weight[intercept]",
                        "weight[slope]",
                        "z[Choate,intercept]",
                        "z[Choate,slope]",
                        "z[Deerfield,intercept]",
                        "z[Deerfield,slope]",
                        "z[Exeter,intercept]",
                        "z[Exeter,slope]",
                        "factor[0,0]",
                        "factor[0,1]",
                        "factor[1,0]",
                        "factor[1,1]");
    }

    @Test
    void coordinatesKeepTheOrderOfDeclaration() {
        assertThat(varyingSlopes().layout().coordinateNames())
                .containsExactly(
                        "z[Choate,intercept]",
                        "z[Choate,slope]",
                        "z[Deerfield,intercept]",
                        "z[Deerfield,slope]",
                        "z[Exeter,intercept]",
                        "z[Exeter,slope]",
                        "factor~0",
                        "weight[intercept]",
                        "weight[slope]",
                        "spread[intercept]",
                        "spread[slope]",
                        "sigma");
    }

    /** Every row of the values of a random point against its definition, computed by hand. */
    @Test
    void rowsAreThoseOfTheNames() {
        Model model = varyingSlopes();
        DMatrixRMaj point = Evaluations.points(model.dimension(), 1, 7);
        double[] u = point.data;
        double[] values = values(model, point);
        QuantityIndex index = QuantityIndex.of(model.layout().quantities());
        double r = Math.tanh(u[6]);
        double[][] factor = {{1, 0}, {r, Math.sqrt(1 - r * r)}};
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                assertThat(values[index.row("factor[" + i + "," + j + "]")]).isCloseTo(factor[i][j], within(1e-12));
            }
        }
        for (int school = 0; school < 3; school++) {
            for (int term = 0; term < 2; term++) {
                String label =
                        SCHOOLS.labels().get(school) + "," + TERMS.labels().get(term);
                double effect = u[7 + term]
                        + Math.exp(u[9 + term])
                                * (factor[term][0] * u[2 * school] + factor[term][1] * u[2 * school + 1]);
                assertThat(values[index.row("z[" + label + "]")]).isEqualTo(u[2 * school + term]);
                assertThat(values[index.row("effects[" + label + "]")])
                        .isEqualTo(values[index.row("effects[" + school + "," + term + "]")])
                        .isCloseTo(effect, within(1e-12));
            }
        }
        int[] school = SCHOOLS.indices(SCHOOL_OF);
        for (int n = 0; n < X.length; n++) {
            double mean = values[index.row("effects[" + school[n] + ",0]")]
                    + X[n] * values[index.row("effects[" + school[n] + ",slope]")];
            assertThat(values[index.row("mean[" + n + "]")]).isCloseTo(mean, within(1e-12));
        }
        assertThat(values[index.row("weight[slope]")]).isEqualTo(u[8]);
    }

    @Test
    void neitherLabelsNorAuxiliariesChangeTheDensity() {
        Model model = varyingSlopes();
        ModelBuilder m = Model.named("plain");
        Expr z = m.parameter("z", normal(0, 1), 3, 2);
        Expr factor = m.parameter("factor", lkjCholesky(2, 2), 2, 2);
        Expr weight = m.optimised("weight", 2);
        Expr spread = m.parameter("spread", exponential(1), 2);
        Expr effects = z.matmul(factor.transpose()).times(spread.reshape(1, 2)).plus(weight.reshape(1, 2));
        Expr sigma = m.parameter("sigma", exponential(1));
        Rows pupils = m.rows("pupils", 4);
        Expr own = effects.at(pupils.index("school", new int[] {2, 0, 2, 1}));
        Expr mean = own.element(0).plus(own.element(1).times(pupils.data("x", X)));
        pupils.observe("y", normal(mean, sigma), new double[4]);
        DMatrixRMaj points = Evaluations.points(model.dimension(), 3, 1);
        assertThat(Evaluations.values(model.density(), points))
                .containsExactly(Evaluations.values(m.build().density(), points));
    }

    @Test
    void otherDataKeepTheLabels() {
        Model model = varyingSlopes();
        Model other = model.with(Data.declared()
                .with("school", SCHOOLS.indices("Deerfield"))
                .with("x", new double[] {3})
                .with("y", new double[] {1}));
        DMatrixRMaj point = Evaluations.points(model.dimension(), 1, 3);
        QuantityIndex index = QuantityIndex.of(other.layout().quantities());
        List<String> kept = new ArrayList<>(names(model));
        kept.removeAll(List.of("mean[1]", "mean[2]", "mean[3]"));
        assertThat(index.scalarNames()).isEqualTo(kept);
        double[] before = values(model, point);
        double[] after = values(other, point);
        QuantityIndex all = QuantityIndex.of(model.layout().quantities());
        for (String name : kept) {
            if (!name.startsWith("mean")) {
                assertThat(after[index.row(name)]).as(name).isEqualTo(before[all.row(name)]);
            }
        }
        assertThat(after[index.row("mean[0]")])
                .isEqualTo(after[index.row("effects[Deerfield,intercept]")]
                        + 3 * after[index.row("effects[Deerfield,slope]")]);
        assertThat(other.layout().coordinateNames()).isEqualTo(model.layout().coordinateNames());
    }

    @Test
    void aSubsetOfRowsHasTheSameEffects() {
        Model model = varyingSlopes();
        DMatrixRMaj point = Evaluations.points(model.dimension(), 1, 3);
        double[] sum = new double[1];
        double[] part = new double[1];
        for (int n = 0; n < 4; n++) {
            model.density().evaluateRows(new int[] {n}, 1, point, part, null);
            sum[0] += part[0] / 4;
        }
        assertThat(sum[0]).isCloseTo(Evaluations.values(model.density(), point)[0], within(1e-10));
    }

    @Test
    void vectorsOfOneElementAreNoScalars() {
        ModelBuilder m = Model.named("ones");
        Expr scalar = m.parameter("scalar", normal(0, 1));
        Expr vector = m.parameter("vector", normal(0, 1), 1);
        m.parameter("matrix", normal(0, 1), 1, 1);
        m.parameter("column", normal(0, 1), 2, 1);
        m.parameter("label", normal(0, 1), Labels.of("only", "this"));
        m.optimised("learnt", 1);
        m.derived("asScalar", scalar.exp());
        m.derived("asVector", vector.exp(), Labels.numbered(1));
        Rows rows = m.rows(1);
        Expr local = rows.parameter("local", normal(0, 1));
        rows.parameter("pair", normal(0, 1), 1);
        m.derived("rowwise", local.exp());
        rows.observe("y", normal(local, 1), new double[1]);
        Model model = m.build();
        assertThat(names(model))
                .containsExactly(
                        "scalar",
                        "vector[0]",
                        "matrix[0,0]",
                        "column[0,0]",
                        "column[1,0]",
                        "label[this]",
                        "local[0]",
                        "pair[0,0]",
                        "asScalar",
                        "asVector[0]",
                        "rowwise[0]",
                        "learnt[0]");
        assertThat(model.layout().coordinateNames()).contains("scalar", "vector[0]", "learnt[0]", "local[0]");
    }

    @Test
    void constrainedParametersHaveLabels() {
        ModelBuilder m = Model.named("constrained");
        m.parameter("share", flat().on(simplex()), SCHOOLS);
        m.parameter("cut", normal(0, 1).on(ordered()), TERMS);
        Expr scale = m.parameter("scale", normal(0, 1).on(positive()), TERMS);
        m.parameter("theta", normal(scale, 1).nonCentered(), TERMS);
        Model model = m.build();
        assertThat(model.layout().coordinateNames())
                .containsExactly(
                        "share~0",
                        "share~1",
                        "cut[intercept]",
                        "cut[slope]",
                        "scale[intercept]",
                        "scale[slope]",
                        "theta[intercept]",
                        "theta[slope]");
        assertThat(names(model)).startsWith("share[Choate]", "share[Deerfield]", "share[Exeter]", "cut[intercept]");
        assertThat(model.unconstrain(Map.of("scale", new double[] {Math.exp(1), 1}))[4])
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void aRowVectorTakesTheLabelsOfItsElements() {
        ModelBuilder m = Model.named("row");
        Expr a = m.parameter("a", normal(0, 1), TERMS);
        m.derived("row", a.reshape(1, 2).exp(), TERMS);
        assertThat(names(m.build())).containsExactly("a[intercept]", "a[slope]", "row[intercept]", "row[slope]");
    }

    @Test
    void declarationsThatAreRefused() {
        ModelBuilder m = Model.named("wrong");
        Expr mu = m.parameter("mu", normal(0, 1), SCHOOLS);
        Rows rows = m.rows(2);
        Expr local = rows.parameter("local", normal(0, 1));
        refused(() -> m.parameter("a", normal(0, 1), TERMS, TERMS, TERMS), "parameter \"a\" has 3 labels");
        refused(
                () -> m.parameter("a", normal(mu, 1), TERMS),
                "parameter \"a\"",
                "prior \"normal\"",
                "\"mu\" (vector of 3)");
        refused(() -> m.parameter("mu", normal(0, 1), TERMS), "\"mu\" is taken");
        refused(
                () -> m.derived("d", mu.exp(), TERMS),
                "derived \"d\" is 3 x 1",
                "labels are for 2 x 1",
                "2 of \"term\"");
        refused(() -> m.derived("d", mu.sum(), TERMS), "derived \"d\" is 1 x 1");
        refused(() -> m.derived("d", mu, SCHOOLS, TERMS), "derived \"d\" is 3 x 1", "3 x 2", "3 of \"school\"");
        refused(() -> m.derived("d", local, Labels.of("row", "a", "b")), "derived \"d\"", "per row of rows");
        refused(() -> m.parameter("p~0", normal(0, 1)), "must not contain ~", "\"p~0\"");
        refused(() -> Model.named("empty").auxiliary("z"), "\"z\" is not declared before this; nothing is");
        refused(() -> m.auxiliary("mu", "nu"), "auxiliary \"nu\" is not declared", "mu, local");
        refused(
                () -> rows.index("school", SCHOOLS, "Choate", "Chaote"),
                "index \"school\", row 1",
                "no label \"Chaote\"",
                "Choate, Deerfield, Exeter");
        refused(() -> rows.index("school", SCHOOLS, "Choate"), "index \"school\" has 1 values", "needs 2");
        rows.index("school", SCHOOLS, "Choate", "Choate");
        m.derived("d", mu.exp(), SCHOOLS);
        assertThat(m.build().layout().quantities()).hasSize(3);
    }

    @Test
    void aModelPrintsItselfInALine() {
        assertThat(varyingSlopes())
                .hasToString("model slopes: 4 parameters, 1 optimised value (12 coordinates), 2 derived values, 4 rows,"
                        + " observes y");
        assertThat(varyingSlopes()
                        .with(Data.declared()
                                .with("school", new int[] {0})
                                .with("x", new double[1])
                                .with("y", new double[1])))
                .hasToString("model slopes: 4 parameters, 1 optimised value (12 coordinates), 2 derived values, 1 row,"
                        + " observes y");
        ModelBuilder m = Model.named("schools");
        Expr theta = m.parameter("theta", normal(0, 1), 8);
        m.observe("effect", normal(theta, 1), new double[8]);
        assertThat(m.build()).hasToString("model schools: 1 parameter (8 coordinates), observes effect");
        m.rows("homes", 3).observe("radon", normal(theta.element(0), 1), new double[3]);
        m.rows("wells", 1).observe("depth", normal(theta.element(1), 1), new double[1]);
        assertThat(m.build())
                .hasToString("model schools: 1 parameter (8 coordinates), 3 rows of homes, 1 row of wells, observes"
                        + " effect, radon, depth");
        ModelBuilder bare = Model.named("bare");
        bare.parameter("a", normal(0, 1));
        assertThat(bare.build()).hasToString("model bare: 1 parameter (1 coordinate), observes nothing");
        bare.addLogDensity(Expr.constant(1));
        assertThat(bare.build()).hasToString("model bare: 1 parameter (1 coordinate), adds its own log density");
    }

    @Test
    void layoutsAndDensitiesPrintThemselvesInALine() {
        assertThat(varyingSlopes().layout())
                .hasToString("layout of 12 coordinates: spread (2), sigma, effects (3 x 2), mean (4), weight (2),"
                        + " z (3 x 2), factor (2 x 2)");
        ConstrainedDensity density = ConstrainedDensity.on(LogDensities.ofValues(4, x -> 0))
                .parameter("rate", positive())
                .parameter("effect", flat().support(), SCHOOLS)
                .build();
        assertThat(density).hasToString("density of 4 coordinates: rate, effect (3)");
        ParameterLayout layout = density.layout();
        assertThat(QuantityIndex.of(layout.quantities()).scalarNames())
                .containsExactly("rate", "effect[Choate]", "effect[Deerfield]", "effect[Exeter]");
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        layout.quantitiesAt(new DMatrixRMaj(4, 1, true, 0, 1, 2, 3), values);
        assertThat(Arrays.stream(values.data).boxed()).containsExactly(1.0, 1.0, 2.0, 3.0);
    }

    /** Otherwise the effects of the groups would be exchanged without a word. */
    @Test
    void anIndexWithOtherLabelsIsRefused() {
        ModelBuilder m = Model.named("towns");
        Labels towns = Labels.of("town", "a", "b");
        Expr alpha = m.parameter("alpha", normal(0, 1), towns);
        Rows rows = m.rows(2);
        RowIndex other = rows.index("river", Labels.of("river", "b", "a"), "a", "b");
        assertThatThrownBy(() -> alpha.at(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index \"river\" has the labels river (2): b, a")
                .hasMessageContaining("town (2): a, b")
                .hasMessageContaining("the same labels in the same order");
        assertThat(alpha.at(rows.index("place", towns, "b", "a")).columns()).isEqualTo(1);
        assertThat(alpha.at(rows.index("number", new int[] {1, 0})).columns()).isEqualTo(1);
    }
}

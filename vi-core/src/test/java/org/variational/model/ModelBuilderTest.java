package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.simplex;
import static org.variational.distribution.Distributions.dirichlet;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poisson;
import static org.variational.distribution.Distributions.poissonLog;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.variational.distribution.Distributions;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;

/** What a declaration refuses, when, and what it says. */
class ModelBuilderTest {

    private ModelBuilder m;

    @BeforeEach
    void start() {
        m = Model.named("test");
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void aModelWithoutParameters() {
        m.rows(2).observe("y", normal(0, 1), new double[] {1, 2});
        assertThatThrownBy(m::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("\"test\" has no parameters", "parameter(name, prior)");
    }

    @Test
    void aModelWhoseOnlyParameterIsEmpty() {
        m.parameter("b", normal(0, 1), 0);
        assertThatThrownBy(m::build).isInstanceOf(IllegalStateException.class).hasMessageContaining("no parameters");
    }

    @Test
    void namesThatAreTakenOrUnusable() {
        m.parameter("mu", normal(0, 1));
        m.derived("twice", m.parameter("tau", halfNormal(1)).times(2));
        m.optimised("weight", 2);
        refused(() -> m.parameter("mu", normal(0, 1)), "\"mu\" is taken", "mu, tau, twice, weight");
        refused(() -> m.parameter("twice", normal(0, 1)), "\"twice\" is taken");
        refused(() -> m.derived("tau", Expr.constant(1)), "\"tau\" is taken");
        refused(() -> m.optimised("mu", 1), "\"mu\" is taken");
        refused(() -> m.parameter("a[0]", normal(0, 1)), "parameter name", "a[0]");
        refused(() -> m.parameter(" ", normal(0, 1)), "must not be blank");
        refused(() -> Model.named(""), "model name must not be blank");
    }

    @Test
    void dataNamedTwice() {
        Rows rows = m.rows(2);
        rows.data("x", new double[] {1, 2});
        refused(() -> rows.data("x", new double[] {1, 2}), "data \"x\" is declared twice");
        refused(() -> m.data("x", new double[] {1}), "data \"x\" is declared twice");
        refused(() -> rows.index("x", new int[] {0, 1}), "data \"x\" is declared twice");
        refused(() -> rows.observe("x", normal(0, 1), new double[] {1, 2}), "data \"x\" is declared twice");
    }

    @Test
    void dataOfTheWrongLength() {
        Rows rows = m.rows("homes", 3);
        refused(() -> rows.data("x", new double[] {1, 2}), "\"x\" has 2 values", "needs 3");
        refused(() -> rows.data("z", new double[][] {{1, 2}, {3, 4}}), "\"z\" has 2 rows", "homes (3 rows)", "needs 3");
        refused(() -> rows.index("county", new int[] {0, 1}), "index \"county\" has 2 values", "homes (3 rows)");
        refused(() -> rows.observe("y", normal(0, 1), new double[4]), "\"y\" has 4 values", "needs 3");
        refused(
                () -> rows.data("ragged", new double[][] {{1, 2}, {3}, {4, 5}}),
                "\"ragged\": row 1 has 1 values",
                "row 0 has 2");
        refused(() -> m.data("m", new double[][] {{1, 2}, {3}}), "\"m\": row 1 has 1 values");
    }

    @Test
    void missingValues() {
        Rows rows = m.rows(3);
        refused(() -> rows.data("x", new double[] {1, Double.NaN, 3}), "\"x\" is NaN at row 1", "impute");
        refused(
                () -> rows.data("z", new double[][] {{1, 2}, {3, 4}, {5, Double.NEGATIVE_INFINITY}}),
                "\"z\" is -Infinity at row 2, column 1");
        refused(() -> rows.observe("y", normal(0, 1), new double[] {1, 2, Double.NaN}), "\"y\" is NaN at row 2");
        refused(
                () -> rows.observe("v", normal(0, 1), new double[][] {{1, 2}, {3, Double.NaN}, {5, 6}}),
                "\"v\" is NaN at row 1, column 1");
        refused(() -> m.data("global", new double[][] {{1}, {Double.NaN}}), "\"global\" is NaN at row 1");
    }

    @Test
    void impossibleObservations() {
        Rows rows = m.rows(3);
        refused(() -> rows.observe("y", poisson(2), new int[] {0, 1, -1}), "\"y\" is -1.0 at row 2", "poisson");
        refused(() -> rows.observe("z", poisson(2), new double[] {0, 1.5, 1}), "\"z\" is 1.5 at row 1");
    }

    @Test
    void aNegativeIndexOrOneOutOfRange() {
        Rows rows = m.rows(2);
        refused(() -> rows.index("group", new int[] {0, -1}), "\"group\" is -1 at row 1", "count from 0");
        RowIndex tooLarge = rows.index("county", new int[] {0, 5});
        Expr alpha = m.parameter("alpha", normal(0, 1), 5);
        refused(
                () -> alpha.at(tooLarge),
                "\"county\" is 5 at row 1",
                "\"alpha\" (vector of 5) has 5 elements, numbered from 0",
                "from 0 to 5",
                "declare 6 elements");
    }

    /** The first error that users of other languages make: the message says so, in words of the declaration. */
    @Test
    void groupsAndCategoriesNumberedFromOne() {
        Rows rows = m.rows(4);
        RowIndex group = rows.index("group", new int[] {2, 1, 3, 3});
        Expr level = m.parameter("level", normal(0, 1));
        Expr effect = m.parameter("effect", normal(0, 1), 3);
        String[] all = {"\"group\" is 3 at row 2", "3 elements", "run from 1 to 3", "subtract 1"};
        refused(() -> effect.at(group), all);
        refused(() -> level.plus(effect.exp()).at(group), all);
        refused(() -> level.plus(effect.exp()).at(group), "computed from \"level\", \"effect\" (vector of 3)");
        refused(() -> rows.data("w", new double[4][3]).pick(group), all);
        int[] category = {1, 3, 2, 1};
        refused(
                () -> rows.observe("y", Distributions.categoricalLogit(effect), category),
                "\"y\" is 3.0 at row 1",
                "from 0 to 2",
                "run from 1 to 3");
        refused(
                () -> rows.observe("z", Distributions.bernoulli(0.5), new int[] {1, 2, 1, 1}),
                "\"z\" is 2.0 at row 1",
                "run from 1 to 2");
    }

    @Test
    void impossibleNumbersOfAMatrixAreFoundByRowAndColumn() {
        double[][] y = {{1, 2, 3}, {1, -2, 3}};
        refused(() -> m.observe("y", Distributions.exponential(1), y), "\"y\" is -2.0 at row 1, column 1");
        refused(() -> m.rows(2).observe("y", Distributions.exponential(1), y), "\"y\" is -2.0 at row 1, column 1");
    }

    @Test
    void dataOfAnotherLengthThanTheirRows() {
        Rows rows = m.rows("homes", 3);
        refused(() -> rows.data("x", new double[2]), "\"x\" has 2 values", "homes (3 rows) needs 3");
    }

    @Test
    void boundsOfAnotherShapeThanTheParameter() {
        Expr b = m.parameter("b", normal(0, 1), 3);
        refused(
                () -> m.parameter("c", Distributions.uniform(b, b.plus(1)), 4),
                "bounds do not fit \"c\" (vector of 4)",
                "\"b\" (vector of 3)");
    }

    @Test
    void negativeSizes() {
        refused(() -> m.parameter("b", normal(0, 1), -1), "\"b\"", "-1 x 1");
        refused(() -> m.rows("homes", -1), "\"homes\"", "-1");
    }

    @Test
    void sizesBeyondMemory() {
        refused(() -> m.parameter("b", normal(0, 1), 100_000, 100_000), "\"b\" of shape 100000 x 100000", "134217728");
        refused(() -> m.rows("homes", 1 << 20).parameter("c", normal(0, 1), 1 << 10), "each of 1048576 rows");
    }

    @Test
    void priorsWhoseParametersDoNotFitTheShape() {
        Expr locations = m.parameter("locations", normal(0, 1), 3);
        refused(
                () -> m.parameter("b", normal(locations, 1)),
                "parameter \"b\" (scalar)",
                "prior \"normal\"",
                "\"locations\" (vector of 3)");
        refused(() -> m.parameter("c", normal(locations, 1), 2), "\"c\"", "3");
        refused(() -> m.parameter("d", normal(locations, 1).nonCentered()), "\"d\"", "non-centred prior", "\"normal\"");
        refused(() -> m.parameter("e", dirichlet(1, 1, 1), 4), "3", "4");
    }

    @Test
    void constraintsThatNoValueOfTheShapeMeets() {
        refused(() -> m.parameter("p", Distributions.flat().on(simplex()), 2, 2), "parameter \"p\"", "vector", "2 x 2");
    }

    @Test
    void localParametersThatAreNotElementwise() {
        Rows rows = m.rows(4);
        refused(
                () -> rows.parameter("eps", normal(0, 1).on(ordered())),
                "\"eps\" has one value per row",
                "\"ordered\" acts on all");
    }

    @Test
    void discretePriors() {
        refused(() -> m.parameter("k", poisson(3)), "\"k\"", "\"poisson\"", "discrete", "sum");
    }

    @Test
    void observationsOfAnotherShapeThanTheirDistribution() {
        Expr b = m.parameter("b", normal(0, 1), 3);
        Rows rows = m.rows(2);
        refused(
                () -> rows.observe("y", normal(b, 1), new double[] {1, 2}),
                "observation \"y\" (scalar per row of rows (2 rows))",
                "\"normal\", which has \"b\" (vector of 3)",
                "rows.of(vector)",
                "vector.at(index)");
        Expr x = rows.data("x", new double[] {1, 2});
        refused(
                () -> m.observe("z", normal(x, 1), new double[] {1, 2}),
                "observation \"z\"",
                "\"x\" (scalar per row of rows (2 rows))",
                "must be of the same rows");
        refused(
                () -> rows.observe("y", normal(b.plus(x), 1), new double[] {1, 2}),
                "computed from \"b\", \"x\"",
                "rows.of(vector)");
        refused(
                () -> m.observe("w", normal(b, 1), new double[4]),
                "observation \"w\" (vector of 4)",
                "\"b\" (vector of 3)");
    }

    @Test
    void rowsOfDifferentSetsMixed() {
        Rows homes = m.rows("homes", 2);
        Rows schools = m.rows("schools", 2);
        Expr x = homes.data("x", new double[] {1, 2});
        Expr z = schools.data("z", new double[] {1, 2});
        refused(() -> x.plus(z), "different row axes", "homes (2 rows)", "schools (2 rows)");
        refused(() -> schools.observe("y", poissonLog(x), new int[] {1, 2}), "observation \"y\"", "of the same rows");
    }

    @Test
    void rowsOfAMatrixOfAnotherLength() {
        Expr path = m.parameter("path", normal(0, 1), 4);
        refused(() -> m.rows("days", 3).of(path), "\"path\" (vector of 4) has 4 rows", "days (3 rows)");
        Rows hours = m.rows("hours", 2);
        refused(() -> hours.of(hours.data("t", new double[2])), "\"t\"", "already");
    }

    @Test
    void parametersOfAnotherModel() {
        Expr foreign = Model.named("other").parameter("theirs", normal(0, 1));
        m.parameter("mine", normal(0, 1));
        m.parameter("b", normal(foreign, 1));
        assertThatThrownBy(m::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("\"test\" uses \"theirs\"", "another builder");
        ModelBuilder derived = Model.named("derived");
        derived.parameter("mine", normal(0, 1));
        derived.derived("twice", foreign.times(2));
        assertThatThrownBy(derived::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("\"theirs\"");
    }

    @Test
    void optimisedValuesThatDoNotFit() {
        refused(() -> m.optimised("w", 2, 2, new double[3]), "\"w\" has 3 initial values", "2 x 2 needs 4");
        refused(() -> m.optimised("w", 1, 1, new double[] {Double.NaN}), "\"w\"", "NaN");
    }

    @Test
    void aRefusedDeclarationLeavesTheModelUsable() {
        Expr mu = m.parameter("mu", normal(0, 1));
        refused(() -> m.parameter("b", normal(0, 1), -1), "\"b\"");
        m.parameter("b", normal(mu, 1));
        assertThat(m.build().dimension()).isEqualTo(2);
    }

    @Test
    void aRefusedDeclarationLeavesTheDataNameFree() {
        ModelBuilder m = Model.named("retries");
        Expr mean = m.parameter("mean", normal(0, 1));
        Rows rows = m.rows(2);
        refused(() -> rows.data("x", new double[] {1}), "\"x\"");
        refused(() -> rows.observe("y", normal(mean, 1), new double[] {1, Double.NaN}), "\"y\"");
        refused(() -> rows.index("g", new int[] {0, -1}), "\"g\"");
        rows.data("x", new double[] {1, 2});
        rows.observe("y", normal(mean, 1), new double[] {1, 2});
        rows.index("g", new int[] {0, 1});
        assertThat(m.build().observations()).containsExactly("y");
    }

    @Test
    void matricesWithoutRowsHaveAStatedWidth() {
        ModelBuilder m = Model.named("empty");
        Expr beta = m.parameter("beta", normal(0, 1), 3);
        Rows rows = m.rows(0);
        rows.observe("y", normal(rows.data("x", new double[0][], 3).matmul(beta), 1), new double[0]);
        Model empty = m.build();
        double prior = -0.5 * (1 + 4 + 9) - 1.5 * Math.log(2 * Math.PI);
        assertThat(Evaluations.value(empty, 1, 2, 3)).isEqualTo(prior, within(1e-13));
        refused(() -> m.rows("more", 1).data("z", new double[][] {{1, 2}}, 3), "rows of length 2", "width is 3");
    }

    @Test
    void optimisedValuesOfNegativeSize() {
        ModelBuilder m = Model.named("sizes");
        refused(() -> m.optimised("w", -1, -1, new double[] {1}), "\"w\"", "-1 x -1");
        refused(() -> m.optimised("w", -1), "\"w\"", "-1 x 1");
    }
}

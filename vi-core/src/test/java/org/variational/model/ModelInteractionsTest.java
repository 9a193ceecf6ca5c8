package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.bernoulliLogit;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.mixture;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.studentT;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.variational.constraint.Constraints;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.estimator.CoordinateSplit;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;

/** Which coordinates of well-known models act together, found from the declaration and stated here by name. */
class ModelInteractionsTest {

    private static Set<String> pairs(Model model, Adjacency relation) {
        List<String> names = model.layout().coordinateNames();
        Set<String> pairs = new TreeSet<>();
        for (int i = 0; i < relation.dimension(); i++) {
            for (int j : relation.neighbours(i)) {
                if (i < j) {
                    pairs.add(names.get(i) + " " + names.get(j));
                }
            }
        }
        return pairs;
    }

    private static Set<String> related(Model model) {
        return pairs(model, model.interactions().related());
    }

    private static Set<String> multiplied(Model model) {
        return pairs(model, model.interactions().multiplied());
    }

    /** Pairs of one coordinate with each of a vector's. */
    private static Set<String> withEach(String first, String second, int count) {
        Set<String> pairs = new TreeSet<>();
        IntStream.range(0, count).forEach(j -> pairs.add(first + " " + second + "[" + j + "]"));
        return pairs;
    }

    @SafeVarargs
    private static Set<String> all(Set<String>... sets) {
        Set<String> union = new TreeSet<>();
        for (Set<String> set : sets) {
            union.addAll(set);
        }
        return union;
    }

    private static Model schools(boolean centred) {
        ModelBuilder m = Model.named("schools");
        Expr mu = m.parameter("mu", normal(0, 5));
        Expr tau = m.parameter("tau", halfNormal(5));
        Expr theta = centred
                ? m.parameter("theta", normal(mu, tau), 8)
                : m.parameter("theta", normal(mu, tau).nonCentered(), 8);
        m.observe("y", normal(theta, 10), new double[] {28, 8, -3, 7, -1, 1, 18, 12});
        return m.build();
    }

    @Test
    void centredEffectsActWithTheirMeanAndScaleOnly() {
        Model model = schools(true);
        Set<String> scale = all(withEach("tau", "theta", 8), Set.of("mu tau"));
        assertThat(related(model)).isEqualTo(all(scale, withEach("mu", "theta", 8)));
        assertThat(multiplied(model)).isEqualTo(scale);
    }

    @Test
    void nonCentredEffectsDoToo() {
        Model model = schools(false);
        List<String> names = model.layout().coordinateNames();
        String effect = names.get(2).replace("[0]", "");
        Set<String> scale = withEach("tau", effect, 8);
        assertThat(related(model)).isEqualTo(all(scale, withEach("mu", effect, 8), Set.of("mu tau")));
        assertThat(multiplied(model)).isEqualTo(scale);
    }

    @Test
    void effectsOfGroupsAreFoundThroughTheIndexOfTheirRows() {
        ModelBuilder m = Model.named("radon");
        Expr mu = m.parameter("mu", normal(0, 1));
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(mu, tau), 3);
        Expr slope = m.parameter("slope", normal(0, 1));
        Rows homes = m.rows(5);
        Expr level = alpha.at(homes.index("county", new int[] {0, 2, 2, 0, 2}))
                .plus(slope.times(homes.data("floor", new double[] {1, 0, 0, 1, 0})));
        homes.observe("y", bernoulliLogit(level), new int[] {1, 0, 1, 0, 1});
        Model model = m.build();
        // county 1 has no rows, and floor is 0 in all rows of county 2
        Set<String> scale = all(withEach("tau", "alpha", 3), Set.of("mu tau"));
        assertThat(related(model)).isEqualTo(all(scale, withEach("mu", "alpha", 3), Set.of("alpha[0] slope")));
        assertThat(multiplied(model)).isEqualTo(scale);
        Model other = model.with(Data.declared().with("floor", new double[] {0, 1, 0, 0, 0}));
        assertThat(related(other)).contains("alpha[2] slope").doesNotContain("alpha[0] slope");
    }

    @Test
    void crossedEffectsActTogetherWhereARowHasBoth() {
        ModelBuilder m = Model.named("crossed");
        Expr a = m.parameter("a", normal(0, 1), 3);
        Expr b = m.parameter("b", normal(0, 1), 2);
        Rows rows = m.rows(3);
        Expr level =
                a.at(rows.index("subject", new int[] {0, 1, 2})).plus(b.at(rows.index("item", new int[] {0, 1, 1})));
        rows.observe("y", normal(level, 1), new double[] {0.3, 1, -1});
        Model model = m.build();
        assertThat(related(model)).containsExactlyInAnyOrder("a[0] b[0]", "a[1] b[1]", "a[2] b[1]");
        assertThat(multiplied(model)).isEmpty();
    }

    @Test
    void aWalkBySlicesIsAChain() {
        ModelBuilder m = Model.named("walk");
        Expr x = m.parameter("x", flat(), 6);
        m.addLogDensity(normal(x.slice(0, 5), 0.5).logDensity(x.slice(1, 6)));
        assertThat(related(m.build()))
                .containsExactlyInAnyOrder("x[0] x[1]", "x[1] x[2]", "x[2] x[3]", "x[3] x[4]", "x[4] x[5]");
    }

    /** The carry is the state itself, so that a step knows only its neighbour; with its scale, as a capture. */
    @Test
    void aWalkByAScanOverItsOwnStatesIsAChain() {
        ModelBuilder m = Model.named("scan");
        Expr rate = m.parameter("rate", normal(0, 1));
        Expr x = m.parameter("x", flat(), 4);
        Expr pairs = Expr.scan(
                Expr.constant(new double[] {0, 0}), x, (carry, element) -> Expr.concatenate(element, carry.element(0)));
        Expr moves = pairs.column(0).minus(pairs.column(1).times(rate));
        m.addLogDensity(normal(0, 1).logDensity(moves));
        assertThat(related(m.build()))
                .isEqualTo(all(withEach("rate", "x", 4), Set.of("x[0] x[1]", "x[1] x[2]", "x[2] x[3]")));
    }

    /** A recursion of innovations and a cumulative sum remember everything. */
    @Test
    void innovationsAreDense() {
        ModelBuilder m = Model.named("sum");
        Expr e = m.parameter("e", normal(0, 1), 4);
        m.observe("y", normal(e.cumulativeSum(), 1), new double[] {1, 2, 3, 4});
        ModelBuilder recursive = Model.named("recursion");
        Expr f = recursive.parameter("e", normal(0, 1), 4);
        Expr path = Expr.scan(Expr.constant(new double[] {0}), f, (carry, element) -> carry.times(0.9)
                .plus(element));
        recursive.observe("y", normal(path, 1), new double[][] {{1}, {2}, {3}, {4}});
        assertThat(related(m.build())).hasSize(6).isEqualTo(related(recursive.build()));
    }

    @Test
    void abilitiesAndDiscriminationsMultiplyEachOther() {
        ModelBuilder m = Model.named("2pl");
        Expr ability = m.parameter("ability", normal(0, 1), 2);
        Expr slope = m.parameter("slope", normal(0, 1).on(Constraints.positive()), 2);
        Expr level = m.parameter("level", normal(0, 1), 2);
        Rows rows = m.rows(3);
        RowIndex person = rows.index("person", new int[] {0, 0, 1});
        RowIndex item = rows.index("item", new int[] {0, 1, 1});
        Expr predictor = slope.at(item).times(ability.at(person).minus(level.at(item)));
        rows.observe("y", bernoulliLogit(predictor), new int[] {1, 0, 1});
        Model model = m.build();
        Set<String> products = Set.of(
                "ability[0] slope[0]",
                "ability[0] slope[1]",
                "ability[1] slope[1]",
                "slope[0] level[0]",
                "slope[1] level[1]");
        assertThat(multiplied(model)).isEqualTo(products);
        assertThat(related(model))
                .isEqualTo(all(products, Set.of("ability[0] level[0]", "ability[0] level[1]", "ability[1] level[1]")));
    }

    /** A product of two coordinates that enters the log density as it is makes neither a scale of the other. */
    @Test
    void aBareProductIsNoScale() {
        ModelBuilder m = Model.named("product");
        Expr a = m.parameter("a", normal(0, 1));
        Expr b = m.parameter("b", normal(0, 1));
        m.addLogDensity(a.times(b).times(0.5));
        Model model = m.build();
        assertThat(related(model)).containsExactly("a b");
        assertThat(multiplied(model)).isEmpty();
    }

    @Test
    void tailsAndMixturesActThroughAllTheirParameters() {
        ModelBuilder m = Model.named("robust");
        Expr mu = m.parameter("mu", normal(0, 1), 2);
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Rows rows = m.rows(2);
        Expr level = mu.at(rows.index("group", new int[] {0, 1}));
        rows.observe("y", studentT(4, level, sigma), new double[] {0, 1});
        assertThat(related(m.build())).containsExactlyInAnyOrder("mu[0] sigma", "mu[1] sigma");

        ModelBuilder two = Model.named("mixture");
        Expr weight = two.parameter("w", flat().on(Constraints.interval(0, 1)));
        Expr mean = two.parameter("mu", normal(0, 1), 2);
        two.rows(1)
                .observe(
                        "y",
                        mixture(
                                Expr.concatenate(weight, weight.negate().plus(1)),
                                normal(mean.element(0), 1),
                                normal(mean.element(1), 1)),
                        new double[] {0});
        assertThat(related(two.build())).containsExactlyInAnyOrder("w mu[0]", "w mu[1]", "mu[0] mu[1]");
    }

    /** Optimised coordinates are left out, and what is left is numbered anew. */
    @Test
    void theInferredCoordinatesKeepTheirPart() {
        ModelBuilder m = Model.named("optimised");
        Expr a = m.parameter("a", normal(0, 1));
        Expr w = m.optimised("w", 2);
        Expr b = m.parameter("b", normal(a, 1), 2);
        m.observe("y", normal(b.times(w), 1), new double[] {1, 2});
        Interactions inferred = CoordinateSplit.of(m.build().layout()).interactions();
        assertThat(inferred).isNotNull();
        assertThat(inferred.dimension()).isEqualTo(3);
        assertThat(inferred.related().neighbours(0)).containsExactly(1, 2);
        assertThat(inferred.related().neighbours(1)).containsExactly(0);
        assertThat(inferred.among(1, 2).related().pairs()).isZero();
    }

    /** A hundred thousand rows of 100 groups: the pattern is no larger than that of the groups. */
    @Test
    void rowsThatRepeatAPatternAddNothing() {
        ModelBuilder m = Model.named("rows");
        Expr tau = m.parameter("tau", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(0, tau), 100);
        Expr beta = m.parameter("beta", normal(0, 1), 5);
        int n = 100_000;
        Rows rows = m.rows(n);
        double[][] x = new double[n][5];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < 5; k++) {
                x[i][k] = 1 + (i * 31 + k * 17) % 7;
            }
        }
        Expr level = alpha.at(rows.index(
                        "group", IntStream.range(0, n).map(i -> i % 100).toArray()))
                .plus(rows.data("x", x).matmul(beta));
        rows.observe("y", normal(level, 1), new double[n]);
        assertThat(m.build().interactions().related().pairs()).isEqualTo(100 + 500 + 10);
    }
}

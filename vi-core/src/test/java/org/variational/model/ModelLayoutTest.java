package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.constraint.Constraints.choleskyCorrelation;
import static org.variational.constraint.Constraints.lower;
import static org.variational.constraint.Constraints.ordered;
import static org.variational.constraint.Constraints.simplex;
import static org.variational.distribution.Distributions.flat;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.uniform;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;
import org.variational.expression.Expr;

/** What coordinates mean: names, blocks, quantities on the user's scale, and the way back. */
class ModelLayoutTest {

    private static Model many() {
        ModelBuilder m = Model.named("many");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.parameter("p", flat().on(simplex()), 3);
        m.parameter("cut", normal(0, 2).on(ordered()), 2);
        m.parameter("b", normal(0, 1), 2, 2);
        m.optimised("w", 1, 2, new double[] {0.5, -1});
        m.parameter("empty", normal(0, 1), 0);
        m.parameter("L", flat().on(choleskyCorrelation()), 2, 2);
        m.parameter("share", uniform(2, 5));
        Rows rows = m.rows(3);
        Expr eps = rows.parameter("eps", halfNormal(1));
        Expr pair = rows.parameter("pair", normal(mu, 1), 2);
        m.derived("total", eps.plus(pair.element(1)));
        m.derived("square", mu.square());
        rows.observe("y", normal(eps, 1), new double[3]);
        return m.build();
    }

    @Test
    void coordinatesAreNamedAfterTheScalarsTheyGive() {
        assertThat(many().layout().coordinateNames())
                .containsExactly(
                        "mu",
                        "p~0",
                        "p~1",
                        "cut[0]",
                        "cut[1]",
                        "b[0,0]",
                        "b[0,1]",
                        "b[1,0]",
                        "b[1,1]",
                        "w[0,0]",
                        "w[0,1]",
                        "L~0",
                        "share",
                        "eps[0]",
                        "eps[1]",
                        "eps[2]",
                        "pair[0,0]",
                        "pair[0,1]",
                        "pair[1,0]",
                        "pair[1,1]",
                        "pair[2,0]",
                        "pair[2,1]");
    }

    @Test
    void blocksCoverTheCoordinatesInOrder() {
        ParameterLayout layout = many().layout();
        int next = 0;
        for (ParameterLayout.Block block : layout.blocks()) {
            assertThat(block.offset()).isEqualTo(next);
            next += block.length();
        }
        assertThat(next).isEqualTo(layout.dimension()).isEqualTo(22);
        assertThat(layout.blocks())
                .filteredOn(block -> block.role() == Role.OPTIMISED)
                .extracting(ParameterLayout.Block::name)
                .containsExactly("w");
    }

    @Test
    void quantitiesHaveNamesShapesAndRoles() {
        assertThat(many().layout().quantities())
                .containsExactly(
                        Quantity.scalar("mu", Role.INFERRED),
                        Quantity.vector("p", 3, Role.INFERRED),
                        Quantity.vector("cut", 2, Role.INFERRED),
                        Quantity.matrix("b", 2, 2, Role.INFERRED),
                        Quantity.vector("empty", 0, Role.INFERRED),
                        Quantity.matrix("L", 2, 2, Role.INFERRED),
                        Quantity.scalar("share", Role.INFERRED),
                        Quantity.vector("eps", 3, Role.INFERRED),
                        Quantity.matrix("pair", 3, 2, Role.INFERRED),
                        Quantity.vector("total", 3, Role.DERIVED),
                        Quantity.scalar("square", Role.DERIVED),
                        Quantity.matrix("w", 1, 2, Role.OPTIMISED));
    }

    @Test
    void theStartIsZeroButForValuesLearnt() {
        double[] start = many().layout().initialPoint();
        assertThat(start[9]).isEqualTo(0.5);
        assertThat(start[10]).isEqualTo(-1);
        start[9] = 0;
        start[10] = 0;
        assertThat(start).containsOnly(0);
    }

    @Test
    void valuesLearntHaveNoPrior() {
        ModelBuilder m = Model.named("learnt");
        Expr w = m.optimised("w", 1);
        Expr a = m.parameter("a", flat());
        m.addLogDensity(a.times(w));
        assertThat(Evaluations.value(m.build(), 3, 2)).isEqualTo(6);
    }

    @Test
    void derivedValuesAreThoseOfTheirExpressions() {
        Model model = many();
        DMatrixRMaj point = Evaluations.points(model.dimension(), 2, 1);
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(point, values);
        int total =
                model.layout().quantities().stream().mapToInt(Quantity::size).sum();
        assertThat(values.numRows).isEqualTo(total);
        for (int s = 0; s < 2; s++) {
            double mu = point.get(0, s);
            assertThat(values.get(total - 2, s)).isEqualTo(point.get(9, s));
            assertThat(values.get(total - 3, s)).isCloseTo(mu * mu, within(1e-14));
            for (int n = 0; n < 3; n++) {
                double eps = Math.exp(point.get(13 + n, s));
                assertThat(values.get(total - 6 + n, s))
                        .isCloseTo(eps + point.get(16 + 2 * n + 1, s), within(1e-13 * (1 + eps)));
            }
        }
    }

    @Test
    void unconstrainingTheQuantitiesGivesTheCoordinatesBack() {
        Model model = many();
        DMatrixRMaj point = Evaluations.points(model.dimension(), 1, 2);
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        model.layout().quantitiesAt(point, values);
        Map<String, double[]> named = new HashMap<>();
        int at = 0;
        for (Quantity quantity : model.layout().quantities()) {
            if (quantity.role() != Role.DERIVED) {
                named.put(quantity.name(), Arrays.copyOfRange(values.data, at, at + quantity.size()));
            }
            at += quantity.size();
        }
        assertThat(model.unconstrain(named)).containsExactly(point.data, within(1e-10));
    }

    @Test
    void parametersNotNamedStayAtTheStart() {
        double[] point = many().unconstrain(Map.of("mu", new double[] {2}));
        assertThat(point[0]).isEqualTo(2);
        assertThat(point[9]).isEqualTo(0.5);
        assertThat(point[12]).isZero();
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void valuesThatCannotBeUnconstrained() {
        Model model = many();
        refused(() -> model.unconstrain(Map.of("nu", new double[1])), "\"many\" has no parameters [nu]");
        refused(() -> model.unconstrain(Map.of("total", new double[3])), "[total]");
        refused(() -> model.unconstrain(Map.of("b", new double[3])), "\"b\" has 4 values", "got 3");
        refused(() -> model.unconstrain(Map.of("share", new double[] {5})), "\"share\"", "5.0", "between 2.0 and 5.0");
        refused(() -> model.unconstrain(Map.of("cut", new double[] {1, 0})), "\"cut\"", "ordered");
        ModelBuilder m = Model.named("bounds");
        Expr a = m.parameter("a", normal(0, 1));
        m.parameter("b", flat().on(lower(a)));
        Model bounded = m.build();
        refused(
                () -> bounded.unconstrain(Map.of("b", new double[] {1})),
                "\"b\"",
                "depends on parameters",
                "coordinates");
    }

    @Test
    void aNonCentredParameterIsGivenStandardised() {
        ModelBuilder m = Model.named("non-centred");
        Expr mu = m.parameter("mu", normal(0, 1));
        m.parameter("theta", normal(mu, 2).nonCentered(), 2);
        assertThat(m.build().unconstrain(Map.of("mu", new double[] {3}, "theta", new double[] {0.5, -1})))
                .containsExactly(3, 0.5, -1);
    }

    @Test
    void layoutsAreIndependent() {
        Model model = many();
        List<DMatrixRMaj> results = Stream.of(model.layout(), model.layout())
                .map(layout -> {
                    DMatrixRMaj values = new DMatrixRMaj(1, 1);
                    layout.quantitiesAt(Evaluations.points(model.dimension(), 3, 3), values);
                    return values;
                })
                .toList();
        assertThat(results.get(0).data).isEqualTo(results.get(1).data);
    }
}

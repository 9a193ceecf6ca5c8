package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.Labels;
import org.variational.density.ParameterLayout;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;
import org.variational.density.QuantityIndex;
import org.variational.expression.Expr;

/** Names and positions of random models: what is declared in any order, over any labels. */
class LayoutProperties {

    /** What to declare: its kind, its labels (none, one or two), and whether it is auxiliary. */
    record Declared(Kind kind, List<Labels> labels, boolean auxiliary) {}

    enum Kind {
        PARAMETER,
        OPTIMISED,
        DERIVED
    }

    @Provide
    Arbitrary<Labels> labels() {
        Arbitrary<String> label = Arbitraries.strings()
                .withChars("ab01[],\"' ")
                .ofMinLength(1)
                .ofMaxLength(4)
                .filter(text -> !text.isBlank());
        return Arbitraries.oneOf(
                label.list()
                        .ofMinSize(1)
                        .ofMaxSize(5)
                        .map(texts -> Labels.of("group", List.copyOf(new LinkedHashSet<>(texts)))),
                Arbitraries.integers().between(1, 4).map(Labels::numbered));
    }

    @Provide
    Arbitrary<List<Declared>> declarations() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class), labels().list().ofMaxSize(2), Arbitraries.of(true, false))
                .as(Declared::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    /**
     * Element i of declaration k is 1000 k + i at the point made for it, whether it is a coordinate or derived from
     * one, so that every row of the values tells whose it is.
     */
    private static Model declare(List<Declared> declarations, Map<String, Integer> numbers, List<Double> point) {
        ModelBuilder m = Model.named("random");
        Expr first = m.parameter("first", normal(0, 1));
        point.add(1.0);
        for (int k = 0; k < declarations.size(); k++) {
            Declared declared = declarations.get(k);
            String name = "q" + k;
            numbers.put(name, k);
            Labels[] labels = declared.labels().toArray(new Labels[0]);
            int size = declared.labels().stream().mapToInt(Labels::size).reduce(1, (a, b) -> a * b);
            int rows = labels.length > 0 ? labels[0].size() : 1;
            double[] values = new double[size];
            for (int i = 0; i < size; i++) {
                values[i] = 1000.0 * k + i;
            }
            switch (declared.kind()) {
                case PARAMETER -> m.parameter(name, normal(0, 1), labels);
                case OPTIMISED -> m.optimised(name, rows, size / rows, new double[size]);
                case DERIVED ->
                    m.derived(name, first.times(Expr.constant(values)).reshape(rows, size / rows), labels);
            }
            if (declared.kind() != Kind.DERIVED) {
                for (double value : values) {
                    point.add(value);
                }
            }
            if (declared.auxiliary()) {
                m.auxiliary(name);
            }
        }
        return m.build();
    }

    @Property(tries = 200, seed = "1")
    void namesAreUniqueAndStandWhereTheirValuesAre(@ForAll("declarations") List<Declared> declarations) {
        Map<String, Integer> numbers = new HashMap<>();
        List<Double> coordinates = new ArrayList<>();
        Model model = declare(declarations, numbers, coordinates);
        ParameterLayout layout = model.layout();
        DMatrixRMaj point = new DMatrixRMaj(
                model.dimension(),
                1,
                true,
                coordinates.stream().mapToDouble(Double::doubleValue).toArray());
        DMatrixRMaj values = new DMatrixRMaj(1, 1);
        layout.quantitiesAt(point, values);
        QuantityIndex index = QuantityIndex.of(layout.quantities());
        List<String> names = index.scalarNames();
        Set<String> distinct = new HashSet<>(names);
        assertThat(distinct).hasSize(names.size());
        assertThat(new HashSet<>(layout.coordinateNames())).hasSize(model.dimension());
        assertThat(values.numRows).isEqualTo(names.size()).isEqualTo(index.size());
        int row = 0;
        int rank = 0;
        for (Quantity quantity : layout.quantities()) {
            int own = quantity.auxiliary()
                    ? 3
                    : List.of(Role.INFERRED, Role.DERIVED, Role.OPTIMISED).indexOf(quantity.role());
            assertThat(own).isGreaterThanOrEqualTo(rank);
            rank = own;
            for (int i = 0; i < quantity.size(); i++) {
                String position = quantity.labels().isEmpty()
                        ? ""
                        : quantity.labels().size() == 1
                                ? "[" + i + "]"
                                : "[" + i / quantity.columns() + "," + i % quantity.columns() + "]";
                assertThat(index.row(names.get(row))).isEqualTo(row);
                assertThat(index.row(quantity.name() + position)).isEqualTo(row);
                double expected = quantity.name().equals("first") ? 1 : 1000.0 * numbers.get(quantity.name()) + i;
                assertThat(values.data[row]).as(names.get(row)).isEqualTo(expected);
                row++;
            }
        }
    }
}

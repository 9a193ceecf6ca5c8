package org.variational.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.BiConsumer;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/** A layout of one coordinate x with the quantities x and 2 x, but for its fault. */
class GuardedLayoutTest {

    private static final DMatrixRMaj POINTS = new DMatrixRMaj(new double[][] {{1, 2, 3}});

    private static GuardedLayout faulty(BiConsumer<DMatrixRMaj, DMatrixRMaj> fault) {
        return faulty(fault, List.of(ParameterLayout.Quantity.vector("x", 2, ParameterLayout.Role.INFERRED)));
    }

    private static GuardedLayout faulty(
            BiConsumer<DMatrixRMaj, DMatrixRMaj> fault, List<ParameterLayout.Quantity> quantities) {
        return GuardedLayout.of(new ParameterLayout() {
            @Override
            public int dimension() {
                return 1;
            }

            @Override
            public List<String> coordinateNames() {
                return List.of("x");
            }

            @Override
            public List<Block> blocks() {
                return List.of(new Block("x", 0, 1, Role.INFERRED, false));
            }

            @Override
            public List<Quantity> quantities() {
                return quantities;
            }

            @Override
            public void quantitiesAt(DMatrixRMaj points, DMatrixRMaj values) {
                for (int s = 0; s < points.numCols; s++) {
                    values.set(0, s, points.get(0, s));
                    values.set(1, s, 2 * points.get(0, s));
                }
                fault.accept(points, values);
            }
        });
    }

    private static double[] values(GuardedLayout layout) {
        DMatrixRMaj values = new DMatrixRMaj(2, 3);
        layout.quantitiesAt(POINTS, values);
        assertThat(values.numRows).isEqualTo(2);
        assertThat(values.numCols).isEqualTo(3);
        return values.data;
    }

    @Test
    void aGoodLayoutPassesThrough() {
        GuardedLayout layout = faulty((points, values) -> {});
        assertThat(values(layout)).containsExactly(1, 2, 3, 2, 4, 6);
        assertThat(layout.firstException()).isNull();
        assertThat(GuardedLayout.of(layout)).isSameAs(layout);
    }

    @Test
    void aPointAtWhichItThrowsIsNaN() {
        GuardedLayout layout = faulty((points, values) -> {
            for (int s = 0; s < points.numCols; s++) {
                if (points.get(0, s) == 2) {
                    throw new IllegalStateException("two");
                }
            }
        });
        assertThat(values(layout)).containsExactly(1, Double.NaN, 3, 2, Double.NaN, 6);
        assertThat(layout.firstException()).hasMessage("two");
    }

    @Test
    void pointsThatAreChangedAndEntriesThatAreLeftUnset() {
        DMatrixRMaj before = POINTS.copy();
        assertThat(values(faulty((points, values) -> points.fill(9)))).containsExactly(1, 2, 3, 2, 4, 6);
        assertThat(POINTS.data).containsExactly(before.data);
        DMatrixRMaj many = new DMatrixRMaj(1, 1000);
        DMatrixRMaj out = new DMatrixRMaj(2, 1000);
        for (int s = 0; s < 1000; s++) {
            many.data[s] = s;
        }
        faulty((points, values) -> {}).quantitiesAt(many, out);
        for (int s = 0; s < 1000; s++) {
            assertThat(out.get(1, s)).isEqualTo(2.0 * s);
        }
    }

    @Test
    void quantitiesOfOneNameAreRefused() {
        ParameterLayout.Quantity a = ParameterLayout.Quantity.scalar("a", ParameterLayout.Role.INFERRED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faulty((points, values) -> {}, List.of(a, a)))
                .withMessageContaining("two quantities named \"a\"");
    }

    @Test
    void aMatrixThatIsReshapedOrReplacedIsNaN() {
        GuardedLayout reshaped = faulty((points, values) -> values.reshape(7, 7));
        assertThat(values(reshaped)).startsWith(Double.NaN, Double.NaN, Double.NaN);
        assertThat(reshaped.firstException()).hasMessageContaining("7 x 7, expected 2 x 3");
        GuardedLayout replaced = faulty((points, values) -> values.data = new double[1]);
        assertThat(values(replaced)).containsOnly(Double.NaN);
        assertThat(replaced.firstException()).hasMessageContaining("do not replace its array");
    }
}

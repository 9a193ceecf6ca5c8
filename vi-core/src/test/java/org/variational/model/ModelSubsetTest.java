package org.variational.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.density.RowLogDensity;
import org.variational.expression.Expr;
import org.variational.expression.RowIndex;

/**
 * Estimates from subsets of rows: averaged over all subsets of a size they equal the full value, local latents
 * included.
 */
class ModelSubsetTest {

    private static final int ROWS = 6;

    /** Counts with a latent number and a latent pair each, a group effect, a covariate and a global term. */
    private static Model localLatents() {
        ModelBuilder m = Model.named("local");
        Expr sigma = m.parameter("sigma", halfNormal(1));
        Expr alpha = m.parameter("alpha", normal(0, 2), 2);
        Rows rows = m.rows(ROWS);
        Expr eps = rows.parameter("eps", normal(0, sigma));
        Expr pair = rows.parameter("pair", halfNormal(2), 2);
        RowIndex group = rows.index("group", new int[] {0, 1, 1, 0, 1, 0});
        Expr x = rows.data("x", new double[] {1, -2, 0.5, 3, 0, 1});
        Expr logRate = alpha.at(group).plus(eps).plus(pair.element(0).times(x)).minus(pair.element(1));
        rows.observe("y", poissonLog(logRate), new int[] {2, 0, 1, 4, 0, 3});
        return m.build();
    }

    private static List<int[]> subsets(int size) {
        List<int[]> subsets = new ArrayList<>();
        for (int mask = 0; mask < 1 << ROWS; mask++) {
            if (Integer.bitCount(mask) == size) {
                int chosen = mask;
                subsets.add(IntStream.range(0, ROWS)
                        .filter(i -> (chosen >> i & 1) == 1)
                        .toArray());
            }
        }
        return subsets;
    }

    @Test
    void theAverageOverAllSubsetsIsTheFullValueAndGradient() {
        Model model = localLatents();
        RowLogDensity density = model.density();
        DMatrixRMaj points = Evaluations.points(model.dimension(), 3, 5);
        CommonOps_DDRM.scale(0.5, points);
        double[] full = Evaluations.values(density, points);
        double[] fullGradient = Evaluations.gradient(density, points);
        for (int size = 1; size <= ROWS; size++) {
            List<int[]> subsets = subsets(size);
            double[] mean = new double[3];
            double[] meanGradient = new double[fullGradient.length];
            for (int[] rows : subsets) {
                double[] values = new double[3];
                DMatrixRMaj gradient = new DMatrixRMaj(points.numRows, 3);
                density.evaluateRows(rows, size, points, values, gradient);
                for (int s = 0; s < 3; s++) {
                    mean[s] += values[s] / subsets.size();
                }
                for (int i = 0; i < meanGradient.length; i++) {
                    meanGradient[i] += gradient.data[i] / subsets.size();
                }
            }
            assertThat(mean).as("size %d", size).containsExactly(full, within(1e-11));
            assertThat(meanGradient).as("size %d", size).containsExactly(fullGradient, within(1e-11));
        }
    }

    @Test
    void coordinatesOfRowsNotChosenGetNoGradient() {
        Model model = localLatents();
        DMatrixRMaj points = Evaluations.points(model.dimension(), 1, 6);
        DMatrixRMaj gradient = new DMatrixRMaj(model.dimension(), 1);
        model.density().evaluateRows(new int[] {4, 1}, 2, points, new double[1], gradient);
        List<String> names = model.layout().coordinateNames();
        for (int d = 0; d < gradient.numRows; d++) {
            String name = names.get(d);
            boolean local = name.startsWith("eps") || name.startsWith("pair");
            boolean chosen = name.startsWith("eps[1]")
                    || name.startsWith("eps[4]")
                    || name.startsWith("pair[1,")
                    || name.startsWith("pair[4,");
            assertThat(gradient.get(d, 0) != 0).as(name).isEqualTo(!local || chosen);
        }
    }

    @Test
    void localParametersAreMarkedSo() {
        assertThat(localLatents().layout().blocks())
                .extracting(block -> block.name() + " " + block.length() + " " + block.local())
                .containsExactly("sigma 1 false", "alpha 2 false", "eps 6 true", "pair 12 true");
    }

    @Test
    void theOrderOfTheRowsChosenMakesNoDifferenceBeyondRounding() {
        Model model = localLatents();
        DMatrixRMaj points = Evaluations.points(model.dimension(), 1, 7);
        double[] one = new double[1];
        double[] other = new double[1];
        model.density().evaluateRows(new int[] {0, 3, 5}, 3, points, one, null);
        model.density().evaluateRows(new int[] {5, 0, 3}, 3, points, other, null);
        assertThat(one[0]).isCloseTo(other[0], within(1e-12 * Math.abs(one[0])));
    }

    @Test
    void subsetsThatMakeNoSense() {
        RowLogDensity density = localLatents().density();
        DMatrixRMaj points = Evaluations.points(density.dimension(), 1, 8);
        assertThatThrownBy(() -> density.evaluateRows(new int[] {0, 6}, 2, points, new double[1], null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("row 6", "6 rows");
        assertThatThrownBy(() -> density.evaluateRows(new int[] {0}, 0, points, new double[1], null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
        ModelBuilder m = Model.named("no rows");
        m.parameter("a", normal(0, 1));
        RowLogDensity none = m.build().density();
        assertThatThrownBy(() -> none.evaluateRows(new int[] {0}, 1, Evaluations.point(0.5), new double[1], null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no rows to choose from");
    }
}

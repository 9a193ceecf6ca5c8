package org.variational.algorithm.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.family.ConditionallyStructuredGaussian;
import org.variational.family.FullRankGaussian;
import org.variational.family.LowRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.SparseGaussian;
import org.variational.family.VariationalDistribution;
import org.variational.family.VariationalFamily;
import org.variational.random.DrawScheme;
import org.variational.random.RandomStreams;

class ChartTest {

    static List<VariationalFamily> families() {
        return List.of(
                MeanFieldGaussian.of(4),
                FullRankGaussian.of(4),
                FullRankGaussian.of(1),
                SparseGaussian.of(Interactions.of(1, List.of())),
                SparseGaussian.of(Interactions.of(
                        6, List.of(new int[] {0, 1, 2}, new int[] {0, 2, 3}, new int[] {0, 4, 5}, new int[] {1, 5}))));
    }

    static List<VariationalFamily> allFamilies() {
        List<VariationalFamily> all = new ArrayList<>(families());
        all.add(conditional());
        return all;
    }

    private static VariationalFamily conditional() {
        return ConditionallyStructuredGaussian.of(5, new int[] {0, 3}, new int[][] {{0, 1}, {1}, {}});
    }

    private static double[] random(int n, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = 0.5 * random.nextGaussian();
        }
        return x;
    }

    private static double value(double[] parameters) {
        double value = 0;
        for (int i = 0; i < parameters.length; i++) {
            value += Math.sin(parameters[i] + i) + 0.3 * parameters[i] * parameters[(i + 1) % parameters.length];
        }
        return value;
    }

    /** Central differences of step 1e-5 along every local coordinate, of parameters and two optimised coordinates. */
    @ParameterizedTest
    @MethodSource("allFamilies")
    void pulledGradientIsTheDerivativeAlongMoves(VariationalFamily family) {
        int n = family.parameterCount() + 2;
        double[] parameters = random(n, 3);
        double[] gradient = new double[n];
        for (int i = 0; i < n; i++) {
            gradient[i] =
                    Math.cos(parameters[i] + i) + 0.3 * parameters[(i + 1) % n] + 0.3 * parameters[(i + n - 1) % n];
        }
        Chart chart = Chart.of(family);
        double[] local = new double[n];
        chart.pull(parameters, gradient, local);
        for (int i = 0; i < n; i++) {
            double[] step = new double[n];
            step[i] = 1e-5;
            double[] up = parameters.clone();
            chart.move(up, step);
            step[i] = -1e-5;
            double[] down = parameters.clone();
            chart.move(down, step);
            assertThat((value(up) - value(down)) / 2e-5).as("coordinate %d", i).isCloseTo(local[i], within(1e-7));
        }
    }

    /**
     * The Fisher information is the identity: by its definition, the divergence from a member to one moved by a small
     * step is half the squared length of the step, up to third order.
     */
    @ParameterizedTest
    @MethodSource("families")
    void aUnitStepIsAUnitOfInformation(VariationalFamily family) {
        int n = family.parameterCount();
        double[] parameters = random(n, 5);
        Chart chart = Chart.of(family);
        for (int i = 0; i < n; i++) {
            double[] step = new double[n];
            step[i] = 1e-4;
            double[] moved = parameters.clone();
            chart.move(moved, step);
            assertThat(divergence(family, parameters, moved) / 0.5e-8)
                    .as("coordinate %d", i)
                    .isCloseTo(1, within(1e-3));
        }
    }

    /**
     * The Fisher information is the mean square of the score along a step, and zero between steps, here from 40,000
     * draws: the squares have a standard deviation below 5 at these parameters, so that six standard errors are .15.
     */
    @Test
    void unitStepsOfAConditionalFamilyAreUnitsOfInformation() {
        VariationalFamily family = conditional();
        int lanes = 40_000;
        int n = family.parameterCount();
        double[] parameters = random(n, 5);
        Arrays.setAll(parameters, i -> 0.5 * parameters[i]);
        VariationalDistribution q = family.member(parameters);
        DMatrixRMaj noise = new DMatrixRMaj(5, lanes);
        DrawScheme.independent().draws(5, RandomStreams.of(2)).fill(0, noise);
        DMatrixRMaj points = new DMatrixRMaj(5, lanes);
        q.sample(noise, points);
        Chart chart = Chart.of(family);
        double[][] scores = new double[n][lanes];
        double[] down = new double[lanes];
        for (int i = 0; i < n; i++) {
            double[] step = new double[n];
            step[i] = 1e-5;
            double[] moved = parameters.clone();
            chart.move(moved, step);
            family.member(moved).logDensity(points, scores[i]);
            step[i] = -1e-5;
            moved = parameters.clone();
            chart.move(moved, step);
            family.member(moved).logDensity(points, down);
            for (int s = 0; s < lanes; s++) {
                scores[i][s] = (scores[i][s] - down[s]) / 2e-5;
            }
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int s = 0; s < lanes; s++) {
                    sum += scores[i][s] * scores[j][s] / lanes;
                }
                assertThat(sum).as("coordinates %d and %d", i, j).isCloseTo(i == j ? 1 : 0, within(0.15));
            }
        }
    }

    private static double[][] factor(VariationalFamily family, double[] parameters) {
        int d = family.dimension();
        double[][] factor = new double[d][d];
        if (family instanceof FullRankGaussian full) {
            DMatrixRMaj l = full.member(parameters).choleskyFactor();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j <= i; j++) {
                    factor[i][j] = l.get(i, j);
                }
            }
        } else if (family instanceof SparseGaussian sparse) {
            FullRankGaussian full = FullRankGaussian.of(d);
            return factor(
                    full,
                    full.parametersOf(new double[d], sparse.member(parameters).covariance()));
        } else {
            double[] sd = family.member(parameters).standardDeviation();
            for (int i = 0; i < d; i++) {
                factor[i][i] = sd[i];
            }
        }
        return factor;
    }

    /** KL(N0, N1) from {@code A = inverse(L1) L0} and {@code b = inverse(L1) (mu0 - mu1)}. */
    private static double divergence(VariationalFamily family, double[] p0, double[] p1) {
        int d = family.dimension();
        double[][] l0 = factor(family, p0);
        double[][] l1 = factor(family, p1);
        double[] m0 = family.member(p0).mean();
        double[] m1 = family.member(p1).mean();
        double sum = 0;
        for (int c = 0; c <= d; c++) {
            double[] x = new double[d];
            for (int i = 0; i < d; i++) {
                x[i] = c == d ? m0[i] - m1[i] : l0[i][c];
                for (int j = 0; j < i; j++) {
                    x[i] -= l1[i][j] * x[j];
                }
                x[i] /= l1[i][i];
                sum += x[i] * x[i];
            }
        }
        sum -= d;
        for (int i = 0; i < d; i++) {
            sum += 2 * Math.log(l1[i][i] / l0[i][i]);
        }
        return 0.5 * sum;
    }

    /**
     * A low-rank family has no chart of its own: units come from draws, 16 a step, so that after 60 they are known to
     * 10 %.
     */
    @Test
    void otherFamiliesLearnTheirInformation() {
        VariationalFamily family = LowRankGaussian.of(3, 1);
        double[] parameters = family.initialParameters(new double[3], new double[] {0.001, 1, 1000});
        Chart chart = Chart.of(family);
        for (int t = 1; t <= 60; t++) {
            chart.refresh(parameters, RandomStreams.of(1), t);
        }
        double[] sd = family.member(parameters).standardDeviation();
        double[] gradient = new double[parameters.length];
        Arrays.fill(gradient, 1);
        double[] local = new double[parameters.length];
        chart.pull(parameters, gradient, local);
        double[] moved = parameters.clone();
        chart.move(moved, local);
        for (int i = 0; i < 3; i++) {
            assertThat(local[i] / sd[i]).as("unit of mean %d", i).isCloseTo(1, within(0.3));
            assertThat((moved[i] - parameters[i]) / (local[i] * local[i])).isCloseTo(1, within(1e-9));
        }
    }

    /** The squares of the lengths of 400 columns of a dense factor sum to 2e7, those of 500 to 4e7. */
    @Test
    void aSparseFactorWithTooLongColumnsLearnsItsInformation() {
        int d = 400;
        Interactions dense = new Interactions(Adjacency.complete(d), Adjacency.of(d, List.of()));
        Chart chart = Chart.of(SparseGaussian.of(dense));
        assertThat(chart).isInstanceOf(SparseChart.class);
        int many = 500;
        Interactions denser = new Interactions(Adjacency.complete(many), Adjacency.of(many, List.of()));
        assertThat(Chart.of(SparseGaussian.of(denser))).isNotInstanceOf(SparseChart.class);
    }

    @Test
    void aSparseChartShortensEveryCoordinateAndColumn() {
        Chart chart = Chart.of(SparseGaussian.of(Interactions.of(2, List.of(new int[] {0, 1}))));
        double[] step = {5, -0.5, 3, 4, 0.1, 100};
        chart.limit(step);
        assertThat(step).containsExactly(new double[] {1, -0.5, 0.42, 0.56, 0.1, 100}, within(1e-15));
    }

    @Test
    void longStepsAreShortened() {
        Chart diagonal = Chart.of(MeanFieldGaussian.of(2));
        double[] step = {5, -0.5, 3, 0.1, 100};
        diagonal.limit(step);
        assertThat(step).containsExactly(1, -0.5, 0.7, 0.1, 100);
        Chart triangular = Chart.of(FullRankGaussian.of(2));
        double[] full = {3, 4, 0.1, 0.2, 0.2, 100};
        triangular.limit(full);
        assertThat(full[0]).isCloseTo(0.6, within(1e-15));
        assertThat(full[1]).isCloseTo(0.8, within(1e-15));
        assertThat(full[2]).isEqualTo(0.1);
        assertThat(full[5]).isEqualTo(100);
    }
}

package org.variational.algorithm.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.variational.algorithm.Targets;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.random.RandomStreams;

class BatchedLbfgsTest {

    private static final double TOLERANCE = 1e-8;

    private static NegativeLogDensity function(LogDensity density) {
        return new NegativeLogDensity(density, CoordinateSplit.of(ParameterLayout.unnamed(density.dimension())));
    }

    private static BatchedLbfgs search(LogDensity density, DMatrixRMaj starts) {
        return new BatchedLbfgs(function(density), starts, 6, TOLERANCE);
    }

    private static BatchedLbfgs ended(LogDensity density, DMatrixRMaj starts) {
        BatchedLbfgs search = search(density, starts);
        for (int step = 0; step < 1000 && search.step(); step++) {
            assertThat(search.path(0).value()).isFinite();
        }
        return search;
    }

    @Test
    void findsTheModeOfAGaussianOfManyScales() {
        double[] mean = {3, -50, 0.01};
        double[] sd = {1, 20, 0.001};
        NegativeLogDensity function = function(Targets.independent(mean, sd));
        BatchedLbfgs search = new BatchedLbfgs(function, new DMatrixRMaj(3, 1), 6, TOLERANCE);
        int steps = 1;
        while (search.step()) {
            steps++;
        }
        assertThat(search.path(0).state()).isEqualTo(BatchedLbfgs.State.AT_MINIMUM);
        assertThat(search.path(0).decrement()).isBetween(0.0, TOLERANCE);
        for (int i = 0; i < 3; i++) {
            assertThat((search.path(0).point()[i] - mean[i]) / sd[i]).isCloseTo(0, within(0.01));
        }
        assertThat(function.count().made()).isEqualTo(steps + 1L).isBetween(5L, 300L);
    }

    /** In one dimension the secant condition determines the inverse curvature, which is the variance. */
    @Test
    void learnsTheCurvature() {
        BatchedLbfgs search = ended(Targets.independent(new double[] {3}, new double[] {0.02}), new DMatrixRMaj(1, 1));
        assertThat(search.path(0).inverseHessian().diagonal()[0]).isCloseTo(0.0004, within(1e-9));
    }

    /** A path does the same alone and beside others, which end earlier or later. */
    @Test
    void lanesDoNotDisturbEachOther() {
        LogDensity target = Targets.banana(1, 0.5);
        BatchedLbfgs together = ended(target, new DMatrixRMaj(new double[][] {{1, -2}, {0.5, 3}}));
        BatchedLbfgs first = ended(target, new DMatrixRMaj(new double[][] {{1}, {0.5}}));
        BatchedLbfgs second = ended(target, new DMatrixRMaj(new double[][] {{-2}, {3}}));
        assertThat(together.path(0).accepted()).isEqualTo(first.path(0).accepted());
        assertThat(together.path(0).point()).containsExactly(first.path(0).point());
        assertThat(together.path(1).accepted()).isEqualTo(second.path(0).accepted());
        assertThat(together.path(1).point()).containsExactly(second.path(0).point());
    }

    @Test
    void stepsAroundPointsThatCannotBeEvaluated() {
        LogDensity walled = LogDensities.of(1, (u, g) -> {
            g[0] = -u[0] + 1;
            return u[0] > 1.2 ? Double.NaN : -0.5 * u[0] * u[0] + u[0];
        });
        BatchedLbfgs search = ended(walled, new DMatrixRMaj(new double[][] {{-80}}));
        assertThat(search.path(0).point()[0]).isCloseTo(1, within(0.01));
        assertThat(search.path(0).state()).isEqualTo(BatchedLbfgs.State.AT_MINIMUM);
    }

    /** A gradient of the wrong sign promises a decrease that no step gives. */
    @Test
    void saysWhereItIsStuck() {
        LogDensity wrong = LogDensities.of(1, (u, g) -> {
            g[0] = u[0];
            return -0.5 * u[0] * u[0];
        });
        BatchedLbfgs search = ended(wrong, new DMatrixRMaj(new double[][] {{1}}));
        assertThat(search.path(0).state()).isEqualTo(BatchedLbfgs.State.STUCK);
        assertThat(search.path(0).accepted()).isZero();
    }

    /** Offset 1e10: a unit in the last place of the value is 2e-6, far more than the decreases near the minimum. */
    @Test
    void findsTheMinimumThroughTheRoundingOfTheValue() {
        LogDensity target = Targets.correlated(0.9, 1e10);
        BatchedLbfgs search = ended(target, new DMatrixRMaj(new double[][] {{30}, {-20}}));
        assertThat(search.path(0).state()).isEqualTo(BatchedLbfgs.State.AT_MINIMUM);
        assertThat(search.path(0).point()).containsExactly(new double[] {1, -2}, within(1e-3));
    }

    /** Every accepted step satisfies the weak Wolfe conditions, so that each teaches the curvature. */
    @Test
    void keepsPairsOfPositiveCurvature() {
        BatchedLbfgs search = search(Targets.funnel(6, 3), new DMatrixRMaj(6, 1, true, 2, 1, -1, 2, 0.5, -2));
        double[] x = search.path(0).point();
        double[] g = search.path(0).gradient();
        int accepted = 0;
        for (int step = 0; step < 200 && search.step(); step++) {
            if (search.path(0).stepped()) {
                double[] newX = search.path(0).point();
                double[] newG = search.path(0).gradient();
                double curvature = 0;
                for (int i = 0; i < x.length; i++) {
                    curvature += (newX[i] - x[i]) * (newG[i] - g[i]);
                }
                assertThat(curvature).isPositive();
                x = newX;
                g = newG;
                accepted++;
            }
        }
        assertThat(accepted).isGreaterThan(10);
    }

    /** The definition: J rank-two updates of the diagonal, by D x D matrices. */
    static DMatrixRMaj denseBfgs(double[] diagonal, double[][] steps, double[][] changes) {
        int d = diagonal.length;
        DMatrixRMaj h = CommonOps_DDRM.diag(diagonal);
        for (int k = 0; k < steps.length; k++) {
            double curvature = 0;
            for (int i = 0; i < d; i++) {
                curvature += steps[k][i] * changes[k][i];
            }
            DMatrixRMaj v = CommonOps_DDRM.identity(d);
            DMatrixRMaj ss = new DMatrixRMaj(d, d);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    v.add(i, j, -changes[k][i] * steps[k][j] / curvature);
                    ss.set(i, j, steps[k][i] * steps[k][j] / curvature);
                }
            }
            DMatrixRMaj half = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multTransA(v, h, half);
            CommonOps_DDRM.mult(half, v, h);
            CommonOps_DDRM.addEquals(h, ss);
        }
        return h;
    }

    /** A diagonal of several scales, and J pairs from a random positive definite Hessian. */
    record Pairs(double[] diagonal, double[][] steps, double[][] changes) {

        static Pairs random(int d, int count, long seed) {
            RandomGenerator random = RandomStreams.of(seed).generator("pairs", d);
            double[][] root = new double[d][d];
            for (double[] row : root) {
                for (int j = 0; j < d; j++) {
                    row[j] = random.nextGaussian();
                }
            }
            double[] diagonal = new double[d];
            double[][] steps = new double[count][d];
            double[][] changes = new double[count][d];
            for (int i = 0; i < d; i++) {
                diagonal[i] = Math.exp(random.nextGaussian());
            }
            for (int k = 0; k < count; k++) {
                double[] image = new double[d];
                for (int i = 0; i < d; i++) {
                    steps[k][i] = random.nextGaussian();
                }
                for (int a = 0; a < d; a++) {
                    for (int i = 0; i < d; i++) {
                        image[a] += root[i][a] * steps[k][i];
                    }
                }
                for (int i = 0; i < d; i++) {
                    changes[k][i] = 0.1 * steps[k][i];
                    for (int a = 0; a < d; a++) {
                        changes[k][i] += root[i][a] * image[a] / d;
                    }
                }
            }
            return new Pairs(diagonal, steps, changes);
        }

        InverseBfgs inverse() {
            return new InverseBfgs(diagonal, List.of(steps), List.of(changes));
        }

        DMatrixRMaj dense() {
            return denseBfgs(diagonal, steps, changes);
        }
    }

    @Test
    void inverseHessianIsThatOfDenseUpdates() {
        for (int d : new int[] {1, 2, 5, 9}) {
            for (int count : new int[] {0, 1, 4}) {
                Pairs pairs = Pairs.random(d, count, 3 + count);
                DMatrixRMaj expected = pairs.dense();
                double size = CommonOps_DDRM.elementMaxAbs(expected);
                assertThat(pairs.inverse().dense().data).containsExactly(expected.data, within(1e-11 * size));
                double[] vector = new double[d];
                for (int i = 0; i < d; i++) {
                    vector[i] = i - 1.5;
                }
                DMatrixRMaj product = new DMatrixRMaj(d, 1);
                CommonOps_DDRM.mult(expected, new DMatrixRMaj(d, 1, true, vector), product);
                assertThat(pairs.inverse().times(vector)).containsExactly(product.data, within(1e-11 * d * size));
            }
        }
    }

    /** Against the update of the scaled D x D Hessian B = (y'Ay / s'y) A^-1: B - B s s'B / s'B s + y y' / s'y. */
    @Test
    void diagonalIsThatOfTheDenseUpdate() {
        int d = 6;
        Pairs pairs = Pairs.random(d, 1, 11);
        double[] step = pairs.steps()[0];
        double[] change = pairs.changes()[0];
        double curvature = 0;
        double scaled = 0;
        for (int i = 0; i < d; i++) {
            curvature += step[i] * change[i];
            scaled += change[i] * pairs.diagonal()[i] * change[i];
        }
        DMatrixRMaj b = new DMatrixRMaj(d, d);
        for (int i = 0; i < d; i++) {
            b.set(i, i, scaled / curvature / pairs.diagonal()[i]);
        }
        DMatrixRMaj s = new DMatrixRMaj(d, 1, true, step);
        DMatrixRMaj image = new DMatrixRMaj(d, 1);
        CommonOps_DDRM.mult(b, s, image);
        double form = CommonOps_DDRM.dot(s, image);
        double[] expected = new double[d];
        for (int i = 0; i < d; i++) {
            expected[i] = 1 / (b.get(i, i) - image.get(i) * image.get(i) / form + change[i] * change[i] / curvature);
        }
        assertThat(InverseBfgs.updatedDiagonal(pairs.diagonal(), step, change))
                .containsExactly(
                        expected, within(1e-12 * Arrays.stream(expected).max().getAsDouble()));
    }

    @Test
    void refusesPairsThatTeachNothing() {
        assertThat(InverseBfgs.accepts(new double[] {1, 0}, new double[] {-1, 0}))
                .isFalse();
        assertThat(InverseBfgs.accepts(new double[] {1, 0}, new double[] {0, 1}))
                .isFalse();
        assertThat(InverseBfgs.accepts(new double[] {0, 0}, new double[] {0, 0}))
                .isFalse();
        // standard deviations of 1e-9 and 1e9 are no reason
        assertThat(InverseBfgs.accepts(new double[] {1e-9}, new double[] {1e9})).isTrue();
        assertThat(InverseBfgs.accepts(new double[] {1e9}, new double[] {1e-9})).isTrue();
    }
}

package org.variational.algorithm.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.variational.family.FullRankGaussian;
import org.variational.family.MeanFieldGaussian;
import org.variational.family.MeanFieldStudentT;
import org.variational.family.VariationalFamily;
import org.variational.optimizer.Optimizer;
import org.variational.optimizer.OptimizerState;
import org.variational.optimizer.Optimizers;
import org.variational.optimizer.ProximalEntropy;

class AnchoredChartTest {

    static List<VariationalFamily> families() {
        return List.of(MeanFieldGaussian.of(4), FullRankGaussian.of(4), FullRankGaussian.of(1));
    }

    private static double[] random(int n, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = 0.5 * random.nextGaussian();
        }
        return x;
    }

    private static AnchoredChart chart(VariationalFamily family) {
        return Objects.requireNonNull(AnchoredChart.of(family));
    }

    /**
     * Central differences of step 1e-5 of a function less the entropy, along every coordinate, away from the anchor.
     */
    @ParameterizedTest
    @MethodSource("families")
    void pulledGradientIsTheDerivativeWithoutTheEntropy(VariationalFamily family) {
        AnchoredChart chart = chart(family);
        int n = family.parameterCount() + 2;
        chart.locate(random(n, 3), new double[n]);
        double[] parameters = random(n, 4);
        double[] gradient = new double[n];
        for (int i = 0; i < n; i++) {
            gradient[i] = Math.cos(parameters[i] + i);
        }
        // the loss is the energy less the entropy, whose gradient by every log scale is 1
        for (int scale : chart.scales()) {
            gradient[scale] -= 1;
        }
        double[] local = new double[n];
        chart.pull(parameters, gradient, local);
        for (int i = 0; i < n; i++) {
            double difference =
                    (energyAlong(chart, parameters, i, 1e-5) - energyAlong(chart, parameters, i, -1e-5)) / 2e-5;
            assertThat(local[i]).as("coordinate %d", i).isCloseTo(difference, within(1e-7));
        }
    }

    private static double energyAlong(AnchoredChart chart, double[] parameters, int coordinate, double size) {
        double[] moved = parameters.clone();
        double[] step = new double[parameters.length];
        step[coordinate] = size;
        chart.move(moved, step);
        double energy = 0;
        for (int i = 0; i < moved.length; i++) {
            energy += Math.sin(moved[i] + i);
        }
        return energy;
    }

    /**
     * At the optimum the path gradient vanishes draw by draw; gradient and proximal step must undo each other exactly.
     */
    @ParameterizedTest
    @MethodSource("families")
    void theOptimumIsAFixedPoint(VariationalFamily family) {
        AnchoredChart chart = chart(family);
        int n = family.parameterCount();
        double[] travelled = new double[n];
        double[] parameters = random(n, 5);
        chart.locate(parameters, travelled);
        Optimizer steps = ProximalEntropy.after(Optimizers.sgd(0.3), chart.scales());
        OptimizerState state = steps.start(travelled);
        double[] local = new double[n];
        double[] before = travelled.clone();
        chart.pull(parameters, new double[n], local);
        steps.step(travelled, local, 1, state);
        assertThat(travelled).containsExactly(before, within(1e-15));
    }

    @Test
    void farFromTheAnchorTheChartIsOutgrown() {
        for (VariationalFamily family : families()) {
            AnchoredChart chart = chart(family);
            double[] travelled = new double[family.parameterCount()];
            chart.locate(random(travelled.length, 6), travelled);
            assertThat(chart.outgrown(travelled)).isFalse();
            travelled[0] = 1e6;
            assertThat(chart.outgrown(travelled)).as("a shift").isFalse();
            travelled[chart.scales()[0]] = 2.1;
            assertThat(chart.outgrown(travelled)).isTrue();
            travelled[chart.scales()[0]] = 0.45;
            assertThat(chart.outgrown(travelled)).isTrue();
        }
        AnchoredChart full = chart(FullRankGaussian.of(2));
        double[] travelled = new double[5];
        full.locate(new double[5], travelled);
        travelled[3] = 1.1;
        assertThat(full.outgrown(travelled)).as("a shear").isTrue();
    }

    @Test
    void longStepsAreShortened() {
        AnchoredChart chart = chart(MeanFieldGaussian.of(2));
        double[] step = {3, 0, 4, 0, 7};
        chart.limit(step);
        assertThat(step).containsExactly(new double[] {0.6, 0, 0.8, 0, 7}, within(1e-15));
    }

    @Test
    void otherFamiliesHaveNone() {
        assertThat(AnchoredChart.of(MeanFieldStudentT.of(2, 5))).isNull();
    }
}
